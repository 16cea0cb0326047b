"""Several processes under ``torchrun``: joined, at work together, ended together.

What SpeechBrain's own ``speechbrain.utils.distributed`` lacks; from there come
``run_on_main`` and ``if_main_process``. Inside ``run_on_main`` a process is alone.
"""

import dataclasses
import signal
import sys

import torch
from speechbrain.utils.distributed import (
    ddp_init_group,
    ddp_prevent_block,
    get_local_rank,
    if_main_process,
    infer_device,
    is_distributed_initialized,
)
from torch import distributed
from torch.distributed.nn.functional import all_reduce

PROCESS_LOST = (
    "another process of this job has ended (its reason, if it gave one, stands above);"
    " the same command goes on from what is saved"
)
# The words of Gloo, of NCCL and of torch's store for it; most are plain RuntimeErrors.
SIGNS_OF_LOSS = (
    *("closed by peer", "reset by peer", "broken pipe"),
    *("remote process", "failed to recv"),
)


def join_processes(run_opts):
    """Join the processes that ``torchrun`` started; a no-op in one it did not start.

    SpeechBrain takes NCCL unless told otherwise, also where there is no GPU, and
    ``--device cuda`` for the first GPU in every process.

    Parameters
    ----------
    run_opts : speechbrain.utils.run_opts.RunOptions
        Of the command line.

    Returns
    -------
    run_opts : speechbrain.utils.run_opts.RunOptions
        With the device of this process, and a backend that serves it.

    Raises
    ------
    ValueError
        If there are fewer GPUs than processes.
    """
    local_rank = get_local_rank()
    if local_rank is None:
        return run_opts
    device = run_opts["device"] or infer_device()
    backend = run_opts["distributed_backend"]
    if not device.startswith("cuda"):
        backend = "gloo" if backend == "nccl" else backend
    elif local_rank < torch.cuda.device_count():
        device = f"cuda:{local_rank}"
    else:
        raise ValueError(
            f"each process takes a GPU, and only {torch.cuda.device_count()} are"
            " visible here; lower --nproc_per_node, or give --device cpu"
        )
    chosen = {"device": device, "distributed_backend": backend}
    run_opts = dataclasses.replace(
        run_opts, **chosen, overridden_args=run_opts.overridden_args | set(chosen)
    )
    ddp_init_group(run_opts)
    signal.signal(signal.SIGTERM, _end)
    return run_opts


def _end(*_):
    """End on torchrun's signal."""
    sys.exit(f"error: stopped by torchrun, as it does when {PROCESS_LOST}")


def leave_processes():
    """Let go of the other processes at the end."""
    if is_distributed_initialized():
        distributed.destroy_process_group()


def lost_a_process(error):
    """Tell whether an error of a library means that another process has ended."""
    text = str(error).lower()
    lost = is_distributed_initialized() and any(sign in text for sign in SIGNS_OF_LOSS)
    if lost:  # these are the last words: torchrun's signal would double or cut them
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    return lost


def processes():
    """Return the rank of this process and the number of processes at work together.

    Examples
    --------
    >>> processes()
    (0, 1)
    """
    if ddp_prevent_block():  # inside run_on_main, or not under torchrun
        return 0, 1
    return distributed.get_rank(), distributed.get_world_size()


def gather(tensor):
    """Collect a tensor of every process; gradients flow back to the process it is of.

    Parameters
    ----------
    tensor : Tensor
        Of one shape in all processes.

    Returns
    -------
    tensors : Tensor, (n_processes, ...)
        By rank, in all of them.

    Examples
    --------
    >>> gather(torch.tensor(3.0))
    tensor([3.])
    """
    rank, n_processes = processes()
    # In its own row, among zeros: the sum is exact, and torch's all_gather has no
    # gradient that Gloo takes at once.
    rows = [torch.zeros_like(tensor) for _ in range(n_processes)]
    rows[rank] = tensor
    return torch.stack(rows) if n_processes == 1 else all_reduce(torch.stack(rows))


def gather_dealt(parts):
    """Collect what was dealt out in turn: part i to rank i modulo their number.

    Parameters
    ----------
    parts : list
        Those of this process, in order; of anything that can be pickled.

    Returns
    -------
    all_parts : list
        Those of all processes in order, in all of them.

    Examples
    --------
    >>> gather_dealt(["a", "b"])
    ['a', 'b']
    """
    _, n_processes = processes()
    if n_processes == 1:
        return parts
    hands = [None] * n_processes
    distributed.all_gather_object(hands, parts)
    n_parts = sum(map(len, hands))
    return [hands[i % n_processes][i // n_processes] for i in range(n_parts)]


def no_bar():
    """Return tqdm's ``disable``: no bar beside rank 0, nor where no terminal is."""
    return None if if_main_process() else True
