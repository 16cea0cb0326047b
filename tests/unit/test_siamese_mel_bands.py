"""Tests of recipes.siamese.mel_bands."""

import math

import pytest
import torch

from recipes.siamese.mel_bands import mel_triangles, rounded_triangles


def test_a_mel_band_falls_and_rises_over_mels():
    """Of two bands up to 8 kHz, 2840 mel, corners are 947 mel apart; 1 kHz is 1000."""
    bands = mel_triangles(16000, 512, 2, 0.0, 8000.0)
    mels = 1127 * math.log(1 + 1000 / 700)  # 1000 Hz: bin 32
    corner = 1127 * math.log(1 + 8000 / 700) / 3
    assert mels == pytest.approx(1000, abs=0.1)
    assert bands[32, 0].item() == pytest.approx((2 * corner - mels) / corner)
    assert bands[32, 1].item() == pytest.approx((mels - corner) / corner, rel=1e-4)


def test_between_the_outer_peaks_mel_bands_sum_to_one():
    bands = mel_triangles(16000, 512, 64, 125.0, 7500.0)
    within = bands.sum(dim=1)[6:225]  # 188 to 7000 Hz
    assert torch.allclose(within, torch.ones(219), atol=1e-5)
    assert bands[0].sum() == 0
    assert bands[:5].sum() == 0  # bin 4 is 125 Hz
    assert bands[240:].sum() == 0  # 7500 Hz


@pytest.mark.parametrize(("sample_rate", "n_mels"), [(16000, 64), (8000, 26)])
def test_rounded_bands_have_peaks_of_one_on_whole_bins(sample_rate, n_mels):
    bands = rounded_triangles(sample_rate, 512, n_mels)
    assert bands.shape == (257, n_mels)
    assert torch.equal(bands.amax(dim=0), torch.ones(n_mels))
    peaks = bands.argmax(dim=0)
    assert (peaks.diff() >= 0).all()


def test_bands_narrower_than_a_bin_are_empty():
    bands = rounded_triangles(16000, 64, 40)
    assert (bands.sum(dim=0) == 0).any()
    assert (bands >= 0).all()
