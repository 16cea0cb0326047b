"""The manifests of a task of comparing voices, in CSV.

Their columns are the fields of `data_prep.fragments.Fragment`:

``train.csv``, ``valid.csv``, ``test.csv``
    All fragments of the speakers of each role, but for the late part of the seen
    speakers. Those to train on start every hop and overlap; those to validate and test
    on start every test hop.
``seen_late.csv``
    The late part, every test hop, of the seen speakers, who are some of those trained
    on.
``test_early.csv``, ``test_late.csv``
    The test speakers once more: the early part, every hop, to fine-tune on, and the
    late part, every test hop. Those with too little speech for both are left out.
``map.csv``
    A few test speakers, fragments of each spread evenly over all of their speech.
"""

import logging
from itertools import combinations

from data_prep.findings import first_few
from data_prep.fragments import cut, split_late, spread
from data_prep.manifest import write_manifest
from data_prep.splits import ROLES

logger = logging.getLogger(__name__)


def write_fragments(
    folder,
    data_root,
    utterances,
    roles,
    lengths,
    n_seen_speakers,
    n_map,
    valid_is_test=False,
):
    """Cut the utterances of the speakers of each role and write all manifests.

    Parameters
    ----------
    folder : Path
        Folder for the manifests.
    data_root : str or Path
        Folder that ``$data_root`` stands for in the utterances.
    utterances : dict of str to list of Fragment
        Speaker to whole utterances, as from `data_prep.fragments.keep_long`.
    roles : dict of str to list of str
        As from `data_prep.splits.assign_speakers`. The seen speakers are the first of
        training that have the speech for it, those of the map the first of the test
        that give the most fragments.
    lengths : Lengths
        How to cut.
    n_seen_speakers : int
        Speakers trained on whose late part is kept for tests, at least 2.
    n_map : tuple of int
        Speakers of the map, and fragments of each.
    valid_is_test : bool
        Whether validation and test may share speakers.

    Raises
    ------
    ValueError
        If roles share a speaker, or too few speakers have an early and a late part.
    """
    _refuse_shared(roles, valid_is_test)
    halves = {
        spk: split_late(utterances[spk], lengths)
        for spk in roles["train"] + roles["test"]
    }
    seen, both = (
        [spk for spk in roles[role] if halves[spk][1]] for role in ("train", "test")
    )
    _check_halves(seen, both, n_seen_speakers, lengths)
    early, late = ({spk: halves[spk][side] for spk in halves} for side in (0, 1))
    train = utterances | {spk: early[spk] for spk in seen[:n_seen_speakers]}
    parts = {  # manifest -> speakers, what is cut, hop
        "train": (roles["train"], train, lengths.hop),
        "valid": (roles["valid"], utterances, lengths.test_hop),
        "test": (roles["test"], utterances, lengths.test_hop),
        "seen_late": (seen[:n_seen_speakers], late, lengths.test_hop),
        "test_early": (both, early, lengths.hop),
        "test_late": (both, late, lengths.test_hop),
    }
    rows = {
        name: [row for spk in sorted(spks) for row in cut(spoken[spk], lengths, hop)]
        for name, (spks, spoken, hop) in parts.items()
    }
    test = {spk: spread(utterances[spk], lengths, n_map[1]) for spk in roles["test"]}
    fullest = sorted(test, key=lambda spk: -len(test[spk]))[: n_map[0]]
    rows["map"] = [row for spk in sorted(fullest) for row in test[spk]]
    _write(folder, rows, data_root)


def _refuse_shared(roles, valid_is_test):
    for one, other in combinations(ROLES, 2):
        shared = sorted(set(roles[one]) & set(roles[other]))
        if shared and not (valid_is_test and one != "train"):
            raise ValueError(
                f"speakers in both {one} and {other}: {first_few(shared)}; give each"
                " role its own (only valid_is_test lets valid and test share theirs)"
            )


def _check_halves(seen, both, n_seen_speakers, lengths):
    """Refuse too few speakers with an early and a late part."""
    if not (isinstance(n_seen_speakers, int) and n_seen_speakers >= 2):
        raise ValueError(f"n_seen_speakers is {n_seen_speakers}, expected 2 or more")
    late, fragment = (
        f"{n / lengths.sample_rate:g} s" for n in (lengths.late, lengths.fragment)
    )
    for what, found, wanted in (
        (f"n_seen_speakers is {n_seen_speakers}", seen, n_seen_speakers),
        ("test_late.csv needs 2 speakers of the test", both, 2),
    ):
        if len(found) < wanted:
            raise ValueError(
                f"{what}, but {len(found)} have a late part of {late} and {fragment} of"
                " speech before it; lower late_seconds, or take more speakers"
            )


def _write(folder, rows, data_root):
    for name, fragments in rows.items():
        path = folder / f"{name}.csv"
        write_manifest(path, fragments, data_root, labelled=True)
        n_speakers = len({row.spk_id for row in fragments})
        text = "%s: %d fragments of %d speakers"
        logger.info(text, path.name, len(fragments), n_speakers)
