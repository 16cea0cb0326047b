"""Every key of every experiment is explained where a user asks: by ``--help``."""

import ast

import pytest
from source_tree import ROOT, parse
from speechbrain.utils.run_opts import RunOptions
from test_yaml import REGISTRY

from local.help_page import RUN_OPTIONS, TRAINING_OPTIONS, help_page, usual_yaml
from local.settings import read_sections

SCRIPTS = sorted({row["script"] for row in REGISTRY})


def about(script):
    """Return the docstring of a script."""
    return ast.get_docstring(parse(ROOT / script))


def explanations(yaml):
    """Return what the comments of a YAML say, by key; of those a user may change."""
    _, sections = read_sections(ROOT / yaml)
    merged = {key: text for part in sections for key, text in part.explanations.items()}
    return {key: text for key, text in merged.items() if not key.startswith("__")}


@pytest.mark.parametrize("row", REGISTRY, ids=lambda row: row["yaml"])
def test_every_key_is_explained(row):
    usual = explanations(usual_yaml(about(row["script"])))
    found = usual | {k: text for k, text in explanations(row["yaml"]).items() if text}
    assert not [key for key in explanations(row["yaml"]) if not found.get(key)]


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_names_a_yaml_of_its_own_that_explains_every_key(script):
    usual = usual_yaml(about(script))
    assert usual in {row["yaml"] for row in REGISTRY}
    assert all(explanations(usual).values())


@pytest.mark.parametrize("row", REGISTRY, ids=lambda row: row["yaml"])
def test_the_help_of_every_experiment_fits_and_names_all_keys(row, monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("COLUMNS", "100")
    lines = help_page(about(row["script"]), [row["yaml"], "--help"]).splitlines()
    assert max(map(len, lines)) <= 100
    options = [line.split()[0] for line in lines if line.startswith("  --")]
    keys = [f"--{key}" for key in explanations(row["yaml"])]
    assert options[: len(keys)] == keys


@pytest.mark.parametrize(
    "path", sorted(ROOT.glob("hparams/*.yaml")), ids=lambda p: p.name
)
def test_no_explanation_of_the_main_job_is_cut(path):
    # Beside the keys are 56 of the 100 columns of a pipe.
    wide = [text for text in explanations(path).values() if len(text) > 56]
    assert not wide


def test_the_run_options_are_speechbrains():
    assert (RUN_OPTIONS | TRAINING_OPTIONS).keys() <= set(RunOptions().keys())
