"""Tests of recipes.siamese.representations.

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
import pytest
import torch

from recipes.siamese.representations import (
    FilterbankPatches,
    LogFrequencySpectrogram,
    Mfcc,
    RawWave,
    resampling_weights,
)

REFERENCES = Path(__file__).parents[1] / "data" / "siamese_front_ends.json"


@pytest.fixture(scope="module")
def references():
    content = json.loads(REFERENCES.read_text(encoding="utf-8"))
    return {name: np.array(content[name]) for name in ("mfcc", "decibels", "patch")}


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
    generator = torch.Generator().manual_seed(0)
    return torch.randn((batch, n_samples), generator=generator)


def tone(hz, rate, n_samples):
    return torch.sin(2 * torch.pi * hz / rate * torch.arange(n_samples)).unsqueeze(0)


# What the libraries compute


def test_mfccs_are_librosas(references):
    found = Mfcc()(signal(16000, 3))[0, :, [0, 1, 50, 93]]
    np.testing.assert_allclose(found, references["mfcc"], atol=1e-3)


def test_decibels_are_librosas(references):
    found = LogFrequencySpectrogram().decibels(signal(22050, 3))
    found = found[0, ::41][:, [0, 1, 70, 129]]
    np.testing.assert_allclose(found, references["decibels"], atol=2e-3)


def test_patches_are_those_of_python_speech_features(references):
    found = FilterbankPatches()(signal(16000, 0.655))[0, [0, 1, 30, 63]]
    np.testing.assert_allclose(found, references["patch"], rtol=1e-4, atol=1e-5)


# All of them

EACH = [
    (RawWave(4000), 12000, (12000,)),
    (Mfcc(), 48000, (32, 94)),
    (LogFrequencySpectrogram(), 66150, (227, 227)),
    (FilterbankPatches(), 10240, (64, 64)),
]


@pytest.mark.parametrize(("representation", "n_samples", "shape"), EACH)
def test_shape_and_type_are_as_announced(representation, n_samples, shape):
    feats = representation(noise(2, n_samples))
    assert feats.shape == (2, *shape)
    assert str(feats.dtype) == f"torch.{representation.dtype}"


@pytest.mark.parametrize(("representation", "n_samples", "shape"), EACH)
def test_a_fragment_is_the_same_alone_and_beside_a_loud_one(
    representation, n_samples, shape
):
    quiet, loud = noise(2, n_samples).split(1)
    quiet = quiet * 1e-3
    beside = representation(torch.cat([quiet, loud]))[:1]
    alone = representation(quiet)
    assert torch.allclose(beside.float(), alone.float(), rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize(("representation", "n_samples", "shape"), EACH)
def test_silence_is_finite(representation, n_samples, shape):
    assert torch.isfinite(representation(torch.zeros(1, n_samples))).all()


def test_top_db_is_how_far_mfccs_look_below_the_peak():
    """Of silence after a tone only the floor is left, which is higher."""
    wav = torch.zeros(1, 48000)
    wav[:, :16000] = tone(440, 16000, 16000)
    low, high = (Mfcc(top_db=db)(wav)[0, 0, -1].item() for db in (80.0, 20.0))
    assert high - low == pytest.approx(60 * 128**0.5, rel=1e-3)  # of a constant


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
