"""All figures of a gallery together."""

import json
import math

import numpy as np
import pytest

from local.evaluation.bootstrap import bootstrap_intervals
from local.evaluation.detection import (
    act_dcf,
    auc,
    cllr,
    det_curve,
    eer,
    min_cllr,
    min_dcf,
)
from local.evaluation.gallery import evaluate_gallery, split_trials
from local.evaluation.retrieval import per_query_metrics

COUNTS = {
    "n_segments",
    "n_speakers",
    "n_target_trials",
    "n_nontarget_trials",
    "n_queries_excluded",
}


def made_gallery(seed=0, spk_ids="aaaaebbbcccddddd"):
    """Return symmetric scores with ties, higher within a speaker, and the speakers."""
    rng = np.random.default_rng(seed)
    spk_ids = np.array(list(spk_ids))
    same = spk_ids[:, None] == spk_ids
    upper = np.triu(rng.integers(-3, 4, same.shape), k=1)
    return (upper + upper.T + 2 * same).astype(float), spk_ids


def values_of(results):
    return {name: results[name]["value"] for name in results if name not in COUNTS}


def test_trials_are_the_upper_triangle():
    # a a b: the pair of a, then (0, 2) and (1, 2)
    scores = np.array([[0, 1, 2], [1, 0, 3], [2, 3, 0]])
    tar, non = split_trials(scores, ["a", "a", "b"])
    assert (tar.tolist(), non.tolist()) == ([1], [2, 3])


def test_counts_of_a_hand_worked_gallery():
    # a a a b b c: 3 + 1 target trials of 6 * 5 / 2 = 15; c has no answer
    results = evaluate_gallery(np.eye(6), list("aaabbc"), n_bootstrap=2)
    assert {name: results[name] for name in COUNTS} == {
        "n_segments": 6,
        "n_speakers": 3,
        "n_target_trials": 4,
        "n_nontarget_trials": 11,
        "n_queries_excluded": 1,
    }


def test_values_are_those_of_the_single_metrics():
    scores, spk_ids = made_gallery()
    llrs = scores / 2
    results = evaluate_gallery(scores, spk_ids, llrs=llrs, n_bootstrap=2)
    queries = per_query_metrics(scores, spk_ids)
    curve = det_curve(*split_trials(scores, spk_ids))
    llr_trials = split_trials(llrs, spk_ids)
    expected = {
        "r_precision": queries["r_precision"].mean(),
        "map": queries["average_precision"].mean(),
        **{f"cmc@{k}": queries[f"cmc@{k}"].mean() for k in (1, 3, 5, 10)},
        "eer": eer(curve),
        "auc": auc(curve),
        "min_dcf@0.01": min_dcf(curve, 0.01),
        "min_dcf@0.05": min_dcf(curve, 0.05),
        "cllr": cllr(*llr_trials),
        "min_cllr": min_cllr(det_curve(*llr_trials)),
        "act_dcf@0.01": act_dcf(*llr_trials, 0.01),
        "act_dcf@0.05": act_dcf(*llr_trials, 0.05),
    }
    assert values_of(results) == pytest.approx(expected)


def test_a_replicate_equals_a_gallery_of_repeated_trials():
    """One replicate: list every trial and query as often as its speakers were drawn."""
    scores, spk_ids = made_gallery()
    drawn = []
    bootstrap_intervals(lambda w: drawn.append(w) or {}, spk_ids, 1, seed=3)
    times = dict(zip(np.unique(spk_ids), drawn[0], strict=True))
    assert max(times.values()) > 1
    tar, non = [], []
    for j in range(len(spk_ids)):
        for i in range(j):
            if spk_ids[i] == spk_ids[j]:
                tar += [scores[i, j]] * times[spk_ids[i]]
            else:
                non += [scores[i, j]] * (times[spk_ids[i]] * times[spk_ids[j]])
    curve = det_curve(tar, non)
    per_query = per_query_metrics(scores, spk_ids)["r_precision"]
    r_precision = np.repeat(per_query, [times[s] for s in spk_ids if s != "e"]).mean()
    results = evaluate_gallery(scores, spk_ids, llrs=scores, n_bootstrap=1, seed=3)
    expected = {
        "eer": eer(curve),
        "auc": auc(curve),
        "min_dcf@0.05": min_dcf(curve, 0.05),
        "min_cllr": min_cllr(curve),
        "cllr": cllr(tar, non),
        "act_dcf@0.05": act_dcf(tar, non, 0.05),
        "r_precision": r_precision,
    }
    for end in ("low", "high"):  # one replicate is both ends of the interval
        found = {name: results[name][end] for name in expected}
        assert found == pytest.approx(expected)


def test_permuting_the_segments_changes_nothing():
    scores, spk_ids = made_gallery()
    order = np.random.default_rng(1).permutation(len(spk_ids))
    permuted = scores[np.ix_(order, order)]
    first = evaluate_gallery(scores, spk_ids, llrs=scores, n_bootstrap=20)
    second = evaluate_gallery(permuted, spk_ids[order], llrs=permuted, n_bootstrap=20)
    for name in first:
        assert second[name] == pytest.approx(first[name], abs=1e-12)


def test_constant_scores_give_chance():
    spk_ids = list("aaabbb")  # 2 right and 3 wrong others
    results = evaluate_gallery(
        np.ones((6, 6)), spk_ids, ks=(3,), llrs=np.zeros((6, 6)), n_bootstrap=2
    )
    expected = {
        "r_precision": 2 / 5,
        "cmc@3": 1 - math.comb(3, 3) / math.comb(5, 3),
        "eer": 0.5,
        "auc": 0.5,
        "min_dcf@0.01": 1,
        "cllr": 1,
        "act_dcf@0.05": 1,
    }
    found = values_of(results)
    assert {name: found[name] for name in expected} == pytest.approx(expected)


def test_intervals_hold_the_values_and_grow_with_confidence():
    scores, spk_ids = made_gallery(spk_ids="".join(c * 4 for c in "abcdefghij"))
    narrow = evaluate_gallery(scores, spk_ids, n_bootstrap=100, confidence=0.5)
    wide = evaluate_gallery(scores, spk_ids, n_bootstrap=100, confidence=0.95)
    for name in ("r_precision", "eer", "auc"):
        assert wide[name]["low"] < narrow[name]["low"] < narrow[name]["high"]
        assert narrow[name]["high"] < wide[name]["high"]
        assert wide[name]["low"] < wide[name]["value"] < wide[name]["high"]


def test_the_same_seed_gives_the_same_json():
    scores, spk_ids = made_gallery()
    texts = [
        json.dumps(evaluate_gallery(scores, spk_ids, n_bootstrap=5, seed=s))
        for s in (1, 1, 2)
    ]
    assert texts[0] == texts[1] != texts[2]


def test_rounding_noise_is_no_asymmetry():
    scores, spk_ids = made_gallery()
    noise = 1e-7 * np.random.default_rng(0).normal(size=scores.shape)
    assert len(split_trials(scores + noise, spk_ids)) == 2


@pytest.mark.parametrize("name", ["scores", "llrs"])
def test_an_asymmetric_matrix_is_refused_with_the_place(name):
    scores, spk_ids = made_gallery()
    matrices = {"scores": scores, "llrs": scores.copy()}
    matrices[name][2, 5] += 20
    with pytest.raises(ValueError, match=rf"{name}: expected a symmetric.*\[2, 5\]"):
        evaluate_gallery(spk_ids=spk_ids, **matrices)


def test_nan_scores_are_refused_with_their_places():
    scores, spk_ids = made_gallery()
    scores[1, 2] = scores[2, 1] = np.nan
    with pytest.raises(ValueError, match=r"2 of 256 .*scores\[1, 2\], scores\[2, 1\]"):
        evaluate_gallery(scores, spk_ids)


def test_matrices_of_another_gallery_are_refused():
    scores, spk_ids = made_gallery()
    with pytest.raises(ValueError, match="each of the 16 rows of scores"):
        evaluate_gallery(scores, spk_ids[:-1])
    with pytest.raises(ValueError, match="each of the 15 rows of llrs"):
        evaluate_gallery(scores, spk_ids, llrs=scores[:-1, :-1])


def test_a_single_speaker_is_refused():
    with pytest.raises(ValueError, match="are there target and nontarget trials"):
        evaluate_gallery(np.ones((3, 3)), ["a", "a", "a"])
