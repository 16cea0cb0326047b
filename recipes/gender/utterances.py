"""Frames of chunks -> one row an utterance -> one row a reader."""

from typing import NamedTuple

import numpy as np
from tqdm import tqdm


class Utterances(NamedTuple):
    """Means and deviations of coefficients over all frames of each utterance.

    Attributes
    ----------
    names, speakers : ndarray of str, (n,)
        Of utterances, in the order of the chunks.
    genders : ndarray of int, (n,)
        0 = F, 1 = M.
    means, sds : ndarray, (n, n_coefficients)
        Over frames.
    """

    names: np.ndarray
    speakers: np.ndarray
    genders: np.ndarray
    means: np.ndarray
    sds: np.ndarray


def rows_by_utterance(utterances):
    """Return name -> rows of its chunks, in the order of first appearance.

    Examples
    --------
    >>> rows_by_utterance(np.array(["b", "b", "a"]))
    {'b': array([0, 1]), 'a': array([2])}
    """
    names, first, inverse = np.unique(
        utterances, return_index=True, return_inverse=True
    )
    order = np.argsort(inverse, kind="stable")
    rows = np.split(order, np.cumsum(np.bincount(inverse))[:-1])
    return {str(names[i]): rows[i] for i in np.argsort(first)}


def summarise(feats, utterances, speakers, genders):
    """Average the frames of each utterance.

    Parameters
    ----------
    feats : ndarray, (n_chunks, n_coefficients, frames)
        On disk, if they are many.
    utterances, speakers, genders : ndarray, (n_chunks,)
        Of each chunk.

    Returns
    -------
    found : Utterances
        In the order of the chunks.
    """
    rows = rows_by_utterance(utterances)
    first = [found[0] for found in rows.values()]
    means, sds = [], []
    for found in tqdm(rows.values(), "Averages", unit="utterance", disable=None):
        frames = np.asarray(feats[found], dtype=np.float64)
        means.append(frames.mean(axis=(0, 2)))
        sds.append(frames.std(axis=(0, 2)))
    names = np.array(list(rows))
    return Utterances(
        names, speakers[first], genders[first], np.array(means), np.array(sds)
    )


def by_speaker(values, speakers):
    """Average the rows of each speaker, in the order of ``np.unique``.

    Examples
    --------
    >>> by_speaker(np.array([[1.0], [3.0], [7.0]]), np.array(["a", "a", "b"]))
    array([[2.],
           [7.]])
    """
    names, inverse = np.unique(speakers, return_inverse=True)
    means = np.zeros((len(names), *np.shape(values)[1:]))
    np.add.at(means, inverse, values)
    n_rows = np.bincount(inverse).reshape(-1, *[1] * (means.ndim - 1))
    return means / n_rows
