"""Trial lists of VoxCeleb: which utterances, which pairs, and whose they are."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from data_prep.trials import read_trials
from data_prep.voxceleb_lists import check_files


class TrialList(NamedTuple):
    """The trials of a list.

    Attributes
    ----------
    names : ndarray of str, (n_utterances,)
        Paths in the VoxCeleb folder, sorted.
    pairs : ndarray of int, (2, n_trials)
        Both sides of each trial, as places among the names.
    is_target : ndarray of bool, (n_trials,)
        Whether both are of one speaker.
    """

    names: np.ndarray
    pairs: np.ndarray
    is_target: np.ndarray

    @property
    def spk_ids(self):
        """Speaker of each utterance, the first folder of its path."""
        return np.array([name.partition("/")[0] for name in self.names])

    def split(self, values):
        """Return values of the trials, (..., n_trials): of targets, of nontargets."""
        return values[..., self.is_target], values[..., ~self.is_target]


def read_trial_list(path, voxceleb_folder):
    """Read a trial list, and check that its utterances are there and its labels true.

    Parameters
    ----------
    path : str or Path
        The CSV, of `data_prep.trials`.
    voxceleb_folder : str or Path
        Folder that holds the speakers' folders.

    Returns
    -------
    trials : TrialList
        In the order of the file.

    Raises
    ------
    FileNotFoundError
        If the list, the folder, or a file named is missing.
    ValueError
        If the list is malformed, its labels are not those of its speakers, or all are
        the same.
    """
    if not Path(voxceleb_folder).is_dir():
        raise FileNotFoundError(f"{voxceleb_folder}: no such folder of speakers")
    try:
        trials = read_trials(path)
    except ValueError as error:
        raise ValueError(
            f"{error}; data_prep.voxceleb_trials and data_prep.voxceleb_subset write"
            " such lists"
        ) from error
    named = {}
    for line, trial in enumerate(trials, start=2):
        for name in trial[:2]:
            named.setdefault(name, line)
    check_files(path, named, voxceleb_folder)
    names, places = np.unique([trial[:2] for trial in trials], return_inverse=True)
    is_target = np.array([trial.label == 1 for trial in trials])
    found = TrialList(names, places.reshape(-1, 2).T, is_target)
    one, other = found.spk_ids[found.pairs]
    wrong = np.flatnonzero((one == other) != is_target)
    if wrong.size:
        trial = trials[wrong[0]]
        raise ValueError(
            f"{path}: {wrong.size} labels are not those of the speakers, which are the"
            f" first folders of the paths; the first is {','.join(map(str, trial))};"
            " write the list anew"
        )
    if is_target.all() or not is_target.any():
        kind = "target" if is_target[0] else "nontarget"
        raise ValueError(
            f"{path}: all {len(trials)} trials are {kind} trials; add some of"
            " the other kind, to measure both errors"
        )
    return found


def refuse_shared_speakers(groups):
    """Refuse speakers that are in two groups, which would flatter the figures.

    Parameters
    ----------
    groups : dict of str to sequence of str
        What they are -> speakers, as often as they like.

    Raises
    ------
    ValueError
        If two groups share speakers; names both, and some of them.
    """
    seen = {}
    for group, spk_ids in groups.items():
        shared = sorted(seen.keys() & set(spk_ids))
        if shared:
            raise ValueError(
                f"{len(shared)} speakers of the {group} are in the {seen[shared[0]]},"
                f" first {', '.join(shared[:3])}; take other lists, or another model"
            )
        seen |= dict.fromkeys(spk_ids, group)
