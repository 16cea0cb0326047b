"""Seeded samplers: which segments make a training batch."""

import numpy as np
import torch
from torch.utils.data import Sampler


def epoch_seed(seed, epoch, rank=0):
    """Mix seed, epoch and rank: neighbouring runs and processes share no epoch.

    Parameters
    ----------
    seed, epoch : int
        Both at least 0.
    rank : int
        Of this process among those that train together; 0 in a single one.

    Returns
    -------
    mixed : int
        32 bits.
    """
    entropy = [seed, epoch, rank] if rank else [seed, epoch]
    return int(np.random.SeedSequence(entropy).generate_state(1)[0])


def check_draw(n_segments, batch_size, balance):
    """Check the settings by which batches are drawn from so many segments.

    Raises
    ------
    ValueError
        If ``batch_size`` is below 1 or above the number of segments, or ``balance``
        is not in 0..1.
    """
    if batch_size < 1:
        raise ValueError(f"batch_size must be at least 1, got {batch_size}")
    if n_segments < batch_size:
        raise ValueError(
            f"{n_segments} training segments do not fill a batch of {batch_size};"
            " lower batch_size"
        )
    if not 0 <= balance <= 1:
        raise ValueError(f"balance must be in 0..1, got {balance}")


class BalancedBatchSampler(Sampler):
    """Batches in which speakers with many segments do not crowd out the rest.

    A segment is drawn with probability proportional to ``n ** -balance``, ``n``
    the number of segments of its speaker: 0 is a plain shuffle (every segment once
    an epoch), 0.5 the inverse root, 1 makes every speaker equally frequent. The
    draw depends on the seed and the epoch alone, so a resumed training goes on
    with the batches an uninterrupted one would have seen.

    Parameters
    ----------
    spk_id_encoded : Tensor, (n_segments,)
        Integer speaker of every segment.
    batch_size : int
        Segments a batch; the last incomplete batch of an epoch is dropped.
    balance : float
        Exponent, 0 to 1.
    seed : int
        Seed of all epochs.

    Raises
    ------
    ValueError
        If ``batch_size`` is below 1 or above the number of segments, or ``balance``
        is not in 0..1.

    Examples
    --------
    >>> sampler = BalancedBatchSampler(torch.tensor([0, 0, 0, 1]), 2, 0.5, seed=1)
    >>> len(sampler), [len(batch) for batch in sampler]
    (2, [2, 2])
    """

    def __init__(self, spk_id_encoded, batch_size, balance, seed):
        check_draw(len(spk_id_encoded), batch_size, balance)
        n_segments = torch.bincount(spk_id_encoded)[spk_id_encoded].double()
        self.weights = n_segments**-balance
        self.batch_size = batch_size
        self.balance = balance
        self.seed = seed
        self.epoch = 0

    def __len__(self):
        return len(self.weights) // self.batch_size

    def __iter__(self):
        rng = torch.Generator().manual_seed(epoch_seed(self.seed, self.epoch))
        n_drawn = len(self) * self.batch_size
        if self.balance == 0:
            drawn = torch.randperm(len(self.weights), generator=rng)[:n_drawn]
        else:
            drawn = torch.multinomial(
                self.weights, n_drawn, replacement=True, generator=rng
            )
        yield from drawn.view(len(self), self.batch_size).tolist()

    def set_epoch(self, epoch):
        """Choose the epoch whose batches the next iteration gives."""
        self.epoch = epoch


def share_of_batch(batch_size, n_processes):
    """Return how many segments of a batch each process takes.

    Raises
    ------
    ValueError
        If the batch cannot be shared equally.
    """
    n_mine, left_over = divmod(batch_size, n_processes)
    if left_over:
        raise ValueError(
            f"batch_size must be a multiple of the {n_processes} processes, which"
            f" share each batch, got {batch_size}"
        )
    return n_mine


class ShareOfBatches(Sampler):
    """The share of one process in every batch of another sampler.

    Together the processes see the batches that a single one sees.

    Parameters
    ----------
    batches : Sampler
        Yields lists of ``batch_size`` segments.
    rank, n_processes : int
        Which process, of how many.

    Raises
    ------
    ValueError
        If the batches cannot be shared equally.

    Examples
    --------
    >>> whole = BalancedBatchSampler(torch.zeros(8, dtype=int), 4, 0, seed=1)
    >>> shares = [list(ShareOfBatches(whole, rank, 2)) for rank in (0, 1)]
    >>> [a + b for a, b in zip(*shares)] == list(whole)
    True
    """

    def __init__(self, batches, rank, n_processes):
        self.n_mine = share_of_batch(batches.batch_size, n_processes)
        self.batches = batches
        self.start = rank * self.n_mine

    def __len__(self):
        return len(self.batches)

    def __iter__(self):
        for batch in self.batches:
            yield batch[self.start : self.start + self.n_mine]
