"""Tests of recipes.wav2vec2_speaker_id.pooling."""

import numpy as np
import pytest
import torch

from local.input.feature_cache import cache_key
from recipes.wav2vec2_speaker_id.pooling import Pooled, pool


class Frames(torch.nn.Module):
    """Consecutive pieces of a wave, their samples as coefficients."""

    def __init__(self, size=5, dtype="float32"):
        super().__init__()
        self.sample_rate = 8000
        self.size = size
        self.dtype = dtype

    def forward(self, wavs):
        return wavs.unfold(1, self.size, self.size).transpose(1, 2)


def noise():
    return torch.randn((3, 35), generator=torch.Generator().manual_seed(0))


def test_statistics_are_those_of_numpy_over_time():
    frames = Frames()(noise())
    assert frames.shape == (3, 5, 7)
    mean, std = frames.numpy().mean(axis=2), frames.numpy().std(axis=2)
    np.testing.assert_allclose(pool(frames, "mean"), mean, atol=1e-6)
    np.testing.assert_allclose(pool(frames, "std"), std, atol=1e-6)
    both = np.concatenate([mean, std], axis=1)
    np.testing.assert_allclose(pool(frames, "mean_std"), both, atol=1e-6)


def test_one_frame_has_no_deviation():
    assert torch.equal(pool(noise().unsqueeze(2), "std"), torch.zeros(3, 35))


def test_a_representation_is_pooled():
    pooled = Pooled(Frames(), "mean_std")
    assert torch.equal(pooled(noise()), pool(Frames()(noise()), "mean_std"))
    assert (pooled.sample_rate, pooled.dtype) == (8000, "float32")


def test_the_cache_tells_what_is_pooled_and_how():
    class Other(Frames):
        """The same settings by another name."""

    def key(representation, pooling):
        return cache_key([], [], Pooled(representation, pooling))

    one = key(Frames(5), "mean")
    assert one == key(Frames(5).eval(), "mean")
    assert one not in (key(Frames(7), "mean"), key(Frames(5), "std"))
    assert one != key(Other(5), "mean")


def test_an_unknown_pooling_is_refused():
    with pytest.raises(ValueError, match="pooling: expected one of .* got 'max'"):
        Pooled(Frames(), "max")


def test_bytes_are_not_pooled():
    with pytest.raises(ValueError, match="Frames gives uint8, expected floats"):
        Pooled(Frames(dtype="uint8"), "mean")
