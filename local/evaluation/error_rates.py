"""Trial scores to miss and false-alarm rates: the DET curve, and what it refuses.

Conventions
-----------
A higher score means more alike. ``tar`` and ``non`` are the 1-D scores of the target
and of the nontarget trials; a trial is accepted when its score >= the threshold.
Rates are fractions in 0..1. Trials with one score share one point of the curve, so
nothing depends on the order of the trials.

Contents
--------
``det_curve`` sorts and counts. ``weighted_curve`` counts trials that are sorted
already, for callers who weight the same ones many times. ``check_finite``,
``checked_scores`` and ``checked_weights`` refuse what no figure can use.
"""

from typing import NamedTuple

import numpy as np


class DetCurve(NamedTuple):
    """Error rates at every threshold that matters, from accept all to reject all.

    Attributes
    ----------
    thresholds : ndarray, (n_distinct + 1,)
        The distinct scores, ascending, then infinity.
    p_miss : ndarray, (n_distinct + 1,)
        Share of the targets below each threshold, rising from 0 to 1.
    p_fa : ndarray, (n_distinct + 1,)
        Share of the nontargets at or above each threshold, falling from 1 to 0.
    """

    thresholds: np.ndarray
    p_miss: np.ndarray
    p_fa: np.ndarray


class RankedTrials(NamedTuple):
    """Trials as places among their distinct scores: sorted once, weighted often.

    Attributes
    ----------
    thresholds : ndarray, (n_distinct + 1,)
        The distinct scores, ascending, then infinity.
    tar_places, non_places : ndarray of int, (n_tar,) and (n_non,)
        Index into ``thresholds`` of each trial's score.
    """

    thresholds: np.ndarray
    tar_places: np.ndarray
    non_places: np.ndarray


def det_curve(tar, non):
    """Compute miss and false-alarm rates at every distinct score.

    Parameters
    ----------
    tar, non : ndarray, (n_tar,) and (n_non,)
        Scores, higher = more alike.

    Returns
    -------
    curve : DetCurve
        One point per distinct score (the lowest accepts all) and the end point at
        infinity (rejects all).

    Raises
    ------
    ValueError
        If a class is empty, not 1-D or not finite.

    References
    ----------
    Martin et al. (1997). The DET curve in assessment of detection task performance.
    Eurospeech. doi:10.21437/Eurospeech.1997-504

    Examples
    --------
    >>> curve = det_curve(tar=[2, 3], non=[1, 2])
    >>> curve.thresholds
    array([ 1.,  2.,  3., inf])
    >>> curve.p_miss
    array([0. , 0. , 0.5, 1. ])
    >>> curve.p_fa
    array([1. , 0.5, 0. , 0. ])
    """
    tar, non = checked_scores("tar", tar), checked_scores("non", non)
    scores = np.concatenate([tar, non])
    scores.sort()
    below = np.flatnonzero(np.append(scores[:-1] != scores[1:], True)) + 1
    thresholds = np.append(scores[below - 1], np.inf)
    below = np.append(0, below)  # trials below each threshold
    places = np.searchsorted(thresholds, np.sort(tar))
    tar_below = _below(np.bincount(places, minlength=len(thresholds) - 1))
    non_above = len(non) + tar_below - below
    return DetCurve(thresholds, tar_below / len(tar), non_above / len(non))


def weighted_curve(ranked, tar_weights, non_weights):
    """Compute the DET curve of ranked trials, in linear time.

    Parameters
    ----------
    ranked : RankedTrials
        The trials.
    tar_weights, non_weights : ndarray, (n_tar,) and (n_non,)
        How often each counts, >= 0 and not all 0: weight 2 equals listing it twice,
        weight 0 leaving it out.

    Returns
    -------
    curve : DetCurve
        The error rates.

    Raises
    ------
    ValueError
        If weights are negative, not finite, all 0 or not one per trial.
    """
    n_scores = len(ranked.thresholds) - 1
    tar_below, non_below = (
        _below(np.bincount(places, checked_weights(name, w, len(places)), n_scores))
        for name, places, w in (
            ("tar", ranked.tar_places, tar_weights),
            ("non", ranked.non_places, non_weights),
        )
    )
    p_miss = tar_below / tar_below[-1]
    p_fa = (non_below[-1] - non_below) / non_below[-1]
    return DetCurve(ranked.thresholds, p_miss, p_fa)


def check_finite(name, values):
    """Refuse NaN and infinite values.

    Parameters
    ----------
    name : str
        What the values are, for the message.
    values : ndarray, any shape
        Numbers to check.

    Raises
    ------
    ValueError
        If a value is NaN or infinite: says how many and where the first ones are.

    Examples
    --------
    >>> check_finite("tar", np.array([0.5, 0.7]))
    """
    bad = ~np.isfinite(values)
    if bad.any():
        first = ", ".join(f"{name}{at}" for at in np.argwhere(bad)[:5].tolist())
        raise ValueError(
            f"{bad.sum()} of {bad.size} values of {name} are NaN or infinite, first"
            f" {first}; mend or leave out the segments behind them and score again"
        )


def checked_scores(name, scores):
    """Return the scores of one class of trials as floats.

    Parameters
    ----------
    name : str
        What the scores are, for the message.
    scores : ndarray, (n_trials,)
        Scores or log-likelihood ratios.

    Returns
    -------
    scores : ndarray of float, (n_trials,)
        The same numbers.

    Raises
    ------
    ValueError
        If they are not 1-D, or none, or some are NaN or infinite.
    """
    scores = np.asarray(scores, dtype=float)
    if scores.ndim != 1 or scores.size == 0:
        raise ValueError(
            f"{name}: expected a 1-D array with one score at least, got shape"
            f" {scores.shape}; are there target and nontarget trials in the list?"
        )
    check_finite(name, scores)
    return scores


def checked_weights(name, weights, n_trials):
    """Return the weights of one class of trials as floats.

    Parameters
    ----------
    name : str
        What is weighted, for the message.
    weights : ndarray, (n_trials,)
        How often each trial counts.
    n_trials : int
        How many weights there must be.

    Returns
    -------
    weights : ndarray of float, (n_trials,)
        The same numbers.

    Raises
    ------
    ValueError
        If weights are negative, not finite, all 0 or not one per trial.
    """
    weights = np.asarray(weights, dtype=float)
    if weights.shape != (n_trials,):
        raise ValueError(
            f"{name} weights: expected one for each of {n_trials} trials,"
            f" got shape {weights.shape}"
        )
    check_finite(f"{name} weights", weights)
    if weights.min() < 0 or weights.max() == 0:
        raise ValueError(
            f"{name} weights: expected none below 0 and one above 0 at least,"
            f" got {weights.min():g} to {weights.max():g}"
        )
    return weights


def _below(mass):
    """Return how much lies below each threshold, given how much lies at each score."""
    below = np.zeros(len(mass) + 1)
    np.cumsum(mass, out=below[1:])
    return below
