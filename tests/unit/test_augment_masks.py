"""Tests of the feature masks of local.input.augment."""

import pytest
import torch

from local.input.augment import FeatureMasks


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def hidden(feats):
    """Return the hidden frames (batch, frames) and bands (batch, mels) of ones."""
    return (feats == 0).all(dim=2), (feats == 0).all(dim=1)


def test_masks_hide_whole_frames_and_whole_bands_and_nothing_else():
    after = FeatureMasks(1.0, 2, 10, 2, 6)(torch.ones(300, 101, 64), generator())
    frames, bands = hidden(after)
    shown = ~frames[:, :, None] & ~bands[:, None, :]
    assert torch.equal(after, shown.float())
    assert shown.any(dim=(1, 2)).all()  # never everything
    assert frames.sum(dim=1).max() <= 2 * 10
    assert bands.sum(dim=1).max() <= 2 * 6


@pytest.mark.parametrize("axis", ["time", "freq"])
def test_one_mask_is_one_run_of_0_to_max_width_anywhere(axis):
    sizes = (1, 5, 0, 0) if axis == "time" else (0, 0, 1, 5)
    after = FeatureMasks(1.0, *sizes)(torch.ones(3000, 30, 20), generator())
    frames, bands = hidden(after)
    masks, others = (frames, bands) if axis == "time" else (bands, frames)
    assert not others.any()
    assert set(masks.sum(dim=1).tolist()) == {0, 1, 2, 3, 4, 5}
    edges = masks.int().diff(dim=1, prepend=torch.zeros(3000, 1, dtype=torch.int))
    assert (edges == 1).sum(dim=1).max() == 1
    often = masks.float().mean(dim=0)
    # Only the start 0 hides the first place: (5 / 6) / (size - 2); so with the last.
    share = (5 / 6) / (masks.shape[1] - 2)
    assert often[0].item() == pytest.approx(share, abs=0.015)
    assert often[-1].item() == pytest.approx(share, abs=0.015)
    assert often.min() > share / 2


def test_masks_are_drawn_once_for_each_of_n():
    after = FeatureMasks(1.0, 3, 4, 0, 0)(torch.ones(600, 101, 4), generator())
    assert hidden(after)[0].sum(dim=1).max() == 3 * 4


def test_masks_refuse_features_they_could_hide_completely():
    masks = FeatureMasks(1.0, 2, 10, 2, 6)
    with pytest.raises(ValueError, match="2 masks of up to 10 could hide all 20"):
        masks(torch.ones(1, 20, 64), generator())
    with pytest.raises(ValueError, match="2 masks of up to 6 could hide all 12"):
        masks(torch.ones(1, 101, 12), generator())
    masks(torch.ones(1, 21, 13), generator())
