"""All figures of one labelled gallery, with intervals over its speakers.

Conventions
-----------
The gallery is N segments and their symmetric N x N scores, higher = more alike. Its
trials are the pairs i < j, the upper triangle: targets when both segments are of one
speaker. Its queries are the rows. Figures are fractions, Cllr is in bits.
"""

import numpy as np

from local.evaluation.bootstrap import bootstrap_intervals
from local.evaluation.detection import act_dcf, auc, cllr, eer, min_cllr, min_dcf
from local.evaluation.error_rates import rank_trials, weighted_curve
from local.evaluation.retrieval import (
    checked_gallery,
    has_answer,
    per_query_metrics,
)

ASYMMETRY = 1e-5  # of the largest score: what float32 rounding leaves


def evaluate_gallery(
    scores,
    spk_ids,
    p_targets=(0.01, 0.05),
    ks=(1, 3, 5, 10),
    llrs=None,
    n_bootstrap=1000,
    confidence=0.95,
    seed=0,
):
    """Measure a gallery: retrieval, detection and calibration.

    Parameters
    ----------
    scores : ndarray, (n_segments, n_segments)
        Symmetric, higher = more alike. The diagonal must be finite and is ignored.
    spk_ids : sequence of str or int, (n_segments,)
        Speaker of each segment.
    p_targets : sequence of float
        Target priors of the detection costs.
    ks : sequence of int
        Ranks of the CMC.
    llrs : ndarray or None, (n_segments, n_segments)
        Calibrated natural-log likelihood ratios, symmetric.
    n_bootstrap, confidence, seed : int, float, int
        See `bootstrap_intervals`.

    Returns
    -------
    results : dict
        ``{"value", "low", "high"}`` for each of ``r_precision``, ``map``, ``cmc@k``,
        ``eer``, ``auc``, ``min_dcf@p`` and, with ``llrs``, ``cllr``, ``min_cllr``,
        ``act_dcf@p``. Integers ``n_segments``, ``n_speakers``, ``n_target_trials``,
        ``n_nontarget_trials``, ``n_queries_excluded`` (no other segment of the
        speaker).

    Raises
    ------
    ValueError
        If a matrix is not square, symmetric and finite or not of the length of
        ``spk_ids``, if there are fewer than two speakers, or none has two segments.

    Examples
    --------
    >>> scores = np.array([[9, 3, 1, 2], [3, 9, 1, 2], [1, 1, 9, 3], [2, 2, 3, 9]])
    >>> results = evaluate_gallery(scores, ["a", "a", "b", "b"], ks=(1,))
    >>> results["eer"]
    {'value': 0.0, 'low': 0.0, 'high': 0.0}
    >>> results["n_nontarget_trials"]
    4
    """
    scores, codes = _checked_symmetric("scores", scores, spk_ids)
    pairs = _trial_pairs(codes)
    llr_trials = None
    if llrs is not None:
        llrs, _ = _checked_symmetric("llrs", llrs, spk_ids)
        llr_trials = [llrs[side] for side in pairs]
    return evaluate_trials(
        spk_ids,
        per_query_metrics(scores, spk_ids, ks),
        pairs,
        [scores[side] for side in pairs],
        p_targets,
        llr_trials,
        n_bootstrap,
        confidence,
        seed,
    )


def evaluate_trials(
    spk_ids,
    per_query,
    pairs,
    trials,
    p_targets,
    llr_trials=None,
    n_bootstrap=1000,
    confidence=0.95,
    seed=0,
):
    """Measure a gallery by the figures of its queries and the scores of its trials.

    Parameters
    ----------
    spk_ids : sequence of str or int, (n_segments,)
        Speaker of each segment.
    per_query : dict of str to ndarray, (n_queries,)
        Figures of each query that `has_answer`, as from `per_query_metrics`.
    pairs : pair of tuple of ndarray of int
        Both sides of the target and of the nontarget trials.
    trials : pair of ndarray, (n_tar,) and (n_non,)
        Their scores.
    p_targets, n_bootstrap, confidence, seed
        As of `evaluate_gallery`.
    llr_trials : pair of ndarray or None, (n_tar,) and (n_non,)
        Their calibrated log-likelihood ratios.

    Returns
    -------
    results : dict
        As of `evaluate_gallery`.
    """
    codes = np.unique(spk_ids, return_inverse=True)[1]
    tar_pairs, non_pairs = pairs
    query_codes = codes[has_answer(spk_ids)]
    ranked = rank_trials(*trials)
    ranked_llrs = None if llr_trials is None else rank_trials(*llr_trials)

    def figures(weights):  # of speakers, as often as each is drawn
        by_segment = weights[codes]
        tar_weights = by_segment[tar_pairs[0]]  # both segments are of one speaker
        non_weights = by_segment[non_pairs[0]] * by_segment[non_pairs[1]]
        results = _retrieval(per_query, weights[query_codes])
        results |= _detection(ranked, p_targets, tar_weights, non_weights)
        if llr_trials is not None:
            results |= _calibration(
                ranked_llrs, llr_trials, p_targets, tar_weights, non_weights
            )
        return results

    intervals = bootstrap_intervals(figures, spk_ids, n_bootstrap, confidence, seed)
    n_speakers = len(np.unique(codes))
    values = figures(np.ones(n_speakers, dtype=int))
    return {
        **{name: {"value": value, **intervals[name]} for name, value in values.items()},
        "n_segments": len(codes),
        "n_speakers": n_speakers,
        "n_target_trials": len(tar_pairs[0]),
        "n_nontarget_trials": len(non_pairs[0]),
        "n_queries_excluded": len(codes) - len(query_codes),
    }


def split_trials(scores, spk_ids):
    """Split the trials of a gallery into targets and nontargets.

    Parameters
    ----------
    scores : ndarray, (n_segments, n_segments)
        Symmetric scores or log-likelihood ratios.
    spk_ids : sequence of str or int, (n_segments,)
        Speaker of each segment.

    Returns
    -------
    tar, non : ndarray, (n_tar,) and (n_non,)
        The upper triangle without the diagonal: same and different speaker.

    Raises
    ------
    ValueError
        If the matrix is not square, symmetric and finite or not of the length of
        ``spk_ids``.

    Examples
    --------
    >>> tar, non = split_trials([[9, 3, 1], [3, 9, 2], [1, 2, 9]], ["a", "a", "b"])
    >>> tar, non
    (array([3.]), array([1., 2.]))
    """
    scores, codes = _checked_symmetric("scores", scores, spk_ids)
    tar_pairs, non_pairs = _trial_pairs(codes)
    return scores[tar_pairs], scores[non_pairs]


def _checked_symmetric(name, matrix, spk_ids):
    """Return a gallery's matrix and speaker numbers, refusing two scores for a pair."""
    matrix, codes = checked_gallery(name, matrix, spk_ids)
    gap = np.abs(matrix - matrix.T)
    if gap.max() > ASYMMETRY * np.abs(matrix).max():
        row, column = np.unravel_index(gap.argmax(), gap.shape)
        raise ValueError(
            f"{name}: expected a symmetric matrix, but {name}[{row}, {column}] is"
            f" {matrix[row, column]:g} and {name}[{column}, {row}] is"
            f" {matrix[column, row]:g}; average the matrix with its transpose first"
        )
    return matrix, codes


def _trial_pairs(codes):
    """Return the (rows, columns) of the target and of the nontarget trials."""
    rows, columns = np.triu_indices(len(codes), k=1)
    same = codes[rows] == codes[columns]
    return (rows[same], columns[same]), (rows[~same], columns[~same])


def _retrieval(per_query, weights):
    """Return the weighted means over the queries."""
    means = {
        name: float(np.average(values, weights=weights))
        for name, values in per_query.items()
    }
    if "average_precision" in means:
        means["map"] = means.pop("average_precision")
    return means


def _detection(ranked, p_targets, tar_weights, non_weights):
    """Return the figures that only the order of the scores decides."""
    curve = weighted_curve(ranked, tar_weights, non_weights)
    costs = {f"min_dcf@{p:g}": min_dcf(curve, p) for p in p_targets}
    return {"eer": eer(curve), "auc": auc(curve), **costs}


def _calibration(ranked, llrs, p_targets, tar_weights, non_weights):
    """Return the figures of calibrated log-likelihood ratios."""
    weights = {"tar_weights": tar_weights, "non_weights": non_weights}
    costs = {f"act_dcf@{p:g}": act_dcf(*llrs, p, **weights) for p in p_targets}
    return {
        "cllr": cllr(*llrs, **weights),
        "min_cllr": min_cllr(weighted_curve(ranked, tar_weights, non_weights)),
        **costs,
    }
