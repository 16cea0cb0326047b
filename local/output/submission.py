"""The submission: the distance matrix of the test segments, checked, and its zip.

`answer.txt` holds one row per test segment, in the order of the test pickle, and in
each row the distances to all test segments, separated by ``;``. Smaller = more likely
the same speaker. Every file is written under a temporary name and renamed once it is
known to be good, so a failure leaves the files of an earlier run as they were.
"""

import logging
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from local.files import replacing
from local.output.matrix_text import read_matrix, write_matrix

logger = logging.getLogger(__name__)

# Distance of the most similar pair: above 0, so that a segment stays nearest to itself
# for a reader who sorts whole rows.
NEAREST = 1e-3
# Seven times faster than the default, for a zip of digits 8 % larger.
ZIP_LEVEL = 1


def scores_to_distances(scores):
    """Map a score matrix to distances: the higher the score, the nearer.

    The map is linear, so it keeps the order of all pairs, ties included (scores closer
    than 1e-15 of their range may tie).

    Parameters
    ----------
    scores : ndarray, (n_segments, n_segments)
        Symmetric scores, higher = more likely the same speaker; the diagonal is not
        read.

    Returns
    -------
    distances : ndarray, (n_segments, n_segments)
        Symmetric, 0 on the diagonal, from `NEAREST` to 1 elsewhere.

    Raises
    ------
    ValueError
        If the scores are not a symmetric, finite matrix, or all equal.

    Examples
    --------
    >>> scores = np.array([[1.0, 0.8, 0.2], [0.8, 1.0, -0.4], [0.2, -0.4, 1.0]])
    >>> scores_to_distances(scores).round(4)
    array([[0.    , 0.001 , 0.5005],
           [0.001 , 0.    , 1.    ],
           [0.5005, 1.    , 0.    ]])
    """
    distances = -np.array(scores, dtype=float)
    _check_square(distances, "scores")
    np.fill_diagonal(distances, 0)
    _check_finite_symmetric(distances, "scores")
    np.fill_diagonal(distances, distances[0, 1])  # any but its own: out of the range
    lowest, highest = distances.min(), distances.max()
    if lowest == highest:
        raise ValueError(
            f"all scores between different segments equal {-lowest:g}: nothing to rank;"
            " has the model collapsed?"
        )
    distances -= lowest  # in place: a large matrix is not held several times
    distances /= highest - lowest
    distances *= 1 - NEAREST
    distances += NEAREST
    np.fill_diagonal(distances, 0)
    return distances


def write_submission(distances, folder, decimals=9):
    """Write `answer.txt`, read it back to check it, and zip it.

    Parameters
    ----------
    distances : ndarray, (n_segments, n_segments)
        Distances in the order of the test pickle, smaller = more likely the same
        speaker.
    folder : str or Path
        Where `answer.txt` and `submission.zip` go; made if it does not exist.
    decimals : int
        Digits after the point. Ties made by rounding are counted in the log.

    Returns
    -------
    archive : Path
        The `submission.zip`, the same bytes for the same distances.

    Raises
    ------
    ValueError
        If the distances, or what was read back, break a rule of `check_submission`, or
        differ by more than rounding; files of an earlier run are then kept.
    """
    if not 1 <= decimals <= 17:
        raise ValueError(f"decimals must be in 1..17 (float64), got {decimals}")
    distances = np.asarray(distances, dtype=float)
    _check_distances(distances, "distances")
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    answer, archive = folder / "answer.txt", folder / "submission.zip"
    with (
        replacing(answer) as text,
        replacing(archive) as packed,
        ThreadPoolExecutor(max_workers=1) as beside,
    ):
        write_matrix(text, distances, decimals)
        zipping = beside.submit(_write_zip, packed, answer.name, text)
        _check_rounding(distances, check_submission(text, len(distances)), decimals)
        n_ties = _count_new_ties(distances, decimals)
        zipping.result()
    logger.info(
        "%s: %d segments, %d ties made by rounding", archive, len(distances), n_ties
    )
    return archive


def check_submission(path, n_segments):
    """Read an `answer.txt` and refuse it if it breaks a rule.

    Parameters
    ----------
    path : str or Path
        The file.
    n_segments : int
        Number of segments of the test pickle.

    Returns
    -------
    distances : ndarray, (n_segments, n_segments)
        What the file holds: finite, symmetric, 0 on the diagonal, nowhere negative.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is not a table of numbers, or breaks a rule.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such submission")
    try:
        distances = read_matrix(path)
    except ValueError as error:
        raise ValueError(f"{path}: not a table of numbers and ;: {error}") from error
    if len(distances) != n_segments:
        raise ValueError(
            f"{path}: expected {n_segments} rows, one per test segment,"
            f" got {len(distances)}"
        )
    _check_distances(distances, path)
    return distances


def write_probabilities(path, ids, probabilities, llrs):
    """Write the probabilities that pairs of segments have one speaker.

    Parameters
    ----------
    path : str or Path
        The npz file; it holds the arrays ``ids``, ``probability`` and ``llr``.
    ids : sequence of str, (n_segments,)
        Segment ids, the order of rows and columns.
    probabilities : ndarray, (n_segments, n_segments)
        Posterior probabilities, in [0, 1].
    llrs : ndarray, (n_segments, n_segments)
        The natural-log likelihood ratios behind them.

    Raises
    ------
    ValueError
        If ids repeat, a matrix is not one row and one column per id, is not finite, or
        a probability is outside [0, 1].
    """
    ids = np.asarray(ids, dtype=str)
    n_unique = len(np.unique(ids))
    if n_unique != len(ids):
        raise ValueError(f"ids must be unique, {len(ids)} ids hold {n_unique} values")
    for name, matrix in (("probabilities", probabilities), ("llrs", llrs)):
        if np.shape(matrix) != (len(ids), len(ids)) or not np.isfinite(matrix).all():
            raise ValueError(
                f"{name}: expected a finite matrix with a row and a column for each of"
                f" {len(ids)} ids, got shape {np.shape(matrix)},"
                f" {np.isfinite(matrix).sum()} values finite"
            )
    if np.min(probabilities) < 0 or np.max(probabilities) > 1:
        raise ValueError("probabilities must be in [0, 1]; were llrs passed instead?")
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez(file, ids=ids, probability=probabilities, llr=llrs)


def _check_distances(distances, where):
    """Refuse a matrix that cannot be submitted."""
    _check_square(distances, where)
    _check_finite_symmetric(distances, where)
    if np.diagonal(distances).any():
        first = int(np.flatnonzero(np.diagonal(distances))[0])
        raise ValueError(
            f"{where}: segment {first} has distance {distances[first, first]:g} to"
            " itself, expected 0"
        )
    if distances.min() < 0:
        raise ValueError(
            f"{where}: {(distances < 0).sum()} distances are negative; are these"
            " scores? use scores_to_distances"
        )


def _check_square(matrix, where):
    """Refuse an array that is not one row and one column per segment."""
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or len(matrix) < 2:
        raise ValueError(
            f"{where}: expected a square matrix of at least 2 segments,"
            f" got shape {matrix.shape}"
        )


def _check_finite_symmetric(matrix, where):
    """Refuse values that are not finite or differ from their mirror image."""
    bad = np.argwhere(~np.isfinite(matrix))
    if bad.size:
        raise ValueError(
            f"{where}: {len(bad)} values are not finite, first (row, column):"
            f" {bad[:5].tolist()}"
        )
    bad = np.argwhere(matrix != matrix.T)
    if bad.size:
        raise ValueError(
            f"{where}: not symmetric, {len(bad)} values differ from their mirror image,"
            f" first (row, column): {bad[:5].tolist()}; average the matrix with its"
            " transpose"
        )


def _check_rounding(distances, written, decimals):
    """Refuse what was read back if it is not each distance at its nearest decimal."""
    # Such rounding may merge neighbours but never swaps them: the order is kept.
    tolerance = 0.5 * 10.0**-decimals + np.spacing(distances.max())
    error = np.subtract(written, distances, out=written)  # no third large matrix
    error = np.abs(error, out=error).max()
    if error > tolerance:
        raise ValueError(
            f"a distance read back is off by {error:g}, expected rounding to"
            f" {decimals} decimals only; is the disk sound?"
        )


def _count_new_ties(distances, decimals):
    """Count neighbours in the order of the distances that rounding makes equal."""
    pairs = [row[i + 1 :] for i, row in enumerate(distances)]
    distinct = np.unique(np.concatenate(pairs))
    return int((np.diff(distinct.round(decimals)) == 0).sum())


def _write_zip(path, name, text):
    """Write a zip of one file that has the same bytes whenever it is written."""
    entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    entry.create_system = 3  # as written on Unix, on any machine
    entry.external_attr = 0o644 << 16
    with zipfile.ZipFile(path, "w") as archive:
        content = np.memmap(text, np.uint8, mode="r")
        archive.writestr(entry, content, zipfile.ZIP_DEFLATED, ZIP_LEVEL)
