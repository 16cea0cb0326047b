"""What a siamese network is trained on: pairs, triplets or segments, drawn by seed.

Pairs are drawn by their number among all that are allowed, which are never listed
(see `local.input.partners`, where the rule stands too).
"""

import numpy as np

from local.input.partners import find_partners


class PairSampler:
    """Draws training material, each allowed pair as likely as any other.

    A speaker of whom no two fragments are partners is left out of pairs and triplets:
    a network that meets it on one side only, as a stranger, learns its name.

    Parameters
    ----------
    spk_ids, utterances, starts, apart_seconds
        As of `local.input.partners.find_partners`.

    Raises
    ------
    ValueError
        If fewer than two speakers have partners.

    Examples
    --------
    >>> spk_ids, utterances = ["a", "a", "b", "b"], ["1", "2", "3", "4"]
    >>> sampler = PairSampler(spk_ids, utterances, [0.0] * 4, apart_seconds=3.0)
    >>> rows, same = sampler.pairs(4, np.random.default_rng(0))
    >>> same.tolist()
    [1, 0, 1, 0]
    """

    def __init__(self, spk_ids, utterances, starts, apart_seconds):
        self.speakers = np.unique(spk_ids, return_inverse=True)[1]
        everyone = find_partners(spk_ids, utterances, starts, apart_seconds)
        self.partners = everyone.paired()
        self.targets = self.partners.targets()
        self.nontargets = self.partners.nontargets()

    def pairs(self, n, rng):
        """Draw pairs, half of them of one speaker.

        Parameters
        ----------
        n : int
            How many; of an odd number, one more is of one speaker.
        rng : numpy.random.Generator
            Its state decides the pairs.

        Returns
        -------
        rows : ndarray of int, (n, 2)
            Both fragments, on either side by chance.
        same : ndarray of int, (n,)
            1 of one speaker, 0 of two, in turns.
        """
        rows = np.empty((n, 2), dtype=int)
        for turn, pairs in enumerate((self.targets, self.nontargets)):
            n_drawn = len(rows[turn::2])
            rows[turn::2] = pairs[rng.integers(len(pairs), size=n_drawn)]
        return rng.permuted(rows, axis=1), 1 - np.arange(n) % 2

    def triplets(self, n, rng):
        """Draw anchor, positive and negative.

        Parameters
        ----------
        n, rng : int, numpy.random.Generator
            As of `pairs`.

        Returns
        -------
        rows : ndarray of int, (n, 3)
            Every pair of partners equally likely, with any other speaker's fragment.
        """
        partners = self.partners
        # A place is the anchor of as many pairs as it has partners.
        counted = np.cumsum(partners.n_partners)
        numbers = rng.integers(counted[-1], size=n)
        anchor = np.searchsorted(counted, numbers, side="right")
        positive = partners.partner(anchor, counted[anchor] - 1 - numbers)
        n_own = partners.last[anchor] - partners.first[anchor]
        negative = partners.stranger(anchor, rng.integers(partners.n_places - n_own))
        return partners.order[np.stack([anchor, positive, negative], axis=1)]

    def segments(self, n, rng):
        """Draw single fragments, each of the corpus equally likely.

        Parameters
        ----------
        n, rng : int, numpy.random.Generator
            As of `pairs`.

        Returns
        -------
        rows : ndarray of int, (n, 1)
            With replacement.
        speakers : ndarray of int, (n,)
            Numbers of their speakers, from 0, in the order of their sorted names.
        """
        rows = rng.integers(len(self.speakers), size=n)
        return rows[:, np.newaxis], self.speakers[rows]


class PaperPairSampler(PairSampler):
    """Draws pairs as the paper did, flaws included, to see what they are worth.

    Any two fragments of a speaker are a same pair, also two that overlap. Different
    pairs come from a list as long as that of the same pairs, which holds, of the table
    of all fragments of one speaker by those of another, one run of cells in a row: a
    few fragments of the first speaker with all of the second, over and over.

    Parameters
    ----------
    spk_ids, utterances, starts
        As of `PairSampler`.
    seed : int
        Decides where the runs begin.

    Raises
    ------
    ValueError
        If fewer than two speakers have two fragments.
    """

    def __init__(self, spk_ids, utterances, starts, seed):
        super().__init__(spk_ids, utterances, starts, apart_seconds=None)
        rng = np.random.default_rng(seed)
        self.nontargets = TableRuns(self.partners, len(self.targets), rng)


class TableRuns:
    """Different pairs in runs of one length, one for every two speakers, by number.

    Parameters
    ----------
    partners : local.input.partners.Partners
        The fragments.
    n_wanted : int
        About how many pairs; a run is no longer than its table.
    rng : numpy.random.Generator
        Draws where each run begins.
    """

    def __init__(self, partners, n_wanted, rng):
        self.order = partners.order
        first, sizes = np.unique(partners.first, return_counts=True)
        left, right = np.triu_indices(len(first), k=1)
        self.left, self.right, self.width = first[left], first[right], sizes[right]
        n_cells = sizes[left] * sizes[right]
        lengths = np.minimum(n_cells, -(-n_wanted // len(n_cells)))  # rounded up
        self.stop = rng.integers(n_cells - lengths + 1) + lengths
        self.counted = np.cumsum(lengths)

    def __len__(self):
        return int(self.counted[-1])

    def __getitem__(self, numbers):
        table = np.searchsorted(self.counted, numbers, side="right")
        cell = self.stop[table] - (self.counted[table] - numbers)
        row, column = np.divmod(cell, self.width[table])
        places = [self.left[table] + row, self.right[table] + column]
        return self.order[np.stack(places, axis=-1)]
