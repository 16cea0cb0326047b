"""Tests of local.hardware."""

import threading

import pytest
import torch

from local.hardware import check_device, map_by_cores


def test_results_come_in_order_and_each_item_has_one_core():
    before = torch.get_num_threads()
    found = list(map_by_cores(lambda n: (n, torch.get_num_threads()), range(20), "cpu"))
    assert found == [(n, 1) for n in range(20)]
    assert torch.get_num_threads() == before


def test_beside_a_cpu_items_are_taken_by_this_thread():
    names = map_by_cores(lambda _: threading.current_thread(), range(3), "cuda:0")
    assert set(names) == {threading.current_thread()}


def test_an_error_of_an_item_ends_the_rest():
    done = []

    def job(n):
        if n == 0:
            raise ValueError("no")
        done.append(n)

    with pytest.raises(ValueError, match="no"):
        list(map_by_cores(job, range(100_000), "cpu"))
    assert len(done) < 99_999


@pytest.mark.parametrize("device", ["gpu", "cuda:99", "cuda:x", "hpu"])
def test_a_device_that_is_not_here_is_told(device):
    with pytest.raises(ValueError, match=f"--device {device}: no such device here"):
        check_device(device)


@pytest.mark.parametrize("device", [None, "cpu"])
def test_the_processor_is_always_here(device):
    check_device(device)
