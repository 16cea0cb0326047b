"""Tests of local.input.features."""

import pytest
import torch
from torchaudio.transforms import MFCC

from local.input.features import MfccMean

RATE = 11025


@pytest.fixture
def features():
    return MfccMean(RATE, 20, 64, n_fft=512, win_length=276, hop_length=110)


def noise(batch, seed=0):
    return torch.randn((batch, RATE), generator=torch.Generator().manual_seed(seed))


def test_a_clip_gives_the_mean_of_its_mfccs(features):
    wavs = noise(3)
    options = {"n_mels": 64, "n_fft": 512, "win_length": 276, "hop_length": 110}
    mfcc = MFCC(RATE, 20, melkwargs=options)
    expected = torch.stack([mfcc(wav).mean(dim=-1) for wav in wavs])
    assert torch.allclose(features(wavs), expected, atol=1e-3)


def test_a_quiet_clip_is_not_cut_off_below_a_loud_one(features):
    """The floor of 80 dB is that of the clip, as if it were alone in the batch."""
    quiet = noise(1) * 1e-4
    alone = features(quiet)
    beside = features(torch.cat([quiet, noise(1, seed=1)]))[:1]
    assert torch.allclose(beside, alone, atol=1e-3)


def test_n_mfcc_is_the_size():
    features = MfccMean(RATE, 13, 40, n_fft=512, win_length=276, hop_length=110)
    assert features(noise(2)).shape == (2, 13)
