"""What is handed in runs from the root of the zip, and holds no data and no weights."""

import json

import numpy as np
import pytest
from finished import write_finished

from local.output.hand_in.finished_run import read_run
from local.output.hand_in.regeneration import regeneration_files


def commands(files):
    """Return script and YAML of each step."""
    steps = json.loads(files["steps.json"])["steps"]
    return [step["words"][:2] for step in steps]


def test_a_training_and_its_verification_are_two_steps(tmp_path):
    files = regeneration_files(read_run(write_finished(tmp_path)), "A title", 7)
    assert commands(files) == [
        ["train_speaker_embeddings.py", "hparams/net_1.yaml"],
        ["verify.py", "hparams/verify.yaml"],
    ]
    assert b"model: results/net/1" in files["hparams/verify.yaml"]
    assert b"A title" in files["README.txt"]
    assert {"make_answer.py", "local/models/losses.py", "LICENSE"} <= set(files)
    assert "local/output/hand_in/paper.py" not in files
    yamls = [files[name] for name in files if name.endswith(".yaml")]
    assert not any(str(tmp_path).encode() in text or b"/mine" in text for text in yamls)


def test_a_combination_trains_its_members_and_mixes_them(tmp_path):
    for name in ("a", "b"):
        write_finished(tmp_path, name)
    folder = write_finished(tmp_path, "both", ["a", "b"])
    np.savez(folder.parent / "model" / "cohort.npz", matrix=np.zeros((1, 2)))
    files = regeneration_files(read_run(folder), "A title", 7)
    assert [script for script, _ in commands(files)] == [
        *2 * ["train_speaker_embeddings.py"],
        "combine_models.py",
        "verify.py",
    ]
    assert b"- results/a/1\n- results/b/1" in files["hparams/combine.yaml"]
    assert b"compact: false" in files["hparams/combine.yaml"]


def test_a_training_without_a_pickle_is_refused(tmp_path):
    run = read_run(write_finished(tmp_path))
    del run.trainings[0].settings["data_pickle"]
    with pytest.raises(ValueError, match="expected a training on the one pickle"):
        regeneration_files(run, "A title", 7)


def test_a_run_of_other_code_is_warned_of(tmp_path, caplog):
    run = read_run(write_finished(tmp_path))
    (run.folder / "verify.py").write_text("old")
    regeneration_files(run, "A title", 7)
    assert "had another verify.py than is here now" in caplog.text
