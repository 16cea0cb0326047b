"""True speakers of the test segments, in a file that only scoring reads."""

import csv
from pathlib import Path

import numpy as np


def read_labels(path, n_segments):
    """Read one speaker per test segment, in the order of the test pickle.

    Parameters
    ----------
    path : str or Path
        ``.npy``; ``.csv`` with a column ``spk_id``; or text, one speaker a line,
        blank lines skipped.
    n_segments : int
        Segments there must be a speaker for.

    Returns
    -------
    spk_ids : ndarray of str, (n_segments,)
        The speakers.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it cannot be read, has another number of labels, or an empty one.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such file of test labels")
    try:
        spk_ids = _READERS.get(path.suffix, _read_lines)(path)
    except (ValueError, KeyError, csv.Error) as error:
        raise ValueError(
            f"{path}: cannot be read as labels ({error}); expected .npy of numbers or"
            " text (no objects), .csv with a column spk_id, or one speaker a line"
        ) from error
    if spk_ids.shape != (n_segments,):
        raise ValueError(
            f"{path}: labels of shape {spk_ids.shape}, expected ({n_segments},), one"
            " per test segment; do labels and test data belong together?"
        )
    if "" in spk_ids:
        first = np.flatnonzero(spk_ids == "")[:3].tolist()
        raise ValueError(f"{path}: segments without a speaker, first {first}")
    return spk_ids


def _read_npy(path):
    with open(path, "rb") as stream:
        return np.lib.format.read_array(stream, allow_pickle=False).astype(str)


# utf-8-sig: a byte order mark is not part of the first name.
def _read_csv(path):
    with open(path, newline="", encoding="utf-8-sig") as stream:
        rows = csv.DictReader(stream, restval="")
        return np.array([row["spk_id"] for row in rows], dtype=str)


def _read_lines(path):
    lines = map(str.strip, path.read_text(encoding="utf-8-sig").splitlines())
    return np.array([line for line in lines if line], dtype=str)


_READERS = {".npy": _read_npy, ".csv": _read_csv}
