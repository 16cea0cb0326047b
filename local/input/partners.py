"""Which two fragments of a speaker may be compared, and all pairs there are, unlisted.

The rule
--------
Two fragments of one utterance share its words, its room and perhaps samples, so a
network could tell them by these. Partners are therefore of different utterances; of a
speaker with a single utterance, they start some seconds apart at least.

Conventions
-----------
Fragments are sorted by speaker, utterance and start; a *place* is a number in this
order, a *row* one in the order of the corpus. The fragments of a speaker are the places
``first`` to ``last``, and those too near a fragment are ``low`` to ``high``, itself
among them; ends are exclusive. So partners, and pairs of them, are counted and found
by number, and the pairs of 33,346 fragments, half a billion, need no list.
"""

import logging
from typing import NamedTuple

import numpy as np

logger = logging.getLogger(__name__)

TICKS = 1_000_000  # a second: times are compared as integers, and far below a sample


class NumberedPairs:
    """Pairs of each place with every place of a stretch after it, found by number.

    Parameters
    ----------
    order : ndarray of int, (n_places,)
        Row of each place.
    begin, end : ndarray of int, (n_places,)
        The stretch.

    Examples
    --------
    >>> pairs = NumberedPairs(np.array([7, 8, 9]), np.array([1, 2, 3]), np.full(3, 3))
    >>> len(pairs), pairs[np.array([0, 1, 2])].tolist()
    (3, [[7, 8], [7, 9], [8, 9]])
    """

    def __init__(self, order, begin, end):
        self.order = order
        self.end = end
        self.counted = np.cumsum(end - begin)

    def __len__(self):
        return int(self.counted[-1]) if len(self.counted) else 0

    def __getitem__(self, numbers):
        place = np.searchsorted(self.counted, numbers, side="right")
        other = self.end[place] - (self.counted[place] - numbers)
        return self.order[np.stack([place, other], axis=-1)]  # (..., 2)


class Partners(NamedTuple):
    """The partners of every fragment, by place; see the conventions of the module.

    Attributes
    ----------
    order : ndarray of int, (n_places,)
        Row of each place.
    first, last : ndarray of int, (n_places,)
        The speaker's fragments.
    low, high : ndarray of int, (n_places,)
        Those too near.
    """

    order: np.ndarray
    first: np.ndarray
    last: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @property
    def n_places(self):
        """Number of fragments."""
        return len(self.order)

    @property
    def n_partners(self):
        """Number of partners of each place."""
        return self.last - self.first - (self.high - self.low)

    @property
    def speakers(self):
        """Number of each place's speaker, from 0."""
        return np.unique(self.first, return_inverse=True)[1]

    def partner(self, places, numbers):
        """Return the place of the partner of each number, below ``n_partners``."""
        found = self.first[places] + numbers
        gap = self.high[places] - self.low[places]
        return np.where(found < self.low[places], found, found + gap)

    def stranger(self, places, numbers):
        """Return the place of the fragment of each number among other speakers'."""
        size = self.last[places] - self.first[places]
        return np.where(numbers < self.first[places], numbers, numbers + size)

    def targets(self):
        """Return all pairs of partners, each once."""
        return NumberedPairs(self.order, self.high, self.last)

    def nontargets(self):
        """Return all pairs of fragments of two speakers, each once."""
        end = np.full_like(self.last, self.n_places)
        return NumberedPairs(self.order, self.last, end)

    def paired(self):
        """Return the partners without the speakers of whom no two are partners.

        Raises
        ------
        ValueError
            If fewer than two speakers are left.
        """
        counted = np.append(0, np.cumsum(self.n_partners))
        kept = counted[self.last] > counted[self.first]
        n_speakers, n_paired = (
            len(np.unique(f)) for f in (self.first, self.first[kept])
        )
        if n_paired < 2:
            raise ValueError(
                "pairs: expected two speakers or more with fragments of two utterances,"
                f" or apart_seconds apart in one, got {n_paired} of {n_speakers}; take"
                " more speakers, longer recordings or a smaller apart_seconds"
            )
        if n_paired < n_speakers:
            n_lone = n_speakers - n_paired
            logger.warning("pairs: %d speakers without any are left out", n_lone)
        gone = np.cumsum(~kept)[kept]  # places before; the same for all of a speaker
        order, *bounds = (values[kept] for values in self)
        return Partners(order, *(bound - gone for bound in bounds))


def find_partners(spk_ids, utterances, starts, apart_seconds):
    """Find the partners of every fragment.

    Parameters
    ----------
    spk_ids, utterances : sequence of str or int, (n_fragments,)
        Speaker and utterance of each fragment.
    starts : sequence of float, (n_fragments,)
        Where in its utterance each starts, in seconds.
    apart_seconds : float or None
        How far apart partners of a speaker with a single utterance start, at least.
        None: any two fragments of a speaker are partners, whatever they share.

    Returns
    -------
    partners : Partners
        Of all fragments, those without any included.

    Raises
    ------
    ValueError
        If the lengths differ, a start is not finite, or ``apart_seconds`` is negative.

    Examples
    --------
    >>> partners = find_partners(["a"] * 3 + ["b"], list("uuuv"), [0, 1, 3, 0], 2.0)
    >>> pairs = partners.targets()
    >>> pairs[np.arange(len(pairs))].tolist()
    [[0, 2], [1, 2]]
    """
    if not len(spk_ids) == len(utterances) == len(starts):
        raise ValueError(
            "expected a speaker, an utterance and a start for each fragment, got"
            f" {len(spk_ids)}, {len(utterances)} and {len(starts)}"
        )
    codes = np.unique(spk_ids, return_inverse=True)[1]
    positions, gap = _positions(codes, utterances, starts, apart_seconds)
    # One line for all: speakers further apart on it than any two fragments of one.
    line = codes * (positions.max(initial=0) + gap) + positions
    order = np.argsort(line, kind="stable")
    codes, line = codes[order], line[order]
    return Partners(
        order,
        np.searchsorted(codes, codes),
        np.searchsorted(codes, codes, side="right"),
        np.searchsorted(line, line - gap, side="right"),
        np.searchsorted(line, line + gap),
    )


def _positions(codes, utterances, starts, apart_seconds):
    """Put fragments where those of a speaker are partners if >= a gap lies between."""
    if apart_seconds is None:
        return np.arange(len(codes)), 1
    starts = np.asarray(starts, dtype=float)
    if not (np.isfinite(starts).all() and apart_seconds >= 0):
        raise ValueError(
            "expected finite starts and apart_seconds >= 0 or null, got"
            f" {np.count_nonzero(~np.isfinite(starts))} starts that are not finite"
            f" and apart_seconds={apart_seconds}"
        )
    ticks = np.rint(starts * TICKS).astype(np.int64)
    ticks -= ticks.min(initial=0)
    # A tick less, for what both roundings may take away.
    gap = max(1, round(apart_seconds * TICKS) - 1)
    names, numbers = np.unique(utterances, return_inverse=True)
    utterance = np.unique(codes * len(names) + numbers)
    has_several = np.bincount(utterance // max(1, len(names)))[codes] > 1
    return np.where(has_several, numbers * gap, ticks), gap


def draw_some(pairs, n_max, rng):
    """Return all pairs, or draw some of them evenly if they are too many.

    Parameters
    ----------
    pairs : NumberedPairs
        As from `Partners.targets`.
    n_max : int or None
        How many at most; None: all.
    rng : numpy.random.Generator
        Draws one of each of ``n_max`` stretches of equal length, so every speaker has
        its share, and no pair is likelier than another.

    Returns
    -------
    rows : ndarray of int, (n_pairs, 2)
        Both sides of each.

    Raises
    ------
    ValueError
        If ``n_max`` is below 1.
    """
    if n_max is not None and n_max < 1:
        raise ValueError(f"expected 1 pair or more at most, or null, got {n_max}")
    n = len(pairs)
    if n_max is None or n <= n_max:
        return pairs[np.arange(n)]
    steps = np.arange(n_max) + rng.random(n_max)
    return pairs[np.minimum((steps * (n / n_max)).astype(np.int64), n - 1)]
