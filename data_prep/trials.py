"""Trial lists: ``enrol_id,test_id,label``, 1 for target and 0 for nontarget trials."""

import csv
from typing import NamedTuple

import numpy as np

from data_prep.files import open_replacing
from data_prep.manifest import read_csv


class Trial(NamedTuple):
    """One comparison; the field names are the columns of the trial list.

    Attributes
    ----------
    enrol_id, test_id : str
        The segments compared.
    label : int
        1 if the same speaker speaks in both (target), else 0 (nontarget).
    """

    enrol_id: str
    test_id: str
    label: int


def write_trials(path, trials):
    """Check trials and write them to a CSV.

    Parameters
    ----------
    path : str or Path
        The CSV, replaced only when all trials are right and written.
    trials : sequence of Trial
        At least one.

    Raises
    ------
    ValueError
        If there are none, one has an empty id, another label than 0 or 1, or the
        same id on both sides, or one stands twice.
    """
    _check_trials(path, [(i + 2, trial) for i, trial in enumerate(trials)])
    with open_replacing(path) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(Trial._fields)
        writer.writerows(trials)


def read_trials(path):
    """Read and check a trial list.

    Parameters
    ----------
    path : str or Path
        The CSV.

    Returns
    -------
    trials : list of Trial
        In the order of the file.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is not a trial list, or breaks a rule of `write_trials`.
    """
    labels = {"0": 0, "1": 1}
    numbered = [
        (line, Trial(enrol_id, test_id, labels.get(label, label)))
        for line, (enrol_id, test_id, label) in read_csv(path, Trial._fields)
    ]
    _check_trials(path, numbered)
    return [trial for _, trial in numbered]


def _check_trials(path, numbered):
    if not numbered:
        raise ValueError(f"{path}: no trials, expected at least one")
    lines = {}
    for line, trial in numbered:
        enrol_id, test_id, label = trial
        where = f"{path}, line {line}"
        if label not in (0, 1):
            raise ValueError(f"{where}: label {label!r}, expected 0 or 1")
        if not enrol_id or not test_id:
            raise ValueError(f"{where}: expected two ids, got {trial[:2]}")
        if enrol_id == test_id:
            raise ValueError(f"{where}: {enrol_id} is compared with itself")
        if trial[:2] in lines:
            raise ValueError(
                f"{where}: {enrol_id},{test_id} stands in line {lines[trial[:2]]}"
            )
        lines[trial[:2]] = line


def draw_trials(ids, spk_ids, n_trials, seed):
    """Draw trials between segments, half target and half nontarget if possible.

    No segment meets itself and no two meet twice, in either order. If one kind has
    too few pairs for its half, all of them are taken and the other kind fills up;
    if there are ``n_trials`` pairs in all or fewer, all are taken.

    Parameters
    ----------
    ids : sequence of str, (n_segments,)
        Segment ids, each once.
    spk_ids : sequence of str, (n_segments,)
        Their speakers.
    n_trials : int
        Number of trials wanted, at least 2.
    seed : int
        Seed of the draw.

    Returns
    -------
    trials : list of Trial
        Target trials first.

    Raises
    ------
    ValueError
        If the lengths differ, ``n_trials`` is below 2, or there is not at least one
        pair of each kind.

    Examples
    --------
    >>> trials = draw_trials(["a1", "a2", "b1"], ["a", "a", "b"], 9, seed=0)
    >>> [tuple(trial) for trial in trials]
    [('a1', 'a2', 1), ('a1', 'b1', 0), ('a2', 'b1', 0)]
    """
    if len(ids) != len(spk_ids) or n_trials < 2:
        raise ValueError(
            f"expected one spk_id per id and n_trials of 2 or more, got {len(ids)} ids,"
            f" {len(spk_ids)} spk_ids, n_trials {n_trials}"
        )
    order = np.argsort(spk_ids, kind="stable")
    ends = np.searchsorted(np.asarray(spk_ids)[order], spk_ids, side="right")[order]
    here = np.arange(len(ids))
    # Sorted by speaker, the later partners of a segment are, up to the end of its
    # speaker, its target partners, and from there on its nontarget partners.
    n_target_partners, n_nontarget_partners = ends - here - 1, len(ids) - ends
    n_tar, n_non = n_target_partners.sum(), n_nontarget_partners.sum()
    if not n_tar or not n_non:
        raise ValueError(
            f"{n_tar} target and {n_non} nontarget pairs among {len(ids)} segments;"
            " at least one of each is needed: add segments or speakers"
        )
    half = n_trials // 2
    n_tar = min(n_tar, max(half, n_trials - n_non))
    n_non = min(n_non, n_trials - n_tar)
    rng = np.random.default_rng(seed)
    tar = _draw_pairs(n_target_partners, here + 1, n_tar, rng)
    non = _draw_pairs(n_nontarget_partners, ends, n_non, rng)
    return [
        Trial(ids[order[i]], ids[order[j]], label)
        for label, pairs in ((1, tar), (0, non))
        for i, j in pairs
    ]


def _draw_pairs(n_partners, first_partner, n_pairs, rng):
    """Draw from the pairs (i, first_partner[i] + k), k < n_partners[i]."""
    ends = np.cumsum(n_partners)
    ranks = np.sort(rng.choice(ends[-1], n_pairs, replace=False))
    i = np.searchsorted(ends, ranks, side="right")
    return zip(i, first_partner[i] + ranks - (ends - n_partners)[i], strict=True)
