r"""Cut a LibriSpeech folder into a speaker re-identification task of one's own.

The pickles of the shared task are not public. Any LibriSpeech folder gives the
same kind: one-second segments of read speech, some people to train on and other
people to be told apart. `data_prep.librispeech` says where the corpus comes from
and how its folder must look. Written into the output folder:

``raw_data.pkl``
    ``[data, labels]`` of the training people: float32 in [-1, 1] at 11025 Hz,
    (n_train_speakers * n_segments, 11025), and int64 labels.
``test_data.pkl``
    ``[data]`` of the test people, shuffled.
``test_labels.npy``
    The labels of the test people, in the order of ``test_data.pkl``.
``speakers.csv``
    label, speaker, gender, role (train or test), n_utterances cut from.

All 251 people of train-clean-100, or a task of the full size::

    python -m data_prep.librispeech_prepare \
        --librispeech_folder LibriSpeech --output_folder data/librispeech
    python -m data_prep.librispeech_prepare \
        --librispeech_folder LibriSpeech --output_folder data/librispeech \
        --subset train-clean-100 train-clean-360 --n_train_speakers 600
"""

import argparse
import logging
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from data_prep.files import open_replacing
from data_prep.librispeech import (
    find_utterances,
    read_utterance,
    speech_segments,
)
from data_prep.librispeech_readers import read_genders
from data_prep.task_writer import TASK_FILES, write_task

logger = logging.getLogger(__name__)

FILES = (*TASK_FILES, "speakers.csv")
HEADER = "label,speaker,gender,role,n_utterances\n"


class Person(NamedTuple):
    """One speaker's segments, (n_segments, 11025), and how many files gave them."""

    speaker: str
    segments: np.ndarray
    n_utterances: int


def prepare_librispeech(
    librispeech_folder,
    output_folder,
    subset=("train-clean-100",),
    n_train_speakers=230,
    n_test_speakers=20,
    n_segments=16,
    seed=0,
):
    """Write the task's pickles from a LibriSpeech folder.

    The same folder and arguments give the same bytes. All four files are written
    under temporary names and renamed together at the end.

    Parameters
    ----------
    librispeech_folder : str or Path
        Folder that holds ``SPEAKERS.TXT`` and the subsets.
    output_folder : str or Path
        Folder for the four files named above, made if need be.
    subset : str or sequence of str
        Name or names of the subsets to draw speakers from.
    n_train_speakers, n_test_speakers : int
        Number of people for training, and of other people for the test.
    n_segments : int
        One-second segments of each person.
    seed : int
        Chooses the people, the segments and the order of the test data.

    Raises
    ------
    ValueError
        If a count is below one, too few speakers have enough speech, or a file of
        the corpus is not what LibriSpeech holds.
    FileNotFoundError
        If a subset or ``SPEAKERS.TXT`` is missing.
    FileExistsError
        If the output folder holds such files of some other origin.
    """
    counts = [n_train_speakers, n_test_speakers, n_segments]
    if min(counts) < 1:
        raise ValueError(
            "n_train_speakers, n_test_speakers and n_segments must be at least 1,"
            f" got {counts}"
        )
    folder = Path(output_folder)
    _refuse_other_files(folder)
    subsets = [subset] if isinstance(subset, str) else subset
    utterances = find_utterances(librispeech_folder, subsets)
    genders = read_genders(Path(librispeech_folder, "SPEAKERS.TXT"), list(utterances))
    rng = np.random.default_rng(seed)
    people = draw_people(
        utterances, n_train_speakers + n_test_speakers, n_segments, rng
    )
    train, test = people[:n_train_speakers], people[n_train_speakers:]
    _write_task(folder, train, test, genders, rng)
    logger.info("wrote %d training and %d test people to %s", *counts[:2], folder)


def _refuse_other_files(folder):
    """Keep the pickles of the real task from being overwritten."""
    speakers = folder / "speakers.csv"
    ours = speakers.is_file() and speakers.read_bytes().startswith(HEADER.encode())
    present = [name for name in FILES if (folder / name).exists()]
    if present and not ours:
        raise FileExistsError(
            f"{folder} holds {', '.join(present)} not written by this program (it would"
            " have left a speakers.csv of its own); choose another output_folder"
        )


def draw_people(utterances, n_people, n_segments, rng):
    """Draw speakers in random order until enough of them have enough speech.

    Parameters
    ----------
    utterances : dict of str to list of Path
        Speaker -> files, as from `data_prep.librispeech.find_utterances`.
    n_people : int
        Number of people to draw.
    n_segments : int
        Segments of each; a speaker with less speech is skipped.
    rng : np.random.Generator
        Source of the draw.

    Returns
    -------
    people : list of Person
        In the order of the draw.

    Raises
    ------
    ValueError
        If fewer than ``n_people`` speakers have enough speech.
    """
    people, n_skipped = [], 0
    with tqdm(total=n_people, unit="speaker", disable=None) as progress:
        for speaker in rng.permutation(list(utterances)).tolist():
            person = cut_person(speaker, utterances[speaker], n_segments, rng)
            if len(person.segments) < n_segments:
                n_skipped += 1
                continue
            people.append(person)
            progress.update()
            if len(people) == n_people:
                break
    if len(people) < n_people:
        raise ValueError(
            f"n_train_speakers + n_test_speakers is {n_people}, but of the"
            f" {len(utterances)} speakers found only {len(people)} have {n_segments}"
            " one-second segments of speech: ask for fewer people or a lower"
            " n_segments, or add a subset (train-clean-360 has 921 speakers)"
        )
    logger.info("skipped %d speakers with too little speech", n_skipped)
    return people


def cut_person(speaker, paths, n_segments, rng):
    """Cut one speaker's segments from as many recordings as possible.

    Chapters take turns, and so do the utterances within a chapter: a second
    segment of an utterance is taken only once every utterance gave its first.

    Parameters
    ----------
    speaker : str
        Name of the speaker.
    paths : list of Path
        The speaker's utterances, ``<chapter>/<utterance>.flac``.
    n_segments : int
        Number of segments wanted.
    rng : np.random.Generator
        Chooses utterances within chapters and segments within utterances.

    Returns
    -------
    person : Person
        With ``n_segments`` segments, or fewer if there is no more speech.
    """
    chapters = {}
    for path in rng.permutation(paths).tolist():
        chapters.setdefault(path.parent, []).append(path)
    pools = []
    for path in _take_turns(chapters.values()):
        found = speech_segments(read_utterance(path))
        if len(found):
            pools.append(rng.permutation(found))
        if len(pools) == n_segments:
            break
    segments = _take_turns(pools)[:n_segments]
    return Person(speaker, np.array(segments), len(pools))


def _take_turns(pools):
    """Return the first item of every pool, then every second item, and so on."""
    turns = zip_longest(*pools)
    return [item for turn in turns for item in turn if item is not None]


def _write_task(folder, train, test, genders, rng):
    """Write all four files or none, the test data shuffled."""
    data = np.concatenate([person.segments for person in train])
    labels = np.repeat(np.arange(len(train)), len(train[0].segments))
    test_data = np.concatenate([person.segments for person in test])
    test_labels = np.repeat(np.arange(len(test)), len(test[0].segments)) + len(train)
    rows = [
        f"{label},{person.speaker},{genders[person.speaker]},"
        f"{'train' if label < len(train) else 'test'},{person.n_utterances}\n"
        for label, person in enumerate([*train, *test])
    ]
    folder.mkdir(parents=True, exist_ok=True)
    with open_replacing(folder / FILES[3]) as file:
        file.write(HEADER + "".join(rows))
        write_task(folder, (data, labels), (test_data, test_labels), rng)


def main():
    """Run `prepare_librispeech` from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--librispeech_folder", required=True)
    parser.add_argument("--output_folder", required=True)
    parser.add_argument("--subset", nargs="+", default=["train-clean-100"])
    parser.add_argument("--n_train_speakers", type=int, default=230)
    parser.add_argument("--n_test_speakers", type=int, default=20)
    parser.add_argument("--n_segments", type=int, default=16)
    parser.add_argument("--seed", type=int, default=0)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        prepare_librispeech(**vars(parser.parse_args()))
    except (ValueError, OSError) as error:
        parser.exit(1, f"error: {error}\n")


if __name__ == "__main__":
    main()
