"""Batches of some speakers and some segments of each, for losses that compare them."""

import logging

import numpy as np
from torch.utils.data import Sampler

from local.input.samplers import epoch_seed

logger = logging.getLogger(__name__)


def largest_number_of_batches(n_groups, n_speakers):
    """Return how many batches of so many different speakers can be made.

    Parameters
    ----------
    n_groups : ndarray, (n_all_speakers,)
        In how many batches each speaker can be.
    n_speakers : int
        In a batch.

    Returns
    -------
    n_batches : int
        The largest number; 0 if there are too few speakers.

    Examples
    --------
    >>> largest_number_of_batches(np.array([9, 2, 1]), n_speakers=2)
    3
    """
    n_batches = n_groups.sum() // n_speakers
    # A speaker with more groups than there are batches cannot use them all.
    while (fewer := np.minimum(n_groups, n_batches).sum() // n_speakers) < n_batches:
        n_batches = fewer
    return int(n_batches)


class SpeakerGroupSampler(Sampler):
    """Batches of different speakers, of each the same number of different segments.

    In a batch the segments of a speaker stand together, so that embeddings (batch,
    emb_dim) are to be viewed as (n_speakers, n_per_speaker, emb_dim). In an epoch no
    segment is drawn twice; as many batches are made as that allows, the same number in
    each epoch. The draw depends on the seed and the epoch alone, so a resumed training
    goes on with the batches an uninterrupted one would have seen.

    Speakers with fewer segments than ``n_per_speaker`` are left out, or, if
    ``repeat_segments``, are in one batch an epoch, with segments that are there more
    than once: of use only if the crop or the augmentation of each is drawn.

    Parameters
    ----------
    spk_id_encoded : Tensor, (n_segments,)
        Integer speaker of every segment.
    batch_size, n_per_speaker : int
        Segments in a batch, and those of each of its speakers, which divide it.
    max_per_speaker : int
        Segments of a speaker an epoch, at least ``n_per_speaker``.
    seed : int
        Seed of all epochs.
    repeat_segments : bool
        Whether speakers with too few segments are kept.

    Raises
    ------
    ValueError
        If a number is too small, a batch is not of whole groups, or there are too few
        speakers for one.

    Examples
    --------
    >>> import torch
    >>> spk_id_encoded = torch.tensor([0, 0, 0, 0, 1, 1, 2, 2, 2])
    >>> sampler = SpeakerGroupSampler(spk_id_encoded, 4, 2, max_per_speaker=100, seed=1)
    >>> len(sampler), sorted(spk_id_encoded[batch].tolist() for batch in sampler)
    (2, [[0, 0, 1, 1], [0, 0, 2, 2]])
    """

    def __init__(
        self,
        spk_id_encoded,
        batch_size,
        n_per_speaker,
        max_per_speaker,
        seed,
        repeat_segments=False,
    ):
        if not 1 <= n_per_speaker <= min(batch_size, max_per_speaker):
            raise ValueError(
                "n_per_speaker must be at least 1, and no more than batch_size and"
                f" max_per_speaker; got n_per_speaker {n_per_speaker}, batch_size"
                f" {batch_size}, max_per_speaker {max_per_speaker}"
            )
        if batch_size % n_per_speaker:
            raise ValueError(
                f"batch_size must be a multiple of n_per_speaker, {n_per_speaker}, got"
                f" {batch_size}"
            )
        _, self.speakers, self.n_segments = np.unique(
            spk_id_encoded, return_inverse=True, return_counts=True
        )
        self.n_speakers = batch_size // n_per_speaker
        self.n_per_speaker = n_per_speaker
        self.batch_size = batch_size
        self.seed = seed
        self.epoch = 0
        self.n_groups = np.minimum(self.n_segments, max_per_speaker) // n_per_speaker
        self.treat_small_speakers(repeat_segments)
        self.n_batches = largest_number_of_batches(self.n_groups, self.n_speakers)
        if not self.n_batches:
            raise ValueError(
                f"a batch of {batch_size} takes {self.n_speakers} speakers, but"
                f" {n_per_speaker} segments can be drawn of"
                f" {np.count_nonzero(self.n_groups)} only; lower batch_size"
            )

    def treat_small_speakers(self, repeat_segments):
        """Leave out speakers with too few segments, or keep them; tell how many."""
        is_small = self.n_segments < self.n_per_speaker
        if is_small.any():
            self.n_groups[is_small] = int(repeat_segments)
            logger.warning(
                "%d of %d speakers, with fewer than %d segments, %s",
                is_small.sum(),
                len(is_small),
                self.n_per_speaker,
                "have segments repeated" if repeat_segments else "are left out",
            )

    def __len__(self):
        return self.n_batches

    def __iter__(self):
        rng = np.random.default_rng(epoch_seed(self.seed, self.epoch))
        rows = rng.permutation(len(self.speakers))
        rows = rows[self.speakers[rows].argsort(kind="stable")]  # speaker by speaker
        first = self.n_segments.cumsum() - self.n_segments
        taken = np.zeros_like(self.n_segments)
        for drawn in self.draw_speakers(rng):
            places = taken[drawn, None] + np.arange(self.n_per_speaker)
            places %= self.n_segments[drawn, None]  # repeats those of small speakers
            taken[drawn] += self.n_per_speaker
            yield rows[first[drawn, None] + places].ravel().tolist()

    def draw_speakers(self, rng):
        """Yield the different speakers (n_speakers,) of each batch of an epoch."""
        groups = np.repeat(
            np.arange(len(self.n_groups)), np.minimum(self.n_groups, self.n_batches)
        )
        # What does not fill a batch is left to another epoch.
        used = rng.permutation(groups)[: self.n_batches * self.n_speakers]
        left = np.bincount(used, minlength=len(self.n_groups))
        for n_batches_left in range(self.n_batches, 0, -1):
            # Without replacement, with probability proportional to the groups left:
            # the first in a race of exponential times.
            times = np.full(len(left), np.inf)
            times[left > 0] = rng.exponential(1 / left[left > 0])
            times[left == n_batches_left] = -1  # is in all batches from here on
            drawn = np.sort(times.argpartition(self.n_speakers - 1)[: self.n_speakers])
            left[drawn] -= 1
            yield drawn

    def set_epoch(self, epoch):
        """Choose the epoch whose batches the next iteration gives."""
        self.epoch = epoch
