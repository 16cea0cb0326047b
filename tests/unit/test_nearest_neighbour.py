"""Tests of recipes.baselines.nearest_neighbour."""

import numpy as np
import pytest

from recipes.baselines.nearest_neighbour import nearest_neighbour_systems

# Mean 0 and spread 1 in both features, so that standardising changes nothing.
FEATS = np.array([[1.0, 1.0], [-1.0, 1.0], [1.0, -1.0], [-1.0, -1.0]])


@pytest.mark.parametrize(
    ("metric", "to_neighbour", "to_opposite"),
    [
        ("euclidean", 2, 8**0.5),
        ("cityblock", 2, 4),
        ("chebyshev", 2, 2),
        ("cosine", 1, 2),
        ("canberra", 1, 2),
    ],
)
def test_scores_are_minus_the_distance(metric, to_neighbour, to_opposite):
    scores = nearest_neighbour_systems(FEATS, [metric])[f"MFCC {metric}"]
    assert scores[0, 1] == pytest.approx(-to_neighbour)
    assert scores[0, 3] == pytest.approx(-to_opposite)
    assert (scores == scores.T).all()


def test_the_scale_and_offset_of_a_feature_do_not_matter():
    scaled = nearest_neighbour_systems(FEATS * [10, 0.1] + 7, ["euclidean"])
    plain = nearest_neighbour_systems(FEATS, ["euclidean"])
    assert np.allclose(scaled["MFCC euclidean"], plain["MFCC euclidean"])


def test_a_feature_that_never_changes_is_no_division_by_zero():
    feats = np.column_stack([FEATS, np.full(4, 3.0)])
    scores = nearest_neighbour_systems(feats, ["euclidean"])["MFCC euclidean"]
    assert np.isfinite(scores).all()


def test_chance_finds_all_alike():
    assert (nearest_neighbour_systems(FEATS, [])["chance"] == 0).all()
