"""Settings of an exploration choose chunks, speakers and layers, and are checked."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from recipes.wav2vec2_speaker_id.clusters import Space
from recipes.wav2vec2_speaker_id.exploration import Exploration, variance

SETTINGS = Exploration(
    feats="mfcc",
    layer=None,
    max_chunks=1000,
    n_components=8,
    methods=("kmeans", "ward"),
    n_starts=3,
    maps=("pca",),
    n_map_speakers=2,
    n_bootstrap=50,
    confidence=0.95,
    seed=1,
)
SPEAKERS = np.repeat(["a", "b", "c"], [20, 10, 3])


def test_all_chunks_are_taken_if_they_are_not_too_many():
    assert SETTINGS.choose_chunks(SPEAKERS).tolist() == list(range(33))


def test_of_too_many_chunks_speakers_keep_as_even_a_share_as_they_can():
    rows = replace(SETTINGS, max_chunks=17).choose_chunks(SPEAKERS)
    assert (np.diff(rows) > 0).all()
    assert Counter(SPEAKERS[rows].tolist()) == {"a": 7, "b": 7, "c": 3}


def test_the_seed_chooses_chunks_and_speakers():
    few = replace(SETTINGS, max_chunks=17)
    names = [f"s{n}" for n in range(50)]
    first, again = few.choose_chunks(SPEAKERS), few.choose_chunks(SPEAKERS)
    np.testing.assert_array_equal(first, again)
    assert (first != replace(few, seed=2).choose_chunks(SPEAKERS)).any()
    first, again = few.choose_speakers(names), few.choose_speakers(names)
    np.testing.assert_array_equal(first, again)
    assert len(set(first)) == 2
    assert (first != replace(few, seed=2).choose_speakers(names)).any()


def test_there_may_be_fewer_speakers_than_a_map_has_room_for():
    chosen = replace(SETTINGS, n_map_speakers=9).choose_speakers(SPEAKERS)
    assert chosen.tolist() == ["a", "b", "c"]


@pytest.mark.parametrize("spk_ids", [["a"] * 9, ["a", "b", "c"], ["a", "b", "b"]])
def test_too_few_chunks_are_refused(spk_ids):
    with pytest.raises(ValueError, match=f"{len(spk_ids)} chunks of .* are too few"):
        SETTINGS.choose_chunks(np.array(spk_ids))


def test_the_layer_asked_for_is_picked(rng):
    feats, rows = rng.normal(size=(5, 3, 4)), np.array([0, 2])
    picked = replace(SETTINGS, layer=2).pick(feats, rows)
    np.testing.assert_array_equal(picked, feats[[0, 2], 2])
    np.testing.assert_array_equal(SETTINGS.pick(feats[:, 1], rows), feats[[0, 2], 1])


@pytest.mark.parametrize(
    ("layer", "shape", "expected"),
    [
        (3, (5, 3, 4), "expected 0 to 2"),
        (-1, (5, 3, 4), "expected 0 to 2"),
        (None, (5, 3, 4), "expected 0 to 2"),
        (0, (5, 4), "expected null"),
        (None, (5, 4, 3, 2), "expected null"),
    ],
)
def test_a_layer_that_is_not_there_is_refused(layer, shape, expected):
    with pytest.raises(ValueError, match=f"layer is {layer}.*'mfcc'.*{expected}"):
        replace(SETTINGS, layer=layer).pick(np.zeros(shape), np.arange(2))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"methods": ["k-means"]}, "method 'k-means': expected some of kmeans"),
        ({"maps": ["som"]}, "map 'som'"),
        ({"n_starts": 0}, "n_starts is 0, below 1"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        replace(SETTINGS, **change)


def test_components_are_counted_up_to_85_percent():
    explained = np.array([0.5, 0.3, 0.1, 0.06, 0.04])
    space = Space(np.eye(4), np.eye(4), explained)
    found = variance(space, np.array(["a", "a", "b", "b"]))
    assert found["explained"] == [0.5, 0.3, 0.1]
    assert found["n_for_85"] == 3


def test_the_same_seed_measures_the_same_and_speakers_beat_chance(rng):
    centres = np.repeat(rng.normal(size=(3, 10)), [20, 10, 3], axis=0)
    feats = centres + 0.3 * rng.normal(size=centres.shape)
    utterances = np.array([f"{n // 2}" for n in range(33)])
    figures, space, planes, labels = SETTINGS.measure(feats, SPEAKERS, utterances)
    assert figures == SETTINGS.measure(feats, SPEAKERS, utterances)[0]
    assert set(figures["clusters"]) == set(labels) == {"kmeans", "ward"}
    assert planes["pca"].shape == (33, 2)
    assert space.points.shape == (33, 8)
    chance, kmeans = figures["chance"], figures["clusters"]["kmeans"]
    assert kmeans["ari"]["mean"] > 0.5 > chance["ari"]["high"]
    low, high = kmeans["ari_of_starts"]
    assert low <= kmeans["ari"]["mean"] <= high
    assert figures["neighbours"]["all"]["any"] > 0.9 > chance["neighbours"]
    assert figures["true_silhouette"] > 0.3 > chance["silhouette"]
