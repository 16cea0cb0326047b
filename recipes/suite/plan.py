"""What a suite asks for, and which of it is still to do."""

import json
import sys
from pathlib import Path
from typing import NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

SETTINGS = ("data_pickle", "test_folder", "results_folder")
DEFAULT_SEED = 1986


class Run(NamedTuple):
    """One run of a suite with one seed; the other keys are those of the suite."""

    name: str
    seed: int
    yaml: str
    overrides: dict
    leave_out: str | None = None
    script: str | None = None
    members: list | None = None
    test_sets: list | None = None


def read_suite(path):
    """Return the settings and the runs of a suite.

    Raises
    ------
    ValueError
        If it is no suite, the keys of a run are others, or there is no such YAML.
    """
    try:
        content = YAML(typ="safe").load(Path(path))
        runs = []
        for name, options in content["runs"].items():
            options = {"overrides": {}, **options}
            for seed in options.pop("seeds", [DEFAULT_SEED]):
                runs.append(Run(name=name, seed=seed, **options))
    except (YAMLError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(
            f"{path}: expected runs, each with a yaml and keys of a run: {error}"
        ) from error
    lost = sorted({run.yaml for run in runs if not Path(run.yaml).is_file()})
    if lost:
        raise ValueError(f"{path}: no such YAML: {', '.join(lost)}")
    return {key: content[key] for key in SETTINGS if key in content}, runs


def find_test_sets(folder):
    """Return the folders of a folder that hold test data and labels.

    Raises
    ------
    FileNotFoundError
        If there are none.
    """
    folders = [path.parent for path in sorted(Path(folder).glob("*/test_data.pkl"))]
    folders = [path for path in folders if (path / "labels.npy").is_file()]
    if not folders:
        raise FileNotFoundError(f"{folder}: no <test_set>/test_data.pkl and labels.npy")
    return folders


def plan(run, settings, test_sets):
    """Return the steps of a run that are still to do: title to command line.

    Raises
    ------
    ValueError
        If the run asks for a test set that is not among those.
    """
    names = [test_set.name for test_set in test_sets]
    lacking = sorted(set(run.test_sets or ()) - set(names))
    if lacking:
        raise ValueError(f"{run.name}: no test set {lacking} among {names}")
    results = Path(settings["results_folder"])
    folder = results / run.name / str(run.seed)
    wanted = [t for t in test_sets if t.name in (run.test_sets or names)]
    todo = [t for t in wanted if not (folder / t.name / "metrics.json").is_file()]
    if not todo:
        return {}
    steps, whole = {}, Path(settings["data_pickle"])
    # Runs that train on the same data with the same seed share what is prepared.
    data = results / "prepared" / f"without_{run.leave_out}.pkl"
    if not run.leave_out:
        data = whole
    elif not data.is_file():
        steps["leave out"] = leaving_out(whole, run.leave_out, data)
    known = YAML().load(Path(run.yaml))
    # A YAML that trains on a share of the data makes the share's folder beside.
    prepared = "whole_folder" if "whole_folder" in known else "prepared_folder"
    changes = {
        "data_pickle": str(data),
        prepared: str(results / "prepared" / f"{data.stem}-{run.seed}"),
        "test_folder": str(settings["test_folder"]),
        "output_folder": str(folder),
        "seed": run.seed,
    }
    changes = {key: value for key, value in changes.items() if key in known}
    changes |= run.overrides
    if run.script:
        return steps | {"run": command(run.script, run.yaml, **changes)}
    if run.members:
        # Always: it takes seconds, and a member may have been trained again.
        folders = [str(results / name / str(run.seed)) for name in run.members]
        changes = {"folders": folders, "output_folder": str(folder), **run.overrides}
        steps["combine"] = command("combine_models.py", run.yaml, **changes)
    elif not (folder / "model" / "training.json").is_file():
        train = command("train_speaker_embeddings.py", run.yaml, **changes)
        steps["train"] = train
    return steps | {t.name: verification(folder, t) for t in todo}


def leaving_out(data_pickle, corpus, output):
    """Return the command line that writes the data without a corpus."""
    return command(
        "data_prep.leave_out",
        data_pickle=str(data_pickle),
        speakers=str(data_pickle.with_name("speakers.csv")),
        corpus=corpus,
        output=str(output),
    )


def verification(folder, test_set):
    """Return the command line that verifies a trained run on a test set."""
    return command(
        "verify.py",
        "hparams/verify.yaml",
        model=str(folder),
        test_data=str(test_set / "test_data.pkl"),
        test_labels=str(test_set / "labels.npy"),
        output_folder=str(folder / test_set.name),
    )


def command(target, *words, **options):
    """Return the command line of a Python script or module."""
    module = [] if target.endswith(".py") else ["-m"]
    line = [sys.executable, *module, target, *words]
    for key, value in options.items():
        # JSON is YAML, which is what the scripts read.
        line += [f"--{key}", value if isinstance(value, str) else json.dumps(value)]
    return line
