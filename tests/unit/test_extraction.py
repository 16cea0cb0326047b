"""Tests of local.input.extraction."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
import torch

from local.input.extraction import compute_features, group_recordings
from local.input.representations import Mfcc, RawWave

RATE = 8000


def fragment(name, start, stop, rate=RATE):
    """Return a row of a manifest, as far as extraction reads it."""
    duration = (stop - start) / rate
    return SimpleNamespace(ID=name, duration=duration, start=start, stop=stop)


@pytest.fixture
def wavs(tmp_path, rng):
    """Return two recordings, of 3 s and of 2 s, and their samples."""
    samples = [rng.uniform(-1, 1, n * RATE).astype(np.float32) for n in (3, 2)]
    paths = [tmp_path / f"{n}.wav" for n in range(2)]
    for path, wav in zip(paths, samples, strict=True):
        soundfile.write(path, wav, RATE, subtype="FLOAT")
    return paths, samples


@pytest.fixture
def corpus(wavs):
    """Return rows of both recordings in turn, and the recording of each row."""
    rows, of_row = [], []
    for start in (0, 4001, 7999):
        for n in range(2):
            rows.append(fragment(f"{n}-{start}", start, start + RATE))
            of_row.append(wavs[0][n])
    return rows, of_row


def compute(path, rows, of_row, representation, batch_size=2):
    compute_features(path, rows, of_row, representation, batch_size, "cpu")
    return np.load(path)


@pytest.mark.parametrize("batch_size", [1, 2, 4, 100])
def test_rows_hold_their_own_samples(tmp_path, wavs, corpus, batch_size):
    rows, of_row = corpus
    feats = compute(tmp_path / "f.npy", rows, of_row, RawWave(RATE), batch_size)
    assert feats.shape == (6, RATE)
    assert feats.dtype == np.float32
    for n, row in enumerate(rows):
        expected = wavs[1][n % 2][row.start : row.stop]
        np.testing.assert_array_equal(feats[n], expected)


@pytest.mark.parametrize("rate", [4000, 7999, 11025, 22050])
def test_fragments_are_cut_at_the_same_time_at_another_rate(tmp_path, wavs, rate):
    tone = np.sin(np.arange(3 * RATE) * 0.1).astype(np.float32)
    soundfile.write(wavs[0][0], tone, RATE, subtype="FLOAT")
    rows = [fragment(str(n), start, start + RATE) for n, start in enumerate((3, 15999))]
    feats = compute(tmp_path / "f.npy", rows, [wavs[0][0]] * 2, RawWave(rate))
    assert feats.shape == (2, rate)
    for feat, row in zip(feats, rows, strict=True):
        time = (round(row.start * rate / RATE) + np.arange(rate)) / rate
        middle = slice(rate // 8, -rate // 8)
        expected = np.sin(time * RATE * 0.1)
        np.testing.assert_allclose(feat[middle], expected[middle], atol=0.02)


def test_a_fragment_flush_with_the_end_is_whole_at_any_rate(tmp_path, rng):
    """Start and length are rounded up, and the recording ends where both end."""
    soundfile.write(tmp_path / "a.wav", rng.uniform(-1, 1, 16003), 16000)
    rows = [fragment("a", 8001, 16003, 16000)]
    feats = compute(tmp_path / "f.npy", rows, [tmp_path / "a.wav"], RawWave(22050))
    assert feats.shape == (1, 11028)
    assert np.isfinite(feats).all()


def test_each_recording_is_read_once(tmp_path, corpus, monkeypatch):
    read = []
    original = soundfile.read
    monkeypatch.setattr(
        soundfile, "read", lambda path, **o: read.append(path) or original(path, **o)
    )
    compute(tmp_path / "f.npy", *corpus, RawWave(RATE), batch_size=2)
    assert sorted(read) == sorted(set(corpus[1]))


def test_features_do_not_depend_on_the_batch(tmp_path, corpus):
    feats = [
        compute(tmp_path / "f.npy", *corpus, Mfcc(RATE, 13), batch_size=n)
        for n in (1, 4)
    ]
    np.testing.assert_allclose(*feats, atol=1e-3)


def test_groups_hold_whole_recordings_and_what_is_left_once(rng):
    wavs = [str(n) for n in rng.integers(0, 30, 200)]
    done = rng.random(200) < 0.2
    groups = group_recordings(wavs, done, 16)
    sizes = [sum(len(rows) for _, rows in group) for group in groups]
    assert min(sizes[:-1]) >= 16
    recordings = [wav for group in groups for wav, _ in group]
    assert len(recordings) == len(set(recordings))
    rows = sorted(row for group in groups for _, rows in group for row in rows)
    assert rows == np.flatnonzero(~done).tolist()


# Stopped and gone on with


class Stopped(RawWave):
    """Works a few times and then no more."""

    def __init__(self, n_times):
        super().__init__(RATE)
        self.left = iter(range(n_times))
        self.calls = []

    def forward(self, wavs):
        self.calls.append(len(wavs))
        if next(self.left, None) is None:
            raise InterruptedError
        return wavs


@pytest.mark.parametrize(("n_times", "n_left"), [(0, 2), (1, 2), (2, 1)])
def test_a_run_that_was_stopped_is_gone_on_with(tmp_path, corpus, n_times, n_left):
    """Two groups of three fragments, after one of zeros that tells the shape."""
    path = tmp_path / "f.npy"
    with pytest.raises(InterruptedError):
        compute(path, *corpus, Stopped(n_times), batch_size=3)
    assert not path.exists()
    again = Stopped(100)
    feats = compute(path, *corpus, again, batch_size=3)
    assert again.calls == [1] + [3] * n_left
    expected = compute(tmp_path / "whole.npy", *corpus, RawWave(RATE))
    np.testing.assert_array_equal(feats, expected)
    visible = {file.name for file in tmp_path.iterdir() if file.name[0] != "."}
    assert visible == {"0.wav", "1.wav", "f.npy", "whole.npy"}


def test_features_without_marks_are_computed_again(tmp_path, corpus):
    with pytest.raises(InterruptedError):
        compute(tmp_path / "f.npy", *corpus, Stopped(2), batch_size=3)
    (tmp_path / "f.done.npy").unlink()
    again = Stopped(100)
    compute(tmp_path / "f.npy", *corpus, again, batch_size=3)
    assert again.calls == [1, 3, 3]


def test_marks_without_features_are_not_believed(tmp_path, corpus):
    with pytest.raises(InterruptedError):
        compute(tmp_path / "f.npy", *corpus, Stopped(2), batch_size=3)
    (tmp_path / "f.partial.npy").unlink()
    feats = compute(tmp_path / "f.npy", *corpus, RawWave(RATE))
    assert np.abs(feats).max(axis=1).min() > 0


def test_what_another_run_has_made_meanwhile_is_left(tmp_path, corpus):
    compute(tmp_path / "f.npy", *corpus, RawWave(RATE))
    again = Stopped(1)  # for the shape
    assert compute(tmp_path / "f.npy", *corpus, again).shape == (6, RATE)


# What is refused


class Broken(RawWave):
    def forward(self, wavs):
        return wavs / (wavs[:, :1] != 2.0 * wavs[:, :1])  # NaN where it starts with 0


def test_infinite_features_name_the_fragment_and_make_no_file(tmp_path, wavs):
    wavs[1][0][RATE] = 0
    soundfile.write(wavs[0][0], wavs[1][0], RATE, subtype="FLOAT")
    rows = [fragment(name, at, at + RATE) for name, at in (("a", 0), ("b", RATE))]
    with pytest.raises(ValueError, match="fragment b has features of NaN or infinity"):
        compute(tmp_path / "f.npy", rows, [wavs[0][0]] * 2, Broken(RATE))
    assert not (tmp_path / "f.npy").exists()


def test_fragments_of_two_lengths_are_refused(tmp_path, wavs):
    rows = [fragment("a", 0, 8000), fragment("b", 0, 9000)]
    with pytest.raises(ValueError, match=r"such as 1 s \(a\) and 1\.125 s \(b\)"):
        compute(tmp_path / "f.npy", rows, [wavs[0][0]] * 2, RawWave(RATE))


@pytest.mark.parametrize(
    "row", [fragment("a", 16001, 24001), fragment("a", 0, 16000, 16000)]
)
def test_another_recording_than_the_manifests_is_refused(tmp_path, wavs, row):
    with pytest.raises(ValueError, match=r"1\.wav: 16000 samples at 8000 Hz, fragment"):
        compute(tmp_path / "f.npy", [row], [wavs[0][1]], RawWave(RATE))


def test_features_larger_than_the_disk_are_refused(tmp_path, corpus, monkeypatch):
    usage = SimpleNamespace(free=6 * RATE * 4 - 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage)
    with pytest.raises(OSError, match=r"0\.0 GB free, the features take 0\.0 GB"):
        compute(tmp_path / "f.npy", *corpus, RawWave(RATE))
    assert not (tmp_path / "f.npy").exists()


def test_a_narrow_band_is_warned_of_once(tmp_path, corpus, caplog):
    compute(tmp_path / "f.npy", *corpus, RawWave(16000))
    warned = [record for record in caplog.records if record.levelname == "WARNING"]
    assert [record.getMessage() for record in warned] == [
        "recordings of 8000 Hz, but features of 16000 Hz: nothing lies above 4000 Hz"
    ]


def test_types_are_those_of_the_representation(tmp_path, corpus):
    class Bytes(RawWave):
        dtype = "uint8"

        def forward(self, wavs):
            return (128 + 127 * wavs).to(torch.uint8)

    feats = compute(Path(tmp_path / "f.npy"), *corpus, Bytes(RATE))
    assert feats.dtype == np.uint8
    assert feats.min() < 50
    assert feats.max() > 200
