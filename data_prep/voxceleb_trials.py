r"""The trial lists of VoxCeleb1, checked, in the form of `data_prep.trials`.

Lines are ``label path path``, 1 for one speaker; the lists are on
https://www.robots.ox.ac.uk/~vgg/data/voxceleb/. O tests the 40 speakers of the test
part. E and H test all speakers of VoxCeleb1: who trains on it cannot use them. In the
cleaned lists, whose names end in 2, mislabelled files are left out. Ids of segments
are the paths in the list::

    python -m data_prep.voxceleb_trials --trial_list veri_test.txt \
        --voxceleb_folder voxceleb1/wav --output trials.csv
"""

import argparse
import logging
from pathlib import Path

from data_prep.trials import Trial, write_trials
from data_prep.voxceleb import SURROGATE, data_label
from data_prep.voxceleb_lists import check_files, read_words

# File -> the list's name, its target and its nontarget trials.
LISTS = {
    "veri_test.txt": ("VoxCeleb1-O", 18860, 18860),
    "veri_test2.txt": ("VoxCeleb1-O cleaned", 18802, 18809),
    "list_test_all.txt": ("VoxCeleb1-E", 290743, 290737),
    "list_test_all2.txt": ("VoxCeleb1-E cleaned", 289921, 289897),
    "list_test_hard.txt": ("VoxCeleb1-H", 276270, 276266),
    "list_test_hard2.txt": ("VoxCeleb1-H cleaned", 275488, 275406),
}

logger = logging.getLogger(__name__)


def prepare_trials(trial_list, voxceleb_folder, output):
    """Write a trial list of VoxCeleb1 as a CSV of trials.

    Parameters
    ----------
    trial_list : str or Path
        As downloaded.
    voxceleb_folder : str or Path
        Folder that holds the speakers' folders.
    output : str or Path
        The CSV, of `data_prep.trials`.

    Raises
    ------
    FileNotFoundError
        If the list, or a file it names, is missing.
    ValueError
        If lines are wrong.
    """
    trials = read_official(trial_list, voxceleb_folder)
    Path(output).parent.mkdir(parents=True, exist_ok=True)
    write_trials(output, trials)


def read_official(path, voxceleb_folder):
    """Read and check a trial list of VoxCeleb1, and log its counts.

    Parameters
    ----------
    path : str or Path
        The list; a published one is known by its name.
    voxceleb_folder : str or Path
        Folder that holds the speakers' folders.

    Returns
    -------
    trials : list of Trial
        In the order of the file, each once: repeated ones are logged and left out.

    Raises
    ------
    FileNotFoundError
        If the list, or a file it names, is missing.
    ValueError
        If lines are wrong, compare a file with itself, or contradict each other.
    """
    numbered = read_words(
        path, "0|1 path other_path", lambda label, a, b: label in ("0", "1") and a != b
    )
    named = {name: number for number, (_, *pair) in numbered for name in pair}
    check_files(path, named, voxceleb_folder)
    labels = {}  # in the order of the lines
    for number, (label, *pair) in numbered:
        if labels.setdefault(tuple(pair), label) != label:
            raise ValueError(
                f"{path}, line {number}: an earlier line gives this trial another label"
            )
    _log_counts(path, [int(label) for _, (label, *_) in numbered], named)
    if len(labels) < len(numbered):
        n_repeats = len(numbered) - len(labels)
        logger.info("%s: %d lines repeat others and are left out", path, n_repeats)
    return [Trial(*pair, int(label)) for pair, label in labels.items()]


def _log_counts(path, labels, names):
    counts = sum(labels), len(labels) - sum(labels)
    tell = "{:,} target and {:,} nontarget trials".format
    n_speakers = len({name.partition("/")[0] for name in names})
    logger.info(
        "%s: %s of %s files of %s speakers",
        *(path, tell(*counts), f"{len(names):,}", f"{n_speakers:,}"),
    )
    title, *published = LISTS.get(Path(path).name, (None,))
    if (Path(path).parent / SURROGATE).is_file():
        logger.info("%s: no published list; %s", path, data_label(Path(path).parent))
    elif title is None:
        logger.info("%s: no published list has this name", path)
    elif counts == tuple(published):
        logger.info("%s: as many as in %s", path, title)
    else:
        logger.warning(
            "%s: %s has %s; get it anew, or give it another name",
            *(path, title, tell(*published)),
        )


def main():
    """Run `prepare_trials` from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name in ("trial_list", "voxceleb_folder", "output"):
        parser.add_argument(f"--{name}", required=True)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        prepare_trials(**vars(parser.parse_args()))
    except (ValueError, OSError) as error:
        parser.exit(1, f"error: {error}\n")


if __name__ == "__main__":
    main()
