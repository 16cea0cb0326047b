"""Normalisers learn from training and scale all else alike."""

import numpy as np
import pytest
import torch

from recipes.siamese import normalizers
from recipes.siamese.normalizers import MinMax, Standard, Unit


@pytest.fixture(params=[7, 2**22])
def block(request, monkeypatch):
    """Read a row at a time, and all at once."""
    monkeypatch.setattr(normalizers, "BLOCK", request.param)


def test_min_max_learns_from_all_and_scales_others_alike(block, rng):
    feats = rng.normal(3, 2, (50, 4, 5)).astype(np.float32)
    scale = MinMax()
    scale.fit(feats)
    scaled = scale(torch.from_numpy(feats))
    assert scaled.min().item() == pytest.approx(0, abs=1e-6)
    assert scaled.max().item() == pytest.approx(1, abs=1e-6)
    above = scale(torch.tensor([float(feats.max()) * 2]))
    assert above.item() > 1


def test_constant_features_have_no_range():
    with pytest.raises(ValueError, match=r"all features are 3; is the corpus silent"):
        MinMax().fit(np.full((3, 2), 3.0))


@pytest.mark.parametrize(("axis", "n_features"), [(1, 4), (2, 6)])
def test_each_feature_becomes_standard(block, rng, axis, n_features):
    spread = rng.uniform(0.1, 10, (1, 4, 6))
    feats = (rng.normal(1000, spread, (40, 4, 6))).astype(np.float32)
    scale = Standard(n_features, axis)
    scale.fit(feats)
    rest = tuple({0, 1, 2} - {axis})
    np.testing.assert_allclose(
        scale.mean, feats.mean(axis=rest, dtype=float), rtol=1e-6
    )
    np.testing.assert_allclose(scale.std, feats.std(axis=rest, dtype=float), rtol=1e-5)
    scaled = scale(torch.from_numpy(feats))
    assert scaled.mean(dim=rest).abs().max() < 1e-3
    assert torch.allclose(scaled.std(dim=rest), torch.ones(n_features), atol=0.01)


def test_a_feature_that_never_changes_becomes_0(block):
    feats = np.stack([np.arange(9.0), np.full(9, 0.1)], axis=1).astype(np.float32)
    scale = Standard(2, axis=1)
    scale.fit(feats)
    assert (scale(torch.from_numpy(feats))[:, 1] == 0).all()


def test_another_number_of_features_is_refused():
    with pytest.raises(ValueError, match=r"\(4, 6\), expected 4 on axis 2"):
        Standard(4, axis=2).fit(np.zeros((3, 4, 6)))


@pytest.mark.parametrize("make", [MinMax, lambda: Standard(4, axis=1)])
def test_what_was_learnt_is_kept_in_a_checkpoint(make, rng):
    feats = rng.normal(3, 2, (5, 4)).astype(np.float32)
    learnt, loaded = make(), make()
    learnt.fit(feats)
    loaded.load_state_dict(learnt.state_dict())
    wanted = learnt(torch.from_numpy(feats))
    assert torch.equal(loaded(torch.from_numpy(feats)), wanted)


@pytest.mark.parametrize("make", [MinMax, lambda: Standard(4, axis=1)])
def test_what_learnt_nothing_gives_nothing(make):
    assert make()(torch.zeros(2, 4)).isnan().all()


def test_bytes_become_shares_of_full_scale(rng):
    feats = rng.integers(0, 256, (3, 2, 2)).astype(np.uint8)
    scale = Unit()
    scale.fit(feats)
    np.testing.assert_allclose(scale(torch.from_numpy(feats)), feats / 255, rtol=1e-6)
    assert Unit(1.0)(torch.tensor([0.3])).item() == pytest.approx(0.3)
