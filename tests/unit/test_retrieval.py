"""Retrieval figures: hand-worked, by their properties, and over all orders of ties."""

import itertools
import logging
import math

import numpy as np
import pytest

from local.evaluation import retrieval
from local.evaluation.retrieval import has_answer, per_query_metrics, task_metrics

KS = (1, 2, 3, 10)


def tied_gallery(seed, spk_ids="aaabbc", n_levels=3):
    """Return a non-symmetric score matrix with many ties, and its speakers."""
    rng = np.random.default_rng(seed)
    n_segments = len(spk_ids)
    return rng.integers(0, n_levels, (n_segments, n_segments)), list(spk_ids)


def figures_of_one_order(hits, ks):
    """Return the figures of one query whose ranks are hits or not."""
    n_hits = sum(hits)
    precisions = [sum(hits[: i + 1]) / (i + 1) for i in range(len(hits)) if hits[i]]
    return {
        "r_precision": sum(hits[:n_hits]) / n_hits,
        "average_precision": sum(precisions) / n_hits,
        **{f"cmc@{k}": float(any(hits[:k])) for k in ks},
    }


def mean_over_all_orders(scores, spk_ids, query, ks):
    """Average one query's figures over every ranking that the scores allow."""
    others = [i for i in range(len(spk_ids)) if i != query]
    figures = []
    for order in itertools.permutations(others):
        ranked = [scores[query][i] for i in order]
        if ranked == sorted(ranked, reverse=True):
            hits = [spk_ids[i] == spk_ids[query] for i in order]
            figures.append(figures_of_one_order(hits, ks))
    return {name: np.mean([f[name] for f in figures]) for name in figures[0]}


def test_figures_of_a_hand_worked_query():
    # Query a ranks b a b a: R = 2, one hit in the first two ranks -> 1/2; precision at
    # the hits 1/2 and 2/4 -> AP 1/2; the first hit stands at rank 2.
    scores = np.zeros((5, 5))
    scores[0] = [9, 4, 3, 2, 1]
    metrics = per_query_metrics(scores, ["a", "b", "a", "b", "a"], ks=(1, 2))
    assert {name: values[0] for name, values in metrics.items()} == {
        "r_precision": 0.5,
        "average_precision": 0.5,
        "cmc@1": 0,
        "cmc@2": 1,
    }


def test_tied_figures_of_a_hand_worked_query():
    # Query a against b=3, then a, b, b tied at 2: R = 1, the hit is at rank 2, 3 or 4,
    # each with chance 1/3. First rank: never. CMC@3: 2/3. AP: (1/2 + 1/3 + 1/4) / 3.
    scores = np.zeros((5, 5))
    scores[0] = [0, 3, 2, 2, 2]
    metrics = per_query_metrics(scores, ["a", "b", "a", "b", "b"], ks=(1, 3, 4))
    assert metrics["r_precision"][0] == 0
    assert metrics["cmc@1"][0] == 0
    assert metrics["cmc@3"][0] == pytest.approx(2 / 3)
    assert metrics["cmc@4"][0] == 1
    assert metrics["average_precision"][0] == pytest.approx(13 / 36)


@pytest.mark.parametrize("n_levels", [1, 2, 3, 100])
@pytest.mark.parametrize("seed", range(3))
def test_figures_are_means_over_all_orders_of_the_ties(seed, n_levels):
    scores, spk_ids = tied_gallery(seed, n_levels=n_levels)
    metrics = per_query_metrics(scores, spk_ids, KS)
    for query in range(5):  # the sixth has no answer
        expected = mean_over_all_orders(scores, spk_ids, query, KS)
        found = {name: values[query] for name, values in metrics.items()}
        assert found == pytest.approx(expected, abs=1e-12)


def test_constant_scores_give_chance():
    # 20 speakers x 16: 15 of the 319 others are right, 304 wrong. The first k ranks
    # are all wrong with chance C(304, k) / C(319, k).
    metrics = per_query_metrics(np.full((320, 320), 0.3), np.repeat(range(20), 16))
    assert metrics["r_precision"].mean() == pytest.approx(15 / 319)
    for k in (1, 3, 5, 10):
        chance = 1 - math.comb(304, k) / math.comb(319, k)
        np.testing.assert_allclose(metrics[f"cmc@{k}"], chance)


def test_perfect_scores_are_exactly_one():
    spk_ids = np.array([0, 1, 0, 1, 2, 2, 2])
    metrics = per_query_metrics(spk_ids[:, None] == spk_ids, spk_ids)
    assert all((values == 1).all() for values in metrics.values())


def test_the_query_itself_is_no_match():
    scores = np.eye(4) * 9 + np.array([[0, 1, 2, 3]])
    with_self = per_query_metrics(scores, list("aabb"))
    without = per_query_metrics(scores - 99 * np.eye(4), list("aabb"))
    np.testing.assert_equal(with_self, without)


def test_permuting_the_segments_changes_nothing():
    scores, spk_ids = tied_gallery(0, "aaabbccccd" * 3)
    order = np.random.default_rng(1).permutation(len(spk_ids))
    permuted = per_query_metrics(scores[np.ix_(order, order)], np.array(spk_ids)[order])
    for name, values in per_query_metrics(scores, spk_ids).items():
        np.testing.assert_array_equal(permuted[name], values[order])


def test_a_rising_transform_of_the_scores_changes_nothing():
    scores, spk_ids = tied_gallery(0, "aaabbccccd" * 3)
    transformed = per_query_metrics(np.exp(scores), spk_ids)
    np.testing.assert_equal(transformed, per_query_metrics(scores, spk_ids))


def test_blocks_do_not_change_the_figures(monkeypatch):
    scores, spk_ids = tied_gallery(0, "aaabbccccd" * 3)
    whole = per_query_metrics(scores, spk_ids)
    monkeypatch.setattr(retrieval, "BLOCK_VALUES", 70)
    np.testing.assert_equal(per_query_metrics(scores, spk_ids), whole)


def test_queries_without_an_answer_are_left_out_and_logged(caplog):
    scores, spk_ids = tied_gallery(0, "abacd")
    with caplog.at_level(logging.WARNING):
        metrics = per_query_metrics(scores, spk_ids)
    assert "3 of 5 queries left out" in caplog.text
    assert "first: b, c, d" in caplog.text
    assert metrics["r_precision"].shape == (2,)
    assert has_answer(spk_ids).tolist() == [True, False, True, False, False]


def test_float32_scores_rank_like_float64():
    scores = np.random.default_rng(0).normal(size=(12, 12)).astype(np.float32)
    single = per_query_metrics(scores, list("aabbcc" * 2))
    np.testing.assert_equal(
        single, per_query_metrics(scores.astype(float), list("aabbcc" * 2))
    )


def slow_task_metrics(distances, spk_ids, ks):
    """Follow the definition of the shared task row by row."""
    n_segments = len(spk_ids)
    acc, cmc = [], {k: [] for k in ks}
    for i in range(n_segments):
        row = [distances[i][j] for j in range(n_segments)]
        row[i] += np.max(distances)
        order = sorted(range(n_segments), key=lambda j, row=row: row[j])  # stable
        hits = [j != i and spk_ids[j] == spk_ids[i] for j in order]
        n_hits = sum(hits)
        acc.append(sum(hits[:n_hits]) / n_hits)
        for k in ks:
            cmc[k].append(any(hits[:k]))
    return {"acc": np.mean(acc), **{f"cmc@{k}": np.mean(cmc[k]) for k in ks}}


@pytest.mark.parametrize("n_levels", [1, 2, 5, 1000])
def test_task_metrics_follow_the_definition(n_levels):
    distances, spk_ids = tied_gallery(0, "aaabbccbcaa", n_levels)
    np.fill_diagonal(distances, 0)
    expected = slow_task_metrics(distances, spk_ids, KS)
    assert task_metrics(distances, spk_ids, KS) == pytest.approx(expected, abs=1e-12)


def test_task_metrics_keep_tied_segments_in_their_order():
    # All distances 1, the diagonal 0 + 1: every row is ranked 0 1 2 3, the query in
    # its own place. Hits of a a b b at ranks 2, 1, 4, 3: one right first rank of four.
    metrics = task_metrics(1 - np.eye(4), list("aabb"), ks=(1, 2, 3))
    assert metrics == {"acc": 0.25, "cmc@1": 0.25, "cmc@2": 0.5, "cmc@3": 0.75}


def test_task_accuracy_is_r_precision_without_ties():
    spk_ids = np.repeat(range(5), [2, 3, 4, 5, 6])
    scores = np.random.default_rng(0).normal(size=(20, 20))
    np.fill_diagonal(scores, 9)
    task = task_metrics(9 - scores, spk_ids)
    ours = per_query_metrics(scores, spk_ids)
    assert task["acc"] == pytest.approx(ours["r_precision"].mean(), abs=1e-12)
    for k in (1, 3, 5, 10):
        assert task[f"cmc@{k}"] == ours[f"cmc@{k}"].mean()


def test_task_metrics_leave_out_queries_without_an_answer(caplog):
    distances = np.array([[0, 1, 2], [1, 0, 2], [1, 1, 0]])
    assert task_metrics(distances, ["a", "a", "b"], ks=(1,)) == {"acc": 1, "cmc@1": 1}
    assert "1 of 3 queries left out" in caplog.text


@pytest.mark.parametrize("figures", [per_query_metrics, task_metrics])
@pytest.mark.parametrize(
    ("matrix", "spk_ids", "ks", "message"),
    [
        (np.zeros((2, 3)), ["a", "a"], (1,), r"a square matrix.* \(2, 3\)"),
        (np.zeros((0, 0)), [], (1,), r"a square matrix.* \(0, 0\)"),
        (np.zeros((3, 3)), ["a", "a"], (1,), r"each of the 3 rows.* \(2,\)"),
        (np.full((2, 2), np.nan), ["a", "a"], (1,), r"4 of 4 values.*\[0, 0\]"),
        (np.zeros((2, 2)), ["a", "b"], (1,), "none of the 2 segments has another"),
        (np.zeros((2, 2)), ["a", "a"], (1, 0), r"ks: expected ranks .* \(1, 0\)"),
    ],
)
def test_unusable_galleries_are_refused(figures, matrix, spk_ids, ks, message):
    with pytest.raises(ValueError, match=message):
        figures(matrix, spk_ids, ks)
