"""Tests of local.evaluation.nearest and local.output.nearest."""

import logging

import numpy as np
import pytest

from local.evaluation.gallery import evaluate_gallery
from local.evaluation.nearest import draw_trials, evaluate_nearest, list_metrics
from local.evaluation.retrieval import per_query_metrics
from local.output.nearest import write_nearest
from local.scoring.calibration import Calibration
from local.scoring.normalization import normalize_scores
from local.scoring.search import ExactSearch, find_nearest
from local.scoring.sparse import pair_scores

SPK_IDS = np.repeat(list("abcdefg"), [6, 5, 4, 4, 3, 2, 1])
KS = (1, 3, 5)


@pytest.fixture
def gallery(rng):
    voices = {name: rng.normal(size=6) for name in "abcdefg"}
    centres = np.array([voices[name] for name in SPK_IDS])
    return (centres + rng.normal(size=centres.shape)).astype(np.float32)


def nearest_of(gallery, k):
    return find_nearest(ExactSearch(), pair_scores("none", gallery), k)


def lists_of(scores, k):
    """Return neighbours and scores by sorting the rows of a matrix."""
    hidden = np.where(np.eye(len(scores), dtype=bool), -np.inf, scores)
    order = np.argsort(-hidden, axis=1, kind="stable")[:, :k]
    return order, np.take_along_axis(hidden, order, axis=1)


def test_whole_lists_and_all_trials_give_the_figures_of_the_matrix(gallery):
    options = {"p_targets": (0.01, 0.05), "ks": KS, "n_bootstrap": 20, "seed": 3}
    scores = normalize_scores("none", gallery)
    dense = evaluate_gallery(scores, SPK_IDS, llrs=4 * scores - 2, **options)
    trials = draw_trials(SPK_IDS, 1000, seed=0)
    found = evaluate_nearest(
        nearest_of(gallery, 24),
        SPK_IDS,
        trials,
        llrs=Calibration(4.0, -2.0).llr,
        **options,
    )
    found["map"] = found.pop("map_top@24")
    assert found.keys() == dense.keys()
    for name, figure in dense.items():
        assert found[name] == pytest.approx(figure, abs=1e-5), name


def test_ties_are_expected_values_as_of_the_matrix(rng):
    scores = rng.integers(0, 3, (25, 25)).astype(float)
    dense = per_query_metrics(scores, SPK_IDS, KS)
    found = list_metrics(*lists_of(scores, 24), SPK_IDS, KS)
    for name in ("r_precision", "cmc@1", "cmc@3", "cmc@5"):
        assert found[name] == pytest.approx(dense[name])
    assert found["map_top@24"] == pytest.approx(dense["average_precision"])


@pytest.mark.parametrize("k", [5, 7])
def test_short_lists_are_enough_for_cmc_and_r_precision(gallery, k):
    scores = normalize_scores("none", gallery)
    dense = per_query_metrics(scores, SPK_IDS, KS)
    found = list_metrics(*lists_of(scores, k), SPK_IDS, KS)
    for name in ("r_precision", "cmc@1", "cmc@3", "cmc@5"):
        assert found[name] == pytest.approx(dense[name])


def test_the_precision_of_a_short_list_by_hand():
    # Query 0: hit, miss, hit of R = 3 in a list of 3: (1 + 2 / 3) / 3.
    neighbors = np.array([[1, 4, 2], [4, 0, 5], [4, 5, 6], [0, 1, 2]])
    neighbors = np.vstack([neighbors, np.tile([0, 1, 2], (3, 1))])
    found = list_metrics(neighbors, np.tile([3, 2, 1], (7, 1)), list("aaaabcd"), [1, 3])
    assert found["map_top@3"] == pytest.approx([5 / 9, 1 / 6, 0, 1])
    assert found["cmc@1"].tolist() == [1, 0, 0, 1]
    assert found["cmc@3"].tolist() == [1, 1, 0, 1]  # one has no hit in its list


def test_what_a_list_cannot_tell_is_left_out_and_said(gallery, caplog):
    with caplog.at_level(logging.WARNING):
        lists = lists_of(normalize_scores("none", gallery), 4)
        found = list_metrics(*lists, SPK_IDS, KS)
    assert list(found) == ["map_top@4", "cmc@1", "cmc@3"]
    assert "a speaker has 5 other segments, lists have 4" in caplog.text


def test_lists_of_other_segments_are_refused():
    with pytest.raises(ValueError, match="each of 3 spk_ids"):
        list_metrics([[1], [0]], [[0.5], [0.5]], list("aab"), [1])
    with pytest.raises(ValueError, match="none of 2 segments"):
        list_metrics([[1], [0]], [[0.5], [0.5]], list("ab"), [1])


def test_target_trials_are_all_there_and_nontargets_of_two_speakers():
    spk_ids = np.random.default_rng(0).permutation(np.repeat(SPK_IDS, 2))
    tar, non = draw_trials(spk_ids, 300, seed=1)
    rows, columns = np.triu_indices(50, k=1)
    same = spk_ids[rows] == spk_ids[columns]
    expected = set(zip(rows[same].tolist(), columns[same].tolist(), strict=True))
    assert set(zip(*(side.tolist() for side in tar), strict=True)) == expected
    assert len(tar[0]) == len(expected)
    assert len(non[0]) == 300
    assert (spk_ids[non[0]] != spk_ids[non[1]]).all()


def test_sampled_trials_estimate_the_rate_of_all(gallery):
    large = np.repeat(gallery, 4, axis=0)
    spk_ids = np.repeat(SPK_IDS, 4)
    options = {"p_targets": (0.05,), "ks": (1,), "n_bootstrap": 2}
    nearest = nearest_of(large, 25)
    all_of, some = (
        evaluate_nearest(nearest, spk_ids, draw_trials(spk_ids, n, 0), **options)
        for n in (10**6, 2000)
    )
    assert some["n_nontarget_trials"] == 2000 < all_of["n_nontarget_trials"]
    assert some["n_target_trials"] == all_of["n_target_trials"]
    for name in ("eer", "auc"):
        value = all_of[name]["value"]
        assert some[name]["value"] == pytest.approx(value, abs=0.03)


@pytest.mark.parametrize(("spk_ids", "n"), [("aab", 0), ("aaa", 5)])
def test_no_nontarget_trial_is_refused(spk_ids, n):
    with pytest.raises(ValueError, match="n_nontarget_trials >= 1 and two speakers"):
        draw_trials(list(spk_ids), n, seed=0)


def test_the_file_holds_calibrated_lists(gallery, tmp_path):
    nearest, calibration = nearest_of(gallery, 3), Calibration(5.0, -1.0)
    ids = [f"s{n}" for n in range(25)]
    path = tmp_path / "nearest.npz"
    write_nearest(path, ids, nearest, calibration, 0.1)
    with np.load(path) as arrays:
        assert arrays["ids"].tolist() == ids
        assert (arrays["neighbors"] == nearest.neighbors).all()
        assert arrays["scores"].dtype == arrays["llr"].dtype == np.float32
        assert arrays["llr"] == pytest.approx(5 * nearest.scores - 1, abs=1e-5)
        odds = np.exp(arrays["llr"]) / 9
        assert arrays["probability"] == pytest.approx(odds / (1 + odds), abs=1e-5)


@pytest.mark.parametrize("ids", [["a"] * 25, ["a", "b"]])
def test_ids_that_do_not_name_each_row_are_refused(gallery, tmp_path, ids):
    with pytest.raises(ValueError, match="a unique id for each of 25 rows"):
        write_nearest(tmp_path / "x.npz", ids, nearest_of(gallery, 3), None, 0.1)
    assert not list(tmp_path.iterdir())
