"""Tests of local.scoring.sparse."""

import numpy as np
import pytest

from local.scoring import sparse
from local.scoring.normalization import METHODS, normalize_scores
from local.scoring.sparse import draw_pairs, pair_scores


def draw(n, seed=0, dtype=np.float32):
    return np.random.default_rng(seed).normal(size=(n, 8)).astype(dtype)


def cosine(a, b):
    return a @ b / np.sqrt((a @ a) * (b @ b))


def slow_as_norm(gallery, cohort, top_n, i, j):
    """Return the AS-norm of one pair by its definition, in plain loops."""
    score, normed = cosine(gallery[i], gallery[j]), []
    for side in (gallery[i], gallery[j]):
        top = sorted((cosine(side, other) for other in cohort), reverse=True)[:top_n]
        mean = sum(top) / top_n
        spread = (sum((s - mean) ** 2 for s in top) / (top_n - 1)) ** 0.5
        normed.append((score - mean) / spread)
    return sum(normed) / 2


def test_pairs_score_as_the_definition_says():
    gallery, cohort = draw(9), draw(30, 1)
    rows, columns = np.array([0, 3, 8, 8]), np.array([1, 3, 0, 7])
    found = pair_scores("as", gallery, cohort, 7).score_pairs((rows, columns))
    gallery, cohort = gallery.astype(float), cohort.astype(float)
    slow = [
        slow_as_norm(gallery, cohort, 7, i, j)
        for i, j in zip(rows, columns, strict=True)
    ]
    assert found == pytest.approx(np.array(slow), rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_pairs_are_entries_of_the_matrix_whatever_the_block(monkeypatch, method, dtype):
    gallery, cohort = draw(11, 0, dtype), draw(30, 1, dtype)
    matrix = normalize_scores(method, gallery, cohort, 7)
    pairs = pair_scores(method, gallery, cohort, 7)
    columns = np.tile(np.arange(11), (11, 1))
    for block in (2**18, 3 * 8 * 11, 1):  # all rows, three at a time, one
        monkeypatch.setattr(sparse, "BLOCK_VALUES", block)
        found = pairs.score(np.arange(11), columns)
        assert found == pytest.approx(matrix, rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("method", ["none", "s", "as"])
def test_inner_products_are_scores_but_for_a_constant_of_the_query(method):
    pairs = pair_scores(method, draw(11), draw(30, 1), 7)
    products = pairs.queries(np.arange(11)) @ pairs.items().T
    matrix = normalize_scores(method, draw(11), draw(30, 1), 7)
    rest = products - (1 if method == "none" else 2) * matrix
    assert rest == pytest.approx(np.repeat(rest[:, :1], 11, axis=1), abs=1e-4)


def test_few_pairs_are_all_taken():
    rows, columns = draw_pairs(5, 10, seed=0)
    assert len(set(zip(rows.tolist(), columns.tolist(), strict=True))) == 10


def test_drawn_pairs_are_of_different_segments_each_as_often():
    rows, columns = draw_pairs(4, 5, seed=1)
    assert len(rows) == 5
    rng_free = [draw_pairs(60, 1700, seed) for seed in range(20)]
    rows, columns = np.concatenate(rng_free, axis=1)
    assert (rows != columns).all()
    assert np.bincount(columns, minlength=60) / len(rows) * 60 == pytest.approx(
        1, abs=0.2
    )


def test_the_same_seed_draws_the_same_pairs():
    assert np.array_equal(draw_pairs(99, 50, 3), draw_pairs(99, 50, 3))
    assert not np.array_equal(draw_pairs(99, 50, 3), draw_pairs(99, 50, 4))
