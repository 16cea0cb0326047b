"""A VoxCeleb folder: who speaks in which file, its length and its samples.

VoxCeleb1 (Nagrani et al., 2017) and VoxCeleb2 (Chung et al., 2018) are interviews of
celebrities, 16 kHz, https://www.robots.ox.ac.uk/~vgg/data/voxceleb/. The folder must
look as unpacked, VoxCeleb2 converted to WAV or not::

    <folder>/<speaker>/<video>/<n>.wav    such as id10270/5r0dWxy17C8/00001.wav
    <folder>/<speaker>/<video>/<n>.m4a    such as id00012/21Uxsk56VDQ/00001.m4a

Both archives of VoxCeleb1 unpack into one folder: a part is told by its speakers' ids.
"""

import json
import logging
import re
from pathlib import Path
from typing import NamedTuple

import soundfile
from tqdm import tqdm

from data_prep.m4a import m4a_seconds, read_m4a

PAGE = "https://www.robots.ox.ac.uk/~vgg/data/voxceleb/"
CORPUS_RATE = 16000  # Hz
SUFFIXES = (".wav", ".m4a")  # the first that is there is taken
SURROGATE = "surrogate.json"  # in a folder of other speech

logger = logging.getLogger(__name__)


class Part(NamedTuple):
    """One of the archives, as published.

    Attributes
    ----------
    archive : str
        What to download.
    hours, n_speakers, n_utterances : int
        What is in it.
    spk_ids : str
        Regular expression of its speakers.
    """

    archive: str
    hours: int
    n_speakers: int
    n_utterances: int
    spk_ids: str


# The test part of VoxCeleb1, the speakers of list O: id10270 to id10309.
PARTS = {
    "voxceleb1_dev": Part(
        "vox1_dev_wav.zip", 340, 1211, 148642, r"id1(?!0(?:2[7-9]|30)\d)\d{4}"
    ),
    "voxceleb1_test": Part("vox1_test_wav.zip", 11, 40, 4874, r"id10(?:2[7-9]|30)\d"),
    "voxceleb2_dev": Part("vox2_dev_aac.zip", 2360, 5994, 1092009, r"id0\d{4}"),
}


def find_utterances(voxceleb_folder, part):
    """List the files of every speaker of a part, and log how many there are.

    Parameters
    ----------
    voxceleb_folder : str or Path
        Folder that holds the speakers' folders.
    part : str
        One of `PARTS`.

    Returns
    -------
    utterances : dict of str to list of Path
        Speaker -> files, both in the order of their names. Of an utterance that is
        there as WAV and as M4A, the WAV.

    Raises
    ------
    FileNotFoundError
        If there is no utterance of the part.
    ValueError
        If there is no such part.
    """
    if part not in PARTS:
        raise ValueError(f"part is {part!r}, expected one of {', '.join(PARTS)}")
    root, published = Path(voxceleb_folder), PARTS[part]
    folders = sorted(
        path for path in root.glob("id*") if re.fullmatch(published.spk_ids, path.name)
    )
    utterances = {}
    for folder in tqdm(folders, f"list {part}", unit=" speakers", disable=None):
        found = {}
        for suffix in reversed(SUFFIXES):
            # The digits keep out the "._*" twins that macOS leaves behind.
            for path in folder.glob(f"*/[0-9]*{suffix}"):
                found[path.with_suffix("")] = path
        if found:
            utterances[folder.name] = [found[name] for name in sorted(found)]
    if not utterances:
        raise FileNotFoundError(_how_to_get(root, part))
    _log_counts(root, part, utterances)
    return utterances


def _log_counts(root, part, utterances):
    counts = len(utterances), sum(map(len, utterances.values()))
    published = PARTS[part].n_speakers, PARTS[part].n_utterances
    text = "{:,} speakers, {:,} utterances"
    logger.info(
        "%s of %s: %s (%s)",
        *(root, part, text.format(*counts)),
        "all" if counts == published else "all would be " + text.format(*published),
    )


def _how_to_get(root, part):
    """Say what to download, from where, and where to unpack it."""
    archive, hours, n_speakers, n_utterances, _ = PARTS[part]
    for inner in ("wav", "aac", "dev/aac"):  # the archives begin with these folders
        if any((root / inner).glob("id*")):
            return f"no folders id* in {root}, but in {root / inner}: give that one"
    return (
        f"no utterances of {part} in {root}: get {archive} ({hours:,} h,"
        f" {n_speakers:,} speakers, {n_utterances:,} utterances) by {PAGE} and unpack"
        f" it so that {root} holds <speaker>/<video>/<n>.wav (or .m4a)"
    )


def data_label(voxceleb_folder):
    """Return what the utterances are: VoxCeleb, or what stands in for it.

    Parameters
    ----------
    voxceleb_folder : str or Path
        Folder that holds the speakers' folders; a surrogate's tells by `SURROGATE`.

    Returns
    -------
    label : str
        For figures.

    Raises
    ------
    ValueError
        If a surrogate does not tell.
    """
    path = Path(voxceleb_folder) / SURROGATE
    if not path.is_file():
        return "VoxCeleb"
    try:
        return str(json.loads(path.read_text(encoding="utf-8"))["label"])
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"{path}: no label in it ({error}); build it anew by"
            " data_prep.voxceleb_surrogate"
        ) from error


def locate(voxceleb_folder, name):
    """Find the file of a name in a list, by whatever suffix it is there.

    The lists name WAV files even where the archive holds M4A files.

    Parameters
    ----------
    voxceleb_folder : str or Path
        Folder that holds the speakers' folders.
    name : str
        ``<speaker>/<video>/<n>.wav``.

    Returns
    -------
    path : Path or None
        None if it is not there.
    """
    path = Path(voxceleb_folder, name)
    tried = dict.fromkeys([path, *(path.with_suffix(suffix) for suffix in SUFFIXES)])
    return next((path for path in tried if path.is_file()), None)


def read_utterance(path):
    """Read a VoxCeleb file.

    Parameters
    ----------
    path : str or Path
        Mono at 16 kHz; M4A by libsndfile if it can, else by ffmpeg.

    Returns
    -------
    wav : ndarray, (n_samples,)
        float32 in [-1, 1] at 16 kHz.

    Raises
    ------
    FileNotFoundError
        If there is no such file, or ffmpeg is needed and not installed.
    ValueError
        If the file cannot be read, or is not mono at 16 kHz.
    """
    _check_there(path)
    try:
        wav, rate = soundfile.read(path, dtype="float32")
    except soundfile.LibsndfileError as error:
        if Path(path).suffix != ".m4a":
            raise ValueError(f"{path}: {error}; unpack the archive again") from error
        return read_m4a(path, CORPUS_RATE)
    _refuse_other_form(path, rate, 1 if wav.ndim == 1 else wav.shape[1])
    return wav


def measure_seconds(path):
    """Return the length of a VoxCeleb file by its header, without decoding it.

    Parameters
    ----------
    path : str or Path
        Mono at 16 kHz, or M4A.

    Returns
    -------
    seconds : float
        Of an M4A file, what its own header tells.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the header cannot be read, or is not of mono at 16 kHz.
    """
    _check_there(path)
    try:
        info = soundfile.info(path)
    except soundfile.LibsndfileError as error:
        if Path(path).suffix != ".m4a":
            raise ValueError(f"{path}: {error}; unpack the archive again") from error
        return m4a_seconds(path)
    _refuse_other_form(path, info.samplerate, info.channels)
    return info.duration


def _check_there(path):
    if not Path(path).is_file():
        raise FileNotFoundError(f"{path}: no such utterance; unpack the archive again")


def _refuse_other_form(path, rate, n_channels):
    if (rate, n_channels) != (CORPUS_RATE, 1):
        raise ValueError(
            f"{path}: expected mono at {CORPUS_RATE} Hz, got {rate} Hz and"
            f" {n_channels} channels; is this VoxCeleb as downloaded?"
        )
