"""Tests of recipes.baselines.residual_cnn."""

import pytest
import torch

from recipes.baselines.residual_cnn import ResidualBlock, ResidualCnn


@pytest.fixture
def model():
    torch.manual_seed(0)
    return ResidualCnn(26, [4, 8, 16, 32, 32], [3, 2, 1, 1, 3], 5, 5, 3, 0.8, 2096)


def test_parameters_are_those_of_the_published_network(model):
    def block(n_in, n_out, n_convs):  # kernels of 5 and a bias, shortcut and way
        first, more = (5 * n_in + 1) * n_out, (5 * n_out + 1) * n_out
        return 2 * first + (n_convs - 1) * more

    shape = [(1, 4, 3), (4, 8, 2), (8, 16, 1), (16, 32, 1), (32, 32, 3)]
    dense = (32 * 8 + 1) * 2096  # 26 places averaged by 5 in steps of 3 are 8
    expected = sum(block(*sizes) for sizes in shape) + dense
    assert sum(p.numel() for p in model.parameters()) == expected


def test_a_clip_has_the_same_embedding_alone_and_in_a_batch(model):
    feats = torch.randn(3, 1, 26)
    model.eval()
    assert model(feats).shape == (3, 1, 2096)
    assert torch.allclose(
        model(feats)[1:2], model(feats[1:2], torch.ones(1)), atol=1e-6
    )


def test_gradients_reach_the_first_layer(model):
    model(torch.randn(2, 1, 26)).sum().backward()
    grad = next(model.parameters()).grad
    assert torch.isfinite(grad).all()
    assert grad.abs().max() > 0


def test_a_block_without_convolutions_weights_is_its_shortcut():
    block = ResidualBlock(2, 2, n_convs=2, kernel_size=3)
    torch.nn.init.zeros_(block.convs[-1].weight)
    torch.nn.init.zeros_(block.convs[-1].bias)
    rows = torch.randn(1, 2, 7)
    assert torch.allclose(block(rows), block.shortcut(rows).tanh())
