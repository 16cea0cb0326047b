"""Sums over speakers give what weighting every trial gives."""

import numpy as np
import pytest

from local.evaluation.detection import auc, det_curve, eer, min_cllr, min_dcf
from local.evaluation.speaker_trials import (
    all_trials,
    curve_by_weights,
    mean_by_weights,
    some_trials,
    split_matrix,
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
    trials = all_trials(codes)
    tar = rng.integers(0, n_levels, len(trials.tar_speakers)) + n_levels // 4
    non = rng.integers(0, n_levels, len(trials.non_pairs))
    weights = np.array([2, 1, 0, 3, 1, 0])
    first, second = np.divmod(trials.non_pairs.astype(int), 6)
    by_trial = weights[trials.tar_speakers], weights[first] * weights[second]
    return trials, (tar, non), weights, by_trial


def test_trials_of_a_hand_worked_gallery():
    # speakers 0 1 0: one target, then the pairs 0-1 and 1-0
    codes = np.array([0, 1, 0])
    trials = all_trials(codes)
    tar, non = split_matrix(np.arange(9).reshape(3, 3), codes)
    assert (tar.tolist(), non.tolist()) == ([2], [1, 5])
    assert trials.tar_speakers.tolist() == [0]
    assert trials.non_pairs.tolist() == [1, 2]


def test_many_speakers_do_not_overflow_the_number_of_a_pair():
    codes = np.repeat(np.arange(300), 2)  # 300 * 300 > 65,535
    trials = all_trials(codes)
    rows, columns = np.nonzero(np.triu(codes[:, None] != codes))
    assert (trials.non_pairs == (rows // 2) * 300 + columns // 2).all()


def test_a_draw_without_a_listed_trial_of_each_kind_is_told():
    codes = np.array([0, 0, 1, 1, 2])  # of 1 no target is listed, of 0 and 2 nothing
    trials = some_trials(codes, ([0], [1]), ([0, 2], [2, 4]))
    draws = [[2, 1, 0], [0, 2, 1], [2, 0, 1]]
    assert [trials.has_both(np.array(draw)) for draw in draws] == [True, False, False]


@pytest.mark.parametrize("n_levels", [1, 2, 5, 10**6])
@pytest.mark.parametrize("seed", range(5))
def test_curves_have_the_figures_of_weighted_trials(seed, n_levels):
    trials, scores, weights, by_trial = made_trials(seed, n_levels)
    found = curve_by_weights(trials, *scores)(weights)
    expected = det_curve(*map(np.repeat, scores, by_trial))
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
    trials = all_trials(np.array([0, 0, 1, 1]))
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
    codes = np.zeros(3, dtype=int)
    with pytest.raises(ValueError, match="are there target and nontarget trials"):
        curve_by_weights(all_trials(codes), *split_matrix(np.ones((3, 3)), codes))


@pytest.mark.parametrize("seed", range(3))
def test_listed_trials_have_the_figures_of_all(seed):
    rng = np.random.default_rng(seed)
    codes = rng.permutation(np.repeat(np.arange(6), [5, 1, 4, 3, 6, 2]))
    matrix = rng.standard_normal((21, 21))
    rows, columns = np.triu_indices(21, k=1)
    same = codes[rows] == codes[columns]
    pairs = [(rows[side], columns[side]) for side in (same, ~same)]
    listed, whole = some_trials(codes, *pairs), all_trials(codes)
    scores = split_matrix(matrix, codes)
    weights = np.array([2, 1, 0, 3, 1, 0])
    found, expected = (curve_by_weights(t, *scores)(weights) for t in (listed, whole))
    assert [eer(found), auc(found)] == pytest.approx([eer(expected), auc(expected)])
    found, expected = (mean_by_weights(t, *scores)(weights) for t in (listed, whole))
    assert found == pytest.approx(expected)
