"""A finished run is found from the folder of its verification."""

import datetime

import pytest
from finished import write_finished

from local.output.hand_in.finished_run import read_answer, read_figures, read_run


def test_a_verification_leads_to_its_training(tmp_path):
    run = read_run(write_finished(tmp_path))
    assert run.date == datetime.date(2026, 1, 31)
    (training,) = run.trainings
    assert training.folder == tmp_path / "net/1"
    assert training.settings["batch_size"] == 64
    assert read_figures(run.folder, run)["experiment"] == "net"


def test_a_combination_leads_to_the_trainings_of_its_members(tmp_path):
    for name in ("a", "b"):
        write_finished(tmp_path, name)
    run = read_run(write_finished(tmp_path, "both", ["a", "b"]))
    folders = [training.folder for training in run.trainings]
    assert folders == [tmp_path / "a/1", tmp_path / "b/1"]


def test_figures_of_another_model_are_refused(tmp_path):
    run, other = (read_run(write_finished(tmp_path, name)) for name in ("a", "b"))
    with pytest.raises(ValueError, match="is of b, seed 1, not of the model in"):
        read_figures(other.folder, run)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("test/answer.txt", "no answer.txt here; give the output folder of verify.py"),
        ("hyperparams.yaml", "must have been trained here"),
        (
            "train_log.txt",
            "no train_log.txt, or an empty one, of the training of net, seed 1",
        ),
    ],
)
def test_a_missing_file_is_named(name, message, tmp_path):
    folder = write_finished(tmp_path)
    (folder.parent / name).unlink()
    with pytest.raises(FileNotFoundError, match=message):
        read_run(folder)


def test_without_figures_the_error_tells_how_to_get_them(tmp_path):
    run = read_run(write_finished(tmp_path))
    (run.folder / "metrics.json").unlink()
    with pytest.raises(FileNotFoundError, match="run verify.py with --test_labels"):
        read_figures(run.folder, run)


def test_a_yaml_that_no_run_kept_is_refused(tmp_path):
    folder = write_finished(tmp_path)
    (folder / "hyperparams.yaml").write_text("model: a\n")
    with pytest.raises(ValueError, match="not kept by a run"):
        read_run(folder)


@pytest.mark.parametrize("text", ["", "no", "0;1\n", "0;nan\nnan;0\n"])
def test_an_answer_that_is_none_is_named(text, tmp_path):
    (tmp_path / "answer.txt").write_text(text)
    with pytest.raises(ValueError, match=r"answer\.txt: .*run verify\.py again"):
        read_answer(tmp_path / "answer.txt")
