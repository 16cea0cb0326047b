"""Maps of chunks, and how much of the speakers is left on them."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from recipes.wav2vec2_speaker_id import planes
from recipes.wav2vec2_speaker_id.clusters import principal_space
from recipes.wav2vec2_speaker_id.planes import (
    between_speakers,
    check_maps,
    neighbours,
    neighbours_by_chance,
    project,
)

SPEAKERS = np.repeat(["a", "b", "c"], 6)
UTTERANCES = np.repeat([f"u{n}" for n in range(9)], 2)


class FakeUmap:
    """Keep what it is called with, and return it."""

    def __init__(self, **settings):
        self.settings = settings

    def fit_transform(self, points):
        return self.settings, points


@pytest.fixture
def space(rng):
    """Return eighteen chunks of three speakers."""
    centres = np.repeat(3 * rng.normal(size=(3, 10)), 6, axis=0)
    return principal_space(centres + rng.normal(size=centres.shape), 10)


def slow_neighbours(points, owners, allowed):
    """Return how often the nearest point that is allowed is of the same owner."""
    hits = []
    for row, point in enumerate(points):
        others = [n for n in range(len(points)) if allowed(row, n)]
        nearest = min(others, key=lambda n: np.linalg.norm(point - points[n]))
        hits.append(owners[nearest] == owners[row])
    return np.mean(hits)


def test_the_map_of_components_is_the_first_two(space):
    np.testing.assert_array_equal(project(space, "pca", 0), space.components[:, :2])


def test_a_single_component_is_mapped_to_a_line(space):
    line = project(space._replace(components=space.components[:, :1]), "pca", 0)
    np.testing.assert_array_equal(
        line, np.pad(space.components[:, :1], ((0, 0), (0, 1)))
    )


def test_t_sne_depends_on_the_seed_alone(space):
    first, again, other = (project(space, "tsne", seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, other)


def test_umap_is_given_the_points_and_the_seed(space, monkeypatch):
    monkeypatch.setitem(sys.modules, "umap", SimpleNamespace(UMAP=FakeUmap))
    check_maps(["umap"])
    settings, points = project(space, "umap", 7)
    assert points is space.points
    assert (settings["random_state"], settings["n_jobs"]) == (7, 1)
    assert settings["n_neighbors"] < len(points)


def test_without_umap_only_its_map_is_refused(monkeypatch):
    monkeypatch.setitem(sys.modules, "umap", None)
    check_maps(["pca", "tsne"])
    with pytest.raises(ValueError, match="pip install -r requirements-wav2vec2.txt"):
        check_maps(["pca", "umap"])


def test_an_unknown_map_is_refused():
    with pytest.raises(ValueError, match="map 'som': expected some of pca, tsne, umap"):
        check_maps(["pca", "som"])


@pytest.mark.parametrize("block", [4, 1024])
def test_neighbours_equal_a_slow_loop(block, rng, monkeypatch):
    monkeypatch.setattr(planes, "BLOCK", block)
    points = rng.normal(size=(18, 2))
    found = neighbours(points, SPEAKERS, UTTERANCES)
    near = slow_neighbours(points, SPEAKERS, lambda i, j: i != j)
    other = slow_neighbours(
        points, SPEAKERS, lambda i, j: UTTERANCES[i] != UTTERANCES[j]
    )
    assert found == {"any": near, "other_utterance": other}


def test_chunks_that_only_share_their_recording_are_told_from_voices(rng):
    recordings = np.repeat(rng.normal(size=(9, 20)), 2, axis=0)
    points = recordings + 0.01 * rng.normal(size=recordings.shape)
    found = neighbours(points, SPEAKERS, UTTERANCES)
    assert found["any"] == 1
    assert found["other_utterance"] < 0.7


def test_one_utterance_a_speaker_leaves_no_other_to_compare(rng):
    found = neighbours(rng.normal(size=(18, 2)), SPEAKERS, SPEAKERS)
    assert found["other_utterance"] is None


def test_speakers_of_one_utterance_count_only_where_they_can(rng):
    utterances = np.where(SPEAKERS == "c", "only", UTTERANCES)
    points = np.repeat(np.eye(3), 6, axis=0) + 0.01 * rng.normal(size=(18, 3))
    found = neighbours(points, SPEAKERS, utterances)
    assert found == {"any": 1, "other_utterance": 1}


def test_chance_is_the_share_of_pairs_of_one_speaker():
    # 3 pairs of a and 1 of b among 10 pairs of five chunks.
    assert neighbours_by_chance(["a", "a", "a", "b", "b"]) == pytest.approx(0.4)


def test_variance_lies_between_speakers_or_within(rng):
    apart = np.repeat(np.eye(3), 6, axis=0)
    assert between_speakers(apart, SPEAKERS) == pytest.approx(1)
    noise = [between_speakers(rng.normal(size=(18, 4)), SPEAKERS) for _ in range(200)]
    assert abs(np.mean(noise)) < 0.02  # and not the 2 / 17 of the plain share
