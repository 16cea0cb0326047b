"""Tests of local.output.trained_model."""

import torch

from local.models.stacking import StackedFrames
from local.models.statistics_encoder import StatisticsEncoder
from local.output.trained_model import count_flops, network_name


def test_flops_are_twice_the_multiply_adds_of_the_embedding_model_alone():
    modules = torch.nn.ModuleDict(
        {
            "compute_features": torch.nn.Sequential(
                torch.nn.Unflatten(1, (1, 20)), torch.nn.Conv1d(1, 2, 11)
            ),
            "mean_var_norm": torch.nn.Identity(),
            "embedding_model": torch.nn.Sequential(
                torch.nn.Conv1d(2, 3, 5), torch.nn.Flatten(), torch.nn.Linear(18, 4)
            ),
        }
    )
    # The convolution has 6 outputs x 3 channels of 2 x 5 products; then 18 x 4.
    assert count_flops(modules, torch.randn(1, 20)) == 2 * (6 * 3 * 2 * 5 + 18 * 4)
    assert not modules["embedding_model"].training


def test_a_network_is_named_without_what_stacks_its_frames():
    encoder = StatisticsEncoder(9, 4, 0.1, 0.1, 8, 0.2, 0.1, 2, n_looks=1)
    assert network_name(encoder) == "StatisticsEncoder"
    assert network_name(StackedFrames(torch.nn.GRU(4, 4), 2)) == "GRU"
