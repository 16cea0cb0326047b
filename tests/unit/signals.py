"""Signals and their levels, for the tests of augmentation."""

import math

import torch

RATE = 11025


def generator(seed=0):
    """Return a generator of its own."""
    return torch.Generator().manual_seed(seed)


def draw(batch=32):
    """Return noise of the same length with levels 60 dB apart, (batch, samples)."""
    wavs = torch.randn((batch, 2000), generator=generator(99))
    return wavs * torch.logspace(-3, 0, batch)[:, None]


def level_db(wavs):
    """Return the level of each clip."""
    return 10 * wavs.square().mean(dim=1).log10()


def sine(hz):
    """Return one second of a tone."""
    time = torch.arange(RATE, dtype=torch.float64) / RATE
    return torch.sin(2 * math.pi * hz * time).float()
