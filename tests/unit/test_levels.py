"""Decisions of a lower level become those of a higher, never across two classifiers."""

import numpy as np
import pytest

from local.evaluation.levels import decide

SURE, LEANS, OTHER = [0.9, 0.1], [0.45, 0.55], [0.1, 0.9]


def decided(posteriors, hears, parents, folds):
    """Return (level, rule) -> (first items, classes)."""
    parents = {level: np.array(names) for level, names in parents.items()}
    return {
        (level, rule): (rows.tolist(), predicted.tolist())
        for level, rule, rows, predicted in decide(
            np.array(posteriors), hears, parents, folds
        )
    }


def test_an_utterance_is_decided_by_mean_and_by_vote():
    found = decided([SURE, LEANS, LEANS], "chunk", {"utterance": ["a"] * 3}, [0] * 3)
    assert found == {
        ("chunk", "own"): ([0, 1, 2], [0, 1, 1]),
        ("utterance", "mean"): ([0], [0]),
        ("utterance", "vote"): ([0], [1]),
    }


def test_chunks_of_one_utterance_tested_in_two_folds_are_two_decisions():
    posteriors, folds = [SURE, OTHER, OTHER, SURE], [0, 1, 1, 0]
    found = decided(posteriors, "chunk", {"utterance": ["a"] * 4}, folds)
    for rule in ("mean", "vote"):
        assert found["utterance", rule] == ([0, 1], [0, 1])


@pytest.mark.parametrize("names", [["a", "a 1"], ["a1", "a"]])
def test_names_and_folds_are_not_mistaken_for_each_other(names):
    found = decided([SURE, OTHER], "chunk", {"utterance": names}, [11, 1])
    rows, predicted = found["utterance", "mean"]
    assert sorted(zip(rows, predicted, strict=True)) == [(0, 0), (1, 1)]


def test_what_was_not_tested_is_not_decided_upon():
    posteriors = [[np.nan, np.nan], OTHER, SURE, [np.nan, np.nan]]
    found = decided(posteriors, "chunk", {"utterance": list("aabc")}, [-1, 0, 1, -1])
    for rows, predicted in found.values():
        assert (rows, predicted) == ([1, 2], [1, 0])


def test_each_level_rests_on_the_items_not_on_the_level_between():
    # Two chunks of one frame each lean one way, one of five frames the other.
    parents = {"chunk": list("abccccc"), "utterance": ["u"] * 7}
    posteriors = [[0.6, 0.4]] * 2 + [LEANS] * 5
    found = decided(posteriors, "frame", parents, [0] * 7)
    assert list(found) == [("frame", "own")] + [
        (level, rule) for level in parents for rule in ("mean", "vote")
    ]
    assert found["chunk", "mean"] == ([0, 1, 2], [0, 0, 1])
    assert found["utterance", "vote"] == ([0], [1])


def test_what_hears_the_highest_level_decides_once():
    assert list(decided([SURE, OTHER], "utterance", {}, [0, 1])) == [
        ("utterance", "own")
    ]
