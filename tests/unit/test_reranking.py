"""Tests of local.scoring.reranking."""

import numpy as np
import pytest

from local.scoring.reranking import (
    diffuse,
    expand_queries,
    k_reciprocal_distances,
    linkage_scores,
)
from local.scoring.similarity import cosine_scores


def draw(n_speakers=4, n_segments=5, spread=0.6, seed=0):
    """Return embeddings of made-up speakers, one after the other."""
    rng = np.random.default_rng(seed)
    speakers = rng.normal(size=(n_speakers, 1, 12))
    noise = spread * rng.normal(size=(n_speakers, n_segments, 12))
    return (speakers + noise).reshape(-1, 12)


def distances_of(embeddings):
    distances = (1 - cosine_scores(embeddings)) / 2
    np.fill_diagonal(distances, 0)
    return distances


def slow_expansion(embeddings, n, alpha):
    """Expand one query after the other."""
    unit = [row / np.sqrt(row @ row) for row in embeddings]
    expanded = []
    for query in unit:
        nearest = sorted(unit, key=lambda other: -(query @ other))[:n]
        total = sum(max(query @ other, 0) ** alpha * other for other in nearest)
        expanded.append(total / np.sqrt(total @ total))
    return np.array(expanded)


def slow_neighbors(distances, i, k):
    """Return the set of the k nearest of i, and i."""
    return set(sorted(range(len(distances)), key=lambda j: distances[i, j])[: k + 1])


def slow_reciprocal(distances, i, k):
    near = slow_neighbors(distances, i, k)
    return {j for j in near if i in slow_neighbors(distances, j, k)}


def slow_k_reciprocal(distances, k1, k2, original_weight):
    """Follow the paper set by set."""
    n = len(distances)
    weights = np.zeros((n, n))
    for i in range(n):
        near = slow_reciprocal(distances, i, k1)
        encoded = set(near)
        for j in near:
            core = slow_reciprocal(distances, j, round(k1 / 2))
            if len(near & core) >= 2 / 3 * len(core):
                encoded |= core
        for j in encoded:
            weights[i, j] = np.exp(-distances[i, j])
        weights[i] /= weights[i].sum()
    weights = np.array(
        [
            np.mean([weights[j] for j in slow_neighbors(distances, i, k2 - 1)], axis=0)
            for i in range(n)
        ]
    )
    jaccard = np.array(
        [
            [1 - np.minimum(a, b).sum() / np.maximum(a, b).sum() for b in weights]
            for a in weights
        ]
    )
    return (1 - original_weight) * jaccard + original_weight * distances


def slow_diffusion(scores, n, damping, exponent, n_steps=300):
    """Add up the walks, one length after the other."""
    n_rows = len(scores)
    edges = np.zeros((n_rows, n_rows))
    for i in range(n_rows):
        for j in range(n_rows):
            mutual = i in slow_neighbors(-scores, j, n - 1)
            if i != j and mutual and j in slow_neighbors(-scores, i, n - 1):
                edges[i, j] = max(scores[i, j], 0) ** exponent
    degrees = np.where(edges.any(axis=1), edges.sum(axis=1), 1)
    flow = edges / np.sqrt(np.outer(degrees, degrees))
    walks, total = np.eye(n_rows), np.zeros((n_rows, n_rows))
    for _ in range(n_steps):
        total += walks
        walks = damping * walks @ flow
    return total


@pytest.mark.parametrize(("n", "alpha"), [(1, 3.0), (3, 1.0), (6, 3.0), (20, 0.0)])
def test_query_expansion_equals_the_loop_over_queries(n, alpha):
    embeddings = draw()
    slow = slow_expansion(embeddings, n, alpha)
    assert expand_queries(embeddings, [n], alpha) == pytest.approx(slow)


def test_query_expansion_passes_feed_each_other():
    twice = slow_expansion(slow_expansion(draw(), 3, 2.0), 5, 2.0)
    assert expand_queries(draw(), [3, 5], 2.0) == pytest.approx(twice)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("k1", "k2"), [(1, 1), (4, 2), (7, 3)])
def test_k_reciprocal_distances_equal_the_paper_set_by_set(k1, k2, seed):
    distances = distances_of(draw(spread=1.0, seed=seed))
    slow = slow_k_reciprocal(distances, k1, k2, 0.3)
    assert k_reciprocal_distances(distances, k1, k2) == pytest.approx(slow, abs=1e-12)


@pytest.mark.parametrize(("n", "damping", "exponent"), [(3, 0.9, 1.0), (6, 0.5, 3.0)])
def test_diffusion_equals_the_sum_over_walks(n, damping, exponent):
    scores = cosine_scores(draw(spread=1.0))
    slow = slow_diffusion(scores, n, damping, exponent)
    assert diffuse(scores, n, damping, exponent) == pytest.approx(slow, abs=1e-9)


def test_linkage_scores_of_four_segments_by_hand():
    # 0 and 1 merge at 0.9, 2 and 3 at 0.8, both at (0.1 + 0.2 + 0.3 + 0.4) / 4.
    scores = np.eye(4)
    for i, j, score in ((0, 1, 0.9), (2, 3, 0.8), (0, 2, 0.1), (0, 3, 0.2)):
        scores[i, j] = scores[j, i] = score
    scores[1, 2] = scores[2, 1] = 0.3
    scores[1, 3] = scores[3, 1] = 0.4
    linked = linkage_scores(scores)
    assert linked[0, 1] == pytest.approx(0.9)
    assert linked[2, 3] == pytest.approx(0.8)
    assert linked[:2, 2:] == pytest.approx(0.25)


METHODS = {
    "query expansion": lambda x, k: cosine_scores(expand_queries(x, [k, k])),
    "k-reciprocal": lambda x, k: (
        -k_reciprocal_distances(distances_of(x), k, max(1, k // 2))
    ),
    "diffusion": lambda x, k: diffuse(cosine_scores(x), k),
    "linkage": lambda x, k: linkage_scores(cosine_scores(x)),
}
each_method = pytest.mark.parametrize("score", METHODS.values(), ids=METHODS)


@each_method
def test_permuted_segments_get_permuted_scores(score, rng):
    embeddings = draw(spread=1.0)
    order = rng.permutation(len(embeddings))
    expected = score(embeddings, 4)[np.ix_(order, order)]
    assert score(embeddings[order], 4) == pytest.approx(expected)


@each_method
@pytest.mark.parametrize(("n_speakers", "k"), [(2, 1), (2, 50), (20, 4), (20, 200)])
def test_scores_are_symmetric_and_finite_whatever_the_sizes(score, n_speakers, k):
    scores = score(draw(n_speakers, n_segments=1), k)
    assert scores.shape == (n_speakers, n_speakers)
    assert np.isfinite(scores).all()
    assert (scores == scores.T).all()


@each_method
def test_a_segment_and_its_copy_are_nearest_to_each_other(score):
    embeddings = draw(spread=1.0)
    scores = score(np.vstack([embeddings, embeddings[7]]), 4)
    np.fill_diagonal(scores, -np.inf)
    assert scores[7, -1] == pytest.approx(scores[7].max())
    assert scores[-1, :7] == pytest.approx(scores[7, :7])


@each_method
def test_reranking_ranks_mates_higher_than_cosines_do(score):
    embeddings = draw(8, 8, spread=0.7)
    same = np.equal.outer(np.arange(64) // 8, np.arange(64) // 8)

    def precision(scores):
        np.fill_diagonal(scores := scores.copy(), -np.inf)
        nearest = scores.argsort(axis=1)[:, -7:]
        return np.take_along_axis(same, nearest, axis=1).mean()

    raw = precision(cosine_scores(embeddings))
    assert precision(score(embeddings, 6)) > raw + 0.05


def test_a_neighborhood_of_one_leaves_the_embeddings_as_they_are():
    unit = draw() / np.linalg.norm(draw(), axis=1, keepdims=True)
    assert expand_queries(draw(), [1, 1]) == pytest.approx(unit)


def test_k_reciprocal_distances_are_distances():
    distances = k_reciprocal_distances(distances_of(draw(spread=1.0)), 4, 2)
    assert (np.diag(distances) == 0).all()
    assert distances.min() >= 0
    assert distances.max() <= 1


def test_an_original_weight_of_one_changes_nothing():
    distances = distances_of(draw())
    assert k_reciprocal_distances(distances, 4, 2, 1.0) == pytest.approx(distances)


def test_unconnected_segments_diffuse_nothing():
    scores = np.eye(4)
    scores[0, 1] = scores[1, 0] = 0.5
    diffused = diffuse(scores, 2)
    assert diffused[0, 1] > 0
    assert (diffused[:2, 2:] == 0).all()


@pytest.mark.parametrize(
    "score",
    [
        lambda x: expand_queries(x, [0]),
        lambda x: k_reciprocal_distances(distances_of(x), 0, 0),
        lambda x: diffuse(cosine_scores(x), 0),
    ],
)
def test_an_empty_neighborhood_is_refused(score):
    with pytest.raises(ValueError, match="at least 1 segment, itself, got 0"):
        score(draw())


def test_a_damping_that_never_ends_is_refused():
    with pytest.raises(ValueError, match="damping must be in"):
        diffuse(np.eye(3), 2, damping=1.0)
