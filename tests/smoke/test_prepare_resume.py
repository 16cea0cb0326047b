"""A preparation killed in the middle: the old folder stays, the next run completes."""

import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from data_prep.manifest import read_manifest
from data_prep.pickle_prepare import prepare_pickle

ROOT = Path(__file__).parents[2]
SETTINGS = {"n_valid_speakers": 2, "n_valid_trials": 10, "segment_samples": 100}


def write_pickle(path, n_segments):
    data = np.random.default_rng(0).uniform(-1, 1, (n_segments, 100)).astype("f4")
    path.write_bytes(pickle.dumps([data, np.arange(n_segments) % 8]))


def start_run(data_pickle, folder):
    """Start the preparation in a process of its own."""
    command = [sys.executable, "-m", "data_prep.pickle_prepare"]
    options = {"data_pickle": data_pickle, "prepared_folder": folder, **SETTINGS}
    command += [f"--{name}={value}" for name, value in options.items()]
    return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)


def n_wavs(folder):
    return sum(1 for _ in folder.glob("wav/*.wav"))


def kill_in_the_middle(process, staging):
    """Kill the process once it has written some WAVs; return how many."""
    deadline = time.monotonic() + 30
    try:
        while n_wavs(staging) < 5:
            assert process.poll() is None, "ended before it wrote a WAV"
            assert time.monotonic() < deadline, "wrote no WAV in 30 s"
            time.sleep(0.001)
    finally:
        process.kill()
    assert process.wait() == -signal.SIGKILL, "ended before it was killed"
    return n_wavs(staging)


def test_a_killed_preparation_keeps_the_old_folder_and_the_next_completes(tmp_path):
    small, large = tmp_path / "small.pkl", tmp_path / "large.pkl"
    write_pickle(small, 24)
    write_pickle(large, 3000)
    folder, staging = tmp_path / "prepared", tmp_path / "prepared.partial"
    prepare_pickle(small, folder, **SETTINGS)

    killed_at = kill_in_the_middle(start_run(large, folder), staging)
    assert 5 <= killed_at < 3000
    assert n_wavs(folder) == 24

    prepare_pickle(large, folder, **SETTINGS)
    rows = read_manifest(folder / "train.csv", folder, labelled=True)
    rows += read_manifest(folder / "valid.csv", folder, labelled=True)
    assert len(rows) == n_wavs(folder) == 3000
    assert not staging.exists()
