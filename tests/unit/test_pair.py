"""Tests of local.scoring.pair."""

import logging

import numpy as np
import pytest
import soundfile
import torch

from local.scoring.calibration import Calibration
from local.scoring.embeddings import Embeddings
from local.scoring.pair import (
    cut_views,
    embed_views,
    group_segments,
    judge,
    read_speech,
    read_views,
)
from local.scoring.similarity import cosine_scores

RATE = 11025
OPTIONS = {
    "sample_rate": RATE,
    "view_samples": RATE,
    "shortest_s": 0.3,
    "silence_db": -40,
}


def tone(seconds, rate=RATE, hz=440.0, level=0.5):
    time = np.arange(round(seconds * rate)) / rate
    return level * np.sin(2 * np.pi * hz * time)


@pytest.fixture
def record(tmp_path):
    """Return a function that writes samples to a file."""

    def write(wav, rate=RATE, name="a.wav", **options):
        soundfile.write(tmp_path / name, wav, rate, **options)
        return tmp_path / name

    return write


# Reading


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 22050, 44100, 48000, 44101])
def test_any_sample_rate_becomes_that_of_the_model(record, rate):
    wav = read_speech(record(tone(1, rate), rate), RATE)
    assert len(wav) == pytest.approx(RATE, abs=1)
    assert wav.dtype == np.float32
    middle = slice(1000, 10000)  # the filter has nothing to go on at the ends
    np.testing.assert_allclose(wav[middle], tone(1)[middle], atol=0.01)


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.ogg", "a.mp3"])
def test_formats_are_read(record, name):
    wav = read_speech(record(tone(1, 44100), 44100, name), RATE)
    assert len(wav) == pytest.approx(RATE, rel=0.1)  # MP3 pads its frames
    assert np.abs(wav).max() == pytest.approx(0.5, abs=0.1)


def test_channels_are_averaged(record):
    stereo = np.stack([tone(1), np.zeros(RATE)], axis=1)
    wav = read_speech(record(stereo, subtype="FLOAT"), RATE)
    np.testing.assert_allclose(wav, tone(1) / 2, atol=1e-6)


def test_samples_at_the_rate_of_the_model_are_kept_exactly(record, rng):
    wav = rng.uniform(-1, 1, RATE).astype(np.float32)
    assert np.array_equal(read_speech(record(wav, subtype="FLOAT"), RATE), wav)


def test_a_narrow_band_is_warned_of(record, caplog):
    with caplog.at_level(logging.WARNING):
        read_speech(record(tone(1, 8000), 8000), RATE)
    assert "a.wav: 8000 Hz, the model hears up to 5512 Hz" in caplog.text


def test_a_missing_recording_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none\.wav: no such recording"):
        read_speech(tmp_path / "none.wav", RATE)


@pytest.mark.parametrize("name", ["a.wav", "a.mp3", "a.raw", "a"])
@pytest.mark.parametrize("content", [b"", b"text", b"RIFF\x00\x00\x00\x00WAVE"])
def test_what_is_no_audio_is_refused(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=f"{name}: .*"):
        read_views(tmp_path / name, **OPTIONS)


def test_nan_is_refused(record):
    wav = tone(1)
    wav[5] = np.nan
    with pytest.raises(ValueError, match=r"a\.wav: NaN or infinity"):
        read_speech(record(wav, subtype="FLOAT"), RATE)


def test_too_low_a_sample_rate_is_refused(record):
    with pytest.raises(ValueError, match="3999 Hz; speech needs 4000 Hz"):
        read_speech(record(tone(1, 3999), 3999), RATE)


# Views


@pytest.mark.parametrize(
    ("seconds", "n_views"), [(0.3, 1), (0.5, 1), (1, 1), (1.1, 2), (2, 2), (3.7, 4)]
)
def test_a_recording_is_cut_into_seconds(record, seconds, n_views):
    views = read_views(record(tone(seconds)), **OPTIONS)
    assert views.shape == (n_views, RATE)
    assert views.dtype == torch.float32


def test_every_sample_is_in_a_view_and_the_last_ends_with_the_recording(rng):
    wav = rng.standard_normal(25)
    views = cut_views(wav, 10)
    assert set(wav) == set(views.ravel())
    assert np.array_equal(views[-1], wav[-10:])


def test_a_short_recording_is_repeated():
    assert cut_views(np.arange(4), 10).tolist() == [[0, 1, 2, 3] * 2 + [0, 1]]


def test_pauses_are_left_out(record):
    parts = [tone(1), tone(1, level=0.5e-3), np.zeros(RATE), tone(1, level=0.05)]
    views = read_views(record(np.concatenate(parts), subtype="FLOAT"), **OPTIONS)
    levels = views.std(dim=1)  # the second is 60 dB below the first, the last 20 dB
    np.testing.assert_allclose(levels, np.array([0.5, 0.05]) / 2**0.5, rtol=1e-3)


@pytest.mark.parametrize("seconds", [0, 0.1, 0.29])
def test_too_short_a_recording_is_refused(record, seconds):
    with pytest.raises(ValueError, match=r"a\.wav: 0\.\d\d s of audio; .* 0\.3 s"):
        read_views(record(tone(seconds)), **OPTIONS)


@pytest.mark.parametrize("level", [0.0, 0.25])
def test_silence_is_refused(record, level):
    with pytest.raises(ValueError, match=r"a\.wav: silent"):
        read_views(record(np.full(RATE, level)), **OPTIONS)


# Embeddings


class FakeEncoder:
    """Gives the first three samples."""

    def encode_batch(self, wavs):
        return wavs[:, None, :3]


def test_the_embedding_is_the_mean_direction_of_the_views():
    views = torch.tensor([[3.0, 0, 0, 9], [0, 0.5, 0, 9]])
    for batch_size in (1, 2, 5):
        found = embed_views(FakeEncoder(), views, batch_size)
        np.testing.assert_allclose(found, [0.5, 0.5, 0])


@pytest.fixture
def valid(rng):
    spk_ids = np.array(["a", "b", "a", "b", "a", "b", "a", "c", "a"])
    return Embeddings(np.arange(9).astype(str), spk_ids, rng.standard_normal((9, 4)))


def test_groups_are_of_one_speaker_and_drop_the_rest(valid):
    matrix, spk_ids, size = group_segments(valid, [2, 2], least_targets=1)
    assert size == 2
    assert spk_ids.tolist() == ["a", "a", "b"]
    unit = valid.matrix / np.linalg.norm(valid.matrix, axis=1, keepdims=True)
    expected = [unit[[0, 2]].mean(0), unit[[4, 6]].mean(0), unit[[1, 3]].mean(0)]
    np.testing.assert_allclose(matrix, expected)


@pytest.mark.parametrize(
    ("n_views", "least_targets", "size"),
    [
        ([1, 1], 1, 1),
        ([1, 3], 1, 2),  # as sure as two of 1.5
        ([2, 2], 1, 2),
        ([2, 2], 2, 1),  # one pair of groups of two, of speaker a
        ([9, 9], 1, 2),
        ([9, 9], 99, 1),
    ],
)
def test_groups_are_as_large_as_the_trials_allow(valid, n_views, least_targets, size):
    assert group_segments(valid, n_views, least_targets)[2] == size


# The verdict


def test_the_verdict_is_the_calibrated_score_of_the_pair():
    calibration = Calibration(scale=10.0, offset=-4.0)
    pair = [np.array([1.0, 0.0]), np.array([3.0, 4.0])]  # cosine 0.6, LLR 2
    verdict = judge(pair, cosine_scores, calibration, p_target=0.5)
    assert verdict.score == pytest.approx(0.6)
    assert verdict.threshold == pytest.approx(0.4)
    assert verdict.probability == pytest.approx(1 / (1 + np.exp(-2)))


def test_a_rarer_speaker_needs_a_higher_score():
    calibration = Calibration(scale=10.0, offset=-4.0)
    pair = [np.array([1.0, 0.0]), np.array([3.0, 4.0])]
    rare = judge(pair, cosine_scores, calibration, p_target=0.01)
    assert rare.threshold > 0.6 and rare.probability < 0.5
