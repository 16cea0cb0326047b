"""Every experiment of the registry runs with its smoke flags and leaves its files."""

import csv
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

with open("tests/recipes.csv", newline="", encoding="utf-8") as stream:
    ROWS = list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    """Return one folder for all rows: verification uses what training left."""
    return tmp_path_factory.mktemp("recipes")


@pytest.mark.parametrize("row", ROWS, ids=[Path(row["yaml"]).stem for row in ROWS])
def test_recipe_runs_and_leaves_its_files(row, out, task_folder):
    flags = row["smoke_flags"].replace("{task}", str(task_folder))
    flags = shlex.split(flags.replace("{out}", str(out)))
    words = [sys.executable, row["script"], row["yaml"], "--device", "cpu", *flags]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(words, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr[-3000:]
    for name in row["checks"].split():
        assert (out / name).stat().st_size > 0
