"""Tests of the mining of recipes.voxceleb.group_losses.Triplet."""

import pytest
import torch

from recipes.voxceleb.group_losses import Triplet


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


def make(margin, n_hardest=None, mined_share=1.0):
    loss = Triplet(n_hardest, mined_share)
    loss.set_margin(margin)
    return loss


@pytest.mark.parametrize(
    "settings", [{"n_hardest": 0}, {"mined_share": 1.1}, {"mined_share": -0.1}]
)
def test_triplets_mined_otherwise_are_refused(settings):
    with pytest.raises(ValueError, match=r"mined_share in 0\.\.1 and an n_hardest"):
        Triplet(**{"n_hardest": None, "mined_share": 1.0} | settings)


# Of the third anchor: positive 1.0, hard 0.5, semi-hard 1.1 and 1.2, easy 1.9
DISTANCES = torch.full((5, 5), 0.3)
DISTANCES[2] = torch.tensor([0.5, 1.1, 1.0, 1.9, 1.2])


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, {1, 4}),
        ({"mined_share": 0.0}, {0, 1, 3, 4}),
        ({"n_hardest": 1}, {0}),
        ({"n_hardest": 2}, {0, 1}),
        ({"n_hardest": 99}, {0, 1, 3, 4}),
        ({"n_hardest": 1, "mined_share": 0.5}, {0, 1, 3, 4}),
    ],
)
def test_negatives_are_drawn_among_those_wanted(settings, expected):
    loss = make(0.3, **settings)
    drawn = torch.cat([loss.draw_negatives(DISTANCES) for _ in range(300)], dim=1)
    assert set(drawn[2].tolist()) == expected


def test_half_of_the_negatives_are_mined():
    loss = make(0.3, n_hardest=1, mined_share=0.5)
    drawn = torch.cat([loss.draw_negatives(DISTANCES) for _ in range(2000)], dim=1)
    share = (drawn[2] == 0).float().mean().item()
    assert share == pytest.approx(0.5 + 0.5 / 4, abs=0.05)


def test_any_other_speaker_is_a_negative_where_none_is_semi_hard():
    loss = make(0.01)
    drawn = torch.cat([loss.draw_negatives(DISTANCES) for _ in range(300)], dim=1)
    for anchor, found in enumerate(drawn):  # but never the positive
        assert set(found.tolist()) == set(range(5)) - {anchor}


def test_negatives_are_repeated_with_the_seed():
    loss, distances = make(0.3), torch.rand(20, 20)
    drawn = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        drawn.append(loss.draw_negatives(distances))
    assert torch.equal(drawn[0], drawn[1])
    assert not torch.equal(drawn[0], drawn[2])
