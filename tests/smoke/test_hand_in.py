"""The hand-in of a miniature training, and its answer made anew from the zip alone."""

import json
import os
import subprocess
import sys
import zipfile

import pytest
from test_main_job import command, run, train_command, verify_command

AUTHORS = '[{name: Ada Łovelace, student_number: "0123456"}]'
pytest.importorskip("typst", reason="pip install -r requirements-report.txt")


@pytest.fixture(scope="module")
def finished(task_folder, tmp_path_factory):
    """Return the folders of a test without labels and of one with, by one model."""
    trained = tmp_path_factory.mktemp("hand_in") / "run"
    run(train_command(task_folder, trained, n_epochs=2))
    labels = task_folder / "test_labels.npy"
    run(verify_command(task_folder, trained, trained / "test"))
    run(verify_command(task_folder, trained, trained / "measured", test_labels=labels))
    return trained / "test", trained / "measured"


def hand_in_command(finished, output_folder, **changes):
    """Return the command that makes the hand-in."""
    submission, measured = finished
    settings = {
        "submission": submission,
        "measured": measured,
        "output_folder": output_folder,
        "group": 7,
        "codalab_account": "ada",
        "authors": AUTHORS,
    }
    return command("hand_in.py", "hand_in.yaml", **settings | changes)


def test_the_zip_makes_the_answer_anew_to_the_byte(finished, task_folder, tmp_path):
    run(hand_in_command(finished, tmp_path))
    with zipfile.ZipFile(tmp_path / "group_7.zip") as archive:
        names = archive.namelist()
        archive.extractall(tmp_path / "unpacked")
    assert {"report.pdf", "answer.txt", "verify.py", "make_answer.py"} <= set(names)
    suffixes = {os.path.splitext(name)[1] for name in names}
    assert suffixes <= {".pdf", ".txt", ".py", ".yaml", ".json", ""}  # no data, weights
    pickles = [str(task_folder / f"{name}_data.pkl") for name in ("raw", "test")]
    words = [sys.executable, "make_answer.py", *pickles]
    clean = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PWD")}
    folder = tmp_path / "unpacked"
    done = subprocess.run(words, cwd=folder, env=clean, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert "the very bytes that were handed in" in done.stdout
    plan = json.loads((folder / "steps.json").read_text(encoding="utf-8"))
    made = (folder / plan["answer"]).read_bytes()
    assert made == (finished[0] / "answer.txt").read_bytes()


def test_the_same_run_gives_the_same_bytes(finished, tmp_path):
    for name in "ab":
        run(hand_in_command(finished, tmp_path / name))
    for name in ("report.pdf", "group_7.zip"):
        made = [(tmp_path / folder / name).read_bytes() for folder in "ab"]
        assert made[0] == made[1]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"authors": "[]"}, "no authors"),
        ({"submission": "nowhere"}, "nowhere: no answer.txt here"),
    ],
)
def test_a_user_error_ends_in_one_line(changes, message, finished, tmp_path):
    words = hand_in_command(finished, tmp_path / "out", **changes)
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.glob("out/*"))
