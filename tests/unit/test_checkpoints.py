"""Checkpoints count only when they are whole."""

import pytest
import torch
from processes import run_processes

from local.checkpoints import COMPLETE, CompleteCheckpointer
from local.distributed import processes


@pytest.fixture
def checkpointer(tmp_path):
    """Two checkpoints of a one-parameter model, with the values 1 and 2."""
    model = torch.nn.Linear(1, 1, bias=False)
    checkpointer = CompleteCheckpointer(tmp_path, {"model": model})
    for value in (1.0, 2.0):
        torch.nn.init.constant_(model.weight, value)
        checkpointer.save_checkpoint(meta={"value": value})
    return checkpointer


def resumed_value(checkpointer):
    """Return the model's value after resuming, or None if nothing was found."""
    found = checkpointer.recover_if_possible(max_key="value")
    return found and checkpointer.recoverables["model"].weight.item()


def newest(checkpointer):
    return checkpointer.find_checkpoint(max_key="value").path


def test_the_best_whole_checkpoint_is_resumed(checkpointer):
    assert resumed_value(checkpointer) == 2.0


def test_a_checkpoint_killed_while_written_is_passed_over(checkpointer):
    """SpeechBrain's own raises KeyError here: the mark of a checkpoint comes first."""
    (newest(checkpointer) / COMPLETE).unlink()
    assert resumed_value(checkpointer) == 1.0


def test_a_checkpoint_killed_while_removed_is_passed_over(checkpointer):
    (newest(checkpointer) / "model.ckpt").unlink()
    assert resumed_value(checkpointer) == 1.0


def test_without_a_whole_checkpoint_training_starts_anew(checkpointer):
    for _ in range(2):
        (newest(checkpointer) / COMPLETE).unlink()
    assert resumed_value(checkpointer) is None


def save_twice_and_keep_one(folder):
    """Save in a folder that the first process alone can see."""
    rank, _ = processes()
    checkpointer = CompleteCheckpointer(
        f"{folder}/{rank}", {"model": torch.nn.Linear(1, 1)}
    )
    for value in (1.0, 2.0):
        checkpointer.save_and_keep_only({"value": value}, max_keys=["value"])
    return [found.meta["value"] for found in checkpointer.find_checkpoints()]


def test_the_first_process_alone_writes_and_decides_what_to_delete(tmp_path):
    """With SpeechBrain's own the two would wait for each other at different places."""
    assert run_processes(save_twice_and_keep_one, 2, tmp_path) == [[2.0], []]
