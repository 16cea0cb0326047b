"""Embedding and scoring are the same in pieces as at once."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from local.checkpoints import CompleteCheckpointer
from recipes.siamese import model
from recipes.siamese.heads import WeightedL1
from recipes.siamese.losses import BinaryCrossEntropy
from recipes.siamese.model import (
    as_tested,
    embed,
    load_best,
    make_modules,
    score,
    score_matrix,
)
from recipes.siamese.normalizers import MinMax, Unit
from recipes.siamese.objectives import Pairs


@pytest.fixture
def hparams(tmp_path):
    """Return a model that is a dense layer with dropout, and its checkpointer."""
    torch.manual_seed(0)
    parts = {
        "normalizer": Unit(1.0),
        "encoder": torch.nn.Sequential(torch.nn.Linear(3, 5), torch.nn.Dropout(0.5)),
        "objective": Pairs(WeightedL1(5, "glorot"), BinaryCrossEntropy()),
    }
    checkpointer = CompleteCheckpointer(tmp_path, recoverables=parts)
    return {**parts, "save_folder": tmp_path, "checkpointer": checkpointer}


def test_embedding_in_batches_is_embedding_at_once_without_dropout(hparams, rng):
    feats = rng.normal(size=(7, 3)).astype(np.float32)
    modules = make_modules(hparams)
    whole = hparams["encoder"][0](torch.from_numpy(feats)).detach().numpy()
    np.testing.assert_allclose(embed(modules, feats, 2, "cpu"), whole, rtol=1e-6)


def test_a_matrix_in_blocks_holds_the_score_of_every_pair(hparams, rng, monkeypatch):
    monkeypatch.setattr(model, "BLOCK", 2 * 6 * 5)  # two rows at a time
    embeddings = rng.normal(size=(6, 5)).astype(np.float32)
    scores = score_matrix(hparams["objective"], embeddings)
    assert scores.shape == (6, 6)
    pair = score(hparams["objective"], embeddings[[1]], embeddings[[4]])
    assert scores[1, 4] == pytest.approx(pair[0], rel=1e-6)
    np.testing.assert_allclose(scores, scores.T, rtol=1e-6)


def test_the_best_checkpoint_is_loaded_not_the_last(hparams):
    weight = hparams["encoder"][0].weight.data
    for accuracy, value in ((0.9, 1.0), (0.5, 2.0)):
        weight.fill_(value)
        hparams["checkpointer"].save_checkpoint(meta={"accuracy": accuracy})
    modules = load_best(hparams, "cpu")
    assert modules["encoder"][0].weight[0, 0] == 1.0


def test_the_papers_normaliser_alone_learns_from_the_test(hparams):
    hparams["normalizer"] = MinMax()
    modules = make_modules(hparams)
    modules["normalizer"].fit(np.array([[0.0, 1.0]]))
    test = SimpleNamespace(feats=np.array([[0.0, 4.0]]))
    same = as_tested(modules, test, SimpleNamespace(paper=False))
    assert same["normalizer"].high == 1.0
    paper = as_tested(modules, test, SimpleNamespace(paper=True))
    assert (paper["normalizer"].high, modules["normalizer"].high) == (4.0, 1.0)
    assert paper["encoder"] is modules["encoder"]


def test_what_was_never_trained_says_so(hparams):
    with pytest.raises(FileNotFoundError, match="train first"):
        load_best(hparams, "cpu")


@pytest.mark.parametrize("content", [b"", b"no weights", None])
def test_a_damaged_checkpoint_and_another_networks_are_told_in_one_line(
    hparams, content
):
    hparams["checkpointer"].save_checkpoint(meta={"accuracy": 0.5})
    (path,) = hparams["save_folder"].glob("CKPT*/encoder.ckpt")
    if content is None:
        torch.save(torch.nn.Linear(2, 2).state_dict(), path)
    else:
        path.write_bytes(content)
    with pytest.raises(ValueError, match="is damaged or another network's; give") as e:
        load_best(hparams, "cpu")
    assert "\n" not in str(e.value)
