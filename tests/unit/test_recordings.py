"""Tests of local.input.recordings; test_pair.py has more on what is refused."""

import numpy as np
import pytest
import soundfile

from local.input.recordings import read_recording, resample


def test_a_recording_keeps_its_rate_and_samples(tmp_path, rng):
    wav = rng.uniform(-1, 1, 900).astype(np.float32)
    soundfile.write(tmp_path / "a.wav", wav, 16000, subtype="FLOAT")
    read, rate = read_recording(tmp_path / "a.wav")
    assert rate == 16000
    assert np.array_equal(read, wav)


@pytest.mark.parametrize("rate", [4000, 16000, 22050, 22051])
def test_a_tone_stays_a_tone(rate):
    wav = resample(np.sin(0.1 * np.arange(16000)), 16000, rate)
    assert len(wav) == rate
    expected = np.sin(0.1 * np.arange(rate) * 16000 / rate)
    middle = slice(rate // 10, -rate // 10)
    np.testing.assert_allclose(wav[middle], expected[middle], atol=0.01)


def test_nothing_stays_nothing():
    assert len(resample(np.zeros(0), 16000, 4000)) == 0
