"""Text lists of VoxCeleb, words apart by blanks, a file or a trial a line.

A training list, in the form of VoxCeleb2's own ``train_list.txt``::

    id00012 id00012/21Uxsk56VDQ/00001.wav
"""

from pathlib import Path
from typing import NamedTuple

from data_prep.files import open_replacing
from data_prep.findings import first_few
from data_prep.voxceleb import locate

FORM = "spk_id spk_id/video/name"  # the speaker, and the path that begins with it


class Listed(NamedTuple):
    """A line of a training list.

    Attributes
    ----------
    spk_id : str
        The speaker.
    name : str
        Path of the utterance in the VoxCeleb folder.
    """

    spk_id: str
    name: str


def read_words(path, form, is_right):
    """Read the lines of a list, and refuse it if any is wrong.

    Parameters
    ----------
    path : str or Path
        Text in UTF-8; empty lines do not count.
    form : str
        The words of a line, for the message: ``"label path path"``.
    is_right : callable
        Of the words of a line, as many as in the form: whether they are right.

    Returns
    -------
    numbered : list of (int, list of str)
        Number and words of each line.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is no text, holds nothing, or has wrong lines, which are numbered.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(f"{path}: no such list, expected lines '{form}'")
    try:
        lines = Path(path).read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: not a text file in UTF-8 ({error})") from error
    numbered = [(i, line.split()) for i, line in enumerate(lines, 1) if line.strip()]
    if not numbered:
        raise ValueError(f"{path}: empty, expected lines '{form}'")
    n_words = len(form.split())
    wrong = [
        number
        for number, words in numbered
        if len(words) != n_words or not is_right(*words)
    ]
    if wrong:
        raise ValueError(
            f"{path}: {len(wrong):,} of {len(numbered):,} lines are not '{form}': line"
            f" {first_few(wrong)}; the first is {lines[wrong[0] - 1]!r}"
        )
    return numbered


def check_files(path, named, voxceleb_folder):
    """Refuse a list that names files that are not there.

    Parameters
    ----------
    path : str or Path
        The list, for the message.
    named : dict of str to int
        Name of a file -> a line that names it.
    voxceleb_folder : str or Path
        Folder that holds the speakers' folders.

    Raises
    ------
    FileNotFoundError
        If any is missing.
    """
    missing = [name for name in named if locate(voxceleb_folder, name) is None]
    if missing:
        shown = [f"{name} (line {named[name]})" for name in missing[:3]]
        raise FileNotFoundError(
            f"{path}: {len(missing):,} of {len(named):,} files are not in"
            f" {voxceleb_folder}: {first_few(shown + missing[3:], 3)}; is that the"
            " folder of the speakers, and all unpacked?"
        )


def write_list(path, listed):
    """Write a training list, under a temporary name first.

    Parameters
    ----------
    path : str or Path
        The list.
    listed : sequence of Listed
        At least one.

    Raises
    ------
    ValueError
        If there are none, or a name has a blank.
    """
    spaced = [
        words for words in listed if any(len(word.split()) != 1 for word in words)
    ]
    if spaced or not listed:
        shown = first_few([words.name for words in spaced])
        raise ValueError(f"{path}: expected utterances without blanks, got [{shown}]")
    with open_replacing(path) as file:
        file.writelines(f"{spk_id} {name}\n" for spk_id, name in listed)


def read_list(path, voxceleb_folder):
    """Read and check a training list.

    Parameters
    ----------
    path : str or Path
        The list.
    voxceleb_folder : str or Path
        Folder that holds the speakers' folders.

    Returns
    -------
    listed : list of Listed
        In the order of the file.

    Raises
    ------
    FileNotFoundError
        If the list, or a file it names, is missing.
    ValueError
        If lines are wrong, name another speaker than the first folder of the path, or a
        file stands there twice.
    """
    # Under another name a speaker of the one list would be heard by the other, too.
    numbered = read_words(
        path, FORM, lambda spk_id, name: name.partition("/")[0] == spk_id
    )
    named = {}
    for number, (_, name) in numbered:
        if name in named:
            raise ValueError(
                f"{path}, line {number}: {name} stands in line {named[name]}"
            )
        named[name] = number
    check_files(path, named, voxceleb_folder)
    return [Listed(*words) for _, words in numbered]
