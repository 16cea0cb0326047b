"""Thresholds are chosen on one list of trials and judged on another."""

import numpy as np
import pytest

from local.evaluation.decisions import choose_thresholds, evaluate_decisions
from local.evaluation.detection import det_curve, min_dcf
from local.evaluation.gallery import evaluate_trials
from local.evaluation.speaker_trials import all_trials, some_trials

DOOR = {"p_target": 0.9, "c_miss": 1, "c_fa": 20}


def scored_gallery(rng, n_speakers=12, n_each=4):
    codes = np.repeat(np.arange(n_speakers), n_each)
    trials = all_trials(codes)
    tar = rng.normal(2, 1, size=len(trials.tar_speakers))
    return codes, trials, (tar, rng.normal(0, 1, size=len(trials.non_pairs)))


def test_rates_and_cost_are_counted_at_the_threshold_given(rng):
    codes, trials, (tar, non) = scored_gallery(rng)
    found = evaluate_decisions(codes, trials, (tar, non), 1.3, DOOR, n_bootstrap=20)
    p_miss, p_fa = (tar < 1.3).mean(), (non >= 1.3).mean()
    # Reject all costs 0.9, accept all 0.1 * 20 = 2: the better is 0.9.
    assert found["p_miss"]["value"] == pytest.approx(p_miss)
    assert found["p_fa"]["value"] == pytest.approx(p_fa)
    assert found["cost"]["value"] == pytest.approx((0.9 * p_miss + 2 * p_fa) / 0.9)
    assert found["cost"]["low"] < found["cost"]["value"] < found["cost"]["high"]


def test_a_threshold_of_these_very_trials_costs_the_least(rng):
    codes, trials, scores = scored_gallery(rng)
    curve = det_curve(*scores)
    threshold = choose_thresholds(curve, {"door": DOOR})["door"]
    own, other = (
        evaluate_decisions(codes, trials, scores, at, DOOR, n_bootstrap=5)
        for at in (threshold, threshold + 1)
    )
    assert own["cost"]["value"] == own["min_cost"] == min_dcf(curve, **DOOR)
    assert other["cost"]["value"] > other["min_cost"] == own["min_cost"]


def test_a_threshold_at_infinity_accepts_none(rng):
    found = evaluate_decisions(*scored_gallery(rng), np.inf, n_bootstrap=5)
    assert set(found) == {"p_miss", "p_fa"}
    assert found["p_miss"]["value"] == 1 and found["p_fa"]["value"] == 0


@pytest.mark.parametrize(
    ("name", "costs"), [("equal errors", DOOR), ("door", {"p_target": 0.5})]
)
def test_a_scenario_that_says_too_little_is_refused(name, costs):
    with pytest.raises(ValueError, match=f"scenario '{name}': expected p_target"):
        choose_thresholds(det_curve([1.0], [0.0]), {name: costs})


def test_a_list_of_few_trials_has_intervals_of_those_draws_that_have_some():
    codes = np.repeat(np.arange(6), 2)
    trials = some_trials(codes, ([0, 2], [1, 3]), ([4, 0], [6, 2]))
    scores = np.array([1.0, 0.2]), np.array([0.5, 0.1])
    found = evaluate_decisions(codes, trials, scores, 0.4, DOOR, n_bootstrap=200)
    assert np.isfinite([found[key]["high"] for key in ("p_miss", "p_fa", "cost")]).all()
    assert (found["p_miss"]["low"], found["p_miss"]["high"]) == (0, 1)
    measured = evaluate_trials(codes, {}, trials, scores, [0.5], n_bootstrap=200)
    assert measured["eer"]["low"] <= 0.5 <= measured["eer"]["high"]
