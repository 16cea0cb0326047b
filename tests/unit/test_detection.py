"""Detection figures: hand-worked, by their properties, and against slow versions."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from local.evaluation.detection import (
    act_dcf,
    auc,
    cllr,
    det_curve,
    eer,
    eer_threshold,
    min_cllr,
    min_dcf,
    min_dcf_threshold,
)

CURVE_FIGURES = {
    "eer": eer,
    "min_dcf": lambda curve: min_dcf(curve, 0.05),
    "auc": auc,
    "min_cllr": min_cllr,
}


def tied_trials(seed, n_tar=25, n_non=40):
    """Return integer scores with many ties."""
    rng = np.random.default_rng(seed)
    return rng.integers(2, 9, n_tar), rng.integers(0, 7, n_non)


# Slow and obvious: what the figures mean, in loops.


def slow_eer(tar, non):
    """Walk along the line through all points until it crosses p_miss = p_fa."""
    thresholds = [*sorted({*tar, *non}), np.inf]
    points = [(np.mean(tar < t), np.mean(non >= t)) for t in thresholds]
    for (miss_0, fa_0), (miss_1, fa_1) in zip(points[:-1], points[1:], strict=True):
        if miss_1 >= fa_1:
            share = (fa_0 - miss_0) / (fa_0 - miss_0 + miss_1 - fa_1)
            return miss_0 + share * (miss_1 - miss_0)


def slow_dcf(tar, non, threshold, p_target, c_miss, c_fa):
    miss = c_miss * p_target * np.mean(tar < threshold)
    false_alarm = c_fa * (1 - p_target) * np.mean(non >= threshold)
    return (miss + false_alarm) / min(c_miss * p_target, c_fa * (1 - p_target))


def slow_auc(tar, non):
    wins = [(t > n) + 0.5 * (t == n) for t in tar for n in non]
    return np.mean(wins)


def slow_cllr(tar_llr, non_llr):
    tar_bits = np.mean([np.log2(1 + np.exp(-llr)) for llr in tar_llr])
    non_bits = np.mean([np.log2(1 + np.exp(llr)) for llr in non_llr])
    return (tar_bits + non_bits) / 2


def slow_min_cllr(tar, non):
    """Use the minimax form of isotonic regression, at even priors."""
    scores = sorted({*tar, *non})
    tar_mass = np.array([np.mean(tar == s) for s in scores])
    non_mass = np.array([np.mean(non == s) for s in scores])

    def share(i, j):
        tar_in, non_in = tar_mass[i : j + 1].sum(), non_mass[i : j + 1].sum()
        return tar_in / (tar_in + non_in)

    bits, n_scores = 0.0, len(scores)
    for k in range(n_scores):
        p = max(min(share(i, j) for j in range(k, n_scores)) for i in range(k + 1))
        bits -= tar_mass[k] * np.log2(p) if tar_mass[k] else 0
        bits -= non_mass[k] * np.log2(1 - p) if non_mass[k] else 0
    return bits / 2


def test_eer_lies_between_the_points_around_the_crossing():
    # (p_miss, p_fa) of targets 2 4 4 4, nontargets 1 1 3 5 at thresholds
    # 1: (0, 1), 2: (0, 1/2), 3: (1/4, 1/2), 4: (1/4, 1/4): the crossing
    assert eer(det_curve([2, 4, 4, 4], [1, 1, 3, 5])) == 0.25
    # 0 0 1 | 1 2: (0, 1), then (0, 1/3), then (1/2, 0): crossing at (x, x) with
    # x = 1/2 s = 1/3 - 1/3 s, so s = 2/5 and x = 1/5
    assert eer(det_curve(tar=[1, 2], non=[0, 0, 1])) == pytest.approx(0.2)


def test_min_dcf_of_a_hand_worked_case():
    # Targets 2 3, nontargets 1 2; p_target 0.2: (0.2 p_miss + 0.8 p_fa) / 0.2.
    # At 3: p_miss 1/2, p_fa 0 -> 0.5; at 2: 0, 1/2 -> 2; at infinity: 1, 0 -> 1.
    curve = det_curve([2, 3], [1, 2])
    assert min_dcf(curve, p_target=0.2) == pytest.approx(0.5)
    # c_fa 0.05 makes accept all the better trivial decision: cost 0.8 * 0.05 = 0.04.
    # At 2: 0.04 * 1/2 / 0.04 = 0.5; at 3: 0.2 * 1/2 / 0.04 = 2.5.
    assert min_dcf(curve, p_target=0.2, c_fa=0.05) == pytest.approx(0.5)


def test_act_dcf_of_a_hand_worked_case():
    # p_target 0.2: threshold log(0.8 / 0.2) = log 4 = 1.386. Half the targets are
    # below, a quarter of the nontargets above: (0.2 / 2 + 0.8 / 4) / 0.2 = 1.5.
    assert act_dcf([1.3, 1.4], [1.5, 1.3, 0, -1], p_target=0.2) == pytest.approx(1.5)
    # c_miss 4 moves it to log 1 = 0: all targets and 3 of 4 nontargets accepted, and
    # reject all costs as much as accept all, 0.8: 0.8 * 3/4 / 0.8 = 0.75.
    cost = act_dcf([1.3, 1.4], [1.5, 1.3, 0, -1], p_target=0.2, c_miss=4)
    assert cost == pytest.approx(0.75)


def test_auc_of_a_hand_worked_case():
    # Pairs 2>1, 2=2, 3>1, 3>2: (1 + 1/2 + 1 + 1) / 4
    assert auc(det_curve([2, 3], [1, 2])) == 0.875


def test_cllr_of_a_hand_worked_case():
    # e^llr of targets 3 and 1: log2(1 + 1/3) = 0.41504, log2(2) = 1, mean 0.70752;
    # of the nontarget 1/7: log2(1 + 1/7) = 0.19265; half the sum = 0.45008.
    assert cllr(np.log([3, 1]), np.log([1 / 7])) == pytest.approx(0.45008, abs=1e-5)


def test_min_cllr_of_a_hand_worked_case():
    # Targets 2 3, nontargets 1 2. At even priors the posterior is 0 at score 1, 1 at
    # score 3 and 1/2 at score 2, which holds half of both: (1/2 + 1/2) / 2 bits.
    assert min_cllr(det_curve([2, 3], [1, 2])) == pytest.approx(0.5)


@pytest.mark.parametrize("seed", range(4))
def test_figures_equal_their_slow_versions_on_tied_scores(seed):
    tar, non = tied_trials(seed)
    curve = det_curve(tar, non)
    assert eer(curve) == pytest.approx(slow_eer(tar, non), abs=1e-12)
    assert auc(curve) == pytest.approx(slow_auc(tar, non), abs=1e-12)
    assert min_cllr(curve) == pytest.approx(slow_min_cllr(tar, non), abs=1e-12)
    for point in [(0.01, 1, 1), (0.5, 1, 1), (0.9, 2, 0.5)]:
        slow = min(slow_dcf(tar, non, t, *point) for t in [*range(10), np.inf])
        assert min_dcf(curve, *point) == pytest.approx(slow, abs=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_llr_figures_equal_their_slow_versions_on_tied_llrs(seed):
    tar, non = (trials - 4.0 for trials in tied_trials(seed))
    assert cllr(tar, non) == pytest.approx(slow_cllr(tar, non), abs=1e-12)
    for p_target, c_miss, c_fa in [(0.05, 1, 1), (0.5, 1, 1), (0.9, 2, 0.5)]:
        threshold = np.log(c_fa * (1 - p_target) / (c_miss * p_target))
        slow = slow_dcf(tar, non, threshold, p_target, c_miss, c_fa)
        fast = act_dcf(tar, non, p_target, c_miss, c_fa)
        assert fast == pytest.approx(slow, abs=1e-12)


def test_auc_is_that_of_sklearn():
    tar, non = tied_trials(0)
    labels = np.repeat([1, 0], [len(tar), len(non)])
    expected = roc_auc_score(labels, np.concatenate([tar, non]))
    assert auc(det_curve(tar, non)) == pytest.approx(expected, abs=1e-12)


def test_perfect_separation_costs_nothing():
    curve = det_curve([3, 4, 5], [0, 1])
    found = {name: figure(curve) for name, figure in CURVE_FIGURES.items()}
    assert found == {"eer": 0, "min_dcf": 0, "auc": 1, "min_cllr": 0}


def test_tied_scores_are_useless_whatever_their_order():
    curve = det_curve(np.ones(7), np.ones(13))
    assert eer(curve) == 0.5
    assert auc(curve) == 0.5
    assert min_dcf(curve, 0.01) == 1
    assert min_cllr(curve) == pytest.approx(1)


def test_reversed_separation_is_as_wrong_as_can_be():
    curve = det_curve([0, 1], [3, 4, 5])
    assert (eer(curve), auc(curve), min_dcf(curve, 0.05)) == (1, 0, 1)


@pytest.mark.parametrize("name", ["eer", "auc", "min_cllr"])
def test_swapping_classes_and_negating_scores_changes_nothing(name):
    tar, non = tied_trials(1)
    figure = CURVE_FIGURES[name]
    swapped = figure(det_curve(-non, -tar))
    assert swapped == pytest.approx(figure(det_curve(tar, non)), abs=1e-12)


@pytest.mark.parametrize("name", CURVE_FIGURES)
def test_a_rising_transform_of_the_scores_changes_nothing(name):
    tar, non = tied_trials(2)
    figure = CURVE_FIGURES[name]
    assert figure(det_curve(np.exp(tar), np.exp(non))) == figure(det_curve(tar, non))


@pytest.mark.parametrize("seed", range(8))
def test_eer_threshold_has_the_rates_nearest_to_each_other(seed):
    tar, non = tied_trials(seed)
    gaps = [abs(np.mean(tar < t) - np.mean(non >= t)) for t in range(10)]
    threshold = eer_threshold(det_curve(tar, non))
    assert gaps[int(threshold)] == pytest.approx(min(gaps))


def test_eer_threshold_of_tied_scores_is_their_score():
    assert eer_threshold(det_curve([7, 7], [7])) == 7


def test_cllr_of_llrs_that_say_nothing_is_one_bit():
    assert cllr(np.zeros(5), np.zeros(9)) == 1


def test_cllr_of_huge_llrs_neither_overflows_nor_loses_digits():
    with np.errstate(all="raise", under="ignore"):
        assert cllr([2000.0], [-2000.0]) == 0
        assert cllr([-2000.0], [2000.0]) == pytest.approx(2000 / np.log(2))


@pytest.mark.parametrize("p_target", [0.01, 0.2, 0.5, 0.9])
def test_badly_calibrated_llrs_cost_more_than_the_best_use_of_their_order(p_target):
    tar, non = (trials - 9.0 for trials in tied_trials(0))  # 5 nats too low
    curve = det_curve(tar, non)
    assert min_cllr(curve) < cllr(tar, non)
    assert min_dcf(curve, p_target) < act_dcf(tar, non, p_target)


@pytest.mark.parametrize("point", [(0, 1, 1), (1, 1, 1), (0.5, 0, 1), (0.5, 1, -1)])
def test_operating_points_without_meaning_are_refused(point):
    with pytest.raises(ValueError, match="expected 0 < p_target < 1 and costs above 0"):
        min_dcf(det_curve([1], [0]), *point)
    with pytest.raises(ValueError, match="expected 0 < p_target < 1 and costs above 0"):
        act_dcf([1], [0], *point)


@pytest.mark.parametrize("figure", [cllr, lambda tar, non: act_dcf(tar, non, 0.5)])
def test_llrs_that_are_no_numbers_are_refused(figure):
    with pytest.raises(ValueError, match=r"1 of 2 values of non_llr .*non_llr\[1\]"):
        figure([1.0], [0.0, np.inf])


@pytest.mark.parametrize("scenario", [(0.5, 1, 1), (0.01, 1, 1), (0.05, 10, 1)])
@pytest.mark.parametrize("seed", range(5))
def test_no_threshold_costs_less_than_that_of_the_scenario(scenario, seed):
    tar, non = tied_trials(seed)
    curve = det_curve(tar, non)
    threshold = min_dcf_threshold(curve, *scenario)
    costs = {
        t: slow_dcf(tar, non, t, *scenario) for t in [*sorted({*tar, *non}), np.inf]
    }
    assert costs[threshold] == pytest.approx(min(costs.values()))
    assert costs[threshold] == pytest.approx(min_dcf(curve, *scenario))
    assert threshold == min(
        t for t, cost in costs.items() if cost < min(costs.values()) + 1e-12
    )


def test_a_scenario_may_be_best_served_by_deciding_blindly():
    curve = det_curve(tar=[0, 1], non=[0, 1])
    assert min_dcf_threshold(curve, p_target=0.99) == 0  # accepts all
    assert min_dcf_threshold(curve, p_target=0.01) == np.inf  # accepts none
    with pytest.raises(ValueError, match="p_target=1.5"):
        min_dcf_threshold(curve, p_target=1.5)
