"""Batches depend on the seed and the epoch, and hold what was drawn."""

import numpy as np
import pytest
import torch

from recipes.siamese.batches import DrawnBatches
from recipes.siamese.heads import Euclidean
from recipes.siamese.losses import Contrastive
from recipes.siamese.objectives import Pairs
from recipes.siamese.pairs import PairSampler

SPEAKERS = np.repeat(list("abcd"), 3)


@pytest.fixture
def batches():
    """Return batches of fragments whose only feature is the number of the speaker."""
    utterances = np.arange(12).astype(str)
    sampler = PairSampler(SPEAKERS, utterances, np.zeros(12), apart_seconds=1.0)
    feats = np.repeat(np.arange(4.0, dtype=np.float32), 3)[:, np.newaxis]
    objective = Pairs(Euclidean(), Contrastive(margin=2.0))
    return DrawnBatches(feats, sampler, objective, batch_size=8, n_batches=3, seed=5)


def drawn(batches, epoch):
    batches.set_epoch(epoch)
    return [feats for feats, _ in batches]


def test_targets_tell_whether_the_features_are_of_one_speaker(batches):
    for feats, target in batches:
        assert feats.shape == (8, 2, 1)
        same = feats[:, 0, 0] == feats[:, 1, 0]
        assert torch.equal(same, target.bool())


def test_an_epoch_is_always_the_same_and_unlike_the_next(batches):
    first, second = drawn(batches, 1), drawn(batches, 2)
    assert torch.equal(torch.stack(drawn(batches, 1)), torch.stack(first))
    assert not torch.equal(torch.stack(first), torch.stack(second))
    assert len(first) == len(batches) == 3
