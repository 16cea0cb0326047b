"""Tests of recipes.voxceleb.resampled."""

import torch

from recipes.voxceleb.resampled import ResampledFeatures


def tone(rate):
    return torch.sin(2 * torch.pi * 440 * torch.arange(rate) / rate).unsqueeze(0)


def test_features_see_the_sound_at_the_networks_rate():
    heard = ResampledFeatures(11025, 16000, torch.nn.Identity())(tone(11025))
    assert heard.shape == (1, 16000)
    inside = slice(100, -100)  # at the ends there is nothing beyond
    torch.testing.assert_close(
        heard[:, inside], tone(16000)[:, inside], rtol=0, atol=0.01
    )


def test_at_the_networks_own_rate_nothing_changes():
    heard = ResampledFeatures(16000, 16000, torch.nn.Identity())(tone(16000))
    assert torch.equal(heard, tone(16000))


def test_resampling_stays_exact_in_half_precision():
    features = ResampledFeatures(11025, 16000, torch.nn.Identity())
    exact = features(tone(11025))
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(features(tone(11025)), exact)
