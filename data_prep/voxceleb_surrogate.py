r"""Other speech in the form of VoxCeleb1, to try its commands where it is not.

Readers of LibriSpeech (`data_prep.librispeech`) become speakers, and pieces of their
utterances, at 16 kHz, recordings: what is measured on them tells whether the commands
work and which of two systems is better, and nothing about VoxCeleb. It is easier. The
pieces of one utterance share voice, room, microphone and mood, where VoxCeleb compares
interviews of different days. Written into the output folder:

``<speaker>/<utterance>-<n>/00001.wav``
    The pieces, each a video of its own. Readers of the test have the ids of VoxCeleb1's
    test part, id10270 and on, all others ids of its other part.
``veri_test.txt``
    Trials of the test in the original form, ``1 path path``.
``surrogate.json``
    What this is, by which figures are labelled, and who is who.

Then as with VoxCeleb1 itself::

    python -m data_prep.voxceleb_surrogate --librispeech_folder data/LibriSpeech \
        --output_folder data/voxceleb_surrogate
    python -m data_prep.voxceleb_trials --voxceleb_folder data/voxceleb_surrogate \
        --trial_list data/voxceleb_surrogate/veri_test.txt --output data/trials.csv
"""

import argparse
import json
import logging
import math
from itertools import chain, count, pairwise

import numpy as np
import soundfile
from tqdm import tqdm

from data_prep.librispeech import (
    CORPUS_RATE,
    count_samples,
    find_utterances,
    read_recording,
)
from data_prep.librispeech_readers import read_listed
from data_prep.prepared_folder import digest_files, replacing_folder
from data_prep.trials import draw_trials
from data_prep.voxceleb import SURROGATE

VERSION = 1  # raise it whenever the same input and settings give other output
TEST_IDS = range(10270, 10310)  # those of list O, see data_prep.voxceleb.PARTS
FIRST_ID = 10001

logger = logging.getLogger(__name__)


def prepare_surrogate(
    librispeech_folder,
    output_folder,
    subset=("train-clean-100",),
    test_readers="recipes/siamese/test_readers.txt",
    n_test_readers=40,
    n_test_trials=37720,
    piece_seconds=4.5,
    seed=1986,
):
    """Write LibriSpeech as VoxCeleb1 would lie, unless it is there already.

    Parameters
    ----------
    librispeech_folder : str or Path
        Folder that holds the subsets.
    output_folder : str or Path
        Folder for all that is written; made, or replaced if this function made it.
    subset : str or sequence of str
        Name or names of the subsets.
    test_readers : str or Path
        Text file with a reader a line, ``#`` before a comment: the test has no others.
        ``"any"``: there is no list.
    n_test_readers : int
        How many of them are drawn, 2 to 40; the rest are in the other part.
    n_test_trials : int
        Half of them of each kind. Where a kind has fewer pairs all are taken, and the
        other fills up.
    piece_seconds : float
        Shortest piece; an utterance is cut into as many as it holds, all of one length.
        Those of shorter utterances are left out.
    seed : int
        Draws the readers of the test and the trials.

    Raises
    ------
    FileNotFoundError
        If a subset or the list of readers is missing.
    ValueError
        If a setting, a file of the corpus or the folder is not as expected.
    """
    if not 1 / CORPUS_RATE <= piece_seconds < math.inf:
        raise ValueError(
            f"piece_seconds is {piece_seconds:g}, expected a sample or more"
        )
    if n_test_trials < 2 or seed < 0:
        raise ValueError(
            f"n_test_trials is {n_test_trials} and seed {seed}, expected 2 or more"
            " and 0 or more"
        )
    subsets = [subset] if isinstance(subset, str) else list(subset)
    found = find_utterances(librispeech_folder, subsets)
    settings = {
        "label": f"surrogate: LibriSpeech {' + '.join(subsets)}, not VoxCeleb",
        "test_readers": read_listed(test_readers, found, " and ".join(subsets)),
        "n_test_readers": n_test_readers,
        "n_test_trials": n_test_trials,
        "piece_seconds": piece_seconds,
        "seed": seed,
    }
    fingerprint = {
        "kind": "surrogate",
        "version": VERSION,
        "files_sha256": digest_files(librispeech_folder, chain(*found.values())),
        **settings,
    }
    with replacing_folder(output_folder, fingerprint) as staging:
        if staging:
            pieces = measure_pieces(found, round(piece_seconds * CORPUS_RATE))
            ids = give_ids(pieces, settings["test_readers"], n_test_readers, seed)
            names = write_pieces(staging, pieces, ids)
            write_test_trials(staging / "veri_test.txt", names, n_test_trials, seed)
            speakers = sorted((spk_id, reader) for reader, spk_id in ids.items())
            facts = settings | {"speakers": dict(speakers)}
            text = json.dumps(facts, indent=2) + "\n"
            (staging / SURROGATE).write_text(text, encoding="utf-8")
            n_left_out = sum(map(len, found.values())) - sum(map(len, pieces.values()))
            logger.info(
                "%s: %d speakers, %d pieces; left out: %d utterances shorter than %g s",
                *(output_folder, len(ids), len(names), n_left_out, piece_seconds),
            )


def measure_pieces(found, n_samples):
    """Tell where utterances are cut.

    Parameters
    ----------
    found : dict of str to list of Path
        Reader -> utterances.
    n_samples : int
        Length of the shortest piece.

    Returns
    -------
    pieces : dict of str to dict of Path to list of int
        Reader -> utterance -> where pieces start and end; none of shorter ones.

    Raises
    ------
    ValueError
        If a file is not what LibriSpeech holds.
    """
    pieces = {}
    for reader, paths in tqdm(found.items(), "lengths", unit=" readers", disable=None):
        for path in paths:
            length = count_samples(path)
            if n_pieces := length // n_samples:
                cuts = np.linspace(0, length, n_pieces + 1).astype(int).tolist()
                pieces.setdefault(reader, {})[path] = cuts
    return pieces


def give_ids(readers, listed, n_test_readers, seed):
    """Draw the readers of the test, and name all as VoxCeleb1 names its speakers.

    Parameters
    ----------
    readers : collection of str
        Those of whom there is a piece.
    listed : list of str or None
        Who may be drawn; None: all.
    n_test_readers : int
        2 to 40.
    seed : int
        Seed of the draw.

    Returns
    -------
    ids : dict of str to str
        Reader -> ``id1xxxx``, in the order of the readers' numbers.

    Raises
    ------
    ValueError
        If there are not so many, or none besides.

    Examples
    --------
    >>> give_ids(["19", "7", "200"], ["200", "7"], 2, seed=0)
    {'7': 'id10270', '19': 'id10001', '200': 'id10271'}
    """
    readers = sorted(readers, key=lambda reader: (len(reader), reader))
    free = [reader for reader in readers if listed is None or reader in listed]
    most = max(min(len(free), len(readers) - 1, len(TEST_IDS)), 0)
    if not 2 <= n_test_readers <= most:
        raise ValueError(
            f"n_test_readers is {n_test_readers}, expected 2 to {most}: of"
            f" {len(readers)} readers {len(free)} may be in the test, others must be"
            f" left, and VoxCeleb1's test has {len(TEST_IDS)} ids"
        )
    chosen = set(np.random.default_rng(seed).permutation(free)[:n_test_readers])
    test = iter(TEST_IDS)
    other = (number for number in count(FIRST_ID) if number not in TEST_IDS)
    return {
        reader: f"id{next(test if reader in chosen else other)}" for reader in readers
    }


def write_pieces(folder, pieces, ids):
    """Write the pieces as WAVs, samples as they are.

    Parameters
    ----------
    folder : Path
        That of the speakers' folders.
    pieces : dict of str to dict of Path to list of int
        As from `measure_pieces`.
    ids : dict of str to str
        Reader -> speaker.

    Returns
    -------
    names : list of str
        Paths in the folder.

    Raises
    ------
    ValueError
        If a file cannot be read.
    """
    names = []
    for reader in tqdm(ids, "pieces", unit=" readers", disable=None):
        for path, cuts in pieces[reader].items():
            wav = read_recording(path, "int16")
            for number, (start, stop) in enumerate(pairwise(cuts), start=1):
                names.append(f"{ids[reader]}/{path.stem}-{number}/00001.wav")
                (folder / names[-1]).parent.mkdir(parents=True)
                soundfile.write(folder / names[-1], wav[start:stop], CORPUS_RATE)
    return names


def write_test_trials(path, names, n_trials, seed):
    """Draw trials of the test part, and write them as VoxCeleb's lists are.

    Parameters
    ----------
    path : Path
        The list.
    names : list of str
        ``<speaker>/<video>/<n>.wav``, of all speakers.
    n_trials : int
        As of `data_prep.trials.draw_trials`.
    seed : int
        Seed of the draw.

    Raises
    ------
    ValueError
        If there is not a pair of each kind.
    """
    test_ids = {f"id{number}" for number in TEST_IDS}
    tested = [name for name in names if name.partition("/")[0] in test_ids]
    spk_ids = [name.partition("/")[0] for name in tested]
    trials = draw_trials(tested, spk_ids, n_trials, seed)
    lines = [f"{label} {one} {other}\n" for one, other, label in trials]
    path.write_text("".join(lines), encoding="utf-8")
    n_targets = sum(trial.label for trial in trials)
    logger.info("%s: %d trials, %d of a target", path.name, len(trials), n_targets)


def main():
    """Run `prepare_surrogate` from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        argument_default=argparse.SUPPRESS,  # the defaults stand in prepare_surrogate
    )
    parser.add_argument("--librispeech_folder", required=True)
    parser.add_argument("--output_folder", required=True)
    parser.add_argument("--subset", nargs="+")
    parser.add_argument("--test_readers")
    for name in ("n_test_readers", "n_test_trials", "seed"):
        parser.add_argument(f"--{name}", type=int)
    parser.add_argument("--piece_seconds", type=float)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        prepare_surrogate(**vars(parser.parse_args()))
    except (ValueError, OSError) as error:
        parser.exit(1, f"error: {error}\n")


if __name__ == "__main__":
    main()
