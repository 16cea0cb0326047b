"""Several processes joined as ``torchrun`` joins them, for the tests of their work."""

import multiprocessing
import os
import tempfile
from datetime import timedelta

import torch
from torch import distributed

# Forks of a server that has the imports behind it: no process pays for them again.
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["torch", "speechbrain"])
TIMEOUT = timedelta(seconds=60)


def run_processes(work, n, *arguments):
    """Call ``work(*arguments)`` in n processes; return what each gave, by rank.

    No tensors: they would go with the process that made them.
    """
    with tempfile.TemporaryDirectory() as folder, CONTEXT.Pool(n) as pool:
        # Each waits for all others: no worker can take a second task.
        tasks = [(work, rank, n, f"{folder}/store", arguments) for rank in range(n)]
        return pool.starmap(_work_joined, tasks, chunksize=1)


def _work_joined(work, rank, n, store, arguments):
    torch.set_num_threads(1)
    os.environ |= {"RANK": str(rank), "LOCAL_RANK": str(rank)}
    distributed.init_process_group(
        "gloo", f"file://{store}", TIMEOUT, rank=rank, world_size=n
    )
    try:
        return work(*arguments)
    finally:
        distributed.destroy_process_group()
