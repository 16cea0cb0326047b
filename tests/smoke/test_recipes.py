"""Every experiment of the registry runs with its smoke flags and leaves its files."""

import csv
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from made_up_hub import write_hub_folder, write_published
from made_up_utterances import make_trials
from tiny_wav2vec2 import tiny_network

from recipes.siamese.vggish import VggishNetwork

with open("tests/recipes.csv", newline="", encoding="utf-8") as stream:
    ROWS = list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def out(tmp_path_factory, task_folder):
    """Return one folder for all rows: verification uses what training left.

    In it lie ``test_sets``, the form in which suites take the test, and random weights:
    ``vggish.pth`` of a single channel for 64, ``wav2vec2.pth`` of two small layers,
    ``lite.model`` and ``v2.model`` of voxceleb_trainer, ``spkrec-ecapa-voxceleb``. And
    ``voxceleb``, utterances with two trial lists.
    """
    out = tmp_path_factory.mktemp("recipes")
    tiny = out / "test_sets" / "tiny"
    tiny.mkdir(parents=True)
    shutil.copy(task_folder / "test_data.pkl", tiny)
    shutil.copy(task_folder / "test_labels.npy", tiny / "labels.npy")
    torch.manual_seed(0)
    torch.save(VggishNetwork(final_relu=True, width=1).state_dict(), out / "vggish.pth")
    torch.save(tiny_network().state_dict(), out / "wav2vec2.pth")
    make_trials(out / "voxceleb")
    for name in ("lite", "v2"):
        write_published(out / f"{name}.model", name)
    write_hub_folder(out / "spkrec-ecapa-voxceleb", "spkrec-ecapa-voxceleb")
    return out


def target(script):
    """Return the words that run a script: those of recipes are modules."""
    path = Path(script)
    at_root = len(path.parts) == 1
    return [script] if at_root else ["-m", ".".join(path.with_suffix("").parts)]


@pytest.mark.parametrize("row", ROWS, ids=[Path(row["yaml"]).stem for row in ROWS])
def test_recipe_runs_and_leaves_its_files(
    row, out, task_folder, librispeech_folder, voxceleb_folder
):
    flags = row["smoke_flags"].replace("{task}", str(task_folder))
    flags = flags.replace("{librispeech}", str(librispeech_folder))
    flags = flags.replace("{voxceleb}", str(voxceleb_folder))
    flags = shlex.split(flags.replace("{out}", str(out)))
    words = [sys.executable, *target(row["script"]), row["yaml"], "--device", "cpu"]
    words += flags
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(words, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr[-3000:]
    for name in row["checks"].split():
        assert (out / name).stat().st_size > 0
