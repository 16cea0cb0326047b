"""Tests of local.output.real_spectrum."""

import pytest
import torch
from speechbrain.lobes.features import Fbank

from local.input.statistics import SegmentStatistics
from local.output.real_spectrum import RealSpectrum, cut_frames, rfft, stft
from recipes.baselines.features import Summary26

RATE = 11025
MFCC = {"n_mfcc": 20, "mfcc_fft": 512, "mfcc_window": 276, "mfcc_hop": 110}


@pytest.fixture
def wavs():
    """Return noise and tones, loud and faint."""
    noise = torch.randn(3, RATE, generator=torch.Generator().manual_seed(0))
    tone = torch.sin(torch.arange(RATE) * 0.3) / 2
    return torch.cat([noise / 10, tone[None], tone[None] / 1000, noise[:1] / 10000])


@pytest.mark.parametrize("n", [1, 2, 3, 7, 16, 64, 275, 400, 512, 1024, 2048])
def test_a_transform_of_any_size_is_that_of_torch(n):
    frames = torch.randn(2, 3, n, generator=torch.Generator().manual_seed(n))
    found, expected = rfft(frames) / n**0.5, torch.fft.rfft(frames) / n**0.5
    torch.testing.assert_close(found, expected, atol=3e-6, rtol=0)


@pytest.mark.parametrize("form", [(512, 110, 276), (400, 160, 400), (64, 100, 33)])
@pytest.mark.parametrize("padding", [(True, "reflect"), (True, "constant"), (False,)])
def test_a_spectrum_is_that_of_torch(wavs, form, padding):
    window = torch.hamming_window(form[2])
    options = {"return_complex": True}
    expected = torch.stft(wavs, *form, window, *padding, **options)
    found = stft(wavs, *form, window, *padding, **options)
    torch.testing.assert_close(found, expected, atol=3e-5, rtol=1e-4)


@pytest.mark.parametrize(
    "features",
    [
        Fbank(sample_rate=RATE, n_mels=64, n_fft=512, win_length=25, hop_length=10),
        Fbank(sample_rate=RATE, n_mels=80, n_fft=400),
        SegmentStatistics(RATE, 1024, 128, [0.05, 0.5, 0.9], n_mels=64, lag=2,
                          floor_db=80, **MFCC),
        Summary26(RATE, 2048, 512, n_mels=128, n_mfcc=20, roll_share=0.85),
    ],
    ids=["fbank", "fbank_400", "statistics", "summary"],
)  # fmt: skip
def test_features_are_the_same_inside(wavs, features):
    expected = features(wavs)
    with RealSpectrum():
        found = features(wavs)
    torch.testing.assert_close(found, expected, atol=2e-3, rtol=1e-4)
    assert torch.equal(features(wavs), expected)


@pytest.mark.parametrize("size", [10, 16, 37])
def test_frames_are_those_of_unfold(size):
    wavs = torch.arange(200.0).reshape(2, 100)
    assert torch.equal(cut_frames(wavs, size, 7), wavs.unfold(1, size, 7))


@pytest.mark.parametrize(
    "odd", [{"normalized": True}, {"onesided": False}, {"window": None}]
)
def test_other_spectra_are_refused(wavs, odd):
    options = {"window": torch.ones(64)} | odd
    with pytest.raises(ValueError, match="only plain, one-sided, windowed spectra"):
        stft(wavs, 64, **options)
