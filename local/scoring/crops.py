"""Trials scored by several crops of each utterance.

An utterance is heard as crops of one length, evenly spaced; each gives an embedding,
and a trial is scored by those of both sides. The score by distances is that of
voxceleb_trainer (ten crops of four seconds): a mean of distances, so at most 0. Beside
it stands the usual cosine of the mean embeddings.

References
----------
Chung et al. (2020). In defence of metric learning for speaker recognition. Interspeech.
doi:10.21437/Interspeech.2020-1064
"""

import numpy as np
import torch

from local.scoring.similarity import length_normalize

BLOCK = 128  # trials at a time: changes speed and memory, not the scores


def evenly_spaced_crops(wav, n_crops, crop_samples):
    """Cut crops of one length, the first at the start and the last at the end.

    As in voxceleb_trainer, an utterance no longer than a crop is repeated up to one
    sample more: its crops are the same, but the last, which begins a sample later.

    Parameters
    ----------
    wav : ndarray, (n_samples,)
        One utterance, not empty.
    n_crops, crop_samples : int
        How many, and of how many samples; at least 1. A single one is at the start.

    Returns
    -------
    crops : ndarray, (n_crops, crop_samples)
        In the order of time.

    Raises
    ------
    ValueError
        If there are no samples, or not in one dimension, or a number is below 1.

    Examples
    --------
    >>> evenly_spaced_crops(np.arange(9), n_crops=3, crop_samples=4)
    array([[0, 1, 2, 3],
           [2, 3, 4, 5],
           [5, 6, 7, 8]])
    >>> evenly_spaced_crops(np.arange(3), n_crops=2, crop_samples=4)
    array([[0, 1, 2, 0],
           [1, 2, 0, 1]])
    """
    wav = np.asarray(wav)
    if wav.ndim != 1 or not wav.size or n_crops < 1 or crop_samples < 1:
        raise ValueError(
            f"expected samples (n_samples,), crops and samples a crop, got shape"
            f" {wav.shape}, {n_crops} and {crop_samples}"
        )
    if len(wav) <= crop_samples:
        wav = np.resize(wav, crop_samples + 1)  # which repeats it
    starts = np.linspace(0, len(wav) - crop_samples, n_crops).astype(int)
    return np.lib.stride_tricks.sliding_window_view(wav, crop_samples)[starts]


def crop_scores(left, right, trials=None):
    """Score trials by the mean distance of every crop to every crop.

    Parameters
    ----------
    left, right : ndarray, (n_left, n_crops, emb_dim) and (n_right, n_crops, emb_dim)
        Embeddings of the crops of each utterance, of any length.
    trials : ndarray of int, (n_trials, 2), optional
        Rows of ``left`` and of ``right`` to compare; without it, each with the other's
        of the same place.

    Returns
    -------
    scores : ndarray, (n_trials,)
        Minus the mean of n_crops x n_crops Euclidean distances of length-normalised
        embeddings, in [-2, 0]: higher = more alike.

    Raises
    ------
    ValueError
        If the shapes do not fit, or an embedding is zero or not finite.

    Examples
    --------
    >>> left, right = np.array([[[1.0, 0.0]]]), np.array([[[-3.0, 0.0]]])
    >>> crop_scores(left, right)
    array([-2.])
    """

    def mean_distances(one, other):
        # |a - b|^2 = 2 - 2 ab: several times as fast as the differences. In float32
        # it is right to 1e-6 but for distances near 0, which it finds to 1e-3.
        squares = 2 - 2 * torch.from_numpy(one) @ torch.from_numpy(other).mT
        return -squares.clamp(min=0).sqrt().mean(dim=(1, 2)).numpy()

    return _by_blocks(mean_distances, _unit(left), _unit(right), trials)


def mean_embeddings(crops):
    """Return the mean direction of the crops of each utterance.

    Parameters
    ----------
    crops : ndarray, (n, n_crops, emb_dim)
        Each crop counts alike: the mean is of embeddings of length one.

    Returns
    -------
    means : ndarray, (n, emb_dim)
        Of length one.

    Raises
    ------
    ValueError
        If the shape is another, or an embedding, or a mean, is zero or not finite.

    Examples
    --------
    >>> mean_embeddings(np.array([[[1.0, 0.0], [3.0, 0.0]]]))
    array([[1., 0.]])
    """
    return length_normalize(_unit(crops).mean(axis=1))


def mean_cosine_scores(left, right, trials=None):
    """Score trials by the cosine of the mean embeddings of both sides.

    Parameters
    ----------
    left, right : ndarray, (n_left, n_crops, emb_dim) and (n_right, n_crops, emb_dim)
        As in `crop_scores`; the means are those of `mean_embeddings`.
    trials : ndarray of int, (n_trials, 2), optional
        As in `crop_scores`.

    Returns
    -------
    scores : ndarray, (n_trials,)
        In [-1, 1].

    Raises
    ------
    ValueError
        If the shapes do not fit, or an embedding, or a mean, is zero or not finite.

    Examples
    --------
    >>> mean_cosine_scores(np.array([[[1.0, 0.0], [0.0, 9.0]]]), np.ones((1, 2, 2)))
    array([1.])
    """
    means = mean_embeddings(left), mean_embeddings(right)

    def cosines(one, other):
        return np.einsum("td,td->t", one, other).clip(-1, 1)

    return _by_blocks(cosines, *means, trials)


def _unit(crops):
    """Scale the embeddings of crops to length one."""
    crops = np.asarray(crops)
    if crops.ndim != 3:
        raise ValueError(
            f"expected embeddings (n, n_crops, emb_dim), got shape {crops.shape}"
        )
    return length_normalize(crops.reshape(-1, crops.shape[2])).reshape(crops.shape)


def _by_blocks(score, left, right, trials):
    """Score a block of trials at a time: an utterance is in many trials."""
    if left.shape[-1] != right.shape[-1] or trials is None and len(left) != len(right):
        raise ValueError(
            f"sides of shapes {left.shape} and {right.shape} do not fit; were both made"
            " by the same model, and is there one of each for each trial?"
        )
    if trials is None:
        trials = np.repeat(np.arange(len(left))[:, None], 2, axis=1)
    trials = np.asarray(trials)
    if trials.ndim != 2 or trials.shape[1] != 2:
        raise ValueError(f"expected trials (n_trials, 2), got shape {trials.shape}")
    dtype = np.result_type(left, right)
    left, right = left.astype(dtype, copy=False), right.astype(dtype, copy=False)
    scores = np.empty(len(trials), dtype)
    for start in range(0, len(trials), BLOCK):
        block = slice(start, start + BLOCK)
        rows, columns = trials[block].T
        scores[block] = score(left[rows], right[columns])
    return scores
