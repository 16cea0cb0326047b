"""Tests of recipes.wav2vec2_speaker_id.layers."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from recipes.wav2vec2_speaker_id.layers import Layer


def noise():
    return np.random.default_rng(0).normal(size=(60, 4, 3)).astype("float16")


def test_a_layer_is_taken_in_float32():
    feats = noise()
    taken = Layer(2).fit_transform(feats)
    assert taken.dtype == np.float32
    assert np.array_equal(taken, feats[:, 2])


def test_a_search_finds_the_layer_that_tells_the_classes_apart(tmp_path):
    """By groups, of a memory-mapped file: as the recipe searches."""
    labels = np.arange(60) % 2
    feats = noise()
    feats[:, 3] += 3 * labels[:, None]
    np.save(tmp_path / "feats.npy", feats)
    feats = np.load(tmp_path / "feats.npy", mmap_mode="r")
    pipeline = make_pipeline(Layer(), StandardScaler(), LogisticRegression())
    grid = {"layer__layer": [0, 1, 2, 3]}
    search = GridSearchCV(pipeline, grid, cv=GroupKFold(3))
    search.fit(feats, labels, groups=np.arange(60) // 4)
    assert search.best_params_ == {"layer__layer": 3}
    assert search.predict_proba(feats[:5]).shape == (5, 2)


@pytest.mark.parametrize("layer", [-1, 4])
def test_a_layer_that_is_not_there_is_refused(layer):
    with pytest.raises(ValueError, match=rf"layer {layer}, expected 0\.\.3"):
        Layer(layer).fit(noise())


def test_features_without_layers_are_refused():
    with pytest.raises(ValueError, match=r"shape \(60, 3\), expected \(n, n_layers"):
        Layer(0).fit(noise()[:, 0])
