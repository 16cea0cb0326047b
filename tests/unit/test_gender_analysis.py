"""The figures of an analysis are those of its parts, and fit into JSON."""

import json

import numpy as np
import pytest
from made_up_readers import make_readers
from sklearn.preprocessing import StandardScaler

from recipes.gender.analysis import analyse

HPARAMS = {
    "n_bootstrap": 50,
    "confidence": 0.95,
    "seed": 0,
    "outliers": {"z": 3.0, "iqr": 1.5, "quantile": 0.999},
    "scalers": {"none": "passthrough", "z": StandardScaler()},
    "explained_share": 0.85,
}


def analyse_made_up(**changes):
    return analyse(make_readers(n_readers=40)._replace(**changes), HPARAMS)


def test_figures_fit_into_json_and_are_the_same_each_time():
    figures, arrays = analyse_made_up()
    again, arrays_again = analyse_made_up()
    assert json.loads(json.dumps(figures)) == figures == again
    for name, values in arrays.items():
        assert len(values) == 120
        np.testing.assert_array_equal(values, arrays_again[name])


def test_coefficients_and_deviations_have_their_names():
    figures, _ = analyse_made_up()
    for part in ("coefficients", "deviations"):
        assert [row["name"] for row in figures[part]] == [f"c{i}" for i in range(6)]
    assert figures["coefficients"][0]["r"]["mean"] > 0.7
    assert abs(figures["deviations"][0]["r"]["mean"]) < 0.5


def test_outliers_are_named():
    readers = make_readers(n_readers=40)
    readers.means[50] += 30
    figures, arrays = analyse(readers, HPARAMS)
    found = figures["outliers"]
    for method in ("z", "iqr", "mahalanobis"):
        assert readers.names[50] in found[method]["utterances"]
        assert found[method]["n"] == len(found[method]["utterances"])
    n_beyond = (arrays["distances"] > found["limit"]).sum()
    assert found["mahalanobis"]["n"] == n_beyond


def test_a_threshold_of_pitch_tells_who_is_wrong():
    hz = np.where(make_readers(n_readers=40).genders, 110.0, 200.0)
    hz[:3] = 90  # the first woman
    pitch = analyse_made_up(hz=hz)[0]["pitch"]
    assert pitch["wrong"] == {"000": 90.0}
    assert pitch["accuracy"] == pytest.approx(39 / 40)
    assert 110 < pitch["threshold"] < 200
    assert (pitch["median_f"], pitch["median_m"]) == (200, 110)
    assert pitch["r"]["mean"] < -0.9


def test_an_unvoiced_utterance_does_not_lower_a_reader():
    hz = np.where(make_readers(n_readers=40).genders, 110.0, 200.0)
    hz[:2] = 0
    pitch = analyse_made_up(hz=hz)[0]["pitch"]
    assert pitch["n_unvoiced"] == 2
    assert pitch["wrong"] == {}


def test_recordings_without_any_pitch_are_no_speech():
    with pytest.raises(ValueError, match="0 of 120 utterances have a pitch"):
        analyse_made_up(hz=np.zeros(120))
