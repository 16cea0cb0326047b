"""Figures of ranked lists, ties at their expected value (see `retrieval`)."""

from typing import NamedTuple

import numpy as np


class _TieGroups(NamedTuple):
    """For each rank of each query, the group of tied segments that it falls in."""

    before: np.ndarray  # segments ranked above the group
    hits_before: np.ndarray  # the speaker's segments ranked above the group
    size: np.ndarray  # segments in the group
    hits: np.ndarray  # the speaker's segments in the group


def ranked_metrics(keys, hits, n_hits, ks):
    """Compute the figures of queries from what they rank.

    Parameters
    ----------
    keys, hits : ndarray, (n_queries, n_ranks)
        Negated score of each rank, ascending, and whether it is of the speaker.
    n_hits, ks : ndarray of int, (n_queries,), and sequence of int
        Segments of the speaker, ranked or not, and ranks of the CMC up to n_ranks.

    Returns
    -------
    metrics : dict of str to ndarray, (n_queries,)
        As of `per_query_metrics`, what is not ranked counted as never found.
    """
    ties = _tie_groups(keys, hits)
    ranks = np.arange(1, keys.shape[1] + 1)
    hit_chance = ties.hits / ties.size  # (queries, ranks)
    # McSherry & Najork: a hit at this rank finds hits_before hits above the group and,
    # on average, this share of the group's ranks above it filled by its other hits.
    density = (ties.hits - 1) / np.maximum(ties.size - 1, 1)
    precision = ties.hits_before + 1 + (ranks - ties.before - 1) * density
    precision = precision / ranks
    first_r = ranks <= n_hits[:, np.newaxis]
    return {
        "r_precision": (hit_chance * first_r).sum(axis=1) / n_hits,
        "average_precision": (hit_chance * precision).sum(axis=1) / n_hits,
        **_cmc(ties, ks),
    }


def _tie_groups(keys, hits):
    """Return the tie group of every rank."""
    starts_group = np.ones(keys.shape, dtype=bool)
    starts_group[:, 1:] = keys[:, 1:] != keys[:, :-1]
    starts = np.flatnonzero(starts_group)  # of all rows, end to end
    size = np.diff(starts, append=keys.size)
    hits_before = (hits.cumsum(axis=1) - hits).ravel()[starts]
    hits_in = np.add.reduceat(hits.ravel(), starts, dtype=int)
    columns = (starts % keys.shape[1], hits_before, size, hits_in)
    return _TieGroups(*(np.repeat(c, size).reshape(keys.shape) for c in columns))


def _cmc(ties, ks):
    """Return the chance of a hit among the first k ranks, for each k."""
    rows, first = np.arange(len(ties.hits)), (ties.hits > 0).argmax(axis=1)
    before, size, hits = (
        column[rows, first][:, np.newaxis]
        for column in (ties.before, ties.size, ties.hits)
    )
    before[hits == 0] = max(ks, default=0)  # in no rank: beyond any k
    # Only the first group with a hit matters: all draws from it, one by one, miss with
    # probability prod (size - hits - j) / (size - j), hypergeometric.
    drawn = np.arange(max(ks, default=0))
    miss = np.clip(size - hits - drawn, 0, None) / np.maximum(size - drawn, 1)
    miss = np.hstack([np.ones_like(before), miss.cumprod(axis=1)])  # by number drawn
    return {f"cmc@{k}": 1 - miss[rows, np.maximum(k - before[:, 0], 0)] for k in ks}
