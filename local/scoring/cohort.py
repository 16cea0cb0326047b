"""The cohort of score normalisation: training speakers, as a model folder has them."""

from pathlib import Path

import numpy as np

from local.scoring.embeddings import Embeddings, load_embeddings
from local.scoring.similarity import length_normalize


def speaker_means(embeddings, spk_ids):
    """Average the length-normalised embeddings of each speaker.

    Parameters
    ----------
    embeddings : ndarray, (n_segments, emb_dim)
        One embedding per segment.
    spk_ids : sequence of str, (n_segments,)
        Speaker of each segment.

    Returns
    -------
    means : ndarray, (n_speakers, emb_dim)
        One vector per speaker, not normalised again.
    ids : ndarray, (n_speakers,)
        The speakers, sorted.

    Raises
    ------
    ValueError
        If there is not one speaker per embedding.

    Examples
    --------
    >>> means, ids = speaker_means(np.array([[2.0, 0.0], [0.0, 1.0]]), ["b", "a"])
    >>> ids.tolist(), means.tolist()
    (['a', 'b'], [[0.0, 1.0], [1.0, 0.0]])
    """
    unit = length_normalize(embeddings)
    if len(spk_ids) != len(unit):
        raise ValueError(f"{len(unit)} embeddings but {len(spk_ids)} spk_ids")
    ids, speaker, counts = np.unique(spk_ids, return_inverse=True, return_counts=True)
    sums = np.zeros((len(ids), unit.shape[1]), dtype=unit.dtype)
    np.add.at(sums, speaker, unit)
    return sums / counts[:, None].astype(unit.dtype), ids


def compact_cohort(cohort):
    """Return one mean embedding a speaker instead of every segment.

    Parameters
    ----------
    cohort : Embeddings
        Of training segments.

    Returns
    -------
    compact : Embeddings
        A row a speaker, whose id is in place of a segment's; gives the scores of
        ``cohort_unit: speaker``.
    """
    means, ids = speaker_means(cohort.matrix, cohort.spk_ids)
    return Embeddings(ids, ids, means)


def load_cohort(model_folder, unit):
    """Load the cohort's embeddings: one a training segment or one a speaker.

    Parameters
    ----------
    model_folder : str or Path
        With ``cohort.npz``.
    unit : {"segment", "speaker"}
        What a row stands for.

    Returns
    -------
    cohort : ndarray, (n_cohort, emb_dim)
        For `local.scoring.normalization`.

    Raises
    ------
    ValueError
        If the unit is something else, or the folder holds no segments.
    """
    if unit not in ("segment", "speaker"):
        raise ValueError(f"cohort_unit must be segment or speaker, got {unit}")
    path = Path(model_folder) / "cohort.npz"
    cohort = load_embeddings(path)
    if unit == "speaker":
        return speaker_means(cohort.matrix, cohort.spk_ids)[0]
    if np.array_equal(cohort.ids, cohort.spk_ids):
        raise ValueError(
            f"{path} holds a mean a training speaker, not the segments; take"
            " cohort_unit: speaker, or a model that was not made compact"
        )
    return cohort.matrix
