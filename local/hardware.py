"""The machine: what it has, what it is called, how its cores are kept busy."""

import os
import platform
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import torch


def cpu_model():
    """Return the name of the CPU, as far as the system tells it."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.is_file() else []
    names = [line.split(": ")[1] for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def device_name(device):
    """Return the name of a torch device: the GPU's, or the CPU's and its cores."""
    if "cuda" in str(device):
        return torch.cuda.get_device_name(device)
    return f"{cpu_model()}, {os.cpu_count()} cores"


def map_by_cores(job, items, device):
    """Do a job on each item: on a CPU one item a core, instead of all cores on one.

    Operations on batches of one-second segments are too small to be shared well by
    several cores. Results do not depend on the number of cores, to the bit.

    Parameters
    ----------
    job : callable
        Takes an item; runs in other threads.
    items : iterable
        Their number is bounded by what memory holds.
    device : str or torch.device
        Where the job computes; beside a CPU items are taken one after the other.

    Yields
    ------
    result : object
        Of each item, in their order.

    Examples
    --------
    >>> list(map_by_cores(abs, [-1, 2], "cpu"))
    [1, 2]
    """
    if not str(device).startswith("cpu"):
        yield from map(job, items)
        return
    one_each = {"initializer": torch.set_num_threads, "initargs": (1,)}
    with ThreadPoolExecutor(torch.get_num_threads(), **one_each) as pool:
        yield from pool.map(job, items)


def check_device(device):
    """Refuse a device that is none, or is not here.

    Parameters
    ----------
    device : str or None
        As given on the command line.

    Raises
    ------
    ValueError
        If nothing can be put there.

    Examples
    --------
    >>> check_device("gpu")
    Traceback (most recent call last):
    ...
    ValueError: --device gpu: no such device here; expected cpu or cuda, or leave it out
    """
    try:
        chosen = torch.device(device or "cpu")
        if chosen.type == "cuda":  # a tensor there would take memory from all ranks
            here = (chosen.index or 0) < torch.cuda.device_count()
        else:
            torch.empty(0, device=chosen)
            here = True
    except (RuntimeError, AssertionError, ImportError):
        here = False
    if not here:
        raise ValueError(
            f"--device {device}: no such device here; expected cpu or cuda, or leave it"
            " out"
        )
