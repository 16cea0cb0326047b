"""Tests of local.distributed."""

import signal

import pytest
import torch
from processes import run_processes
from speechbrain.utils.distributed import run_on_main
from speechbrain.utils.run_opts import RunOptions

from local import distributed
from local.distributed import (
    gather,
    gather_dealt,
    join_processes,
    lost_a_process,
    no_bar,
    processes,
)

# What each process is given


@pytest.fixture
def launched(monkeypatch):
    """Pretend that torchrun started this as the second process, on two GPUs."""
    monkeypatch.setenv("RANK", "1")
    monkeypatch.setenv("LOCAL_RANK", "1")
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    joined = []
    monkeypatch.setattr(distributed, "ddp_init_group", joined.append)
    return joined


def test_a_process_that_torchrun_did_not_start_is_left_alone(monkeypatch):
    monkeypatch.delenv("LOCAL_RANK", raising=False)
    run_opts = RunOptions()
    assert join_processes(run_opts) is run_opts
    assert processes() == (0, 1)


@pytest.mark.parametrize(
    ("given", "device", "backend"),
    [
        ({"device": "cpu"}, "cpu", "gloo"),
        ({"device": "cpu", "distributed_backend": "gloo"}, "cpu", "gloo"),
        ({"device": "cpu", "distributed_backend": "mpi"}, "cpu", "mpi"),
        ({"device": "cuda"}, "cuda:1", "nccl"),
        ({"device": "cuda:0", "distributed_backend": "gloo"}, "cuda:1", "gloo"),
    ],
)
def test_a_process_has_its_device_and_what_serves_it(launched, given, device, backend):
    run_opts = join_processes(RunOptions.from_dictionary(given))
    assert launched == [run_opts]
    assert (run_opts["device"], run_opts["distributed_backend"]) == (device, backend)
    # SpeechBrain's Brain heeds only what counts as given on the command line.
    assert {"device", "distributed_backend"} <= run_opts.overridden_args


def test_a_process_without_a_gpu_is_told_so(launched, monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    with pytest.raises(ValueError, match="only 1 are visible.*lower --nproc_per_node"):
        join_processes(RunOptions.from_dictionary({"device": "cuda"}))
    assert not launched


# What they do together


def deal_and_gather(n_parts):
    rank, n = processes()
    return gather_dealt([f"part {i}" for i in range(n_parts)[rank::n]])


@pytest.mark.parametrize("n_parts", [0, 1, 5])
def test_dealt_parts_come_back_in_order_everywhere(n_parts):
    whole = [f"part {i}" for i in range(n_parts)]
    assert run_processes(deal_and_gather, 3, n_parts) == [whole] * 3


def gather_ranks():
    rank, _ = processes()
    x = torch.tensor([float(rank), 10.0], requires_grad=True)
    rows = gather(x)
    (rows * (rank + 1)).sum().backward()
    return rows.tolist(), x.grad.tolist()


def test_tensors_are_gathered_by_rank_and_gradients_come_from_all():
    # Process 0 uses all rows once and process 1 twice: three times in all.
    expected = [[0.0, 10.0], [1.0, 10.0]], [3.0, 3.0]
    assert run_processes(gather_ranks, 2) == [expected, expected]


def on_main():
    return run_on_main(processes), no_bar()


def test_on_main_a_process_is_alone_and_has_the_only_bar():
    assert run_processes(on_main, 2) == [((0, 1), None), ((0, 1), True)]


# How they end


@pytest.fixture
def changed_signals(monkeypatch):
    """Pretend to be one of several processes; return what changes at its signals."""
    changes = []
    monkeypatch.setattr(signal, "signal", lambda *change: changes.append(change))
    monkeypatch.setattr(distributed, "is_distributed_initialized", lambda: True)
    return changes


@pytest.mark.parametrize(
    "text",
    [
        "[gloo/transport/tcp/pair.cc:534] Connection closed by peer [127.0.0.1]:80",
        "Connection reset by peer",
        "NCCL error: remote process exited or there was a network error",
        "failed to recv, got 0 bytes",
    ],
)
def test_the_loss_of_a_process_is_recognised(text, changed_signals):
    assert lost_a_process(RuntimeError(text))
    assert changed_signals == [(signal.SIGTERM, signal.SIG_IGN)]


def test_other_errors_are_not_taken_for_a_loss(changed_signals):
    assert not lost_a_process(RuntimeError("mat1 and mat2 shapes cannot be multiplied"))
    assert not changed_signals


def test_a_single_process_has_none_to_lose():
    assert not lost_a_process(RuntimeError("Connection closed by peer"))


def test_torchruns_signal_ends_a_process_in_one_line():
    with pytest.raises(SystemExit, match="another process of this job has ended"):
        distributed._end(signal.SIGTERM, None)
