"""The protocol gives a model that knows nothing what guessing gives."""

import numpy as np
import pytest
import torch

from recipes.siamese.features import Fragments
from recipes.siamese.protocol import Protocol

SETTINGS = {
    "max_ways": 4,
    "shots": [1, 2],
    "shots_ways": [3],
    "class_ways": [2],
    "n_tasks": 50,
    "n_pairs": 100,
    "n_sigma": 3,
    "sigma_batch": None,
    "apart_seconds": 1.0,
    "n_bootstrap": 10,
    "confidence": 0.95,
    "seed": 1,
}
SPEAKERS = np.repeat(list("abcd"), 4)


class Constant(torch.nn.Module):
    """Scores all pairs alike."""

    def score(self, left, right):
        return torch.zeros(torch.broadcast_shapes(left.shape, right.shape)[:-1])


@pytest.fixture
def fragments():
    """Return four fragments of each of four speakers, of one utterance."""
    starts = np.tile(np.arange(4.0), 4)
    return Fragments(np.arange(16), SPEAKERS, SPEAKERS, starts, feats=None)


@pytest.fixture
def truth():
    """Return the scores of a model that is always right."""
    return (SPEAKERS[:, np.newaxis] == SPEAKERS).astype(float)


def test_a_constant_model_gets_one_in_k(fragments):
    protocol = Protocol(**SETTINGS)
    curve = protocol.curve(fragments, np.zeros((16, 16)), protocol.ways)
    assert {k: point["mean"] for k, point in curve.items()} == pytest.approx(
        {2: 1 / 2, 3: 1 / 3, 4: 1 / 4}
    )
    embeddings = np.zeros((16, 2), dtype=np.float32)
    shots = protocol.several_shots(
        fragments, Constant(), embeddings, np.zeros((16, 16))
    )
    for method in ("nearest", "prototype"):
        found = {n: point["mean"] for n, point in shots[method][3].items()}
        assert found == pytest.approx({1: 1 / 3, 2: 1 / 3})


def test_a_perfect_model_gets_all(fragments, truth):
    curve = Protocol(**SETTINGS).curve(fragments, truth, [4])
    assert curve[4] == {"mean": 1.0, "low": 1.0, "high": 1.0}


def test_the_papers_ties_flatter_a_constant_model(fragments):
    protocol = Protocol(**SETTINGS, paper=True)
    assert protocol.curve(fragments, np.zeros((16, 16)), [4])[4]["mean"] == 1.0


def test_verification_of_a_perfect_model_has_no_error(fragments, truth):
    protocol = Protocol(**SETTINGS)
    pairs = protocol.scored_pairs(fragments, truth)
    figures = protocol.verification(pairs, pairs)
    assert figures["eer"]["mean"] == 0
    assert figures["thresholds"]["eer_point"]["accuracy"] == 1


def test_the_same_seed_draws_the_same_tasks(fragments, rng):
    scores = rng.normal(size=(16, 16))
    protocol = Protocol(**SETTINGS)
    assert protocol.curve(fragments, scores, [3]) == protocol.curve(
        fragments, scores, [3]
    )
