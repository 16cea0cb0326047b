"""Frames of chunks -> one row an utterance -> one row a reader."""

from functools import partial
from typing import NamedTuple

import numpy as np

from recipes.gender.systems import System, mean_std, pitch


class Utterances(NamedTuple):
    """What is analysed: averages over all frames of each utterance.

    Attributes
    ----------
    names, speakers : ndarray of str, (n,)
        Of utterances, in the order of the chunks.
    genders : ndarray of int, (n,)
        0 = F, 1 = M.
    means, sds : ndarray, (n, n_coefficients)
        Of MFCCs over frames.
    hz : ndarray, (n,)
        Median pitch; 0 without voiced frames.
    """

    names: np.ndarray
    speakers: np.ndarray
    genders: np.ndarray
    means: np.ndarray
    sds: np.ndarray
    hz: np.ndarray


def summarise(corpus, mfccs, pitches, strength):
    """Average over the frames of each utterance.

    Parameters
    ----------
    corpus : recipes.gender.data.Corpus
        Whose chunks they are.
    mfccs : ndarray, (n_chunks, n_mfcc, frames)
        On disk, if they are many.
    pitches : ndarray, (n_chunks, 2, frames)
        As from `recipes.gender.pitch.Pitch`.
    strength : float
        As of `recipes.gender.pitch.median_pitch`.

    Returns
    -------
    utterances : Utterances
        In the order of the chunks.
    """
    # As a classifier of whole utterances hears them; there is none.
    hears = {"note": "", "feats": "", "hears": "utterance", "classifier": None}
    averages = System(**hears, summary=mean_std).units(mfccs, corpus.utterances)
    medians = partial(pitch, strength=strength)
    heights = System(**hears, summary=medians).units(pitches, corpus.utterances)
    means, sds = np.hsplit(averages.inputs.astype(np.float64), 2)
    of_chunks = corpus.utterances, corpus.speakers, corpus.corrected
    names, speakers, genders = (values[averages.chunks] for values in of_chunks)
    return Utterances(names, speakers, genders, means, sds, heights.inputs[:, 0])


def by_speaker(values, speakers):
    """Average the rows of each speaker, in the order of ``np.unique``.

    Examples
    --------
    >>> by_speaker(np.array([[1.0], [3.0], [7.0]]), np.array(["a", "a", "b"]))
    array([[2.],
           [7.]])
    """
    names, inverse = np.unique(speakers, return_inverse=True)
    sums = np.zeros((len(names), *np.shape(values)[1:]))
    np.add.at(sums, inverse, values)
    return sums / np.bincount(inverse).reshape(-1, *[1] * (sums.ndim - 1))
