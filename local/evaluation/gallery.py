"""All figures of one labelled gallery, with intervals over its speakers.

Conventions
-----------
The gallery is N segments and their symmetric N x N scores, higher = more alike. Its
trials are the pairs i < j, the upper triangle: targets when both segments are of one
speaker. Its queries are the rows. Figures are fractions, Cllr is in bits.
"""

import numpy as np

from local.evaluation.bootstrap import bootstrap_intervals
from local.evaluation.detection import auc, eer, min_cllr, min_dcf
from local.evaluation.retrieval import (
    checked_gallery,
    has_answer,
    per_query_metrics,
)
from local.evaluation.speaker_trials import (
    all_trials,
    curve_by_weights,
    mean_by_weights,
    split_matrix,
)
from local.evaluation.trial_costs import dcf, decision_errors, llr_costs

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
    llr_trials = None if llrs is None else split_trials(llrs, spk_ids, "llrs")
    return evaluate_trials(
        codes,
        per_query_metrics(scores, spk_ids, ks),
        all_trials(codes),
        split_matrix(scores, codes),
        p_targets,
        llr_trials,
        n_bootstrap,
        confidence,
        seed,
    )


def evaluate_trials(
    codes,
    per_query,
    trials,
    scores,
    p_targets,
    llrs=None,
    n_bootstrap=1000,
    confidence=0.95,
    seed=0,
):
    """Measure a gallery by the figures of its queries and the scores of its trials.

    Parameters
    ----------
    codes : ndarray of int, (n_segments,)
        Number of each segment's speaker, from 0.
    per_query : dict of str to ndarray, (n_queries,)
        Figures of each query that `has_answer`, as from `per_query_metrics`.
    trials : local.evaluation.speaker_trials.SpeakerTrials
        The trials.
    scores : pair of ndarray, (n_tar,) and (n_non,)
        Of the trials.
    p_targets, n_bootstrap, confidence, seed
        As of `evaluate_gallery`.
    llrs : pair of ndarray or None, (n_tar,) and (n_non,)
        Their calibrated log-likelihood ratios.

    Returns
    -------
    results : dict
        As of `evaluate_gallery`.
    """
    parts = [
        _retrieval(per_query, codes[has_answer(codes)]),
        _detection(trials, scores, p_targets),
    ]
    if llrs is not None:
        parts.append(_calibration(trials, llrs, p_targets))

    def figures(weights):  # of speakers, as often as each is drawn
        return {name: value for part in parts for name, value in part(weights).items()}

    intervals = bootstrap_intervals(
        figures, codes, n_bootstrap, confidence, seed, trials.has_both
    )
    values = figures(np.ones(trials.n_speakers, dtype=int))
    return {
        **{name: {"value": value, **intervals[name]} for name, value in values.items()},
        "n_segments": len(codes),
        "n_speakers": trials.n_speakers,
        "n_target_trials": len(trials.tar_speakers),
        "n_nontarget_trials": len(trials.non_pairs),
        "n_queries_excluded": int((~has_answer(codes)).sum()),
    }


def split_trials(scores, spk_ids, name="scores"):
    """Split the trials of a gallery into targets and nontargets.

    Parameters
    ----------
    scores : ndarray, (n_segments, n_segments)
        Symmetric scores or log-likelihood ratios.
    spk_ids : sequence of str or int, (n_segments,)
        Speaker of each segment.
    name : str
        What the matrix is, for the message.

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
    return split_matrix(*_checked_symmetric(name, scores, spk_ids))


def _checked_symmetric(name, matrix, spk_ids):
    """Return a gallery's matrix and speaker numbers, refusing two scores for a pair."""
    matrix, codes = checked_gallery(name, matrix, spk_ids)
    gap = matrix - matrix.T
    np.abs(gap, out=gap)
    if gap.max() > ASYMMETRY * max(matrix.max(), -matrix.min()):
        row, column = np.unravel_index(gap.argmax(), gap.shape)
        raise ValueError(
            f"{name}: expected a symmetric matrix, but {name}[{row}, {column}] is"
            f" {matrix[row, column]:g} and {name}[{column}, {row}] is"
            f" {matrix[column, row]:g}; average the matrix with its transpose first"
        )
    return matrix, codes


def _retrieval(per_query, query_codes):
    """Return a function from weights of the speakers to the means over queries."""
    if "average_precision" in per_query:
        per_query["map"] = per_query.pop("average_precision")
    sums = {name: np.bincount(query_codes, v) for name, v in per_query.items()}
    counts = np.bincount(query_codes)

    def figures(weights):
        """Return the means, of speakers as often as they weigh."""
        weights = weights[: len(counts)]  # the last speakers may have no query
        n_queries = weights @ counts
        return {name: float(weights @ s / n_queries) for name, s in sums.items()}

    return figures


def _detection(trials, scores, p_targets):
    """Return such a function to the figures that only the order of scores decides."""
    curve_of = curve_by_weights(trials, *scores)

    def figures(weights):
        """Return what the curve of the speakers so weighted tells."""
        curve = curve_of(weights)
        costs = {f"min_dcf@{p:g}": min_dcf(curve, p) for p in p_targets}
        return {"eer": eer(curve), "auc": auc(curve), **costs}

    return figures


def _calibration(trials, llrs, p_targets):
    """Return such a function to the figures of calibrated log-likelihood ratios."""
    curve_of = curve_by_weights(trials, *llrs)
    cost_of = mean_by_weights(trials, *llr_costs(*llrs))
    errors_at = {
        p: mean_by_weights(trials, *decision_errors(*llrs, p)) for p in p_targets
    }

    def figures(weights):
        """Return what the ratios of the speakers so weighted cost."""
        costs = {
            f"act_dcf@{p:g}": float(dcf(*errors_of(weights), p))
            for p, errors_of in errors_at.items()
        }
        return {
            "cllr": float(sum(cost_of(weights))),
            "min_cllr": min_cllr(curve_of(weights)),
            **costs,
        }

    return figures
