"""Figures of decisions about women and men, and who is taken for the other."""

import numpy as np

from recipes.gender.records import list_errors, measure, wrong_shares

TRUE = np.array([0, 0, 1, 1, 0, 1])
SPEAKERS = np.array(list("aabbcd"))
PREDICTED = np.array([0, 1, 1, 1, 0, 0])
FOLDS = np.array([0, 0, 1, 1, 1, 0])


def measured(unheard):
    """Return the records by their readers."""
    never_heard = np.isin(SPEAKERS, list(unheard))
    found = measure(TRUE, PREDICTED, SPEAKERS, FOLDS, never_heard, 20, seed=1)
    return {record["readers"]: record for record in found}


def test_figures_of_the_never_heard_are_of_them_alone():
    found = measured("cd")
    assert (found["all"]["n"], found["never_heard"]["n"]) == (6, 2)
    assert found["all"]["confusion"] == [[2, 1], [1, 2]]
    assert found["never_heard"]["confusion"] == [[1, 0], [1, 0]]
    assert found["never_heard"]["accuracy"]["mean"] == 0.5
    assert found["never_heard"]["folds"]["each"] == [0, 1]


def test_without_both_genders_there_are_none_of_the_never_heard():
    for unheard in ("", "d", "bd"):
        assert list(measured(unheard)) == ["all"]


def test_shares_are_of_all_decisions_about_a_reader():
    shares = wrong_shares(TRUE, PREDICTED, SPEAKERS)
    assert shares == {"a": 0.5, "b": 0, "c": 0, "d": 1}


def test_who_is_mistaken_by_any_system_is_listed_the_most_mistaken_first():
    shares = {"svm": {"a": 0.2, "b": 0.5, "c": 0.9}, "knn": {"a": 0.7, "b": 1, "c": 0}}
    mistaken = {"svm": {"a": 0, "b": 0.0, "c": 0}, "knn": {"a": 0.5, "b": 1, "c": 0}}
    errors = list_errors(shares, mistaken, {"a": "F", "b": "M", "c": "M"})
    assert errors == [
        {"speaker": "b", "label": "M", "systems": {"svm": 0.5, "knn": 1}},
        {"speaker": "a", "label": "F", "systems": {"svm": 0.2, "knn": 0.7}},
    ]
