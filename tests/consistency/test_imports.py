"""Imports go one way.

    scripts, recipes  ->  local, data_prep      a recipe never imports another
    benchmarks        ->  anything but tests and recipes
    data_prep         ->  data_prep
    local             ->  local

In ``local`` the rooms follow the flow, input, models, scoring, evaluation, output: a
room may import those before it. Of what stands beside the rooms, ``experiment.py`` is
for scripts alone, and the rest, which all may import, imports no room.
"""

import sys
from pathlib import Path

import pytest
from source_tree import imported_names, list_files, python_files

SCRIPTS = {
    path.stem for path in list_files() if path.match("*.py") and not path.parent.name
}
OURS = {"data_prep", "local", "recipes", "benchmarks", "tests"} | SCRIPTS
MAY_IMPORT = {
    "data_prep": {"data_prep"},
    "local": {"local"},
    "recipes": {"data_prep", "local", "recipes"},
    "benchmarks": {"data_prep", "local", "benchmarks"} | SCRIPTS,
    "script": {"data_prep", "local"},
}
ROOMS = ("input", "models", "scoring", "evaluation", "output", "experiment")
PLOTS = Path("local/output/plots.py")


def objection(path, name):
    """Say why a file may not import a dotted name, or return None."""
    area = path.parts[0] if len(path.parts) > 1 else "script"
    package, *inner = name.split(".")
    if not package:
        return "imports are absolute"
    if package == "matplotlib" and path != PLOTS:
        return f"matplotlib stays in {PLOTS}"
    if path.match("local/evaluation/*"):
        allowed = {"numpy", "scipy", "local"} | sys.stdlib_module_names
        if package not in allowed:
            return "local.evaluation needs numpy and scipy only"
    if package in OURS - MAY_IMPORT[area]:
        return f"{area} may import {sorted(MAY_IMPORT[area])}"
    if package == "recipes" and inner[:1] != [path.parts[1]]:
        return "a recipe never imports another"
    if package == area == "local" and inner:
        room = path.with_suffix("").parts[1]
        if place(inner[0]) > place(room):
            return f"local.{inner[0]} comes after local.{room}"
    return None


def place(room):
    """Return where a part of local stands: what is no room stands before them."""
    return ROOMS.index(room) if room in ROOMS else -1


def test_imports_go_one_way():
    wrong = [
        f"{path} imports {name}: {reason}"
        for path in python_files()
        for name in imported_names(path)
        if (reason := objection(path, name))
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("data_prep/trials.py", "local.scoring.similarity"),
        ("local/input/datasets.py", "data_prep.manifest.read_manifest"),
        ("local/input/datasets.py", ".augment.Gain"),
        ("local/scoring/embeddings.py", "local.output.plots"),
        ("local/scoring/embeddings.py", "local.experiment.run"),
        ("local/files.py", "local.input.datasets"),
        ("local/evaluation/detection.py", "torch"),
        ("local/output/report.py", "matplotlib.pyplot"),
        ("local/experiment.py", "tests.conftest"),
        ("verify.py", "train_speaker_embeddings.main"),
        ("recipes/gender/train.py", "recipes.siamese.train"),
        ("recipes/gender/train.py", "verify.main"),
    ],
)
def test_the_rules_forbid(path, name):
    assert objection(Path(path), name)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("data_prep/trials.py", "data_prep.manifest.read_manifest"),
        ("local/output/plots.py", "matplotlib.pyplot"),
        ("local/output/trained_model.py", "local.scoring.embeddings.embed"),
        ("local/output/report.py", "local.files.replacing"),
        ("local/evaluation/detection.py", "math"),
        ("local/experiment.py", "local.input.datasets"),
        ("verify.py", "local.experiment.run"),
        ("recipes/gender/train.py", "recipes.gender.model"),
        ("benchmarks/training.py", "train_speaker_embeddings.make_brain"),
    ],
)
def test_the_rules_allow(path, name):
    assert objection(Path(path), name) is None
