"""The demo corpus: its files, its seed, its voices, and what it says when it cannot."""

import itertools
import os
import subprocess
import sys
import tempfile

import numpy as np
import pytest

from data_prep import synthetic_readers
from data_prep.espeak import Espeak
from data_prep.safe_pickle import load_pickle
from data_prep.synthetic_readers import make_synthetic_readers, record, trim_pauses

N_TRAIN, N_TEST, N_SEGMENTS = 4, 2, 3
FILES = ("raw_data.pkl", "test_data.pkl", "test_labels.npy")


def make(folder, seed=1, **counts):
    """Write a small corpus."""
    sizes = {"n_train_readers": N_TRAIN, "n_test_readers": N_TEST}
    make_synthetic_readers(
        folder, **{**sizes, "n_segments": N_SEGMENTS, **counts}, seed=seed
    )
    return folder


def bytes_of(folder):
    """Return the content of the three files."""
    return [(folder / name).read_bytes() for name in FILES]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """Return the folder of a small corpus."""
    return make(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="module")
def clean_corpus(tmp_path_factory):
    """Return a corpus without recording conditions: the bare voices."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(synthetic_readers, "record", lambda segment, rng: segment)
        return make(tmp_path_factory.mktemp("clean"), n_segments=8)


def test_raw_data_has_the_form_of_the_main_job(corpus):
    data, labels = load_pickle(corpus / "raw_data.pkl")
    assert data.shape == (N_TRAIN * N_SEGMENTS, 11025)
    assert data.dtype == np.float32
    assert labels.shape == (N_TRAIN * N_SEGMENTS,)
    assert labels.dtype == np.int64


def test_test_data_holds_segments_alone(corpus):
    (data,) = load_pickle(corpus / "test_data.pkl")
    assert data.shape == (N_TEST * N_SEGMENTS, 11025)
    assert data.dtype == np.float32


@pytest.mark.parametrize("name", FILES[:2])
def test_segments_are_16_bit_speech_in_range(corpus, name):
    data = load_pickle(corpus / name)[0]
    steps = data * 32768
    assert np.abs(data).max() <= 1
    assert (steps == np.round(steps)).all()
    level_db = 10 * np.log10((data**2).mean(axis=1))
    low, high = synthetic_readers.LEVEL_DB
    assert ((level_db > low - 0.1) & (level_db < high + 0.1)).all()


def test_every_reader_has_the_same_number_of_segments(corpus):
    _, labels = load_pickle(corpus / "raw_data.pkl")
    numbers, counts = np.unique(labels, return_counts=True)
    assert len(numbers) == N_TRAIN
    assert (counts == N_SEGMENTS).all()


def test_training_rows_are_sorted_by_numbers_that_are_no_indices(corpus):
    _, labels = load_pickle(corpus / "raw_data.pkl")
    assert (np.diff(labels) >= 0).all()
    assert set(labels) != set(range(N_TRAIN))


def test_test_readers_are_other_readers(corpus):
    _, labels = load_pickle(corpus / "raw_data.pkl")
    assert not set(labels) & set(np.load(corpus / "test_labels.npy"))


def test_test_rows_are_shuffled(tmp_path):
    labels = np.load(make(tmp_path, n_segments=8) / "test_labels.npy")
    changes = (np.diff(labels) != 0).sum()
    assert changes > 1  # sorted rows of two readers would change once


def test_no_segment_comes_twice(corpus):
    data = [load_pickle(corpus / name)[0] for name in FILES[:2]]
    assert len(np.unique(np.concatenate(data), axis=0)) == 6 * N_SEGMENTS


def test_rows_stay_with_their_labels(tmp_path, monkeypatch):
    """Each reader is a constant of their own, so a label must name one constant."""
    constants = itertools.count()
    monkeypatch.setattr(
        synthetic_readers,
        "_record_reader",
        lambda espeak, sentences, n, rng: np.full((n, 11025), next(constants)),
    )
    make(tmp_path, n_segments=8)
    raw, numbers = load_pickle(tmp_path / "raw_data.pkl")
    (test,) = load_pickle(tmp_path / "test_data.pkl")
    rows = np.concatenate([raw, test])[:, 0].tolist()
    labels = [*numbers.tolist(), *np.load(tmp_path / "test_labels.npy").tolist()]
    pairs = set(zip(rows, labels, strict=True))
    assert len(pairs) == len(set(rows)) == len(set(labels)) == N_TRAIN + N_TEST


def test_readers_differ_in_voice_and_keep_their_own(clean_corpus):
    """The average spectrum of a reader's first half is nearest to their second."""
    data, _ = load_pickle(clean_corpus / "raw_data.pkl")
    bands = np.abs(np.fft.rfft(data))[:, 50:5000].reshape(N_TRAIN, 2, -1, 50, 99)
    first, second = np.log(bands.mean(axis=4)).mean(axis=2).swapaxes(0, 1)
    distances = np.linalg.norm(first[:, None] - second[None], axis=2)
    assert (distances.argmin(axis=1) == np.arange(N_TRAIN)).all()


def test_same_seed_gives_the_same_bytes_again(corpus, tmp_path):
    assert bytes_of(make(tmp_path)) == bytes_of(corpus)


def test_same_seed_gives_the_same_bytes_in_another_process(corpus, tmp_path):
    command = [sys.executable, "-m", "data_prep.synthetic_readers", "--seed", "1"]
    command += ["--output_folder", str(tmp_path), "--n_train_readers", str(N_TRAIN)]
    command += ["--n_test_readers", str(N_TEST), "--n_segments", str(N_SEGMENTS)]
    subprocess.run(command, check=True)
    assert bytes_of(tmp_path) == bytes_of(corpus)


def test_another_seed_gives_another_corpus(corpus, tmp_path):
    for ours, other in zip(bytes_of(corpus), bytes_of(make(tmp_path, 2)), strict=True):
        assert ours != other


def test_output_folder_holds_three_files_and_nothing_half_written(corpus):
    assert sorted(path.name for path in corpus.iterdir()) == sorted(FILES)


def test_failure_leaves_an_earlier_corpus_alone(tmp_path, monkeypatch):
    make(tmp_path)
    before = bytes_of(tmp_path)
    monkeypatch.setattr(np, "save", lambda *_: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        make(tmp_path, seed=2)
    assert bytes_of(tmp_path) == before


@pytest.mark.parametrize("name", ["n_train_readers", "n_test_readers", "n_segments"])
def test_counts_below_one_are_refused(tmp_path, name):
    with pytest.raises(ValueError, match="at least 1 reader on each side, 1 segment"):
        make(tmp_path, **{name: 0})


def test_negative_seed_is_refused(tmp_path):
    with pytest.raises(ValueError, match="a seed of 0"):
        make(tmp_path, seed=-1)


def test_more_segments_than_sentences_last_for_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(
        synthetic_readers, "_read_sentences", lambda: ["I am a rather elderly man."]
    )
    with pytest.raises(ValueError, match="all 1 sentences last for . segments"):
        make(tmp_path, n_segments=16)


def test_missing_package_names_the_requirements_file(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    with pytest.raises(ModuleNotFoundError, match="-r requirements-demo.txt"):
        make(tmp_path)


def test_command_line_reports_an_error_in_one_line(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    monkeypatch.setattr(sys, "argv", ["synthetic_readers", "--output_folder", "x"])
    with pytest.raises(SystemExit, match="1"):
        synthetic_readers.main()
    assert capsys.readouterr().err.startswith("error: the demo corpus is spoken by")


def test_unknown_accent_is_refused():
    with Espeak(0) as espeak, pytest.raises(ValueError, match="no accent 'en-mars'"):
        espeak.set_voice("en-mars", "pitch 100 120")


def test_every_accent_is_there_and_sounds_its_own_way():
    wavs = set()
    with Espeak(0) as espeak:
        for accent in synthetic_readers.ACCENTS:
            espeak.set_voice(accent, "pitch 100 120")
            wavs.add(espeak.speak("The new hour of the north.", 175, 50, 50).tobytes())
    assert len(wavs) == len(synthetic_readers.ACCENTS)


def test_too_long_temporary_folder_is_explained(tmp_path, monkeypatch):
    folder = tmp_path / ("long" * 50)
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    with pytest.raises(RuntimeError, match="shorter temporary folder"):
        Espeak(0)
    assert not os.listdir(folder)


def test_temporary_voices_are_cleaned_up(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with Espeak(0):
        assert os.listdir(tmp_path)
    assert not os.listdir(tmp_path)


def test_trim_pauses_keeps_80_ms_of_each_silence():
    # speech 0.5 s, silence 0.5 s, speech 0.5 s
    speech = np.sin(np.arange(50 * 110))
    wav = np.concatenate([speech, np.zeros(50 * 110), speech])
    assert len(trim_pauses(wav)) == (50 + 8 + 50) * 110


def test_trim_pauses_leaves_speech_alone():
    wav = np.sin(np.arange(110 * 20))
    np.testing.assert_array_equal(trim_pauses(wav), wav)


def test_record_draws_other_conditions_for_every_segment(rng):
    speech = np.sin(0.3 * np.arange(11025))
    assert not np.array_equal(record(speech, rng), record(speech, rng))


def test_record_keeps_noise_well_below_the_speech():
    """Far from a tone's own frequency only noise is left, and little of it."""
    speech = np.sin(2 * np.pi * 1000 * np.arange(11025) / 11025)
    for seed in range(20):
        power = np.abs(np.fft.rfft(record(speech, np.random.default_rng(seed)))) ** 2
        tone = power[900:1100].sum()
        assert 10 * np.log10(power.sum() / tone - 1) < -12


def test_sentences_are_many_different_and_plain_ascii():
    sentences = synthetic_readers._read_sentences()
    assert len(set(sentences)) == len(sentences) > 200
    assert all(sentence.isascii() for sentence in sentences)
