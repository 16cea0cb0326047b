"""The runs of a suite as `verify.py` left them: what they are, and their embeddings."""

import logging
from pathlib import Path
from typing import NamedTuple

from ruamel.yaml import YAML

from local.input.labels import read_labels
from local.scoring.embeddings import load_embeddings
from local.scoring.model_folder import read_facts

FACTS = ("n_parameters", "n_flops", "n_train_speakers", "n_train_segments", "epochs")
SETTINGS = ("speaker_share", "loss_name")

logger = logging.getLogger(__name__)


class Runs(NamedTuple):
    """The runs of a suite that were verified alike.

    Attributes
    ----------
    folders : dict of str to list of Path
        Run -> folder of each seed.
    seeds, test_sets : list of str
        What all of them have.
    """

    folders: dict
    seeds: list
    test_sets: list


def find_verified(suite_folder):
    """Find the runs of a suite, their seeds and their test sets.

    Parameters
    ----------
    suite_folder : str or Path
        Its ``results_folder``.

    Returns
    -------
    runs : Runs
        Seeds and test sets that all runs have; of other seeds a warning tells.

    Raises
    ------
    FileNotFoundError
        If there is no run, or they have nothing in common.
    """
    found = {}
    for path in sorted(Path(suite_folder).glob("*/*/*/embeddings-*.npz")):
        test_set, folder = path.parent.name, path.parent.parent
        found.setdefault(folder.parent.name, {}).setdefault(folder, set()).add(test_set)
    every = [{folder.name for folder in folders} for folders in found.values()]
    sets = [names for folders in found.values() for names in folders.values()]
    seeds = sorted(set.intersection(*every)) if every else []
    test_sets = sorted(set.intersection(*sets)) if sets else []
    if not seeds or not test_sets:
        raise FileNotFoundError(
            f"{suite_folder}: no runs with a seed and a test set in common; make them"
            " by recipes.suite"
        )
    for run, names in zip(found, every, strict=True):
        if names > set(seeds):
            left_out = ", ".join(sorted(names - set(seeds)))
            logger.warning("%s: seeds %s left out, other runs lack them", run, left_out)
    folders = {
        run: [folder for seed in seeds for folder in folders if folder.name == seed]
        for run, folders in found.items()
    }
    return Runs(folders, seeds, test_sets)


def load_gallery(folder):
    """Return the embeddings (n_segments, emb_dim) of a verified test set, the latest.

    Parameters
    ----------
    folder : Path
        ``<run>/<seed>/<test_set>``.
    """
    paths = folder.glob("embeddings-*.npz")
    return load_embeddings(max(paths, key=lambda path: path.stat().st_mtime)).matrix


def read_speakers(runs, test_folder):
    """Read the speakers of all test sets.

    Parameters
    ----------
    runs : Runs
        Verified on them.
    test_folder : str or Path
        Holds ``<test_set>/labels.npy``.

    Returns
    -------
    spk_ids : dict of str to ndarray of str, (n_segments,)
        Test set -> speakers of its segments.

    Raises
    ------
    FileNotFoundError
        If there are no such labels.
    ValueError
        If a run has embeddings of another number of segments.
    """
    spk_ids = {}
    for name in runs.test_sets:
        path = Path(test_folder, name, "labels.npy")
        for folders in runs.folders.values():
            n_segments = {len(load_gallery(folder / name)) for folder in folders}
            for n in n_segments:
                spk_ids[name] = read_labels(path, n)
    return spk_ids


def describe(folder):
    """Return what a run is: facts of its model and settings of its YAML."""
    facts = read_facts(folder / "model")
    yaml = YAML().load(folder / "hyperparams.yaml")
    known = {key: facts.get(key) for key in FACTS}
    known |= {key: yaml[key] for key in SETTINGS if key in yaml}
    network = dict(yaml["embedding_model"])
    return known | {key: network[key] for key in ("depth", "width") if key in network}


def find_references(described, reference):
    """Return the run that each is compared with.

    Parameters
    ----------
    described : dict of str to dict
        Run -> what `describe` tells of it.
    reference : str or None
        One for all.

    Returns
    -------
    references : dict of str to str
        Run -> run.

    Raises
    ------
    ValueError
        If there is no such run.

    Examples
    --------
    >>> runs = {"small": {"n_parameters": 1}, "large": {"n_parameters": 2}}
    >>> find_references(runs, reference=None)
    {'small': 'large', 'large': 'large'}
    """
    if reference is not None:
        if reference not in described:
            raise ValueError(f"no run {reference!r}, only {', '.join(described)}")
        return dict.fromkeys(described, reference)
    alike = {run: data_of(facts) for run, facts in described.items()}
    largest = {}
    for run in sorted(described, key=lambda run: described[run]["n_parameters"]):
        largest[alike[run]] = run
    return {run: largest[alike[run]] for run in described}


def data_of(facts):
    """Return what a run was trained on: share of the speakers, and how often heard."""
    return facts.get("speaker_share", 1.0), facts.get("epochs", 0)
