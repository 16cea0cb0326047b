"""How the data preparation words what it finds: how many segments, and which first."""

import logging
from pathlib import Path
from typing import NamedTuple

import numpy as np

KEPT = "findings.txt"  # beside what was prepared

logger = logging.getLogger(__name__)


class Finding(NamedTuple):
    """Something odd that does not stop the preparation.

    Attributes
    ----------
    kind : str
        One word, such as "silent".
    indices : tuple of int
        Positions of the segments, all of them.
    message : str
        The finding in one line, with the count and the first positions.
    """

    kind: str
    indices: tuple
    message: str


def first_few(items, n=5):
    """Join the first few items of a sequence for a message.

    Parameters
    ----------
    items : sequence
        Such as the positions of faulty segments.
    n : int
        How many to show.

    Returns
    -------
    text : str
        The items, and an ellipsis if there are more.

    Examples
    --------
    >>> first_few([3, 7]), first_few(range(9))
    ('3, 7', '0, 1, 2, 3, 4, ...')
    """
    shown = [str(item) for item in items[:n]]
    return ", ".join(shown + ["..."] * (len(items) > n))


def note(kind, mask, text):
    """Word a finding about the segments of a mask.

    Parameters
    ----------
    kind : str
        The kind of the finding.
    mask : ndarray of bool, (n_segments,)
        True for the segments concerned.
    text : str
        What they are or have, beginning with the verb.

    Returns
    -------
    findings : list of Finding
        One, or none if no segment is concerned.

    Examples
    --------
    >>> note("silent", np.array([False, True]), "are silent")[0].message
    '1 of 2 segments, at 1, are silent'
    """
    indices = np.flatnonzero(mask).tolist()
    message = f"{len(indices)} of {len(mask)} segments, at {first_few(indices)}, {text}"
    return [Finding(kind, tuple(indices), message)] if indices else []


def refuse(mask, text):
    """Raise an error about the segments of a mask, if there are any.

    Parameters
    ----------
    mask : ndarray of bool, (n_segments,)
        True for the segments concerned.
    text : str
        What they are or have, beginning with the verb, and the remedy.

    Raises
    ------
    ValueError
        If any segment is concerned; worded as by `note`.
    """
    for finding in note("error", mask, text):
        raise ValueError(finding.message)


def keep_findings(folder, findings):
    """Write what was found, if anything, beside what was prepared.

    Parameters
    ----------
    folder : str or Path
        Of the prepared data.
    findings : list of Finding
        One line each.
    """
    if findings:
        lines = "".join(f"{finding.message}\n" for finding in findings)
        (Path(folder) / KEPT).write_text(lines, encoding="utf-8")


def tell_again(folder):
    """Log what was found when a folder was prepared: a leak is one on every run.

    Parameters
    ----------
    folder : str or Path
        Of the prepared data.
    """
    kept = Path(folder) / KEPT
    if kept.is_file():
        for line in kept.read_text(encoding="utf-8").splitlines():
            logger.warning("%s: %s", folder, line)
