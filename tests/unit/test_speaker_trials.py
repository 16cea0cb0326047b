"""Sums over speakers give what weighting every trial gives."""

import numpy as np
import pytest

from local.evaluation.detection import auc, det_curve, eer, min_cllr, min_dcf
from local.evaluation.speaker_trials import (
    curve_by_weights,
    mean_by_weights,
    pair_segments,
)

FIGURES = {
    "eer": eer,
    "auc": auc,
    "min_dcf": lambda curve: min_dcf(curve, 0.05),
    "min_cllr": min_cllr,
}


def made_trials(seed, n_levels):
    """Return trials of 6 speakers, tied if levels are few, and weights of all kinds."""
    rng = np.random.default_rng(seed)
    codes = rng.permutation(np.repeat(np.arange(6), [5, 1, 4, 3, 6, 2]))
    trials = pair_segments(codes)
    tar = rng.integers(0, n_levels, len(trials.tar_speakers)) + n_levels // 4
    non = rng.integers(0, n_levels, len(trials.non_pairs))
    weights = np.array([2, 1, 0, 3, 1, 0])
    first, second = np.divmod(trials.non_pairs.astype(int), 6)
    by_trial = weights[trials.tar_speakers], weights[first] * weights[second]
    return trials, (tar, non), weights, by_trial


def test_trials_of_a_hand_worked_gallery():
    # speakers 0 1 0: one target, then the pairs 0-1 and 1-0
    trials = pair_segments(np.array([0, 1, 0]))
    tar, non = trials.split(np.arange(9).reshape(3, 3))
    assert (tar.tolist(), non.tolist()) == ([2], [1, 5])
    assert trials.tar_speakers.tolist() == [0]
    assert trials.non_pairs.tolist() == [1, 2]


def test_many_speakers_do_not_overflow_the_number_of_a_pair():
    trials = pair_segments(np.repeat(np.arange(300), 2))  # 300 * 300 > 65,535
    rows, columns = np.nonzero(trials.is_nontarget)
    assert (trials.non_pairs == (rows // 2) * 300 + columns // 2).all()


@pytest.mark.parametrize("n_levels", [1, 2, 5, 10**6])
@pytest.mark.parametrize("seed", range(5))
def test_curves_have_the_figures_of_weighted_trials(seed, n_levels):
    trials, scores, weights, by_trial = made_trials(seed, n_levels)
    found = curve_by_weights(trials, *scores)(weights)
    expected = det_curve(*scores, *by_trial)
    for figure in FIGURES.values():
        assert figure(found) == pytest.approx(figure(expected), abs=1e-12)


@pytest.mark.parametrize("n_levels", [2, 5, 10**6])
def test_points_are_those_of_the_whole_curve_at_their_thresholds(n_levels):
    trials, (tar, non), _, _ = made_trials(0, n_levels)
    curve = curve_by_weights(trials, tar, non)(np.ones(6, dtype=int))
    for threshold, p_miss, p_fa in zip(*curve, strict=True):
        assert p_miss == np.mean(tar < threshold)
        assert p_fa == np.mean(non >= threshold)


def test_targets_one_float_apart_are_kept_apart():
    trials = pair_segments(np.array([0, 0, 1, 1]))
    tar, non = [1.0, np.nextafter(1, 2)], [0.0, 1.0, np.nextafter(1, 2), 2.0]
    found = curve_by_weights(trials, tar, non)(np.ones(2, dtype=int))
    for figure in FIGURES.values():
        assert figure(found) == figure(det_curve(tar, non))


@pytest.mark.parametrize("seed", range(3))
def test_means_are_those_of_weighted_trials(seed):
    trials, values, weights, by_trial = made_trials(seed, 10**6)
    found = mean_by_weights(trials, *values)(weights)
    expected = [np.average(v, weights=w) for v, w in zip(values, by_trial, strict=True)]
    assert found == pytest.approx(expected, rel=1e-12)


def test_a_gallery_without_nontargets_is_refused():
    trials = pair_segments(np.zeros(3, dtype=int))
    with pytest.raises(ValueError, match="are there target and nontarget trials"):
        curve_by_weights(trials, *trials.split(np.ones((3, 3))))
