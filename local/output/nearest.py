"""`nearest.npz`: the nearest segments of each segment, where a matrix is too large."""

import numpy as np

from local.files import replacing


def write_nearest(path, ids, nearest, calibration, p_target):
    """Write the nearest segments of each, with scores and probabilities.

    Parameters
    ----------
    path : str or Path
        The npz file; it holds ``ids`` (n,) and, each (n, k) and the best first,
        ``neighbors`` (int32, rows of ``ids``), ``scores``, ``llr`` and ``probability``
        (float32).
    ids : sequence of str, (n_segments,)
        Segment ids, which must be unique.
    nearest : local.scoring.search.Nearest
        Rows in the order of ``ids``.
    calibration : local.scoring.calibration.Calibration
        From scores to log-likelihood ratios.
    p_target : float
        Expected share of same-speaker pairs.

    Raises
    ------
    ValueError
        If ids repeat or are not one a row.
    """
    ids, n_rows = np.asarray(ids, dtype=str), len(nearest.neighbors)
    n_unique = len(np.unique(ids))
    if not len(ids) == n_unique == n_rows:
        raise ValueError(
            f"expected a unique id for each of {n_rows} rows, got {len(ids)} ids of"
            f" which {n_unique} are distinct"
        )
    arrays = {
        "neighbors": nearest.neighbors,
        "scores": nearest.scores,
        "llr": calibration.llr(nearest.scores),
        "probability": calibration.probability(nearest.scores, p_target),
    }
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez(file, ids=ids, **arrays)
