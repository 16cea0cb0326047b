"""Tests of local.output.listen.errors."""

import numpy as np
import pytest
from made_up_gallery import made_up_verified

from local.evaluation.detection import auc, det_curve, eer
from local.evaluation.error_rates import DetCurve
from local.evaluation.gallery import split_trials
from local.evaluation.retrieval import per_query_metrics
from local.evaluation.trial_costs import decision_errors
from local.output.listen.errors import (
    N_POINTS,
    count_errors,
    describe_speakers,
    describe_thresholds,
    draw_points,
    hardest_pairs,
)


@pytest.fixture
def gallery():
    verified = made_up_verified()
    return verified.llr, verified.spk_ids


def test_counts_are_those_of_the_evaluation_ties_included(rng):
    tar, non = rng.integers(2, 9, 300) / 2, rng.integers(0, 6, 900) / 2
    curve = det_curve(tar, non)
    misses, false_accepts = count_errors(tar, non, curve.thresholds)
    assert misses == pytest.approx(curve.p_miss * len(tar))
    assert false_accepts == pytest.approx(curve.p_fa * len(non))


def test_thresholds_run_from_no_miss_to_no_false_acceptance(gallery):
    facts = describe_thresholds(*split_trials(*gallery), p_target=0.2)
    assert np.all(np.diff(facts["values"]) > 0)
    assert facts["misses"][0] == 0 and facts["false_accepts"][-1] == 0
    assert 0 < facts["misses"][-1] and 0 < facts["false_accepts"][0]


def test_the_threshold_of_bayes_decides_as_the_evaluation_does(gallery):
    tar, non = split_trials(*gallery)
    facts = describe_thresholds(tar, non, p_target=0.2)
    place = facts["named"]["probability one half"]
    misses, false_accepts = decision_errors(tar, non, p_target=0.2)
    assert facts["misses"][place] == misses.sum()
    assert facts["false_accepts"][place] == false_accepts.sum()
    assert facts["probability"][place] == pytest.approx(0.5)
    accepted = (tar >= facts["values"][place]).sum() + false_accepts.sum()
    assert facts["right"][place] == pytest.approx((~misses).sum() / accepted)


def test_the_threshold_of_equal_errors_has_the_eer(gallery):
    tar, non = split_trials(*gallery)
    facts = describe_thresholds(tar, non, p_target=0.2)
    place = facts["named"]["equal error rates"]
    rates = facts["misses"][place] / len(tar), facts["false_accepts"][place] / len(non)
    assert min(rates) <= eer(det_curve(tar, non)) <= max(rates)


def test_where_nothing_is_accepted_no_share_is_right():
    facts = describe_thresholds(np.array([1.0]), np.array([2.0]), p_target=0.5)
    assert facts["right"][-1] is None and facts["right"][0] == 0.5


def test_separated_trials_have_thresholds_without_errors():
    facts = describe_thresholds(np.array([2.0, 3.0]), np.array([-3.0]), p_target=0.5)
    place = facts["named"]["probability one half"]
    assert facts["misses"][place] == facts["false_accepts"][place] == 0


def test_errors_of_the_speakers_add_up(gallery):
    llr, spk_ids = gallery
    thresholds = np.array([-1.0, 0.0, 1.0])
    speakers = describe_speakers(llr, spk_ids, thresholds)
    misses, false_accepts = count_errors(*split_trials(*gallery), thresholds)
    assert np.sum([s["misses"] for s in speakers], axis=0).tolist() == misses.tolist()
    both = np.sum([s["false_accepts"] for s in speakers], axis=0)
    assert both.tolist() == (2 * false_accepts).tolist()
    expected = per_query_metrics(llr, spk_ids)["r_precision"].mean()
    shown = np.mean([s["r_precision"] for s in speakers])
    assert shown == pytest.approx(expected)


def test_a_speaker_of_one_segment_has_no_r_precision(gallery):
    llr, spk_ids = gallery
    alone = np.where(np.arange(len(spk_ids)) == 0, "alone", spk_ids)
    (speaker,) = (s for s in describe_speakers(llr, alone, []) if s["name"] == "alone")
    assert speaker["r_precision"] is None
    assert (speaker["n_tar"], speaker["n_non"]) == (0, len(llr) - 1)


def test_the_hardest_pairs_are_the_worst_of_their_speakers(gallery):
    llr, spk_ids = gallery
    accepts, rejects = hardest_pairs(llr, spk_ids, n_pairs=100)
    assert len(accepts) == 4 * 3 / 2 and len(rejects) == 4
    scores = [llr[pair] for pair in accepts]
    assert scores == sorted(scores, reverse=True)
    assert [llr[p] for p in rejects] == sorted(llr[p] for p in rejects)
    for a, b in accepts:
        block = llr[np.ix_(spk_ids == spk_ids[a], spk_ids == spk_ids[b])]
        assert spk_ids[a] != spk_ids[b] and llr[a, b] == block.max()
    for a, b in rejects:
        block = llr[np.ix_(spk_ids == spk_ids[a], spk_ids == spk_ids[b])]
        assert spk_ids[a] == spk_ids[b] and llr[a, b] == block.min()
    assert hardest_pairs(llr, spk_ids, 2) == (accepts[:2], rejects[:2])


def test_a_thinned_curve_keeps_its_shape(rng):
    curve = det_curve(rng.normal(2, 1, 3000), rng.normal(0, 1, 50_000))
    p_fa, p_miss = draw_points(curve)
    assert len(p_fa) <= N_POINTS + 2
    assert (p_fa[0], p_miss[0], p_fa[-1], p_miss[-1]) == (1, 0, 0, 1)
    points = set(zip(curve.p_fa, curve.p_miss, strict=True))
    assert set(zip(p_fa, p_miss, strict=True)) <= points
    assert auc(DetCurve(None, p_miss, p_fa)) == pytest.approx(auc(curve), abs=1e-3)
