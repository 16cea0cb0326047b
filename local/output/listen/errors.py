"""Errors of a labelled gallery: at thresholds, by speaker, and the hardest of them.

Scores are log-likelihood ratios of pairs i < j, accepted at or above the threshold.
"""

import numpy as np
from scipy.special import expit, logit

from local.evaluation.detection import det_curve, eer_threshold
from local.evaluation.error_rates import checked_scores
from local.evaluation.retrieval import has_answer, per_query_metrics
from local.output.plots import probit

N_THRESHOLDS = 240
N_POINTS = 400  # of a drawn curve


def list_thresholds(tar, non, p_target):
    """List thresholds from the first error of one kind to the last of the other.

    Parameters
    ----------
    tar, non : ndarray, (n_tar,) and (n_non,)
        Log-likelihood ratios of target and nontarget trials.
    p_target : float
        Expected share of targets.

    Returns
    -------
    thresholds : ndarray, (n_thresholds,)
        Ascending; both named ones are among them.
    named : dict of str to int
        Place of the threshold of equal errors, and of the one of Bayes.
    """
    named = {
        "equal error rates": eer_threshold(det_curve(tar, non)),
        "probability one half": -logit(p_target),
    }
    ends = np.array([tar.min(), np.nextafter(non.max(), np.inf), *named.values()])
    even = np.linspace(ends.min(), ends.max(), N_THRESHOLDS)
    thresholds = np.unique(np.concatenate([even, ends]))
    places = np.searchsorted(thresholds, list(named.values())).tolist()
    return thresholds, dict(zip(named, places, strict=True))


def count_errors(tar, non, thresholds):
    """Count misses and false acceptances at each threshold.

    Parameters
    ----------
    tar, non : ndarray, (n_tar,) and (n_non,)
        Scores; there may be none.
    thresholds : ndarray, (n_thresholds,)
        A trial is accepted when its score >= the threshold.

    Returns
    -------
    misses, false_accepts : ndarray of int, (n_thresholds,)
        Targets below, nontargets at or above.

    Examples
    --------
    >>> misses, false_accepts = count_errors([2, 3], [1, 2], [2, 2.5])
    >>> misses.tolist(), false_accepts.tolist()
    ([0, 1], [1, 0])
    """
    below = [np.searchsorted(np.sort(side), thresholds) for side in (tar, non)]
    return below[0], len(non) - below[1]


def describe_thresholds(tar, non, p_target):
    """Tell of each threshold what deciding by it does.

    Parameters
    ----------
    tar, non, p_target
        As of `list_thresholds`.

    Returns
    -------
    facts : dict
        ``values``, ``misses``, ``false_accepts``, ``probability`` (of one speaker, at
        just this score) and ``right`` (share of the accepted pairs that are targets,
        None where none is accepted), each a list; ``named``, ``n_tar``, ``n_non``.

    Raises
    ------
    ValueError
        If a class has no trial, or a score is not finite.
    """
    tar, non = checked_scores("tar", tar), checked_scores("non", non)
    values, named = list_thresholds(tar, non, p_target)
    misses, false_accepts = count_errors(tar, non, values)
    hits = len(tar) - misses
    accepted = hits + false_accepts
    return {
        "values": values.tolist(),
        "named": named,
        "misses": misses.tolist(),
        "false_accepts": false_accepts.tolist(),
        "probability": expit(values + logit(p_target)).tolist(),
        "right": [h / n if n else None for h, n in zip(hits, accepted, strict=True)],
        "n_tar": len(tar),
        "n_non": len(non),
    }


def describe_speakers(llr, spk_ids, thresholds):
    """Tell how each speaker fares: a nontarget trial counts for both its speakers.

    Parameters
    ----------
    llr : ndarray, (n_segments, n_segments)
        Symmetric.
    spk_ids : ndarray of str, (n_segments,)
        Speaker of each segment.
    thresholds : ndarray, (n_thresholds,)
        To count errors at.

    Returns
    -------
    speakers : list of dict
        ``name``, ``n_segments``, ``r_precision`` (None of a single segment), ``n_tar``,
        ``n_non``, and at each threshold ``misses`` and ``false_accepts``.
    """
    precision = np.full(len(spk_ids), np.nan)
    found = per_query_metrics(llr, spk_ids, ks=(1,))
    precision[has_answer(spk_ids)] = found["r_precision"]
    speakers = []
    for name in np.unique(spk_ids).tolist():
        own = spk_ids == name
        n = int(own.sum())
        tar, non = llr[np.ix_(own, own)][np.triu_indices(n, 1)], llr[own][:, ~own]
        misses, false_accepts = count_errors(tar, non.ravel(), thresholds)
        speakers.append(
            {
                "name": name,
                "n_segments": n,
                "r_precision": float(precision[own].mean()) if n > 1 else None,
                "n_tar": tar.size,
                "n_non": non.size,
                "misses": misses.tolist(),
                "false_accepts": false_accepts.tolist(),
            }
        )
    return speakers


def hardest_pairs(llr, spk_ids, n_pairs):
    """Find the pairs that are furthest on the wrong side, errors or nearly.

    Parameters
    ----------
    llr : ndarray, (n_segments, n_segments)
        Symmetric.
    spk_ids : ndarray of str, (n_segments,)
        Speaker of each segment.
    n_pairs : int
        Of each kind at most. Of the same two speakers, or of the same one, the hardest
        alone: one odd recording would otherwise fill the list.

    Returns
    -------
    false_accepts, false_rejects : list of (int, int)
        Different speakers most alike; segments of one speaker least alike.

    Examples
    --------
    >>> llr = np.array([[9, 1, 5], [1, 9, 2], [5, 2, 9]])
    >>> hardest_pairs(llr, np.array(["a", "a", "b"]), n_pairs=3)
    ([(0, 2)], [(0, 1)])
    """
    names, codes = np.unique(spk_ids, return_inverse=True)
    rows, columns = np.triu_indices(len(llr), 1)
    low, high = np.sort([codes[rows], codes[columns]], axis=0)
    speakers, is_target = low * len(names) + high, low == high
    worst = np.where(is_target, llr[rows, columns], -llr[rows, columns])
    order = np.argsort(worst, kind="stable")
    _, first = np.unique(speakers[order], return_index=True)
    order = order[np.sort(first)]
    return tuple(
        [(int(rows[i]), int(columns[i])) for i in order[kind][:n_pairs]]
        for kind in (~is_target[order], is_target[order])
    )


def draw_points(curve):
    """Thin a DET curve to what can be seen, for ROC and DET plots.

    Parameters
    ----------
    curve : DetCurve
        Error rates.

    Returns
    -------
    p_fa, p_miss : ndarray, (n_points,)
        Points of the curve, evenly spread along it on probit axes, at most `N_POINTS`
        and both ends.
    """
    steps = [np.abs(np.diff(probit(rates))) for rates in (curve.p_fa, curve.p_miss)]
    way = np.append(0, np.cumsum(sum(steps)))
    kept = np.unique(np.searchsorted(way, np.linspace(0, way[-1], N_POINTS)))
    kept = np.union1d(kept, [0, len(way) - 1])
    return curve.p_fa[kept], curve.p_miss[kept]
