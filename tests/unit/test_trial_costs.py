"""What a calibrated log-likelihood ratio costs, trial by trial."""

import numpy as np
import pytest

from local.evaluation.detection import act_dcf, cllr
from local.evaluation.trial_costs import dcf, decision_errors, llr_costs


def made_llrs(seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(2, 2, 30), rng.normal(-2, 2, 50)


def test_the_threshold_of_bayes_decides():
    # p_target 0.2: threshold log(0.8 / 0.2) = log 4 = 1.386; at it, accept
    misses, false_alarms = decision_errors([1.3, 1.4], [1.5, np.log(4), 1.3], 0.2)
    assert misses.tolist() == [True, False]
    assert false_alarms.tolist() == [True, True, False]


def test_costs_of_hand_worked_llrs():
    # e^llr of the target 3: log2(1 + 1/3) / 2 = 0.20752; of the nontarget 1/7:
    # log2(1 + 1/7) / 2 = 0.09632
    tar, non = llr_costs(np.log([3, 1]), np.log([1 / 7]))
    assert tar == pytest.approx([0.20752, 0.5], abs=1e-5)
    assert non == pytest.approx([0.09632], abs=1e-5)


def test_cost_of_hand_worked_rates():
    # (0.2 / 2 + 0.8 / 4) over the cost of reject all, 0.2
    assert dcf(0.5, 0.25, p_target=0.2) == pytest.approx(1.5)


def test_means_of_the_costs_are_the_figures():
    llrs = made_llrs()
    assert cllr(*llrs) == sum(costs.mean() for costs in llr_costs(*llrs))
    p_miss, p_fa = (errors.mean() for errors in decision_errors(*llrs, 0.1))
    assert act_dcf(*llrs, 0.1) == dcf(p_miss, p_fa, 0.1)


@pytest.mark.parametrize("point", [(0, 1, 1), (1, 1, 1), (0.5, 0, 1), (0.5, 1, -1)])
def test_operating_points_without_meaning_are_refused(point):
    with pytest.raises(ValueError, match="expected 0 < p_target < 1 and costs above 0"):
        decision_errors(*made_llrs(), *point)
    with pytest.raises(ValueError, match="expected 0 < p_target < 1 and costs above 0"):
        dcf(0.5, 0.5, *point)
