"""The log of steps holds each step once, whatever was interrupted."""

import pytest

from recipes.siamese.step_log import StepLog, read_steps


def test_steps_are_numbered_through_epochs(tmp_path):
    log = StepLog(tmp_path / "steps.csv")
    log.go_on_after(0)
    log.add([0.5, 0.4], [0.25, 0.5])
    log.add([0.3], [1.0])
    steps = read_steps(log.path)
    assert steps["step"].tolist() == [1, 2, 3]
    assert steps["accuracy"].tolist() == [0.25, 0.5, 1.0]


def test_a_new_start_keeps_the_steps_of_the_checkpoint_alone(tmp_path):
    StepLog(tmp_path / "steps.csv").go_on_after(0)
    first = StepLog(tmp_path / "steps.csv")
    first.add([0.9, 0.8, 0.7], [0, 0, 0])
    again = StepLog(tmp_path / "steps.csv")
    again.go_on_after(2)
    again.add([0.1], [1])
    steps = read_steps(again.path)
    assert steps["step"].tolist() == [1, 2, 3]
    assert steps["loss"].tolist() == [0.9, 0.8, 0.1]


def test_a_training_from_the_start_forgets_an_older_one(tmp_path):
    log = StepLog(tmp_path / "steps.csv")
    log.go_on_after(0)
    log.add([0.9], [0])
    log.go_on_after(0)
    assert not len(read_steps(log.path)["step"])


@pytest.mark.parametrize("row", ["2,9", "2,nine,0.5"])
def test_a_broken_row_is_refused(row, tmp_path):
    path = tmp_path / "steps.csv"
    path.write_text(f"step,loss,accuracy\n1,1,1\n{row}\n", "utf-8")
    with pytest.raises(ValueError, match="a row is not step,loss,accuracy"):
        read_steps(path)


def test_no_log_ends_in_one_line(tmp_path):
    with pytest.raises(FileNotFoundError, match="train first"):
        read_steps(tmp_path / "steps.csv")
