"""Two recordings -> how likely they are of one speaker.

A recording of any length, sample rate and number of channels is cut into one-second
views, for one second is what the model knows; its embedding is the mean of theirs. With
more views all scores grow, those of two speakers too: so the calibration is learnt on
validation segments that are averaged as well, as far as there are enough.
"""

import logging
from statistics import harmonic_mean
from typing import NamedTuple

import numpy as np
import torch

from local.input.recordings import read_recording, resample
from local.scoring.similarity import length_normalize

logger = logging.getLogger(__name__)

LOUDEST = 2.0**31  # of 32-bit integers kept as floats; powers of more overflow


class Voice(NamedTuple):
    """What is kept of one recording or more of a speaker.

    Attributes
    ----------
    embedding : ndarray, (emb_dim,)
        Mean direction of the views.
    n_views : int
        How many there were.
    """

    embedding: np.ndarray
    n_views: int


class Clip(NamedTuple):
    """A recording as the model hears it.

    Attributes
    ----------
    wav : ndarray, (n_samples,)
        One channel at the sample rate of the model; a short one is repeated up to a
        view.
    views : Tensor, (n_views, view_samples)
        What of it is embedded, float32, at least one.
    starts : ndarray of int, (n_cut,)
        First sample of every view that was cut.
    is_heard : ndarray of bool, (n_cut,)
        Which of them are among ``views``; the others are pauses.
    """

    wav: np.ndarray
    views: torch.Tensor
    starts: np.ndarray
    is_heard: np.ndarray


class Verdict(NamedTuple):
    """What is said of a pair of recordings.

    Attributes
    ----------
    score : float
        Of the system, higher = more likely the same speaker.
    threshold : float
        Score at which both answers are equally probable.
    probability : float
        That both recordings are of one speaker.
    """

    score: float
    threshold: float
    probability: float


def read_clip(path, sample_rate, view_samples, shortest_s, silence_db):
    """Read a recording and cut it into views of equal length, pauses left out.

    Parameters
    ----------
    path : str or Path
        WAV, FLAC, OGG or MP3.
    sample_rate : int
        Of the views, Hz.
    view_samples : int
        Length of a view. A shorter recording is repeated up to it; what is left over
        at the end of a longer one is in a view that overlaps with the one before.
    shortest_s : float
        Least length of a recording, seconds.
    silence_db : float
        Views so far below the loudest are left out, such as -40.

    Returns
    -------
    clip : Clip
        Recording and views.

    Raises
    ------
    ValueError
        If the recording is too short, silent or beyond what floats can tell.
    """
    wav = read_speech(path, sample_rate)
    if len(wav) < shortest_s * sample_rate:
        raise ValueError(
            f"{path}: {len(wav) / sample_rate:.2f} s of audio; a speaker is told from"
            f" {shortest_s} s or more"
        )
    if np.abs(wav).max() > LOUDEST:
        raise ValueError(f"{path}: louder than any recording; full scale is 1")
    views = cut_views(wav, view_samples)
    levels = views.std(axis=1)
    if levels.max() == 0:
        raise ValueError(f"{path}: silent; record it again")
    is_heard = levels > levels.max() * 10 ** (silence_db / 20)
    wav = np.resize(wav, max(len(wav), view_samples))
    last = len(wav) - view_samples
    starts = np.minimum(np.arange(len(views)) * view_samples, last)
    return Clip(wav, torch.from_numpy(views[is_heard]), starts, is_heard)


def read_views(path, **settings):
    """Return the views (n_views, view_samples) of a recording, as `read_clip` cuts it.

    Parameters
    ----------
    path : str or Path
        WAV, FLAC, OGG or MP3.
    **settings
        As of `read_clip`.
    """
    return read_clip(path, **settings).views


def read_speech(path, sample_rate):
    """Read an audio file as one channel of a given sample rate.

    Parameters
    ----------
    path : str or Path
        As in `local.input.recordings.read_recording`.
    sample_rate : int
        Hz.

    Returns
    -------
    wav : ndarray, (n_samples,)
        float32, full scale is 1.
    """
    wav, rate = read_recording(path)
    if rate < sample_rate:
        logger.warning(
            "%s: %d Hz, the model hears up to %d Hz; the score is less sure",
            *(path, rate, sample_rate // 2),
        )
    return resample(wav, rate, sample_rate)


def cut_views(wav, n_samples):
    """Cut a recording into pieces of one length, the last one flush with its end.

    Parameters
    ----------
    wav : ndarray, (n,)
        Not empty.
    n_samples : int
        Of a view.

    Returns
    -------
    views : ndarray, (n_views, n_samples)
        One, of the recording repeated, if it is shorter than a view.

    Examples
    --------
    >>> cut_views(np.arange(7), 3)
    array([[0, 1, 2],
           [3, 4, 5],
           [4, 5, 6]])
    >>> cut_views(np.arange(2), 3)
    array([[0, 1, 0]])
    """
    wav = np.resize(wav, max(len(wav), n_samples))
    whole = len(wav) // n_samples * n_samples
    views = wav[:whole].reshape(-1, n_samples)
    return views if whole == len(wav) else np.vstack([views, wav[-n_samples:]])


@torch.inference_mode()
def embed_views(encoder, views, batch_size):
    """Return the embedding (emb_dim,) of a recording: the mean direction of its views.

    Parameters
    ----------
    encoder : speechbrain.inference.classifiers.EncoderClassifier
        As from `local.scoring.model_folder.load_encoder`.
    views : Tensor, (n_views, view_samples)
        As from `read_views`.
    batch_size : int
        Views at a time.
    """
    parts = [
        encoder.encode_batch(batch).squeeze(1) for batch in views.split(batch_size)
    ]
    matrix = torch.cat(parts).float().cpu().numpy()
    return length_normalize(matrix).mean(axis=0)


def group_segments(embeddings, n_views, least_targets):
    """Average labelled segments of a speaker as the views of two recordings are.

    Parameters
    ----------
    embeddings : local.scoring.embeddings.Embeddings
        Of validation segments.
    n_views : sequence of int
        Of both recordings; their harmonic mean is the size of a group.
    least_targets : int
        Target trials there must be between groups; with fewer, groups are smaller.

    Returns
    -------
    matrix : ndarray, (n_groups, emb_dim)
        Mean directions.
    spk_ids : ndarray of str, (n_groups,)
        Their speakers.
    size : int
        Of a group; what is left of a speaker is left out.
    """
    spk_ids, speaker, counts = np.unique(
        embeddings.spk_ids, return_inverse=True, return_counts=True
    )

    def n_targets(size):
        groups = counts // size
        return (groups * (groups - 1) // 2).sum()

    size = max(1, round(harmonic_mean(n_views)))
    while size > 1 and n_targets(size) < least_targets:
        size -= 1
    unit = length_normalize(embeddings.matrix)
    rows = [np.flatnonzero(speaker == n) for n in range(len(spk_ids))]
    groups = [r[: len(r) // size * size].reshape(-1, size) for r in rows]
    matrix = np.concatenate([unit[g].mean(axis=1) for g in groups])
    return matrix, np.repeat(spk_ids, counts // size), size


def judge(embeddings, score, calibration, p_target):
    """Judge a pair of recordings.

    Parameters
    ----------
    embeddings : sequence of two ndarray, (emb_dim,)
        Of the recordings.
    score : callable
        An inductive system, as in `local.scoring.systems`.
    calibration : local.scoring.calibration.Calibration
        Of its scores.
    p_target : float
        Probability of one speaker before listening, in (0, 1).

    Returns
    -------
    verdict : Verdict
        Score, threshold and probability.
    """
    score = float(score(np.stack(embeddings))[0, 1])
    probability = float(calibration.probability(score, p_target))
    return Verdict(score, calibration.threshold(p_target), probability)
