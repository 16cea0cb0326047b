"""Cosine similarity of embeddings, as whole matrices.

Rows are segments, columns embedding dimensions. A score lies in [-1, 1], higher =
more likely the same speaker. The float dtype of the embeddings is kept.
"""

import numpy as np


def length_normalize(embeddings, name="embeddings"):
    """Scale every embedding to length one.

    Parameters
    ----------
    embeddings : ndarray, (n_segments, emb_dim)
        One embedding a row; integers and float16 become float.
    name : str
        What the error message calls the array.

    Returns
    -------
    unit : ndarray, (n_segments, emb_dim)
        The same directions, Euclidean length one.

    Raises
    ------
    ValueError
        If the array is not a matrix of numbers, or a row is zero or not finite.

    Examples
    --------
    >>> length_normalize(np.array([[3.0, 4.0]]))
    array([[0.6, 0.8]])
    """
    embeddings = np.asarray(embeddings)
    if embeddings.ndim != 2 or embeddings.dtype.kind not in "fiu":
        raise ValueError(
            f"{name}: expected numbers of shape (n_segments, emb_dim),"
            f" got {embeddings.dtype} of shape {embeddings.shape}"
        )
    embeddings = embeddings.astype(np.result_type(embeddings, np.float32), copy=False)
    # Divided by its peak first, so that the squares of a row cannot overflow.
    peaks = np.abs(embeddings).max(axis=1, keepdims=True, initial=0)
    bad = np.flatnonzero(~(np.isfinite(peaks) & (peaks > 0)))
    if bad.size:
        raise ValueError(
            f"{name}: {bad.size} of {len(embeddings)} rows are zero or not finite,"
            f" first rows: {bad[:5].tolist()}; look for silent segments or a model"
            " that diverged"
        )
    scaled = embeddings / peaks
    return scaled / np.linalg.norm(scaled, axis=1, keepdims=True)


def cosine_scores(enrol, test=None):
    """Score every enrolment embedding against every test embedding.

    Parameters
    ----------
    enrol : ndarray, (n_enrol, emb_dim)
        Embeddings of the enrolment side.
    test : ndarray, (n_test, emb_dim), optional
        Embeddings of the test side; without it, the gallery ``enrol`` is scored
        against itself and the result is symmetric to the last bit.

    Returns
    -------
    scores : ndarray, (n_enrol, n_test)
        Cosine of the angle between the two sides, in [-1, 1].

    Raises
    ------
    ValueError
        If the two sides differ in emb_dim, or a row is zero or not finite.

    Examples
    --------
    >>> cosine_scores(np.array([[1.0, 0.0], [0.0, 2.0]]), np.array([[5.0, 0.0]]))
    array([[1.],
           [0.]])
    """
    enrol = length_normalize(enrol, "enrol")
    if test is None:
        scores = enrol @ enrol.T
        # Whether a matrix product is symmetric depends on the BLAS; a sum is.
        scores = (scores + scores.T) / 2
        return np.clip(scores, -1, 1, out=scores)
    return unit_scores(enrol, length_normalize(test, "test"))


def unit_scores(enrol, test):
    """Score every enrolment embedding against every test embedding, of length one.

    Parameters
    ----------
    enrol, test : ndarray, (n_enrol, emb_dim) and (n_test, emb_dim)
        As from `length_normalize`.

    Returns
    -------
    scores : ndarray, (n_enrol, n_test)
        As of `cosine_scores`.

    Raises
    ------
    ValueError
        If the two sides differ in emb_dim.
    """
    if enrol.shape[1] != test.shape[1]:
        raise ValueError(
            f"enrol has emb_dim {enrol.shape[1]}, test has {test.shape[1]};"
            " were both made by the same model?"
        )
    scores = enrol @ test.T
    return np.clip(scores, -1, 1, out=scores)
