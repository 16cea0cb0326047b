"""The task cut from a tiny LibriSpeech folder of tones and pauses."""

import csv
import sys

import numpy as np
import pytest
import soundfile

from data_prep import task_writer
from data_prep.librispeech_prepare import (
    FILES,
    cut_person,
    main,
    prepare_librispeech,
)
from data_prep.safe_pickle import load_pickle

RATE = 16000


def write_utterance(path, hz, seconds):
    """Write a tone at ``hz`` after 0.3 s of silence."""
    wav = 0.3 * np.sin(2 * np.pi * hz * np.arange(round(seconds * RATE)) / RATE)
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.concatenate([np.zeros(RATE * 3 // 10), wav]), RATE)


def speaker_hz(speaker):
    return 100.0 * int(speaker)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """Six speakers, 3 to 8, with 2 chapters x 2 utterances x 2 segments each.

    A speaker's pitch, 100 Hz times the number, tells whose a segment is. Speaker 9
    has one utterance of a single segment.
    """
    root = tmp_path_factory.mktemp("LibriSpeech")
    subset = root / "train-clean-100"
    for speaker in range(3, 9):
        for chapter in (10, 11):
            for n in range(2):
                name = f"{speaker}/{chapter}/{speaker}-{chapter}-{n:04}.flac"
                write_utterance(subset / name, speaker_hz(speaker), 2.3)
    write_utterance(subset / "9/10/9-10-0000.flac", speaker_hz(9), 1.3)
    lines = [f"{s} | {'FM'[s % 2]} | train-clean-100 | 1 | A|B\n" for s in range(3, 10)]
    (root / "SPEAKERS.TXT").write_text(";ID\n" + "".join(lines), encoding="utf-8")
    return root


def prepare(corpus, output_folder, **changes):
    counts = {"n_train_speakers": 4, "n_test_speakers": 2, "n_segments": 4}
    prepare_librispeech(corpus, output_folder, **{**counts, **changes})
    return output_folder


@pytest.fixture(scope="module")
def task(corpus, tmp_path_factory):
    return prepare(corpus, tmp_path_factory.mktemp("task"))


def speakers(task):
    with open(task / "speakers.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def pitch(segment):
    return np.abs(np.fft.rfft(segment)).argmax()  # bins of 1 Hz


def test_training_pickle_has_the_form_of_the_task(task):
    data, labels = load_pickle(task / "raw_data.pkl")
    assert data.shape == (4 * 4, 11025)
    assert data.dtype == np.float32
    assert 0.2 < np.abs(data).max() <= 1
    assert labels.tolist() == [0] * 4 + [1] * 4 + [2] * 4 + [3] * 4


def test_test_pickle_holds_data_alone(task):
    (data,) = load_pickle(task / "test_data.pkl")
    assert data.shape == (2 * 4, 11025)


def test_every_label_is_the_speaker_of_the_list(task):
    data, labels = load_pickle(task / "raw_data.pkl")
    (test_data,) = load_pickle(task / "test_data.pkl")
    labels = [*labels, *np.load(task / "test_labels.npy")]
    hz = {int(row["label"]): speaker_hz(row["speaker"]) for row in speakers(task)}
    for segment, label in zip([*data, *test_data], labels, strict=True):
        assert pitch(segment) == pytest.approx(hz[label], abs=2)


def test_no_person_is_in_both_roles(task):
    rows = speakers(task)
    assert [row["role"] for row in rows] == ["train"] * 4 + ["test"] * 2
    assert len({row["speaker"] for row in rows}) == 6


def test_the_list_has_the_gender_and_the_number_of_utterances(task):
    for row in speakers(task):
        assert row["gender"] == "FM"[int(row["speaker"]) % 2]
        assert row["n_utterances"] == "4"


def test_the_test_data_are_shuffled(task):
    labels = np.load(task / "test_labels.npy")
    assert sorted(labels) == [4] * 4 + [5] * 4
    assert labels.tolist() != sorted(labels)


def test_a_speaker_with_too_little_speech_is_skipped_and_counted(
    corpus, tmp_path, caplog
):
    with caplog.at_level("INFO"):
        for seed in range(3):
            task = prepare(corpus, tmp_path, seed=seed)
            assert "9" not in {row["speaker"] for row in speakers(task)}
    assert "skipped 1 speakers" in caplog.text


def test_two_runs_are_bit_identical(corpus, task, tmp_path):
    again = prepare(corpus, tmp_path)
    for name in FILES:
        assert (again / name).read_bytes() == (task / name).read_bytes()


def test_another_seed_draws_another_task(corpus, task, tmp_path):
    other = prepare(corpus, tmp_path, seed=1)
    assert (other / "raw_data.pkl").read_bytes() != (task / "raw_data.pkl").read_bytes()


@pytest.mark.parametrize("n_train_speakers", [5, 600])
def test_too_few_speakers_are_answered_with_how_many_there_are(
    n_train_speakers, corpus, tmp_path
):
    message = f"is {n_train_speakers + 2}, but of the 7 speakers found only 6 have 4"
    with pytest.raises(ValueError, match=message):
        prepare(corpus, tmp_path, n_train_speakers=n_train_speakers)
    assert not list(tmp_path.iterdir())


def test_a_count_below_one_is_refused(corpus, tmp_path):
    with pytest.raises(ValueError, match=r"at least 1, got \[4, 0, 4\]"):
        prepare(corpus, tmp_path, n_test_speakers=0)


def test_a_subset_may_be_given_by_its_name_alone(corpus, task, tmp_path):
    named = prepare(corpus, tmp_path, subset="train-clean-100")
    assert (named / "speakers.csv").read_text() == (task / "speakers.csv").read_text()


@pytest.mark.parametrize("name", FILES)
def test_files_of_other_origin_are_left_alone(name, corpus, tmp_path):
    (tmp_path / name).write_text("label,spk_id\n")
    with pytest.raises(FileExistsError, match=f"holds {name} not written by this"):
        prepare(corpus, tmp_path)
    assert (tmp_path / name).read_text() == "label,spk_id\n"


def test_a_run_that_dies_while_writing_leaves_what_was_there(
    corpus, tmp_path, monkeypatch
):
    prepare(corpus, tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def die(data, file, protocol):
        file.write(b"half a pickle")
        raise KeyboardInterrupt

    monkeypatch.setattr(task_writer.pickle, "dump", die)
    with pytest.raises(KeyboardInterrupt):
        prepare(corpus, tmp_path, seed=1)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def numbered_utterances(folder, counts):
    """Write chapters of utterances of two segments, each with a pitch of its own."""
    paths, hz = [], 200
    for chapter, n_utterances in enumerate(counts):
        for n in range(n_utterances):
            paths.append(folder / str(chapter) / f"1-{chapter}-{n}.flac")
            write_utterance(paths[-1], hz, 2.3)
            hz += 100
    return paths


def test_segments_are_spread_over_chapters(tmp_path):
    paths = numbered_utterances(tmp_path, [5, 2])
    person = cut_person("1", paths, 4, np.random.default_rng(0))
    from_second = [pitch(segment) > 650 for segment in person.segments]
    assert sum(from_second) == 2
    assert person.n_utterances == 4


def test_every_utterance_gives_one_segment_before_any_gives_two(tmp_path):
    paths = numbered_utterances(tmp_path, [2, 1])
    person = cut_person("1", paths, 4, np.random.default_rng(0))
    pitches = [round(pitch(segment), -2) for segment in person.segments]
    assert sorted(pitches[:3]) == [200, 300, 400]
    assert person.n_utterances == 3


def test_command_line_ends_with_a_sentence_not_a_traceback(
    tmp_path, monkeypatch, capsys
):
    folders = ["--librispeech_folder", str(tmp_path), "--output_folder", str(tmp_path)]
    monkeypatch.setattr(sys, "argv", ["librispeech_prepare", *folders])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 1
    assert "error: no <speaker>/<chapter>/*.flac in" in capsys.readouterr().err
