"""Two processes under ``torchrun``, on CPUs, do what one process does."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from test_main_job import log_figures, run, train_command, verify_command

from local.input.datasets import SegmentDataset
from local.scoring.embeddings import embed, load_embeddings
from local.scoring.model_folder import load_encoder

# The processes' sums are of other parts in another order, and four epochs of steps
# carry the difference on; measured: 2e-5 of the loss.
TOLERANCE = 2e-4
# What each process would draw for itself is left out: it is no matter of sharing.
NOTHING_DRAWN = {
    "n_epochs": 4,
    "speed_speakers": "{speeds: [1.0]}",
    "augment_wavs": "{steps: []}",
    "augment_features": "{prob: 0.0}",
}


def in_two(words):
    """Return a command line that runs in two processes."""
    torchrun = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2"]
    return [words[0], *torchrun, *words[1:]]


@pytest.fixture(scope="module")
def alone(task_folder, tmp_path_factory):
    """Return the output folder of a training in one process."""
    folder = tmp_path_factory.mktemp("alone") / "run"
    run(train_command(task_folder, folder, **NOTHING_DRAWN))
    return folder


@pytest.fixture(scope="module")
def together(task_folder, tmp_path_factory):
    """Return the output folder of the same training in two processes."""
    folder = tmp_path_factory.mktemp("together") / "run"
    run(in_two(train_command(task_folder, folder, **NOTHING_DRAWN)))
    return folder


def files(folder):
    """Return the files of a training, without what clocks and machines name."""
    names = (str(path.relative_to(folder)) for path in folder.rglob("*"))
    stamps = r"CKPT\+[-+\d]+|events\.out\S+"
    return sorted(re.sub(stamps, lambda found: found[0][:6], name) for name in names)


def losses(folder):
    return [row["train loss"] for row in log_figures(folder)]


def valid_embeddings(folder):
    return load_embeddings(folder / "model" / "valid.npz").matrix


def weights(folder, name):
    """Return names and shapes of the weights in a checkpoint, in order."""
    [path, *_] = sorted(folder.glob(f"save/CKPT*/{name}.ckpt"))
    state = torch.load(path)
    return [(name, tuple(tensor.shape)) for name, tensor in state.items()]


def test_two_processes_follow_the_curve_of_one(alone, together):
    losses_1, losses_2 = losses(alone), losses(together)
    assert len(losses_1) == 4
    assert losses_2 == pytest.approx(losses_1, rel=TOLERANCE)
    valid_1, valid_2 = valid_embeddings(alone), valid_embeddings(together)
    assert np.abs(valid_2 - valid_1).max() < TOLERANCE * np.abs(valid_1).max()


def test_two_processes_write_the_files_of_one_and_each_once(alone, together):
    assert files(together) == files(alone)
    log = (together / "log.txt").read_text()
    assert log.count("curves and voices to look at") == 1
    assert len((together / "train_log.txt").read_text().splitlines()) == 4


@pytest.mark.parametrize("name", ["embedding_model", "classifier"])
def test_a_checkpoint_of_two_processes_is_one_of_a_single_process(
    alone, together, name
):
    assert weights(together, name) == weights(alone, name)


def test_two_processes_embed_as_one_does_to_the_bit(task_folder, together, tmp_path):
    words = verify_command(task_folder, together, tmp_path, batch_size=5, rerank="[]")
    said = run(in_two(words))
    assert said.count("Submission:") == 1
    [path] = tmp_path.glob("embeddings-*.npz")
    before = torch.get_num_threads()
    torch.set_num_threads(1)  # as the two had it
    segments = SegmentDataset(
        tmp_path / "prepared" / "test.csv", tmp_path / "prepared", 11025
    )
    expected = embed(load_encoder(together, "cpu"), segments, batch_size=5)
    torch.set_num_threads(before)
    assert (load_embeddings(path).matrix == expected.matrix).all()
    assert (load_embeddings(path).ids == expected.ids).all()


def kill_a_worker(launcher, folder):
    """Kill the last process that torchrun started, after the first checkpoint."""
    deadline = time.monotonic() + 120
    while not list(folder.glob("save/CKPT*/COMPLETE")):
        assert launcher.poll() is None, "ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.02)
    children = Path(f"/proc/{launcher.pid}/task/{launcher.pid}/children").read_text()
    os.kill(int(children.split()[-1]), signal.SIGKILL)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_a_killed_process_ends_the_job_and_the_next_start_completes_it(
    task_folder, together
):
    folder = together.parent / "killed"
    words = in_two(train_command(task_folder, folder, **NOTHING_DRAWN))
    launcher = subprocess.Popen(
        words,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    kill_a_worker(launcher, folder)
    _, said = launcher.communicate(timeout=60)
    assert launcher.returncode != 0
    # None, where the launcher ends the other worker before that has said so.
    assert said.count("error: another process of this job has ended") <= 1
    assert len(log_figures(folder)) < 4, "too late: the training was complete"

    run(words)
    assert log_figures(folder) == log_figures(together)
