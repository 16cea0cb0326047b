"""Batches of pairs, triplets or segments, drawn anew at every epoch."""

import numpy as np
import torch
from torch.utils.data import IterableDataset

from local.input.samplers import epoch_seed


class DrawnBatches(IterableDataset):
    """So many batches an epoch; there are far too many pairs to go through them all.

    What is drawn depends on the seed and the epoch alone, so that a resumed training
    goes on with the batches that an uninterrupted one would have seen.

    Parameters
    ----------
    feats : ndarray, (n_fragments, ...)
        Held in memory or mapped from a file.
    sampler : recipes.siamese.pairs.PairSampler
        Of the same fragments.
    objective : recipes.siamese.objectives.Pairs, Triplets or Classes
        Tells what to draw.
    batch_size, n_batches : int
        Items of a batch, batches of an epoch.
    seed : int
        Seed of all epochs.
    """

    def __init__(self, feats, sampler, objective, batch_size, n_batches, seed):
        self.feats = feats
        self.sampler = sampler
        self.objective = objective
        self.batch_size = batch_size
        self.n_batches = n_batches
        self.seed = seed
        self.epoch = 0

    def set_epoch(self, epoch):
        """Choose the epoch whose batches the next iteration gives."""
        self.epoch = epoch

    def __len__(self):
        return self.n_batches

    def __iter__(self):
        """Yield feats (batch, m, ...), m fragments an item, and targets (batch,)."""
        rng = np.random.default_rng(epoch_seed(self.seed, self.epoch))
        for _ in range(self.n_batches):
            rows, target = self.objective.draw(self.sampler, self.batch_size, rng)
            yield torch.from_numpy(self.feats[rows]), torch.from_numpy(target)
