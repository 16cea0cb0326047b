"""Tests of local.input.statistics."""

import math

import numpy as np
import pytest
import torch

from local.input.statistics import SegmentStatistics, log_quantiles, sort_last


@pytest.fixture(scope="module")
def statistics():
    mfcc = {"n_mfcc": 5, "mfcc_fft": 512, "mfcc_window": 276, "mfcc_hop": 110}
    options = {"n_mels": 20, "lag": 2, "floor_db": 80, **mfcc}
    return SegmentStatistics(11025, 256, 64, [0.1, 0.5, 0.9], **options)


def draw(batch=3):
    rng = torch.Generator().manual_seed(0)
    return torch.randn(batch, 11025, generator=rng) * torch.linspace(0, 1, 11025)


def test_size_is_that_of_its_parts(statistics):
    assert statistics(draw()).shape == (3, 1, 3 * 129 + 3 * 5 + 10)


def test_a_segment_does_not_depend_on_its_batch(statistics):
    wavs = draw()
    together, alone = statistics(wavs), statistics(wavs[1:2])
    assert torch.allclose(together[1:2], alone, atol=1e-4)


def test_quantiles_are_those_of_the_log_spectrum(statistics):
    wav = draw(1)
    frames = wav[0].unfold(0, 256, 64) * torch.hann_window(256)
    log_power = np.log(np.abs(np.fft.rfft(frames.numpy(), axis=1)) ** 2 + 1e-10)
    expected = np.quantile(log_power, [0.1, 0.5, 0.9], axis=0).ravel()
    ours = statistics.spectrum_quantiles(wav)[0].numpy()
    assert np.allclose(ours, expected, atol=1e-3)


@pytest.mark.parametrize("frames", [1, 2, 7, 79])
def test_log_quantiles_are_those_of_torch(frames):
    power = torch.rand(3, 5, frames, generator=torch.Generator().manual_seed(frames))
    floor = torch.full((3, 1, 1), 1e-3)
    quantiles = torch.tensor([0.0, 0.05, 0.5, 0.77, 1.0])
    expected = torch.quantile((power + floor).log(), quantiles, dim=2)
    found = log_quantiles(power, quantiles, floor)
    torch.testing.assert_close(found.permute(2, 0, 1), expected)


def test_both_ways_to_sort_agree(monkeypatch):
    values = torch.randn(4, 3, 50, generator=torch.Generator().manual_seed(0))
    by_numpy = sort_last(values)
    monkeypatch.setattr(torch.compiler, "is_compiling", lambda: True)
    assert torch.equal(sort_last(values), by_numpy)


def test_moments_are_those_of_the_mfccs(statistics):
    wav = draw(1)
    mfcc = statistics.mfcc(wav.unsqueeze(1))[0, 0].double().numpy()
    mean, spread, correlation, _ = statistics.mfcc_moments(wav)
    assert np.allclose(mean[0], mfcc.mean(axis=1), atol=1e-3)
    assert np.allclose(spread[0], np.log(mfcc.std(axis=1)), atol=1e-3)
    expected = np.corrcoef(mfcc)[np.triu_indices(5, 1)]
    assert np.allclose(correlation[0], expected, atol=1e-3)


def test_a_longer_segment_has_as_many_statistics(statistics):
    assert statistics(torch.randn(2, 30000)).shape == statistics(draw(2)).shape


def test_silence_has_finite_statistics(statistics):
    assert torch.isfinite(statistics(torch.zeros(1, 11025))).all()


def test_an_empty_band_lies_so_far_below_the_peak(statistics):
    spectrum = torch.fft.rfft(draw(1))
    spectrum[:, 4000:] = 0  # nothing above 4 kHz, as behind a telephone line
    wav = torch.fft.irfft(spectrum, 11025)
    quantiles = statistics.spectrum_quantiles(wav).view(3, 129)
    frames = wav.unfold(1, 256, 64) * torch.hann_window(256)
    peak = torch.fft.rfft(frames).abs().square().max().log()
    below_peak_db = 10 * (peak - quantiles[:2, 100:125]) / math.log(10)
    assert (below_peak_db - 80).abs().max() < 3


def test_a_louder_segment_has_the_same_spectrum_shifted(statistics):
    wav = draw(1)
    louder, plain = (statistics.spectrum_quantiles(gain * wav) for gain in (10, 1))
    assert (louder - plain - math.log(100)).abs().max() < 1e-3
