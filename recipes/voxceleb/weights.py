"""Files of weights from elsewhere: only tensors are read from them, no code."""

from pathlib import Path

import torch


def read_weights(path, expected):
    """Return what a file of weights holds.

    Parameters
    ----------
    path : str or Path
        On this machine.
    expected : str
        What the file should be, for errors.

    Returns
    -------
    weights : dict
        On the CPU.

    Raises
    ------
    OSError
        If there is no such file.
    ValueError
        If it holds something else.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(f"{path}: no such file; expected {expected}")
    try:
        return dict(torch.load(path, "cpu", weights_only=True))
    except Exception as e:  # a file of anything may fail in any way
        # Not with torch's own words: they advise to run what code the file may hold.
        raise ValueError(f"{path}: not a file of weights; expected {expected}") from e
