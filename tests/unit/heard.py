"""What representations hear in tests, and what libraries made of it.

The reference values are those of librosa and python_speech_features, whose versions
stand beside them, of `signal` as float32:

    mfcc      librosa.feature.mfcc(y=signal(16000, 3), sr=16000, n_mfcc=32)
              [:, [0, 1, 50, 93]]
    decibels  librosa.amplitude_to_db(abs(librosa.stft(signal(22050, 3))))
              [::41, [0, 1, 70, 129]]
    patch     fbank(signal(16000, 0.655), 16000, nfilt=64)[0][[0, 1, 30, 63]], of each
              row its mean subtracted, then divided by its standard deviation
"""

import json
from pathlib import Path

import numpy as np
import torch

REFERENCES = Path(__file__).parents[1] / "data" / "front_ends.json"


def read_reference(name):
    """Return the values of a library: of mfcc, decibels or patch."""
    return np.array(json.loads(REFERENCES.read_text(encoding="utf-8"))[name])


def signal(rate, seconds):
    """Return four tones that swell and fade over a little noise."""
    time = np.arange(round(rate * seconds)) / rate
    tones = sum(
        np.sin(2 * np.pi * hz * time + hz) / n
        for n, hz in enumerate((110, 440, 1234.5, 3100), 1)
    )
    noise = np.random.default_rng(7).standard_normal(len(time))
    wav = 0.2 * tones * (1 + np.sin(6 * time)) / 2 + 0.01 * noise
    return torch.from_numpy(wav.astype(np.float32)).unsqueeze(0)


def noise(batch, n_samples):
    """Return noise, the same each time."""
    generator = torch.Generator().manual_seed(0)
    return torch.randn((batch, n_samples), generator=generator)


def tone(hz, rate, n_samples):
    """Return one tone."""
    return torch.sin(2 * torch.pi * hz / rate * torch.arange(n_samples)).unsqueeze(0)
