"""The DET curve: one point per distinct score, weights, and what is refused."""

import numpy as np
import pytest
from sklearn.metrics import roc_curve

from local.evaluation.error_rates import RankedTrials, det_curve, weighted_curve


def tied_trials(seed, n_tar=30, n_non=50):
    """Return integer scores with many ties."""
    rng = np.random.default_rng(seed)
    return rng.integers(2, 9, n_tar), rng.integers(0, 7, n_non)


def test_det_curve_of_a_hand_worked_case():
    # threshold:        1      2      3      4     inf
    # targets below:    0      0     1/4    3/4     1    of 2 3 3 4
    # nontargets >=:   2/2    1/2    1/2     0      0    of 1 3
    curve = det_curve(tar=[3, 2, 4, 3], non=[3, 1])
    assert curve.thresholds.tolist() == [1, 2, 3, 4, np.inf]
    assert curve.p_miss.tolist() == [0, 0, 0.25, 0.75, 1]
    assert curve.p_fa.tolist() == [1, 0.5, 0.5, 0, 0]


@pytest.mark.parametrize("seed", range(3))
def test_det_curve_counts_like_a_loop_over_thresholds(seed):
    tar, non = tied_trials(seed)
    curve = det_curve(tar, non)
    for threshold, p_miss, p_fa in zip(*curve, strict=True):
        assert p_miss == sum(score < threshold for score in tar) / len(tar)
        assert p_fa == sum(score >= threshold for score in non) / len(non)


@pytest.mark.parametrize("seed", range(3))
def test_det_curve_has_the_points_of_sklearn(seed):
    tar, non = tied_trials(seed)
    labels = np.repeat([1, 0], [len(tar), len(non)])
    p_fa, p_detect, thresholds = roc_curve(
        labels, np.concatenate([tar, non]), drop_intermediate=False
    )
    curve = det_curve(tar, non)
    np.testing.assert_allclose(curve.thresholds[::-1], thresholds)
    np.testing.assert_allclose(curve.p_fa[::-1], p_fa)
    np.testing.assert_allclose(1 - curve.p_miss[::-1], p_detect)


def test_det_curve_ignores_the_order_of_tied_trials():
    tar, non = tied_trials(0)
    rng = np.random.default_rng(1)
    shuffled = det_curve(rng.permutation(tar), rng.permutation(non))
    for column, expected in zip(shuffled, det_curve(tar, non), strict=True):
        np.testing.assert_array_equal(column, expected)


def test_det_curve_takes_both_zeros_for_one_score():
    assert len(det_curve(tar=[0.0], non=[-0.0]).thresholds) == 2


def ranked(tar, non):
    """Return trials as places among all their distinct scores."""
    scores, places = np.unique(np.concatenate([tar, non]), return_inverse=True)
    return RankedTrials(
        np.append(scores, np.inf), places[: len(tar)], places[len(tar) :]
    )


def test_integer_weights_equal_repeated_trials():
    tar, non = tied_trials(0)
    rng = np.random.default_rng(1)
    tar_weights = rng.integers(1, 4, len(tar))
    non_weights = rng.integers(1, 4, len(non))
    weighted = weighted_curve(ranked(tar, non), tar_weights, non_weights)
    repeated = det_curve(np.repeat(tar, tar_weights), np.repeat(non, non_weights))
    for column, expected in zip(weighted, repeated, strict=True):
        np.testing.assert_array_equal(column, expected)


def test_weight_zero_leaves_a_trial_out():
    curve = weighted_curve(ranked([1, 2], [0, 3]), [0, 5], [2, 0])
    assert curve.p_miss.tolist() == [0, 0, 0, 1, 1]
    assert curve.p_fa.tolist() == [1, 0, 0, 0, 0]


def test_ranked_trials_serve_several_weightings():
    trials = ranked([1, 2], [0, 1])
    first = weighted_curve(trials, [1, 1], [1, 1])
    weighted_curve(trials, [1, 3], [3, 1])
    again = weighted_curve(trials, [1, 1], [1, 1])
    np.testing.assert_array_equal(again.p_miss, first.p_miss)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_scores_that_are_no_numbers_are_refused_with_their_places(bad):
    with pytest.raises(ValueError, match=r"2 of 4 .*tar\[1\], tar\[3\].*score again"):
        det_curve([0.1, bad, 0.3, bad], [0.0])


def test_an_empty_class_is_refused():
    with pytest.raises(ValueError, match=r"non: expected .* got shape \(0,\)"):
        det_curve([0.1], [])


def test_a_matrix_of_scores_is_refused():
    with pytest.raises(ValueError, match=r"tar: expected a 1-D .* \(2, 2\)"):
        det_curve(np.eye(2), [0.1])


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([1, -1], "none below 0.*got -1 to 1"),
        ([0, 0], "one above 0 at least"),
        ([1], r"one for each of 2 trials, got shape \(1,\)"),
        ([1, np.nan], r"tar weights\[1\]"),
    ],
)
def test_unusable_weights_are_refused(weights, message):
    with pytest.raises(ValueError, match=message):
        weighted_curve(ranked([1, 2], [0]), weights, [1])
