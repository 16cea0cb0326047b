"""Every notebook runs from top to bottom, on made-up readers."""

import csv
import shlex
from pathlib import Path

import pytest

from local.output.notebook_page import run_notebook
from local.overrides import parse_overrides

ROOT = Path(__file__).resolve().parents[2]
with open(ROOT / "tests/notebooks.csv", encoding="utf-8", newline="") as stream:
    NOTEBOOKS = list(csv.DictReader(stream))


@pytest.mark.parametrize("row", NOTEBOOKS, ids=lambda row: row["notebook"])
def test_a_notebook_runs(row, librispeech_folder, tmp_path):
    settings = row["settings"].format(librispeech=librispeech_folder, out=tmp_path)
    run_notebook(ROOT / row["notebook"], parse_overrides(shlex.split(settings)))
