"""The readers of LibriSpeech: their genders, and lists of some of them."""

import re
from pathlib import Path

from data_prep.findings import first_few


def read_genders(path, speakers):
    """Read the gender of speakers from ``SPEAKERS.TXT``.

    Parameters
    ----------
    path : Path
        Lines ``id | sex | subset | minutes | name``; the name may hold ``|``,
        and a line that starts with ``;`` is a comment.
    speakers : sequence of str
        The speakers of interest.

    Returns
    -------
    genders : dict of str to str
        Speaker -> ``F`` or ``M``.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If a line has no id or no gender, or a speaker is not listed.
    """
    if not path.is_file():
        raise FileNotFoundError(
            f"{path} is missing: every archive of https://www.openslr.org/12 holds"
            " it, the smallest is dev-other.tar.gz (314 MB)"
        )
    listed = {}
    # The names, in many scripts, are not read.
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip() and not line.startswith(";"):
            columns = re.match(r"(\d+) *\| *([FM]) *\|", line)
            if columns is None:
                raise ValueError(
                    f"{path}, line {number}: expected 'id | F or M | subset |"
                    f" minutes | name', got {line!r}"
                )
            listed[columns[1]] = columns[2]
    unlisted = [speaker for speaker in speakers if speaker not in listed]
    if unlisted:
        raise ValueError(
            f"{path} lacks {len(unlisted)} of {len(speakers)} speakers (first"
            f" {', '.join(unlisted[:5])}); take it from the same archive as they"
        )
    return {speaker: listed[speaker] for speaker in speakers}


def read_listed(path, readers, subset):
    """Return the readers listed in a file, all of them of a subset; None without one.

    Parameters
    ----------
    path : str or Path
        A reader a line, ``#`` before a comment; or ``"any"``.
    readers : collection of str
        Those of the subset.
    subset : str
        Its name, for the message.

    Returns
    -------
    listed : list of str or None
        Sorted.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is no text, lists nobody, or a reader of elsewhere.
    """
    if path == "any":
        return None
    listed = read_list(path)
    strangers = [
        f"{reader} (line {number})"
        for reader, number in listed.items()
        if reader not in readers
    ]
    if strangers:
        raise ValueError(
            f"{path}: {len(strangers)} of {len(listed)} readers are not in {subset}:"
            f" {first_few(strangers)}; give a list of its readers, or any"
        )
    return sorted(listed)


def read_list(path):
    """Read a list of readers.

    Parameters
    ----------
    path : str or Path
        Text, a reader a line, ``#`` before a comment.

    Returns
    -------
    listed : dict of str to int
        Reader -> line.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is no text, or lists nobody.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(f"{path}: no such list of readers, one a line")
    try:
        lines = Path(path).read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: not a text file in UTF-8 ({error})") from error
    texts = [line.partition("#")[0].strip() for line in lines]
    listed = {text: number for number, text in enumerate(texts, start=1) if text}
    if not listed:
        raise ValueError(f"{path}: no readers, expected one a line")
    return listed
