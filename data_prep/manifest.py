"""SpeechBrain CSV manifests: their columns, writer, reader and validator.

One row is one segment: ``ID,duration,wav,start,stop,spk_id``, with the duration in
seconds and start and stop in samples. A path begins with ``$data_root``, which
SpeechBrain replaces, so that a folder can be moved. A test manifest has an empty
spk_id in every row: the columns stay the same, and SpeechBrain reads "".

Rows of another NamedTuple do as well, if its fields begin with these and all that it
adds is text: the columns of its manifest are its fields.

The same checks guard writing and reading. Each error names the file and the line.
"""

import csv
from pathlib import Path
from typing import NamedTuple

from data_prep.files import open_replacing

DATA_ROOT = "$data_root"


class Row(NamedTuple):
    """One segment; the field names are the columns of the manifest.

    Attributes
    ----------
    ID : str
        Unique within the manifest.
    duration : float
        In seconds.
    wav : str
        Path of the audio file, which may begin with ``$data_root``.
    start, stop : int
        First sample, and one past the last.
    spk_id : str
        The speaker, or "" if unknown.
    """

    ID: str
    duration: float
    wav: str
    start: int
    stop: int
    spk_id: str


def write_manifest(path, rows, data_root, labelled):
    """Check the rows and write them to a manifest.

    Parameters
    ----------
    path : str or Path
        The CSV, replaced only when all rows are right and written.
    rows : sequence of Row, or of one other type that begins as it does
        At least one.
    data_root : str or Path
        Folder that ``$data_root`` stands for, where the audio must exist.
    labelled : bool
        Whether every row must have a spk_id, or none may.

    Raises
    ------
    ValueError
        If a row breaks a rule of `check_rows`.
    FileNotFoundError
        If an audio file does not exist.
    """
    numbered = [(i + 2, row) for i, row in enumerate(rows)]  # line 1: the header
    check_rows(path, numbered, data_root, labelled)
    with open_replacing(path) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(rows[0]._fields)
        writer.writerows(row._replace(duration=f"{row.duration:.6f}") for row in rows)


def read_manifest(path, data_root, labelled, row_type=Row):
    """Read a manifest and check its rows.

    Parameters
    ----------
    path : str or Path
        The CSV.
    data_root : str or Path
        Folder that ``$data_root`` stands for, where the audio must exist.
    labelled : bool
        Whether every row must have a spk_id, or none may.
    row_type : type
        `Row`, or the NamedTuple that was written.

    Returns
    -------
    rows : list of row_type
        In the order of the file, ``$data_root`` left in the paths.

    Raises
    ------
    ValueError
        If the file is not a manifest, or a row breaks a rule of `check_rows`.
    FileNotFoundError
        If the manifest or an audio file does not exist.
    """
    numbered = [
        (line, _parse_row(path, line, fields, row_type))
        for line, fields in read_csv(path, row_type._fields)
    ]
    check_rows(path, numbered, data_root, labelled)
    return [row for _, row in numbered]


def check_rows(path, numbered, data_root, labelled):
    """Check the rows of a manifest.

    Parameters
    ----------
    path : str or Path
        The manifest, for the messages.
    numbered : sequence of (int, Row)
        The rows, each with its line number.
    data_root : str or Path
        Folder that ``$data_root`` stands for.
    labelled : bool
        Whether every row must have a spk_id, or none may.

    Raises
    ------
    ValueError
        If there are no rows, an ID is not unique, an ID or spk_id is not plain (see
        `is_plain`), a duration or range is empty, or a spk_id is missing or there
        against ``labelled``.
    FileNotFoundError
        If an audio file does not exist.
    """
    if not numbered:
        raise ValueError(f"{path}: no rows, expected at least one segment")
    lines, found = {}, set()
    for line, row in numbered:
        where = f"{path}, line {line}"
        if row.ID in lines:
            raise ValueError(f"{where}: ID {row.ID!r} stands in line {lines[row.ID]}")
        lines[row.ID] = line
        fault = _fault(row, labelled)
        if fault:
            raise ValueError(f"{where}: {fault}")
        if row.wav in found:  # a file of many rows is looked for once
            continue
        found.add(row.wav)
        wav = Path(row.wav.replace(DATA_ROOT, str(data_root)))
        if not wav.is_file():
            raise FileNotFoundError(
                f"{where}: {wav} does not exist; prepare the data again"
            )


def _fault(row, labelled):
    """Return what is wrong with a row by itself, or None."""
    if not row.ID or not is_plain(row.ID):
        return f"ID {row.ID!r}, expected plain text"
    if not 0 < row.duration < float("inf"):
        return f"duration {row.duration}, expected more than 0 seconds"
    if not 0 <= row.start < row.stop:
        return f"samples {row.start} to {row.stop}, expected 0 <= start < stop"
    if bool(row.spk_id) != labelled:
        expected = "a speaker" if labelled else "an empty one in a test manifest"
        return f"spk_id {row.spk_id!r}, expected {expected}"
    if not is_plain(row.spk_id):
        return f"spk_id {row.spk_id!r}, expected plain text"
    return None


def is_plain(text):
    """Tell whether SpeechBrain reads a text back from a CSV as it stands.

    Parameters
    ----------
    text : str
        An ID or a spk_id.

    Returns
    -------
    plain : bool
        False if the text has unprintable characters, a ``$`` (SpeechBrain would put
        a path in its place) or blanks at an end (it would drop them).

    Examples
    --------
    >>> is_plain("speaker 7"), is_plain(" 7"), is_plain("$7")
    (True, False, False)
    """
    return text.isprintable() and text == text.strip() and "$" not in text


def _parse_row(path, line, fields, row_type):
    identifier, duration, wav, start, stop, *texts = fields
    try:
        return row_type(identifier, float(duration), wav, int(start), int(stop), *texts)
    except ValueError as error:
        raise ValueError(
            f"{path}, line {line}: {error}; expected duration in seconds, start and"
            " stop in whole samples"
        ) from error


def read_csv(path, columns):
    """Read the rows of a CSV whose header must be the given columns.

    Parameters
    ----------
    path : str or Path
        The CSV, in UTF-8.
    columns : sequence of str
        The header, exactly.

    Returns
    -------
    numbered : list of (int, list of str)
        Line number and fields of each row.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is no CSV with this header and this number of fields in every row.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(f"{path}: no such file; prepare the data first")
    try:
        with open(path, encoding="utf-8", newline="") as file:
            reader = csv.reader(file, strict=True)
            numbered = [(reader.line_num, fields) for fields in reader]
    except (UnicodeDecodeError, csv.Error) as error:
        raise ValueError(f"{path}: not a CSV in UTF-8 ({error})") from error
    header = numbered[0][1] if numbered else []
    if header != list(columns):
        raise ValueError(f"{path}, line 1: columns {header}, expected {list(columns)}")
    for line, fields in numbered[1:]:
        if len(fields) != len(columns):
            raise ValueError(
                f"{path}, line {line}: {len(fields)} fields, expected {len(columns)}"
            )
    return numbered[1:]
