"""Read a task file: segments of speech, with or without speaker labels.

A task file is a pickle (``.pkl``, ``.pickle``, ``.pkl.gz``, ``.pkl.xz``), opened by
`data_prep.safe_pickle` alone, or a numpy file (``.npy``, ``.npz``). It holds

- ``[data, labels]``, ``(data, labels)`` or ``{"data": ..., "labels": ...}``, the
  labels may be None; an ``.npz`` names its arrays in the same way; or
- ``[data]``, or the data alone.

The data are an array of integers or floats in either byte order, (n, samples), or
with one axis of length 1 more; or a list of segments, each an array or a list of
numbers, of whatever lengths.

A list of two items could be ``[data, labels]`` or two segments; the shape of the items
decides. Two one-dimensional items are two segments, and so are two items of one and
the same shape. Otherwise the first is the data and the second the labels.
"""

import logging
import numbers
import reprlib
import zipfile
from typing import NamedTuple

import numpy as np

from data_prep.files import require_file
from data_prep.findings import first_few
from data_prep.safe_pickle import MAX_BYTES, MAX_RATIO, RATIO_FLOOR, load_pickle

PICKLE_SUFFIXES = (".pkl", ".pickle", ".pkl.gz", ".pkl.xz")
NUMPY_SUFFIXES = (".npy", ".npz")
LARGE = 50e6  # bytes; reading them takes seconds
EXPECTED = "expected [data, labels], [data], or data of shape (segments, samples)"

logger = logging.getLogger(__name__)


class TaskFile(NamedTuple):
    """What a task file holds.

    Attributes
    ----------
    segments : ndarray, (n_segments, n_samples), or list of ndarray, (n_samples,)
        The samples in the type of the file; a list if the lengths differ.
    labels : list of str or None
        The spk_id of each segment, if the file has labels.
    """

    segments: np.ndarray | list
    labels: list | None


def read_task_file(path):
    """Read the segments and labels of a task file.

    Parameters
    ----------
    path : str or Path
        One of the forms named at the top of this module.

    Returns
    -------
    task : TaskFile
        Nothing is checked beyond the form: see `data_prep.segment_checks`.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is damaged, unsafe or of another form; the message names it.
    """
    path = require_file(path)
    if (size := path.stat().st_size) > LARGE:
        logger.info("%s: reading %.0f MB", path, size / 1e6)
    content = _load(path)
    try:
        data, labels = _split_content(content)
        return TaskFile(_read_segments(data), _read_labels(labels))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def _load(path):
    name = path.name.lower()
    if name.endswith(PICKLE_SUFFIXES):
        return load_pickle(path)
    if not name.endswith(NUMPY_SUFFIXES):
        suffixes = ", ".join(PICKLE_SUFFIXES + NUMPY_SUFFIXES)
        raise ValueError(f"{path}: expected a file name ending in one of {suffixes}")
    try:
        return _load_numpy(path)
    except Exception as error:  # numpy raises a dozen types on a damaged file
        raise ValueError(
            f"{path}: not a readable {path.suffix} file of plain numbers ({error})"
        ) from error


def _load_numpy(path):
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
        limit = min(MAX_BYTES, max(RATIO_FLOOR, MAX_RATIO * path.stat().st_size))
        if unpacked > limit:
            raise ValueError(f"unpacks to {unpacked} bytes, expected at most {limit}")
    with open(path, "rb") as file:
        content = np.load(file, allow_pickle=False)
        if isinstance(content, np.ndarray):
            return content
        arrays = {name: content[name] for name in content.files}
    return arrays if "data" in arrays else list(arrays.values())


def _split_content(content):
    """Return (data, labels or None)."""
    if isinstance(content, dict):
        if "data" not in content or set(content) - {"data", "labels"}:
            keys = reprlib.repr(list(content))
            raise ValueError(f'expected the keys "data" and "labels", got {keys}')
        return content["data"], content.get("labels")
    if isinstance(content, list | tuple):
        shapes = [_outline(item) for item in content[:2]]
        if len(content) == 1 and len(shapes[0]) > 1:
            return content[0], None
        if len(content) == 2 and len(shapes[0]) > 1 and shapes[0] != shapes[1]:
            return tuple(content)
        if [len(shape) for shape in shapes] == [1, 2] and shapes[0] == shapes[1][:1]:
            raise ValueError("labels, then data; store [data, labels], data first")
    return content, None


def _outline(item):
    """Return the shape of nested sequences, as far as the first of each tells."""
    shape = ()
    while isinstance(item, list | tuple):
        shape += (len(item),)
        item = item[0] if item else None
    return shape + np.shape(item)


def _read_segments(data):
    if isinstance(data, np.ndarray):
        return _two_dimensional(_plain_numbers(data, "data"))
    if not isinstance(data, list | tuple):
        raise ValueError(f"{EXPECTED}, got {type(data).__name__}")
    segments = [_one_dimensional(item, f"segment {i}") for i, item in enumerate(data)]
    types = sorted({segment.dtype.name for segment in segments})
    if len(types) > 1:
        raise ValueError(
            f"segments are of different types ({', '.join(types)}), so their scales"
            " are unknown; store all samples in one type"
        )
    if len({len(segment) for segment in segments}) == 1:
        return np.stack(segments)
    return segments


def _plain_numbers(array, name):
    """Return the array in the byte order of the machine."""
    if array.dtype.kind not in "iuf":
        raise ValueError(f"{name}: expected integers or floats, got {array.dtype}")
    return array.astype(array.dtype.newbyteorder("="), copy=False)


def _two_dimensional(array):
    shapes = {array.shape}
    if array.ndim == 3:
        without = [array.shape[:i] + array.shape[i + 1 :] for i in range(3)]
        shapes = {without[i] for i in range(3) if array.shape[i] == 1}
    if len(shapes) != 1 or array.ndim not in (2, 3):
        raise ValueError(
            f"data of shape {array.shape} can be read in more than one way or in none;"
            " reshape them to (segments, samples)"
        )
    return array.reshape(shapes.pop())


def _one_dimensional(item, name):
    try:
        array = _plain_numbers(np.asarray(item), name)
    except ValueError as error:
        raise ValueError(f"{name} is no row of numbers ({error})") from error
    if array.ndim == 1 or (array.ndim == 2 and 1 in array.shape):
        return array.reshape(-1)
    raise ValueError(
        f"{name} has shape {array.shape}, expected (samples,);"
        f" of the whole file, {EXPECTED}"
    )


def _read_labels(labels):
    if labels is None:
        return None
    if isinstance(labels, np.ndarray):
        labels = labels.tolist()
    if not isinstance(labels, list | tuple):
        raise ValueError(f"expected a list of labels, got {type(labels).__name__}")
    spk_ids = [_spk_id(label) for label in labels]
    bad = [i for i, spk_id in enumerate(spk_ids) if not spk_id]
    if bad:
        values = first_few([reprlib.repr(labels[i]) for i in bad])
        raise ValueError(
            f"{len(bad)} of {len(labels)} labels are no speaker labels, at"
            f" {first_few(bad)}: {values}; expected whole numbers or text, one each"
        )
    if len({isinstance(label, str | bytes) for label in labels}) > 1:
        raise ValueError("labels mix numbers and text; store them in one type")
    return spk_ids


def _spk_id(label):
    """Return the label as text, or None if it cannot name a speaker."""
    if isinstance(label, bytes):
        label = label.decode("utf-8")
    if isinstance(label, str):
        return label if label.strip() else None
    if isinstance(label, bool) or not isinstance(label, numbers.Real):
        return None
    if not np.isfinite(label) or label != int(label):
        return None
    return str(int(label))
