"""What is planted far out is found, and little else."""

import numpy as np
import pytest
from scipy.spatial.distance import mahalanobis
from scipy.stats import chi2

from recipes.gender.outliers import (
    distance_limit,
    expected_shares,
    find_outliers,
    overlaps,
    squared_distances,
)

LIMITS = {"z": 3.0, "iqr": 1.5, "quantile": 0.999}


def normal(rng, n=500, n_coefficients=5):
    return rng.normal(size=(n, n_coefficients)) * [1, 10, 100, 1, 1] + 7


def test_planted_outliers_are_found_by_each_method(rng):
    feats = normal(rng)
    feats[[3, 40]] += np.array([8, 80, 800, 8, 8])
    for found in find_outliers(feats, **LIMITS).values():
        assert found[[3, 40]].all()
        assert found.mean() < 0.06


def test_only_mahalanobis_sees_what_breaks_a_correlation(rng):
    feats = rng.normal(size=(500, 1)) + 0.1 * rng.normal(size=(500, 2))
    feats[9] = [1.0, -1.0]
    found = find_outliers(feats, **LIMITS)
    assert [bool(marked[9]) for marked in found.values()] == [False, False, True]


def test_distances_are_those_of_scipy(rng):
    feats = normal(rng, n=30)
    inverse = np.linalg.inv(np.cov(feats.T))
    slow = [mahalanobis(row, feats.mean(axis=0), inverse) ** 2 for row in feats]
    np.testing.assert_allclose(squared_distances(feats), slow)


def test_scale_changes_no_distance(rng):
    feats = normal(rng)
    moved = 1e3 * feats + 5
    np.testing.assert_allclose(squared_distances(feats), squared_distances(moved))


@pytest.mark.parametrize("n", [12, 30, 300])
def test_normal_rows_pass_the_limit_as_often_as_expected(n):
    """Chi-squared would pass none of twelve rows of five coefficients."""
    rng = np.random.default_rng(1)
    limit = distance_limit(n, 5, 0.9)
    repeats = 12000 // n
    passed = [squared_distances(normal(rng, n)) > limit for _ in range(repeats)]
    assert np.mean(passed) == pytest.approx(0.1, abs=0.01)


def test_the_limit_is_chi_squared_of_many_rows():
    assert distance_limit(10**7, 5, 0.99) == pytest.approx(chi2.ppf(0.99, 5), rel=1e-4)


def test_expected_shares_are_those_of_normal_data():
    feats = normal(np.random.default_rng(1), n=20000)
    found = find_outliers(feats, **LIMITS)
    for method, share in expected_shares(5, **LIMITS).items():
        assert found[method].mean() == pytest.approx(share, rel=0.15, abs=5e-4)


def test_overlaps_count_what_is_common():
    marked = {
        "z": np.array([True, True, False, False]),
        "iqr": np.array([True, False, True, False]),
        "mahalanobis": np.array([True, True, True, False]),
    }
    assert overlaps(marked) == {
        "z & iqr": 1,
        "z & mahalanobis": 2,
        "iqr & mahalanobis": 2,
        "all": 1,
        "any": 3,
    }


def test_fewer_utterances_than_coefficients_are_refused(rng):
    with pytest.raises(ValueError, match="6 utterances of 5 coeff.* expected 7"):
        squared_distances(normal(rng, n=6))


def test_coefficients_that_follow_from_others_are_refused(rng):
    feats = normal(rng)
    feats[:, 4] = feats[:, 0] - feats[:, 3]
    with pytest.raises(ValueError, match="5 coefficients are not independent"):
        squared_distances(feats)
