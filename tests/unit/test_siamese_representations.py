"""Tests of recipes.siamese.representations."""

import numpy as np
import pytest
import torch
from heard import noise, read_reference, signal, tone

from recipes.siamese.representations import (
    FilterbankPatches,
    LogFrequencySpectrogram,
    resampling_weights,
)

# What the libraries compute


def test_decibels_are_librosas():
    found = LogFrequencySpectrogram().decibels(signal(22050, 3))
    found = found[0, ::41][:, [0, 1, 70, 129]]
    np.testing.assert_allclose(found, read_reference("decibels"), atol=2e-3)


def test_patches_are_those_of_python_speech_features():
    found = FilterbankPatches()(signal(16000, 0.655))[0, [0, 1, 30, 63]]
    np.testing.assert_allclose(found, read_reference("patch"), rtol=1e-4, atol=1e-5)


# The spectrogram


def test_a_tone_lies_where_the_axis_puts_it():
    """Row 227 * (1 + log2(f / 65.4)) / (1 + log2(11025 / 65.4)), lowest first."""
    pictures = LogFrequencySpectrogram()(tone(1046.5, 22050, 66150))  # four octaves up
    brightest = pictures[0, :, 100].float().argmax().item()
    assert brightest == pytest.approx(227 * 5 / 8.397, abs=1.5)


def test_a_louder_fragment_has_the_same_picture():
    spectrogram = LogFrequencySpectrogram()
    wavs = 1e-2 * noise(1, 66150)
    difference = spectrogram(wavs).int() - spectrogram(10 * wavs).int()
    assert difference.abs().max() <= 1


def test_white_is_the_peak_and_black_top_db_below():
    wav = torch.zeros(1, 66150)
    wav[:, 30000:60000] = tone(440, 22050, 30000)
    pictures = LogFrequencySpectrogram()(wav)
    assert pictures.amax() >= 250
    assert (pictures[:, :, :90] == 0).all()


def test_a_click_stays_in_its_columns():
    wav = torch.zeros(1, 66150)
    wav[0, 33075] = 1  # the middle
    columns = LogFrequencySpectrogram()(wav)[0].float().mean(dim=0)
    assert columns.argmax() == pytest.approx(113, abs=2)
    assert (columns[:108] == 0).all()
    assert (columns[119:] == 0).all()


@pytest.mark.parametrize("n_pixels", [3, 10, 57])
def test_resampling_keeps_the_mean(n_pixels, rng):
    edges = torch.from_numpy(np.sort(rng.uniform(0, 5, 11)))
    cells = torch.from_numpy(rng.uniform(0, 1, 10))
    weights = resampling_weights(edges, n_pixels)
    assert torch.allclose(weights.sum(dim=1), torch.ones(n_pixels).double())
    mean = (cells * edges.diff()).sum() / (edges[-1] - edges[0])
    assert (weights @ cells).mean() == pytest.approx(mean.item())


# The patches


def test_each_frame_has_mean_0_and_deviation_1():
    patches = FilterbankPatches()(noise(2, 10480))
    assert patches.mean(dim=2).abs().max() < 1e-5
    std = patches.std(dim=2, correction=0)
    assert torch.allclose(std, torch.ones(2, 64), atol=1e-4)


def test_a_shorter_patch_is_filled_up_with_zeros():
    wavs = noise(1, 10480)
    short = FilterbankPatches()(wavs[:, :10240])
    whole = FilterbankPatches()(wavs)
    assert torch.allclose(short[:, :62], whole[:, :62], atol=1e-5)
    assert not torch.allclose(short[:, 62:], whole[:, 62:], atol=1e-2)


@pytest.mark.parametrize("n_samples", [10239, 10481, 48000])
def test_a_fragment_that_is_no_patch_is_refused(n_samples):
    with pytest.raises(ValueError, match=r"expected 0\.64 to 0\.655 s"):
        FilterbankPatches()(noise(1, n_samples))
