"""Tests of local.models.flops."""

import torch

from local.models.flops import count_flops


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
