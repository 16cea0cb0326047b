"""Tests of local.input.representations, and what holds of those of recipes as well."""

import numpy as np
import pytest
import torch
from heard import noise, read_reference, signal, tone

from local.input.representations import Mfcc, RawWave
from recipes.siamese.representations import FilterbankPatches, LogFrequencySpectrogram


def test_mfccs_are_librosas():
    found = Mfcc()(signal(16000, 3))[0, :, [0, 1, 50, 93]]
    np.testing.assert_allclose(found, read_reference("mfcc"), atol=1e-3)


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
