"""Clusters of chunks are found, and measured beside the speakers."""

from itertools import combinations

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score
from sklearn.metrics.cluster import contingency_matrix

from recipes.wav2vec2_speaker_id.clusters import (
    METHODS,
    agreement,
    find_clusters,
    matched_table,
    pair_ari,
    principal_space,
)

N_SPEAKERS, N_EACH = 6, 8
SPEAKERS = np.repeat([f"s{n}" for n in range(N_SPEAKERS)], N_EACH)


def voices(rng, noise):
    """Return features of six speakers, (48, 20)."""
    centres = np.repeat(rng.normal(size=(N_SPEAKERS, 20)), N_EACH, axis=0)
    return centres + noise * rng.normal(size=centres.shape)


def slow_ari(table, weights):
    """Return the adjusted Rand index pair by pair."""
    chunks = [(s, c) for s, c in np.ndindex(table.shape) for _ in range(table[s, c])]
    pairs = both = speaker = cluster = 0
    for (s, c), (t, d) in combinations(chunks, 2):
        weight = weights[s] if s == t else weights[s] * weights[t]
        pairs += weight
        speaker += weight * (s == t)
        cluster += weight * (c == d)
        both += weight * (s == t and c == d)
    expected = speaker * cluster / pairs
    return (both - expected) / ((speaker + cluster) / 2 - expected)


def measure(labels, points, seed=0):
    return agreement(SPEAKERS, labels, points, 200, 0.95, seed)


@pytest.mark.parametrize("method", METHODS)
def test_speakers_far_apart_are_found(method, rng):
    points = principal_space(voices(rng, 0.1), 10).points
    labels = find_clusters(points, method, N_SPEAKERS, 5, 0)[0]
    found = measure(labels, points)
    assert found["ari"] == {"mean": 1, "low": 1, "high": 1}
    assert found["nmi"] == pytest.approx(1)
    assert found["matched"] == 1
    assert found["largest"] == 1 / N_SPEAKERS
    assert found["silhouette"] > 0.8


def test_shuffled_speakers_agree_by_chance_alone(rng):
    points = principal_space(voices(rng, 0.1), 10).points
    found = measure(rng.permutation(SPEAKERS), points)
    assert abs(found["ari"]["mean"]) < 0.1
    assert found["silhouette"] < 0
    assert found["nmi"] > found["ari"]["mean"]  # it is not corrected for chance


def test_the_interval_holds_the_figure_and_repeats_by_seed(rng):
    points = principal_space(voices(rng, 1.0), 10).points
    labels = find_clusters(points, "ward", N_SPEAKERS, 1, 0)[0]
    first, again, other = (measure(labels, points, seed) for seed in (1, 1, 2))
    assert first == again
    assert first["ari"] != other["ari"]
    assert first["ari"]["low"] < first["ari"]["mean"] < first["ari"]["high"]


def test_the_index_of_weighted_pairs_equals_a_slow_loop(rng):
    table = rng.integers(0, 4, size=(4, 3))
    for weights in (np.ones(4), np.array([2, 0, 1, 3])):
        assert pair_ari(table, weights) == pytest.approx(slow_ari(table, weights))


def test_the_index_of_unweighted_pairs_is_the_known_one(rng):
    speakers, labels = rng.integers(5, size=60), rng.integers(4, size=60)
    table = contingency_matrix(speakers, labels)
    known = adjusted_rand_score(speakers, labels)
    assert pair_ari(table, np.ones(len(table))) == pytest.approx(known)


def test_of_the_starts_of_k_means_the_tightest_comes_first(rng):
    points = principal_space(voices(rng, 1.0), 10).points

    def spread(labels):
        groups = [points[labels == cluster] for cluster in set(labels)]
        return sum(((group - group.mean(axis=0)) ** 2).sum() for group in groups)

    spreads = [spread(run) for run in find_clusters(points, "kmeans", 6, 8, 0)]
    assert len(spreads) == 8
    assert spreads == sorted(spreads)
    assert spreads[0] < spreads[-1]


def test_components_hold_the_variance_and_points_have_length_one(rng):
    feats = voices(rng, 0.5)
    space = principal_space(100 * feats + 7, 5)
    assert space.components.shape == (48, 5)
    np.testing.assert_allclose(np.linalg.norm(space.points, axis=1), 1)
    assert space.explained.sum() == pytest.approx(1)
    assert (np.diff(space.explained) <= 1e-12).all()
    scaled = principal_space(feats * np.arange(1, 21), 5)  # the scale is of no matter
    np.testing.assert_allclose(scaled.explained, space.explained)


def test_a_feature_that_never_changes_is_of_no_matter(rng):
    feats = voices(rng, 0.5)
    wider = np.column_stack([feats, np.full(len(feats), 3.0)])
    expected = principal_space(feats, 5)
    found = principal_space(wider, 5)
    np.testing.assert_allclose(np.abs(found.components), np.abs(expected.components))


def test_the_best_match_is_on_the_diagonal():
    speakers = np.array(["a"] * 4 + ["b"] * 4 + ["c"] * 4)
    labels = np.array([2, 2, 2, 0, 1, 1, 1, 1, 0, 0, 1, 2])
    table, names = matched_table(speakers, labels)
    assert names.tolist() == ["b", "a", "c"]
    assert table.tolist() == [[4, 0, 0], [0, 3, 1], [1, 1, 2]]


def test_unusable_features_are_refused():
    with pytest.raises(ValueError, match="of 1 of 3 chunks are not finite"):
        principal_space(np.array([[1.0, 2.0], [np.nan, np.inf], [0.0, 1.0]]), 2)
    with pytest.raises(ValueError, match="all 4 chunks have the same features"):
        principal_space(np.ones((4, 3)), 2)


def test_an_unknown_method_is_refused(rng):
    with pytest.raises(ValueError, match="'dbscan': expected one of kmeans, average"):
        find_clusters(np.eye(3), "dbscan", 2, 1, 0)
