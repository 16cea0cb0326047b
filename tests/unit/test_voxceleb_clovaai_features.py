"""Tests of recipes.voxceleb.clovaai_features."""

import numpy as np
import pytest
import torch

from recipes.voxceleb.clovaai_features import InstanceNorm, MelSpectrogram

RATE, N_FFT, WINDOW, HOP = 16000, 512, 400, 160
SIZES = {"n_fft": N_FFT, "win_length": WINDOW, "hop_length": HOP}


@pytest.fixture
def wavs():
    """Return noise that is louder in the middle."""
    generator = torch.Generator().manual_seed(0)
    loudness = torch.linspace(0, 3.14, 4000).sin()
    return 0.1 * torch.randn(2, 4000, generator=generator) * loudness


def mel(hz):
    return 2595 * np.log10(1 + hz / 700)


def triangles(n_mels):
    """Return the weight of each frequency (n_mels, frequencies) in each band."""
    hz = np.linspace(0, RATE / 2, N_FFT // 2 + 1)
    places = np.linspace(0, mel(RATE / 2), n_mels + 2)
    corners = 700 * (10 ** (places / 2595) - 1)
    rows = [
        np.interp(hz, corners[n : n + 3], [0, 1, 0], left=0, right=0)
        for n in range(n_mels)
    ]
    return np.stack(rows)


def slow_features(wav, n_mels, pre_emphasis, log_input):
    """Work out normalised features (frames, mels) of one clip, frame by frame."""
    wav = wav.double().numpy()
    previous = np.concatenate([wav[1:2], wav[:-1]])
    padded = np.pad(wav - pre_emphasis * previous, N_FFT // 2, mode="reflect")
    window = 0.54 - 0.46 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)
    left = (N_FFT - WINDOW) // 2
    window = np.pad(window, (left, N_FFT - WINDOW - left))
    frames = [
        np.abs(np.fft.rfft(window * padded[start : start + N_FFT])) ** 2
        for start in range(0, len(wav) + 1, HOP)
    ]
    feats = np.stack(frames) @ triangles(n_mels).T + 1e-6
    feats = np.log(feats) if log_input else feats
    return (feats - feats.mean(axis=0)) / np.sqrt(feats.var(axis=0) + 1e-5)


@pytest.mark.parametrize("log_input", [True, False])
@pytest.mark.parametrize(("n_mels", "pre_emphasis"), [(40, 0.0), (64, 0.97)])
def test_features_are_those_worked_out_frame_by_frame(
    wavs, n_mels, pre_emphasis, log_input
):
    features = MelSpectrogram(
        RATE, n_mels, **SIZES, pre_emphasis=pre_emphasis, log_input=log_input
    )
    found = InstanceNorm()(features(wavs), torch.ones(2))
    slow = [slow_features(wav, n_mels, pre_emphasis, log_input) for wav in wavs]
    assert found.shape == (2, 26, n_mels)
    np.testing.assert_allclose(found, np.stack(slow), atol=1e-5, rtol=1e-4)


def test_silence_has_features_of_nothing():
    features = MelSpectrogram(RATE, 40, **SIZES, pre_emphasis=0, log_input=True)
    found = InstanceNorm()(features(torch.zeros(1, 4000)))
    assert found.abs().max() < 0.001  # and no deviation of 0 to divide by


def test_the_first_sample_is_emphasised_by_the_second():
    features = MelSpectrogram(RATE, 40, **SIZES, pre_emphasis=0.97, log_input=False)
    features.mel_spectrogram = torch.nn.Identity()
    emphasised = features(torch.tensor([[1.0, 2.0, 4.0]]).unsqueeze(2)).mT - 1e-6
    expected = torch.tensor([1 - 0.97 * 2, 2 - 0.97 * 1, 4 - 0.97 * 2])
    torch.testing.assert_close(emphasised.flatten(), expected)


def test_features_stay_exact_in_half_precision(wavs):
    features = MelSpectrogram(RATE, 40, **SIZES, pre_emphasis=0.97, log_input=True)
    exact = features(wavs)
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(features(wavs), exact)
