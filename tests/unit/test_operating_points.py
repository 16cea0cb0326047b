"""Tests of local.evaluation.operating_points."""

import numpy as np
import pytest

from local.evaluation.detection import det_curve, eer
from local.evaluation.operating_points import find_operating_point


@pytest.fixture
def trials(rng):
    """Return scores of targets and nontargets that overlap."""
    return rng.normal(2, 1, 500), rng.normal(0, 1, 3000)


@pytest.mark.parametrize("p_fa", [0.0, 0.001, 0.01, 0.5, 1.0])
def test_no_lower_threshold_accepts_so_few(trials, p_fa):
    tar, non = trials
    point = find_operating_point(det_curve(tar, non), p_fa=p_fa)
    assert point.p_fa == np.mean(non >= point.threshold) <= p_fa
    assert point.p_miss == np.mean(tar < point.threshold)
    lower = [score for score in np.concatenate(trials) if score < point.threshold]
    assert not lower or np.mean(non >= max(lower)) > p_fa


@pytest.mark.parametrize("p_miss", [0.0, 0.01, 0.5])
def test_no_higher_threshold_misses_so_few(trials, p_miss):
    tar, non = trials
    point = find_operating_point(det_curve(tar, non), p_miss=p_miss)
    assert point.p_miss == np.mean(tar < point.threshold) <= p_miss
    higher = min(s for s in np.concatenate(trials) if s > point.threshold)
    assert np.mean(tar < higher) > p_miss


def test_both_errors_are_as_frequent_without_a_wish(trials):
    curve = det_curve(*trials)
    point = find_operating_point(curve)
    assert point.p_miss == pytest.approx(eer(curve), abs=2 / 500)
    assert point.p_fa == pytest.approx(eer(curve), abs=2 / 500)


@pytest.mark.parametrize(
    "wish", [{"p_fa": 1.5}, {"p_miss": -1}, {"p_fa": 0, "p_miss": 0}]
)
def test_what_is_no_wish_is_refused(trials, wish):
    with pytest.raises(ValueError, match=r"p_fa or p_miss, a share in 0\.\.1"):
        find_operating_point(det_curve(*trials), **wish)
