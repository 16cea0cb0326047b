"""Scalers change what counts in a distance; mean normalisation takes means away."""

import numpy as np
import pytest
from made_up_readers import make_readers
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from recipes.gender.normalisations import (
    compare_normalisations,
    nearest_accuracy,
    separation,
)

SCALERS = {"none": "passthrough", "z": StandardScaler(), "min-max": MinMaxScaler()}


def compare(readers):
    _, speakers, genders, means, sds, _ = readers
    return compare_normalisations(means, sds, genders, speakers, SCALERS)


def test_a_loud_useless_coefficient_hides_gender_until_it_is_scaled():
    readers = make_readers(apart=10)
    readers.means[:, 3] *= 1000
    found = compare(readers)
    assert found["none"]["accuracy"] < 0.7
    assert found["none"]["largest_share"] > 0.99
    assert found["none"]["sd_range"] > 1000
    for name in ("z", "min-max"):
        assert found[name]["accuracy"] > 0.9
        assert found[name]["between"] > 10 * found["none"]["between"]
    assert found["z"]["sd_range"] == pytest.approx(1)


def test_scaling_a_coefficient_does_not_change_its_fisher_ratio():
    found = compare(make_readers())
    ratios = [found[name]["fisher"] for name in SCALERS]
    assert ratios == pytest.approx([ratios[0]] * 3)


def test_mean_normalisation_takes_gender_away_that_is_in_means():
    readers = make_readers(apart=10)
    found = compare(readers)
    assert found["z"]["accuracy"] > 0.9
    assert 0.3 < found["cmn"]["accuracy"] < 0.7
    nothing = {"sd_range": None, "largest_share": None, "accuracy": None}
    assert found["cmvn"] == nothing | {"between": 0.0, "fisher": 0.0}


def test_a_feature_that_is_gender_is_all_between():
    genders = np.tile([0, 1], 10)
    feats = np.stack([genders, np.zeros(20)], axis=1) + 1e-9
    feats[0, 0] += 1e-3
    found = separation(feats, genders, np.arange(20).astype(str), "passthrough")
    assert found["between"] == pytest.approx(1, abs=1e-4)
    assert found["accuracy"] == 1


def test_the_nearest_is_looked_for_among_other_readers():
    """Each reader's own utterances are nearest, then those of the other gender."""
    feats = np.array([[0.0], [0.1], [1.0], [1.1], [9.0], [9.1], [10.0], [10.1]])
    speakers = np.repeat(list("abcd"), 2)
    genders = np.repeat([0, 1, 0, 1], 2)
    assert nearest_accuracy(feats, genders, speakers, "passthrough") == 0
    assert nearest_accuracy(feats, np.repeat([0, 1], 4), speakers, "passthrough") == 1


def test_each_utterance_counts_once():
    feats = np.array([[0.0], [0.1], [0.2], [0.3], [5.0]])
    speakers = np.array(list("aabbc"))
    genders = np.array([0, 0, 0, 0, 1])
    found = nearest_accuracy(feats, genders, speakers, "passthrough")
    assert found == pytest.approx(4 / 5)
