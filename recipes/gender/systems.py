"""What a classifier is given: frames, chunks or whole utterances, and as what.

A *summary* makes inputs (n, n_inputs) of features (n, channels, frames).
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from local.models.classifier_networks import count_parameters
from recipes.gender.pitch import median_pitch

LEVELS = ("frame", "chunk", "utterance")


class Units(NamedTuple):
    """What is decided upon one by one.

    Attributes
    ----------
    inputs : ndarray, (n_units, ...)
        What the classifier hears.
    chunks : ndarray of int, (n_units,)
        The chunk of each, of an utterance its first.
    fit : ndarray of bool, (n_units,)
        Whether it may be trained on.
    """

    inputs: np.ndarray
    chunks: np.ndarray
    fit: np.ndarray


class System(NamedTuple):
    """A classifier and what it hears.

    Attributes
    ----------
    note : str
        What it is, for tables.
    feats : str
        Key of the YAML's ``representations``.
    hears : {"frame", "chunk", "utterance"}
        What it decides upon.
    classifier : object
        As those of scikit-learn, with ``predict_proba``.
    summary : callable or None
        As those below; None leaves the features as they are.
    train_every : int
        Of the frames, one in so many is trained on; neighbours are much alike.
    """

    note: str
    feats: str
    hears: str
    classifier: Any
    summary: Callable | None = None
    train_every: int = 1

    def units(self, feats, utterances):
        """Return what the classifier is given.

        Parameters
        ----------
        feats : ndarray, (n_chunks, channels, frames) or (n_chunks, channels)
            Of consecutive chunks; an embedding is as a single frame.
        utterances : ndarray of str, (n_chunks,)
            Of each chunk, those of one next to each other.

        Returns
        -------
        units : Units
            In the order of the chunks.

        Raises
        ------
        ValueError
            If ``hears`` is no level, or of utterances there is no summary.
        """
        feats = np.asarray(feats if feats.ndim == 3 else feats[:, :, None])
        if self.hears == "frame":
            return self._frames(feats)
        if self.hears == "chunk":
            inputs = self.summary(feats) if self.summary else feats
            return Units(inputs, np.arange(len(feats)), np.ones(len(feats), dtype=bool))
        if self.hears != "utterance":
            raise ValueError(f"hears: expected one of {LEVELS}, got {self.hears!r}")
        if self.summary is None:
            raise ValueError("hears: utterance needs a summary, they differ in length")
        firsts = first_chunks(utterances)
        parts = np.split(feats, firsts[1:])
        wholes = [np.concatenate(list(part), axis=1)[None] for part in parts]
        inputs = np.concatenate([self.summary(whole) for whole in wholes])
        return Units(inputs, firsts, np.ones(len(firsts), dtype=bool))

    def facts(self, inputs):
        """Return what tables say of the system, given its inputs."""
        return {
            "note": self.note,
            "feats": self.feats,
            "hears": self.hears,
            "n_inputs": int(np.prod(inputs.shape[1:])),
            "n_parameters": count_parameters(self.classifier, inputs.shape[1], 2),
        }

    def _frames(self, feats):
        n_chunks, n_channels, n_frames = feats.shape
        inputs = feats.transpose(0, 2, 1).reshape(-1, n_channels)
        chunks = np.repeat(np.arange(n_chunks), n_frames)
        return Units(inputs, chunks, np.arange(len(inputs)) % self.train_every == 0)


def first_chunks(utterances):
    """Return where each utterance begins, of chunks in their order.

    Examples
    --------
    >>> first_chunks(np.array(["a", "a", "b", "c", "c"]))
    array([0, 2, 3])
    """
    changes = utterances[1:] != utterances[:-1]
    return np.flatnonzero(np.concatenate([[True], changes]))


def mean(feats):
    """Average over frames: (n, channels, frames) -> (n, channels)."""
    return feats.mean(axis=2)


def mean_std(feats):
    """Average and deviation over frames: (n, channels, frames) -> (n, 2 channels).

    Examples
    --------
    >>> mean_std(np.array([[[1.0, 3.0], [5.0, 5.0]]]))
    array([[2., 5., 1., 0.]])
    """
    return np.concatenate([feats.mean(axis=2), feats.std(axis=2)], axis=1)


def pitch(feats, strength):
    """Median pitch in Hz: (n, 2, frames) -> (n, 1), as of `median_pitch`."""
    return median_pitch(feats, strength)[:, None]
