"""The trials of a gallery, counted as often as their speakers were drawn.

The bootstrap weights speakers: a target trial counts w_s times, a nontarget trial
w_a * w_b times. What a figure needs of the trials is therefore summed once by speaker
and by pair of speakers, and a replicate costs a product with these sums instead of a
pass over all trials: a thousand replicates of ten million trials take seconds.

No figure of the order of the scores needs to know where between two targets a
nontarget stands: DET curves have a point on each side of every target only. The
points between lie on a line with these.
"""

from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_matrix

from local.evaluation.error_rates import RankedTrials, checked_scores, weighted_curve


class SpeakerTrials(NamedTuple):
    """Of which speakers the trials are.

    Attributes
    ----------
    tar_speakers : ndarray of int, (n_tar,)
        Number of each target trial's speaker.
    non_pairs : ndarray of int, (n_non,)
        Number of each nontarget trial's pair of speakers.
    pairs : ndarray of int, (2, n_pairs), or None
        Speakers a and b of each pair; None: pair a * n_speakers + b, all there are.
    n_speakers : int
        How many there are.
    """

    tar_speakers: np.ndarray
    non_pairs: np.ndarray
    pairs: np.ndarray | None
    n_speakers: int

    @property
    def n_pairs(self):
        """Number of pairs of speakers."""
        return self.n_speakers**2 if self.pairs is None else self.pairs.shape[1]

    def pair_weights(self, weights):
        """Return the weight of each pair of speakers, float, (n_pairs,)."""
        weights = weights.astype(float)  # products of floats are the fast ones
        if self.pairs is None:
            return np.outer(weights, weights).ravel()
        return weights[self.pairs[0]] * weights[self.pairs[1]]

    def has_both(self, weights):
        """Tell whether trials of both kinds are left, by weights of the speakers.

        Of a list that names few trials a draw of speakers may have none. Where all
        trials are made it has them: the bootstrap sees to that.
        """
        if self.pairs is None:
            return True
        return bool(
            weights[self.tar_speakers].any() and self.pair_weights(weights).any()
        )


def all_trials(codes):
    """Find the speakers of all trials of a gallery, row by row: pairs i < j.

    Parameters
    ----------
    codes : ndarray of int, (n_segments,)
        Number of each segment's speaker, from 0.

    Returns
    -------
    trials : SpeakerTrials
        In the order of `split_matrix`.

    Examples
    --------
    >>> trials = all_trials(np.array([0, 0, 1]))
    >>> trials.tar_speakers.tolist(), trials.non_pairs.tolist()
    ([0], [1, 1])
    """
    n_speakers = int(codes.max()) + 1
    is_target, is_nontarget = _cells(codes)
    smallest_type = np.min_scalar_type(n_speakers**2)  # there may be millions of pairs
    first, second = (
        (codes * n_speakers).astype(smallest_type),
        codes.astype(smallest_type),
    )
    return SpeakerTrials(
        np.repeat(codes, is_target.sum(axis=1)),
        (first[:, np.newaxis] + second)[is_nontarget],
        None,
        n_speakers,
    )


def some_trials(codes, tar_pairs, non_pairs):
    """Find the speakers of listed trials.

    Parameters
    ----------
    codes : ndarray of int, (n_segments,)
        Number of each segment's speaker, from 0.
    tar_pairs, non_pairs : tuple of ndarray of int
        Both sides of each trial.

    Returns
    -------
    trials : SpeakerTrials
        In their order.

    Examples
    --------
    >>> trials = some_trials(np.array([0, 0, 1]), ([0], [1]), ([1], [2]))
    >>> trials.tar_speakers.tolist(), trials.pairs.tolist()
    ([0], [[0], [1]])
    """
    n_speakers = int(codes.max()) + 1
    numbers = codes[non_pairs[0]] * n_speakers + codes[non_pairs[1]]
    distinct, places = np.unique(numbers, return_inverse=True)
    pairs = np.stack(np.divmod(distinct, n_speakers))
    return SpeakerTrials(codes[tar_pairs[0]], places, pairs, n_speakers)


def split_matrix(matrix, codes):
    """Return the target and the nontarget trials of a gallery's matrix.

    Parameters
    ----------
    matrix : ndarray, (n_segments, n_segments)
        One number for each pair of segments.
    codes : ndarray of int, (n_segments,)
        Number of each segment's speaker.

    Returns
    -------
    tar, non : ndarray, (n_tar,) and (n_non,)
        Of the upper triangle, row by row.
    """
    is_target, is_nontarget = _cells(codes)
    return matrix[is_target], matrix[is_nontarget]


def _cells(codes):
    """Tell which cells of a matrix are target and which are nontarget trials."""
    same = codes[:, np.newaxis] == codes
    upper = ~np.tri(len(codes), dtype=bool)
    return same & upper, ~same & upper


def mean_by_weights(trials, tar_values, non_values):
    """Sum values of the trials by speaker, for their means under many weights.

    Parameters
    ----------
    trials : SpeakerTrials
        The trials.
    tar_values, non_values : ndarray, (n_tar,) and (n_non,)
        A number for each of them.

    Returns
    -------
    mean : callable
        From weights of the speakers, ndarray of int, (n_speakers,), to the means of
        both classes, two floats.

    Examples
    --------
    >>> trials = all_trials(np.array([0, 0, 1, 2]))
    >>> mean = mean_by_weights(trials, np.ones(1), np.array([1, 2, 1, 2, 3]))
    >>> [float(m) for m in mean(np.array([1, 1, 1]))]
    [1.0, 1.8]
    >>> [float(m) for m in mean(np.array([1, 2, 0]))]
    [1.0, 1.0]
    """
    tar_sums, tar_counts = (
        np.bincount(trials.tar_speakers, values, trials.n_speakers).astype(float)
        for values in (tar_values, None)
    )
    non_sums, non_counts = (
        np.bincount(trials.non_pairs, values, trials.n_pairs).astype(float)
        for values in (non_values, None)
    )

    def mean(weights):
        pairs = trials.pair_weights(weights)
        tar_mean = (weights @ tar_sums) / (weights @ tar_counts)
        return tar_mean, (pairs @ non_sums) / (pairs @ non_counts)

    return mean


def curve_by_weights(trials, tar, non):
    """Rank the trials among the targets, for their DET curves under many weights.

    Parameters
    ----------
    trials : SpeakerTrials
        The trials.
    tar, non : ndarray, (n_tar,) and (n_non,)
        Their scores, higher = more alike.

    Returns
    -------
    curve : callable
        From weights of the speakers, ndarray of int, (n_speakers,), to a `DetCurve`
        with a point at and a point above every distinct target score. Its ``eer``,
        ``auc``, ``min_dcf`` and ``min_cllr`` are those of the whole curve.

    Raises
    ------
    ValueError
        If a class is empty, or holds NaN or infinite scores.

    Examples
    --------
    >>> trials = all_trials(np.array([0, 0, 1]))
    >>> curve = curve_by_weights(trials, tar=[0.5], non=[0.1, 0.2])(np.ones(2))
    >>> curve.p_miss
    array([0., 0., 1., 1.])
    >>> curve.p_fa
    array([1., 0., 0., 0.])
    """
    tar, non = checked_scores("tar", tar), checked_scores("non", non)
    scores, tar_places = np.unique(tar, return_inverse=True)
    above = np.nextafter(scores, np.inf)
    thresholds = np.append(-np.inf, np.column_stack([scores, above]).ravel())
    places = np.searchsorted(thresholds, non, side="right") - 1
    n_places, n_pairs = len(thresholds), trials.n_pairs
    counts = csr_matrix(
        (np.ones(len(non)), (places, trials.non_pairs)), shape=(n_places, n_pairs)
    )
    ranked = RankedTrials(
        np.append(thresholds, np.inf), 2 * tar_places + 1, np.arange(n_places)
    )

    def curve(weights):
        non_weights = counts @ trials.pair_weights(weights)
        return weighted_curve(ranked, weights[trials.tar_speakers], non_weights)

    return curve
