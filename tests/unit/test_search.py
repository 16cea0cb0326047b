"""Tests of local.scoring.search."""

import builtins
import logging

import numpy as np
import pytest

from local.scoring import search
from local.scoring.normalization import normalize_scores
from local.scoring.search import ApproximateSearch, ExactSearch, find_nearest
from local.scoring.sparse import pair_scores

APPROXIMATE = {
    "n_dims": 16,
    "n_lists": 8,
    "n_probe": 8,
    "n_candidates": 4,
    "n_train": 800,
    "n_recall_queries": 100,
    "seed": 1,
}


def draw(n, seed=0, emb_dim=16, n_group=8):
    """Return embeddings of speakers of ``n_group`` segments each."""
    rng = np.random.default_rng(seed)
    voices = np.repeat(rng.normal(size=(-(-n // n_group), emb_dim)), n_group, axis=0)
    return (voices[:n] + 0.7 * rng.normal(size=(n, emb_dim))).astype(np.float32)


def slow_nearest(scores, k):
    """Return neighbours and scores of each row by sorting it whole."""
    neighbors = []
    for row, own in enumerate(scores):
        others = [j for j in range(len(scores)) if j != row]
        neighbors.append(sorted(others, key=lambda j: -own[j])[:k])
    return np.array(neighbors), np.take_along_axis(scores, np.array(neighbors), axis=1)


@pytest.mark.parametrize("method", ["none", "s", "as"])
@pytest.mark.parametrize("k", [1, 5, 39])
def test_exact_search_finds_what_sorting_whole_rows_finds(monkeypatch, method, k):
    monkeypatch.setattr(search, "BLOCK_ROWS", 7)  # 40 rows: the last block has five
    gallery, cohort = draw(40), draw(50, 1)
    found = find_nearest(ExactSearch(), pair_scores(method, gallery, cohort, 9), k)
    scores = normalize_scores(method, gallery, cohort, 9)
    neighbors, best = slow_nearest(scores, k)
    assert (found.neighbors == neighbors).all()
    assert found.scores == pytest.approx(best, rel=1e-5, abs=1e-5)
    assert found.neighbors.dtype == np.int32
    assert found.scores.dtype == np.float32
    assert found.recall == 1


def test_a_segment_is_no_neighbour_of_itself_even_among_its_copies():
    gallery = np.repeat(draw(5, n_group=1), 4, axis=0)  # each four times
    found = find_nearest(ExactSearch(), pair_scores("none", gallery), 6)
    assert (found.neighbors != np.arange(20)[:, None]).all()
    assert all(len(set(row)) == 6 for row in found.neighbors.tolist())
    assert found.scores[:, :3] == pytest.approx(1, abs=1e-6)  # its copies first
    assert (found.neighbors[:, :3] // 4 == np.arange(20)[:, None] // 4).all()


def test_more_neighbours_than_there_are_is_clamped_with_a_warning(caplog):
    with caplog.at_level(logging.WARNING):
        found = find_nearest(ExactSearch(), pair_scores("none", draw(4)), 9)
    assert "top_k 9: a segment has 3 others" in caplog.text
    assert found.neighbors.shape == (4, 3)


@pytest.mark.parametrize(("n", "k"), [(4, 0), (1, 1), (4, "many"), (4, 1.5)])
def test_nothing_to_search_is_refused(n, k):
    with pytest.raises(ValueError, match=f"got {k!r} and {n}"):
        find_nearest(ExactSearch(), pair_scores("none", draw(n)), k)


def test_approximate_search_tells_its_recall(caplog):
    pairs = pair_scores("as", draw(800), draw(50, 1), 9)
    exact = find_nearest(ExactSearch(), pairs, 10)
    with caplog.at_level(logging.INFO):
        found = find_nearest(ApproximateSearch(**APPROXIMATE), pairs, 10)
    right = np.mean(
        [np.isin(a, b) for a, b in zip(found.neighbors, exact.neighbors, strict=True)]
    )
    assert 0.8 < found.recall <= 1
    assert found.recall == pytest.approx(right, abs=0.05)
    assert f"on 100 segments: {found.recall:.4f}" in caplog.text
    # Whatever it finds is scored exactly.
    again = pairs.score(np.arange(800), found.neighbors)
    assert found.scores == pytest.approx(again, abs=1e-5)


def test_a_worse_search_has_less_recall():
    pairs = pair_scores("none", draw(800))
    settings = APPROXIMATE | {"n_dims": 4, "n_probe": 1, "n_candidates": 1}
    worse = find_nearest(ApproximateSearch(**settings), pairs, 10)
    better = find_nearest(ApproximateSearch(**APPROXIMATE), pairs, 10)
    assert worse.recall < better.recall - 0.2


def test_the_same_seed_finds_the_same():
    pairs = pair_scores("none", draw(700))
    settings = APPROXIMATE | {"n_train": 640, "n_probe": 2}
    one, two = (find_nearest(ApproximateSearch(**settings), pairs, 5) for _ in "ab")
    assert (one.neighbors == two.neighbors).all()
    assert one.recall == two.recall


def test_lists_too_empty_are_made_up_for_by_exact_search():
    pairs = pair_scores("none", draw(640))
    settings = APPROXIMATE | {"n_lists": 16, "n_probe": 1}
    found = find_nearest(ApproximateSearch(**settings), pairs, 300)
    assert np.isfinite(found.scores).all()
    assert all(len(set(row)) == 300 for row in found.neighbors.tolist())
    assert found.recall == 1  # no list holds 300 of 640


def test_a_small_gallery_is_searched_exactly():
    pairs = pair_scores("none", draw(40))
    found = find_nearest(ApproximateSearch(**APPROXIMATE), pairs, 5)
    exact = find_nearest(ExactSearch(), pairs, 5)
    assert (found.neighbors == exact.neighbors).all()


@pytest.mark.parametrize("key", ["n_dims", "n_lists", "n_probe", "n_candidates"])
def test_settings_that_find_nothing_are_refused(key):
    with pytest.raises(ValueError, match=f"{key}.* >= "):
        ApproximateSearch(**APPROXIMATE | {key: 0})


def test_without_faiss_one_line_tells_what_to_install(monkeypatch):
    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name == "faiss":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ValueError, match="pip install faiss-cpu"):
        find_nearest(ExactSearch(), pair_scores("none", draw(4)), 2)
