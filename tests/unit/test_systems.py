"""Tests of local.scoring.systems."""

import numpy as np
import pytest

from local.scoring.calibration import Calibration
from local.scoring.normalization import METHODS, normalize_scores
from local.scoring.systems import (
    SYSTEM_NAMES,
    inductive_systems,
    transductive_systems,
)
from local.scoring.transductive import segments_per_speaker

COUNTING = Calibration(scale=10.0, offset=-4.0)


def draw(n, seed=0):
    return np.random.default_rng(seed).normal(size=(n, 8))


def test_every_normalization_has_a_name():
    assert set(SYSTEM_NAMES) == set(METHODS)


@pytest.mark.parametrize(
    ("normalizations", "names"),
    [
        ([], ["cosine"]),
        (["none"], ["cosine"]),
        (["as"], ["cosine", "as-norm"]),
        (["as", "s"], ["cosine", "as-norm", "s-norm"]),
        (["z", "t"], ["cosine", "s-norm"]),
    ],
)
def test_the_cosine_comes_first_then_its_normalizations(normalizations, names):
    assert list(inductive_systems(normalizations, draw(9), 3)) == names


def test_systems_of_one_name_give_the_same_scores():
    gallery, cohort = draw(5, seed=1), draw(9)
    z, t, s = (
        inductive_systems([method], cohort, 3)["s-norm"](gallery) for method in "zts"
    )
    assert (z == s).all()
    assert (t == s).all()


def test_an_inductive_system_normalizes_with_its_cohort():
    gallery, cohort = draw(5, seed=1), draw(9)
    scores = inductive_systems(["as"], cohort, 3)["as-norm"](gallery)
    assert (scores == normalize_scores("as", gallery, cohort, 3)).all()


def test_a_transductive_system_is_told_the_segments_a_speaker_has():
    rerankers = {"by_size": lambda embeddings, n_group: (len(embeddings), n_group)}
    systems = transductive_systems(["by_size"], rerankers, COUNTING)
    assert list(systems) == ["by size (transductive)"]
    expected = segments_per_speaker(draw(5), COUNTING)
    assert systems["by size (transductive)"](draw(5)) == (5, expected)


def test_every_reranking_chosen_is_a_system_of_its_own():
    rerankers = {name: lambda *_, name=name: name for name in "abc"}
    systems = transductive_systems(["c", "a"], rerankers, COUNTING)
    found = [(name, score(draw(5))) for name, score in systems.items()]
    assert found == [("c (transductive)", "c"), ("a (transductive)", "a")]
    assert transductive_systems([], rerankers, COUNTING) == {}


def test_unknown_systems_are_refused_by_name():
    with pytest.raises(ValueError, match="normalization must be of .*'as'"):
        inductive_systems(["s", "as-norm"], draw(9), 3)
    with pytest.raises(ValueError, match=r"rerank must be of \['x'\], got 'y'"):
        transductive_systems(["y"], {"x": None}, COUNTING)
