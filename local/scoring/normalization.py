"""Score normalisation with a cohort: z-, t-, s- and adaptive s-norm on matrices.

A raw score says little before it is compared with the scores the same segment gets
against a cohort of other speakers. The cohort is embeddings of speakers who occur on
neither side of the trials, best one row each (`local.scoring.cohort`): speakers with
many segments would otherwise fill the top_n.

Statistics are computed once per segment and applied to the whole matrix, so the cost
is that of one matrix product. Spreads are sample standard deviations (ddof 1), as in
SpeechBrain; WeSpeaker divides by n instead (ddof 0), which multiplies every normalised
score by the same sqrt(n / (n - 1)) and changes no ranking.
"""

import logging
from functools import cache
from typing import NamedTuple

import numpy as np
import torch

from local.scoring.similarity import cosine_scores, length_normalize, unit_scores

logger = logging.getLogger(__name__)

METHODS = ("none", "z", "t", "s", "as")
# Cohort scores held at one time: 16 MB of float32.
BLOCK_SCORES = 2**22
# Segments at a time, at least: of fewer, reading a large cohort is what takes the time.
BLOCK_ROWS = 64
# Cohort from which torch.topk is the fastest selection. Microseconds a segment, product
# and statistics included, on one core, by numpy's partition, torch.topk and FAISS:
# 16, 26, 32 of 1,700 (top 200); top 300: 47, 67, 66 of 5,000; 197, 228, 396 of 20,000;
# 1167, 860, 3283 of 100,000; 4825, 4143, 18142 of 400,000.
LARGE_COHORT = 50_000
# Spread below which cosines of float32 embeddings differ by rounding only.
MIN_STD = 1e-6


class CohortStatistics(NamedTuple):
    """Mean and spread of the cohort scores of each segment.

    Parameters
    ----------
    mean : ndarray, (n_segments,)
        Mean of the cohort scores.
    std : ndarray, (n_segments,)
        Their sample standard deviation (ddof 1).
    """

    mean: np.ndarray
    std: np.ndarray


def cohort_statistics(embeddings, cohort, top_n=None):
    """Describe how each segment scores against the cohort.

    Parameters
    ----------
    embeddings : ndarray, (n_segments, emb_dim)
        Embeddings of one side of the trials.
    cohort : ndarray, (n_cohort, emb_dim)
        Embeddings of other speakers.
    top_n : int, optional
        Keep only the highest cohort scores of each segment (as-norm), at least 2;
        without it, all are kept (s-norm). Clamped to n_cohort with a warning.

    Returns
    -------
    statistics : CohortStatistics
        One mean and one standard deviation per segment, float64.

    Raises
    ------
    ValueError
        If fewer than two cohort scores are kept, or those of a segment are all equal.

    Examples
    --------
    >>> cohort = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])
    >>> cohort_statistics(np.array([[2.0, 0.0]]), cohort, top_n=2).mean
    array([0.5])
    """
    embeddings = length_normalize(embeddings)
    cohort = length_normalize(cohort, "cohort")
    top_n = _kept_scores(top_n, len(cohort))
    mean = np.empty(len(embeddings))
    std = np.empty(len(embeddings))
    n_rows = max(BLOCK_ROWS, BLOCK_SCORES // len(cohort))
    for start in range(0, len(embeddings), n_rows):
        block = slice(start, start + n_rows)
        scores = unit_scores(embeddings[block], cohort)  # (n_rows, n_cohort)
        scores = _highest(scores, top_n)
        mean[block] = scores.mean(axis=1, dtype=float)
        std[block] = scores.std(axis=1, ddof=1, dtype=float)
    flat = np.flatnonzero(std < MIN_STD)
    if flat.size:
        raise ValueError(
            f"the {top_n} cohort scores of {flat.size} segments are all equal (spread"
            f" below {MIN_STD}), first rows: {flat[:5].tolist()}; is the cohort made of"
            " one repeated segment?"
        )
    return CohortStatistics(mean, std)


def _highest(scores, top_n):
    """Return the top_n highest scores of each row, in any order."""
    if top_n == scores.shape[1]:
        return scores
    if scores.shape[1] >= LARGE_COHORT:
        return torch.from_numpy(scores).topk(top_n, sorted=False).values.numpy()
    scores.partition(-top_n, axis=1)  # in place
    return scores[:, -top_n:]


def _kept_scores(top_n, n_cohort):
    """Return how many cohort scores are kept: top_n, at most n_cohort, at least 2."""
    if n_cohort < 2:
        raise ValueError(f"the cohort needs at least 2 embeddings, got {n_cohort}")
    if top_n is None:
        return n_cohort
    if top_n < 2:
        raise ValueError(f"top_n must be at least 2 to have a spread, got {top_n}")
    if top_n > n_cohort:
        _tell_of_all(top_n, n_cohort)
    return min(top_n, n_cohort)


@cache  # once, not for every gallery
def _tell_of_all(top_n, n_cohort):
    logger.info("top_n %d exceeds the cohort: all %d are kept", top_n, n_cohort)


def z_norm(scores, enrol_statistics):
    """Normalise by the cohort scores of the enrolment side.

    Parameters
    ----------
    scores : ndarray, (n_enrol, n_test)
        Raw scores.
    enrol_statistics : CohortStatistics, (n_enrol,)
        How each enrolment segment scores against the cohort.

    Returns
    -------
    normed : ndarray, (n_enrol, n_test)
        Scores in standard deviations above the cohort; not symmetric even if
        ``scores`` is.

    Raises
    ------
    ValueError
        If there is not one statistic per row.

    References
    ----------
    Auckenthaler et al. (2000). Score normalization for text-independent speaker
    verification systems. Digital Signal Processing 10. doi:10.1006/dspr.1999.0360
    """
    mean, std = enrol_statistics
    if scores.shape[0] != len(mean):
        raise ValueError(
            f"scores of shape {scores.shape} need statistics of {scores.shape[0]}"
            f" enrol segments, got {len(mean)}"
        )
    return (scores - mean[:, None]) / std[:, None]


def t_norm(scores, test_statistics):
    """Normalise by the cohort scores of the test side.

    Parameters
    ----------
    scores : ndarray, (n_enrol, n_test)
        Raw scores.
    test_statistics : CohortStatistics, (n_test,)
        How each test segment scores against the cohort.

    Returns
    -------
    normed : ndarray, (n_enrol, n_test)
        Scores in standard deviations above the cohort; not symmetric even if
        ``scores`` is.

    Raises
    ------
    ValueError
        If there is not one statistic per column.

    References
    ----------
    Auckenthaler et al. (2000), as for `z_norm`.
    """
    mean, std = test_statistics
    if scores.shape[1] != len(mean):
        raise ValueError(
            f"scores of shape {scores.shape} need statistics of {scores.shape[1]}"
            f" test segments, got {len(mean)}"
        )
    return (scores - mean) / std


def s_norm(scores, enrol_statistics, test_statistics):
    """Average z-norm and t-norm: symmetric normalisation.

    With statistics of the whole cohort this is s-norm; with those of the top_n
    highest cohort scores of each segment it is `as_norm`.

    Parameters
    ----------
    scores : ndarray, (n_enrol, n_test)
        Raw scores.
    enrol_statistics : CohortStatistics, (n_enrol,)
        How each enrolment segment scores against the cohort.
    test_statistics : CohortStatistics, (n_test,)
        The same for the test side.

    Returns
    -------
    normed : ndarray, (n_enrol, n_test)
        Mean of the two z-scores; unitless, not a log-likelihood ratio.

    References
    ----------
    Matejka et al. (2017). Analysis of score normalization in multilingual
    speaker recognition. Interspeech. doi:10.21437/Interspeech.2017-803

    Examples
    --------
    >>> side = CohortStatistics(mean=np.array([0.1]), std=np.array([0.2]))
    >>> s_norm(np.array([[0.5]]), side, side)
    array([[2.]])
    """
    return (z_norm(scores, enrol_statistics) + t_norm(scores, test_statistics)) / 2


# The adaptive s-norm is this formula on statistics of the top_n cohort scores.
as_norm = s_norm


def normalize_scores(method, gallery, cohort=None, top_n=None):
    """Score a gallery against itself and normalise the matrix.

    Of one set of segments, t-norm is the transpose of z-norm. A gallery needs one
    score per pair, so both are averaged with their transpose, which makes them s-norm.

    Parameters
    ----------
    method : {"none", "z", "t", "s", "as"}
        Raw cosine, z-, t- or s-norm over the whole cohort, or as-norm over its top_n.
    gallery : ndarray, (n_segments, emb_dim)
        The segments to compare with one another.
    cohort : ndarray, (n_cohort, emb_dim), optional
        Embeddings of other speakers; needed by all methods but "none".
    top_n : int, optional
        Highest cohort scores kept; needed by "as", of no effect on the others.

    Returns
    -------
    scores : ndarray, (n_segments, n_segments)
        Symmetric to the last bit; higher = more likely the same speaker.

    Raises
    ------
    ValueError
        If the method is unknown, or lacks its cohort or top_n.
    """
    statistics = gallery_statistics(method, gallery, cohort, top_n)
    scores = cosine_scores(gallery)
    return scores if statistics is None else s_norm(scores, statistics, statistics)


def gallery_statistics(method, gallery, cohort=None, top_n=None):
    """Return what `normalize_scores` needs to know of each segment.

    Parameters
    ----------
    method, gallery, cohort, top_n
        As of `normalize_scores`.

    Returns
    -------
    statistics : CohortStatistics or None
        For `s_norm` of the gallery with itself; None if scores are left as they are.

    Raises
    ------
    ValueError
        If the method is unknown, or lacks its cohort or top_n.
    """
    if method not in METHODS:
        raise ValueError(f"method must be one of {METHODS}, got {method!r}")
    if method == "none":
        return None
    if cohort is None or (method == "as" and top_n is None):
        needed = "a cohort and top_n" if method == "as" else "a cohort"
        raise ValueError(f"method {method!r} needs {needed}")
    if method in ("z", "t"):
        logger.info("%s-norm, averaged with its transpose, is s-norm", method)
    return cohort_statistics(gallery, cohort, top_n if method == "as" else None)
