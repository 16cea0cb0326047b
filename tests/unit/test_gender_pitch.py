"""The pitch of made-up voices is what it was made of."""

import numpy as np
import pytest
import torch
from heard import noise

from recipes.gender.pitch import Pitch, best_threshold, median_pitch

RATE = 16000


def voice(hz, harmonics, rate=RATE):
    """Return a second of harmonics, {number: amplitude}, (1, rate)."""
    time = torch.arange(rate) / rate
    tones = (a * torch.sin(2 * torch.pi * n * hz * time) for n, a in harmonics.items())
    return 0.1 * sum(tones).unsqueeze(0)


EVEN = dict.fromkeys(range(1, 9), 1.0)
FORMANT = EVEN | {4: 4.0, 5: 3.0}  # a strong one, at 4 to 5 times the pitch
NO_BASS = dict.fromkeys(range(3, 12), 1.0)  # as over a telephone


@pytest.mark.parametrize("harmonics", [EVEN, FORMANT, NO_BASS])
@pytest.mark.parametrize("hz", [65, 120, 233, 390])
def test_the_pitch_of_a_voice_is_found_within_one_percent(hz, harmonics):
    found, strength = Pitch()(voice(hz, harmonics))[0]
    np.testing.assert_allclose(found, hz, rtol=0.01)
    assert (strength > 0.9).all()


def test_the_pitch_is_found_at_another_rate():
    found, _ = Pitch(sample_rate=8000)(voice(120, EVEN, rate=8000))[0]
    np.testing.assert_allclose(found, 120, rtol=0.01)


def test_the_louder_second_harmonic_is_no_octave_error():
    found, _ = Pitch()(voice(120, EVEN | {2: 3.0}))[0]
    np.testing.assert_allclose(found, 120, rtol=0.01)


def test_a_little_noise_does_not_double_the_period():
    wav = voice(200, EVEN) + 0.01 * noise(1, RATE)
    np.testing.assert_allclose(Pitch()(wav)[0, 0], 200, rtol=0.02)


def test_noise_is_unvoiced():
    hz, strength = Pitch()(noise(4, RATE)).unbind(1)
    assert (hz == 0).all()
    assert strength.max() < 0.4


@pytest.mark.parametrize("level", [0.0, 0.5])
def test_silence_has_neither_pitch_nor_strength(level):
    assert (Pitch()(torch.full((1, RATE), level)) == 0).all()


def test_loudness_changes_nothing():
    wav = voice(150, EVEN) + 0.02 * noise(1, RATE)
    np.testing.assert_allclose(Pitch()(wav), Pitch()(wav / 30), rtol=1e-3)


def test_only_voiced_frames_have_a_pitch():
    wav = noise(1, RATE) * 0.1
    wav[:, 8000:] = voice(120, EVEN)[:, 8000:]
    hz, strength = Pitch(voiced_from=0.5)(wav)[0]
    assert ((hz > 0) == (strength >= 0.5)).all()
    assert (hz[:40] == 0).all()
    np.testing.assert_allclose(hz[55:], 120, rtol=0.01)


def test_clips_too_short_for_a_frame_are_refused():
    with pytest.raises(ValueError, match="clips of 600 samples, expected 668 or more"):
        Pitch()(torch.zeros(1, 600))


def test_the_median_is_of_strong_frames_else_of_voiced_ones_else_zero():
    hz = [[100, 110, 220], [0, 90, 0], [0, 0, 0]]
    strength = [[0.9, 0.9, 0.6], [0.9, 0.6, 0.2], [0.9, 0.4, 0.0]]
    pitch = np.stack([hz, strength], axis=1)
    np.testing.assert_array_equal(median_pitch(pitch, 0.8), [105, 90, 0])
    np.testing.assert_array_equal(median_pitch(pitch, 0.5), [110, 90, 0])


def test_the_best_threshold_is_no_worse_than_any_other():
    rng = np.random.default_rng(0)
    genders = np.arange(60) % 2
    hz = np.where(genders, 120, 190) + rng.integers(-50, 50, 60)
    threshold, accuracy = best_threshold(hz, genders)
    tried = [np.mean((hz < t) == genders) for t in np.arange(60, 260, 0.25)]
    assert accuracy == pytest.approx(max(tried))
    assert np.mean((hz < threshold) == genders) == pytest.approx(accuracy)
