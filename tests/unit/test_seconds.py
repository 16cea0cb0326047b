"""A recording is embedded as the mean direction of its seconds."""

import numpy as np
import pytest
import torch

from local.scoring.embeddings import encode
from local.scoring.model_folder import load_encoder
from local.scoring.seconds import Pretrained
from local.scoring.similarity import length_normalize


def test_a_fragment_is_the_mean_direction_of_its_whole_seconds(untrained_model):
    folder = untrained_model(seed=1)
    wavs = 0.1 * torch.randn(2, 27000, generator=torch.Generator().manual_seed(0))
    found = Pretrained(folder, 11025)(wavs).numpy()
    seconds = wavs[:, :22050].reshape(4, 11025)
    unit = length_normalize(encode(load_encoder(folder, "cpu"), seconds).cpu().numpy())
    np.testing.assert_allclose(found, unit.reshape(2, 2, -1).mean(axis=1), atol=1e-5)


def test_its_weights_count_but_are_not_trained_here(untrained_model):
    weights = list(Pretrained(untrained_model(seed=1), 11025).parameters())
    assert weights
    assert not any(weight.requires_grad for weight in weights)


def test_another_rate_and_less_than_a_second_are_refused(untrained_model):
    folder = untrained_model(seed=1)
    with pytest.raises(ValueError, match="trained at 11025 Hz, .* here is 16000 Hz"):
        Pretrained(folder, 16000)
    with pytest.raises(ValueError, match=r"of 0.* s, the model hears seconds; set"):
        Pretrained(folder, 11025)(torch.zeros(2, 5512))
