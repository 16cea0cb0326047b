"""Tests of local.models.data_parallel; training by it is in tests/smoke."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from processes import run_processes

from local.distributed import processes
from local.models.data_parallel import GlobalBatchNorm, share_statistics


def network(**options):
    """Return layers for wavs (batch, 3, samples), with some statistics and weights."""
    torch.manual_seed(0)
    norm = torch.nn.BatchNorm1d(4, **options)
    for tensor in norm.state_dict().values():
        if tensor.is_floating_point():
            tensor.copy_(torch.rand(4) + 0.5)
    layers = torch.nn.Conv1d(3, 4, 5), norm, torch.nn.ReLU(), torch.nn.Conv1d(4, 2, 3)
    return torch.nn.Sequential(*layers)


def shared(net):
    share_statistics(net)
    return net


def wavs():
    """Return a batch of 8 clips, (8, 3, 20)."""
    return 3 + torch.randn((8, 3, 20), generator=torch.Generator().manual_seed(1))


def train_twice(net, wavs):
    """Return the output, gradients and statistics of two steps."""
    for batch in (wavs, wavs.flip(2)):
        net.zero_grad()
        out = net(batch)
        out.square().mean().backward()
    grads = {f"{name} grad": weight.grad for name, weight in net.named_parameters()}
    found = {"out": out.detach(), **grads, **net.state_dict()}
    return {name: tensor.numpy() for name, tensor in found.items()}


def assert_close(found, expected):
    assert found.keys() == expected.keys()
    for name in expected:
        assert_allclose(found[name], expected[name], rtol=1e-5, atol=1e-6, err_msg=name)


OPTIONS = pytest.mark.parametrize(
    "options",
    [{}, {"affine": False}, {"momentum": None}, {"track_running_stats": False}],
    ids=str,
)


@OPTIONS
def test_in_one_process_it_is_torchs_own(options):
    expected = train_twice(network(**options), wavs())
    assert_close(train_twice(shared(network(**options)), wavs()), expected)


def train_on_half_the_batch(options):
    rank, _ = processes()
    return train_twice(shared(network(**options)), wavs().chunk(2)[rank])


@OPTIONS
def test_two_processes_with_half_a_batch_do_what_one_does_with_all_of_it(options):
    first, second = run_processes(train_on_half_the_batch, 2, options)
    # Of the gradients it is the mean, as DDP takes it; the statistics are alike.
    both = {name: (first[name] + second[name]) / 2 for name in first}
    both["out"] = np.concatenate([first["out"], second["out"]])
    assert_close(both, train_twice(network(**options), wavs()))
    statistics = [name for name in first if "running" in name]
    assert all((first[name] == second[name]).all() for name in statistics)


def test_evaluation_is_untouched():
    net = network().eval()
    expected = net(wavs())
    assert torch.equal(shared(net)(wavs()), expected)


def test_its_weights_are_those_of_the_layer_it_was():
    net = network()
    before = net.state_dict()
    parameters = list(net.parameters())
    assert isinstance(shared(net)[1], GlobalBatchNorm)
    assert list(net.state_dict()) == list(before)
    assert all(a is b for a, b in zip(net.parameters(), parameters, strict=True))


def test_images_and_bfloat16_are_normalised_too():
    net = shared(torch.nn.Sequential(torch.nn.BatchNorm2d(3)))
    images = wavs().unsqueeze(3)
    assert torch.allclose(
        net(images), torch.nn.BatchNorm2d(3)(images), rtol=1e-5, atol=1e-6
    )
    assert net(images.bfloat16()).dtype == torch.bfloat16
