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
    """Which cells of a gallery's matrix are trials, and of which speakers.

    Attributes
    ----------
    is_target, is_nontarget : ndarray of bool, (n_segments, n_segments)
        Cells of the upper triangle: same and different speaker.
    tar_speakers : ndarray of int, (n_tar,)
        Number of each target trial's speaker.
    non_pairs : ndarray of int, (n_non,)
        Number of each nontarget trial's pair of speakers a, b: a * n_speakers + b.
    n_speakers : int
        How many there are.
    """

    is_target: np.ndarray
    is_nontarget: np.ndarray
    tar_speakers: np.ndarray
    non_pairs: np.ndarray
    n_speakers: int

    def split(self, matrix):
        """Return the target and the nontarget trials of a matrix.

        Parameters
        ----------
        matrix : ndarray, (n_segments, n_segments)
            One number for each pair of segments.

        Returns
        -------
        tar, non : ndarray, (n_tar,) and (n_non,)
            Row by row.
        """
        return matrix[self.is_target], matrix[self.is_nontarget]


def pair_segments(codes):
    """Find the trials of a gallery: the pairs i < j of its segments.

    Parameters
    ----------
    codes : ndarray of int, (n_segments,)
        Number of each segment's speaker, from 0.

    Returns
    -------
    trials : SpeakerTrials
        Of all pairs.

    Examples
    --------
    >>> trials = pair_segments(np.array([0, 0, 1]))
    >>> trials.tar_speakers.tolist(), trials.non_pairs.tolist()
    ([0], [1, 1])
    """
    n_speakers = int(codes.max()) + 1
    same = codes[:, np.newaxis] == codes
    upper = ~np.tri(len(codes), dtype=bool)
    is_target, is_nontarget = same & upper, ~same & upper
    smallest_type = np.min_scalar_type(n_speakers**2)  # there may be millions of pairs
    first, second = (
        (codes * n_speakers).astype(smallest_type),
        codes.astype(smallest_type),
    )
    return SpeakerTrials(
        is_target,
        is_nontarget,
        np.repeat(codes, is_target.sum(axis=1)),
        (first[:, np.newaxis] + second)[is_nontarget],
        n_speakers,
    )


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
    >>> trials = pair_segments(np.array([0, 0, 1, 2]))
    >>> mean = mean_by_weights(trials, np.ones(1), np.array([1, 2, 1, 2, 3]))
    >>> [float(m) for m in mean(np.array([1, 1, 1]))]
    [1.0, 1.8]
    >>> [float(m) for m in mean(np.array([1, 2, 0]))]
    [1.0, 1.0]
    """
    n = trials.n_speakers
    tar_sums, tar_counts = (
        np.bincount(trials.tar_speakers, values, minlength=n).astype(float)
        for values in (tar_values, None)
    )
    non_sums, non_counts = (
        np.bincount(trials.non_pairs, values, minlength=n * n).astype(float)
        for values in (non_values, None)
    )
    non_sums, non_counts = non_sums.reshape(n, n), non_counts.reshape(n, n)

    def mean(weights):
        weights = weights.astype(float)  # products of floats are the fast ones
        non_mean = (weights @ non_sums @ weights) / (weights @ non_counts @ weights)
        return (weights @ tar_sums) / (weights @ tar_counts), non_mean

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
    >>> trials = pair_segments(np.array([0, 0, 1]))
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
    n_places, n_pairs = len(thresholds), trials.n_speakers**2
    counts = csr_matrix(
        (np.ones(len(non)), (places, trials.non_pairs)), shape=(n_places, n_pairs)
    )
    ranked = RankedTrials(
        np.append(thresholds, np.inf), 2 * tar_places + 1, np.arange(n_places)
    )

    def curve(weights):
        non_weights = counts @ np.outer(weights, weights).ravel()
        return weighted_curve(ranked, weights[trials.tar_speakers], non_weights)

    return curve
