"""Who spoke this segment: R-precision, mean average precision and CMC@k.

Conventions
-----------
The gallery is N segments and their N x N scores, higher = more alike. Every row is a
query that ranks all other segments; the query itself never takes part. R is the
number of other segments of the query's speaker. A query with R = 0 has no right
answer: it is left out, counted and logged. CMC@k is 1 when the first k ranks hold a
segment of the speaker.

Tied scores leave the ranking open, so each figure is its exact expected value over
all orders of the tied segments: no figure depends on the order of the segments, and
chance level is what a matrix of equal scores gets:

>>> chance = per_query_metrics(np.zeros((320, 320)), np.repeat(np.arange(20), 16))
>>> {name: round(float(values.mean()), 3) for name, values in chance.items()}
... # doctest: +NORMALIZE_WHITESPACE
{'r_precision': 0.047, 'average_precision': 0.063,
 'cmc@1': 0.047, 'cmc@3': 0.135, 'cmc@5': 0.215, 'cmc@10': 0.387}

``task_metrics`` instead follows the shared task's own definition to the letter.
"""

import logging

import numpy as np

from local.evaluation.error_rates import check_finite
from local.evaluation.ranking import ranked_metrics

logger = logging.getLogger(__name__)

BLOCK_VALUES = 1 << 18  # scores ranked at a time: keeps the work arrays in the cache


def per_query_metrics(scores, spk_ids, ks=(1, 3, 5, 10)):
    """Compute the retrieval figures of every query, ties at their expected value.

    Parameters
    ----------
    scores : ndarray, (n_segments, n_segments)
        Higher = more alike; row = query. The diagonal must be finite and is ignored.
    spk_ids : sequence of str or int, (n_segments,)
        Speaker of each segment.
    ks : sequence of int
        Ranks of the CMC, each >= 1.

    Returns
    -------
    metrics : dict of str to ndarray, (n_queries,)
        ``r_precision``, ``average_precision`` and ``cmc@k`` of each query that
        `has_answer`, in gallery order; fractions.

    Raises
    ------
    ValueError
        If the matrix, the speakers or ``ks`` are unusable, or no query is valid.

    References
    ----------
    McSherry & Najork (2008). Computing information retrieval performance measures
    efficiently in the presence of tied scores. ECIR. doi:10.1007/978-3-540-78646-7_38

    Examples
    --------
    >>> scores = np.array([[9, 3, 1, 2], [3, 9, 2, 1], [1, 2, 9, 3], [3, 2, 1, 9]])
    >>> metrics = per_query_metrics(scores, ["a", "a", "b", "b"], ks=(1, 3))
    >>> metrics["r_precision"]
    array([1., 1., 1., 0.])
    """
    scores, codes = checked_gallery("scores", scores, spk_ids)
    _check_ks(ks)
    queries = _answerable(spk_ids)
    blocks = [
        _block_metrics(scores, codes, block, ks) for block in _blocks(queries, codes)
    ]
    return {
        name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]
    }


def has_answer(spk_ids):
    """Tell which segments can be queries: their speaker has another segment.

    Parameters
    ----------
    spk_ids : sequence of str or int, (n_segments,)
        Speaker of each segment.

    Returns
    -------
    answerable : ndarray of bool, (n_segments,)
        False for the only segment of a speaker.

    Examples
    --------
    >>> has_answer(["a", "b", "a"])
    array([ True, False,  True])
    """
    _, codes, counts = np.unique(spk_ids, return_inverse=True, return_counts=True)
    return counts[codes] > 1


def task_metrics(distances, spk_ids, ks=(1, 3, 5, 10)):
    """Compute the figures of the shared task by its own definition.

    The largest distance is added to the diagonal, each row is sorted by a stable sort
    (ties stay in the order of the segments), and the query itself is no hit but takes
    up a rank: the last, ties aside, if its own distance is not negative. Queries whose
    speaker has no other segment, which the original divides by 0, are left out and
    logged.

    Parameters
    ----------
    distances : ndarray, (n_segments, n_segments)
        Smaller = more alike; row = query.
    spk_ids : sequence of str or int, (n_segments,)
        Speaker of each segment.
    ks : sequence of int
        Ranks of the CMC, each >= 1.

    Returns
    -------
    metrics : dict of str to float
        ``acc``, the mean share of hits among the first R (R-precision if no scores
        are tied), and ``cmc@k``; fractions.

    Raises
    ------
    ValueError
        If the matrix, the speakers or ``ks`` are unusable, or no query is valid.

    Examples
    --------
    >>> distances = [[0, 1, 3, 2], [1, 0, 2, 3], [3, 2, 0, 1], [1, 2, 3, 0]]
    >>> task_metrics(distances, ["a", "a", "b", "b"], ks=(1, 3))
    {'acc': 0.75, 'cmc@1': 0.75, 'cmc@3': 1.0}
    """
    distances, codes = checked_gallery("distances", distances, spk_ids)
    _check_ks(ks)
    queries = _answerable(spk_ids)
    farthest = distances.max()
    hits = np.vstack(
        [
            _task_hits(distances, codes, block, farthest)
            for block in _blocks(queries, codes)
        ]
    )
    first_r = np.arange(len(codes)) < hits.sum(axis=1, keepdims=True)
    acc = (hits & first_r).sum(axis=1) / hits.sum(axis=1)
    cmc = {f"cmc@{k}": float(hits[:, :k].any(axis=1).mean()) for k in ks}
    return {"acc": float(acc.mean()), **cmc}


def checked_gallery(name, matrix, spk_ids):
    """Return a gallery's matrix and its speakers as numbers.

    Parameters
    ----------
    name : str
        What the matrix is, for the message.
    matrix : ndarray, (n_segments, n_segments)
        Scores or distances.
    spk_ids : sequence of str or int, (n_segments,)
        Speaker of each segment.

    Returns
    -------
    matrix : ndarray of float, (n_segments, n_segments)
        The same numbers.
    codes : ndarray of int, (n_segments,)
        Index of each segment's speaker among the sorted distinct ``spk_ids``.

    Raises
    ------
    ValueError
        If the matrix is not square, not finite or not of the length of ``spk_ids``.
    """
    matrix, spk_ids = np.asarray(matrix), np.asarray(spk_ids)
    if matrix.dtype.kind != "f":
        matrix = matrix.astype(float)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or matrix.size == 0:
        raise ValueError(
            f"{name}: expected a square matrix, one row and one column for each"
            f" segment, got shape {matrix.shape}"
        )
    if spk_ids.shape != (len(matrix),):
        raise ValueError(
            f"spk_ids: expected one for each of the {len(matrix)} rows of {name}, in"
            f" their order, got shape {spk_ids.shape}"
        )
    check_finite(name, matrix)
    return matrix, np.unique(spk_ids, return_inverse=True)[1]


def _check_ks(ks):
    """Refuse ranks that do not exist."""
    if any(k < 1 for k in ks):
        raise ValueError(f"ks: expected ranks of 1 and above, got {tuple(ks)}")


def _answerable(spk_ids):
    """Return the indices of the queries that have an answer, and log the others."""
    answerable = has_answer(spk_ids)
    if not answerable.any():
        raise ValueError(
            f"none of the {len(spk_ids)} segments has another segment of its speaker:"
            " nothing can be retrieved; are spk_ids speakers, not segment ids?"
        )
    if not answerable.all():
        alone = np.flatnonzero(~answerable)
        logger.warning(
            "%d of %d queries left out: their speaker has no other segment (first: %s)",
            len(alone),
            len(spk_ids),
            ", ".join(str(spk_ids[i]) for i in alone[:5]),
        )
    return np.flatnonzero(answerable)


def _blocks(queries, codes):
    """Return the queries, some at a time."""
    n_blocks = -(-len(queries) * len(codes) // BLOCK_VALUES)
    return np.array_split(queries, n_blocks)


def _task_hits(distances, codes, queries, farthest):
    """Return which ranks of some queries are hits, as the shared task ranks."""
    keys = distances[queries]
    keys[np.arange(len(queries)), queries] += farthest
    order = np.argsort(keys, axis=1, kind="stable")  # (queries, ranks)
    queries = queries[:, np.newaxis]
    return (codes[order] == codes[queries]) & (order != queries)


def _block_metrics(scores, codes, queries, ks):
    """Return the figures of some of the queries."""
    n_mates = np.bincount(codes)[codes[queries]] - 1
    return ranked_metrics(*_ranked(scores, codes, queries), n_mates, ks)


def _ranked(scores, codes, queries):
    """Return each query's negated scores and hits by rank, itself left out."""
    keys = -scores[queries]
    keys[np.arange(len(queries)), queries] = np.inf  # the query sorts last
    order = np.argsort(keys, axis=1)[:, :-1]  # (queries, ranks)
    hits = codes[order] == codes[queries, np.newaxis]
    return np.take_along_axis(keys, order, axis=1), hits
