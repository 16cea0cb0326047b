"""What a finished run left behind: trainings, model, verification, figures."""

import datetime
import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

from local.output.matrix_text import read_matrix
from local.output.metrics import read_metrics
from local.scoring.model_folder import find_model, read_facts
from local.settings import yaml_errors


class Training(NamedTuple):
    """One training of a model, or of a member of a combination.

    Attributes
    ----------
    folder : Path
        Its output folder.
    facts : dict
        ``training.json``.
    settings : CommentedMap
        Its YAML as it ran, references resolved.
    """

    folder: Path
    facts: dict
    settings: CommentedMap


class FinishedRun(NamedTuple):
    """A verification and the trainings it rests on.

    Attributes
    ----------
    folder : Path
        Of the verification, with ``answer.txt``.
    settings : CommentedMap
        Its YAML as it ran, references resolved.
    date : datetime.date
        When it ran.
    model_folder : Path
        The model itself.
    facts : dict
        Its ``training.json``.
    trainings : list of Training
        One, or the members' of a combination.
    """

    folder: Path
    settings: CommentedMap
    date: datetime.date
    model_folder: Path
    facts: dict
    trainings: list


def read_run(folder, model=None):
    """Read what a verification rests on.

    Parameters
    ----------
    folder : str or Path
        Output folder of ``verify.py``.
    model : str or Path, optional
        Its model, if that has moved since.

    Returns
    -------
    run : FinishedRun
        Everything found.

    Raises
    ------
    FileNotFoundError
        If a file of it is missing.
    ValueError
        If one is malformed, or nothing tells how the model was trained.
    """
    folder = Path(folder)
    for name in ("answer.txt", "hyperparams.yaml"):
        if not (folder / name).is_file():
            raise FileNotFoundError(
                f"{folder}: no {name} here; give the output folder of verify.py"
            )
    settings, date = read_settings(folder / "hyperparams.yaml")
    model_folder = find_model(model or settings.get("model", folder))
    facts = read_facts(model_folder)
    trainings = find_trainings(model_folder, facts)
    return FinishedRun(folder, settings, date, model_folder, facts, trainings)


def read_settings(path):
    """Read a YAML that SpeechBrain kept with a run.

    Parameters
    ----------
    path : Path
        ``hyperparams.yaml``.

    Returns
    -------
    settings : CommentedMap
        With references resolved, tags as written.
    date : datetime.date
        Of the run, as its first line tells.

    Raises
    ------
    ValueError
        If SpeechBrain did not write it.
    """
    text = path.read_text(encoding="utf-8", errors="replace")
    found = re.match(r"# Generated (\d{4}-\d\d-\d\d) from:", text)
    if not found:
        raise ValueError(f"{path}: not kept by a run: no line '# Generated <date>'")
    with yaml_errors(path):
        settings = YAML().load(text)
        date = datetime.date.fromisoformat(found[1])
    if not isinstance(settings, dict):
        raise ValueError(f"{path}: no settings in it; run the command again")
    return settings, date


def read_answer(path):
    """Read the distances of a verification.

    Parameters
    ----------
    path : Path
        ``answer.txt``.

    Returns
    -------
    distances : ndarray, (n_segments, n_segments)
        As written.

    Raises
    ------
    ValueError
        If it is none, such as after a disk that was full.
    """
    try:
        distances = read_matrix(path) if path.stat().st_size else np.empty((0, 0))
    except ValueError as error:
        raise ValueError(f"{path}: {error}; run verify.py again") from error
    n_rows, n_columns = distances.shape
    if n_rows != n_columns or not n_rows or not np.isfinite(distances).all():
        raise ValueError(
            f"{path}: {n_rows} rows of {n_columns} distances, expected as many of both,"
            " all finite; run verify.py again"
        )
    return distances


def find_trainings(model_folder, facts):
    """Find the training of a model, or those of the members of a combination.

    Parameters
    ----------
    model_folder : Path
        The model itself, in the output folder of its training.
    facts : dict
        Its ``training.json``.

    Returns
    -------
    trainings : list of Training
        At least one.

    Raises
    ------
    FileNotFoundError
        If one is not where it was.
    """
    output = model_folder.parent
    if "members" not in facts:
        return [read_training(output, facts)]
    results = output.parent.parent
    try:
        return [
            read_training(results / member["experiment"] / str(member["seed"]), member)
            for member in facts["members"]
        ]
    except (KeyError, TypeError) as error:
        raise ValueError(
            f"{model_folder / 'training.json'}: members without experiment and seed;"
            " combine them again"
        ) from error


def read_training(folder, facts):
    """Read the YAML of a training, beside its log.

    Raises
    ------
    FileNotFoundError
        If there is none.
    """
    for name in ("hyperparams.yaml", "train_log.txt"):
        if not (folder / name).is_file() or not (folder / name).stat().st_size:
            raise FileNotFoundError(
                f"{folder}: no {name}, or an empty one, of the training of"
                f" {facts['experiment']}, seed {facts['seed']}; what is handed in must"
                " have been trained here"
            )
    settings, _ = read_settings(folder / "hyperparams.yaml")
    return Training(folder, facts, settings)


def read_figures(folder, run):
    """Read the figures of a verification with labels, by the model of a run.

    Parameters
    ----------
    folder : str or Path
        Output folder of ``verify.py``; its own or another.
    run : FinishedRun
        What is handed in.

    Returns
    -------
    metrics : dict
        As from `local.output.metrics.read_metrics`.

    Raises
    ------
    FileNotFoundError
        If nothing was measured there.
    ValueError
        If it was by another model.
    """
    path = Path(folder) / "metrics.json"
    if not path.is_file():
        raise FileNotFoundError(
            f"{path}: no figures; run verify.py with --test_labels on speakers who were"
            " not trained on, and give its output folder as --measured"
        )
    metrics = read_metrics(path)
    if metrics["model"] != run.facts:
        raise ValueError(
            f"{path} is of {metrics['experiment']}, seed {metrics['seed']}, not of the"
            f" model in {run.model_folder}; run verify.py with that one"
        )
    return metrics
