"""Tests of recipes.siamese.fbank_net."""

import pytest
import torch
from torch.nn.functional import avg_pool2d

from recipes.siamese.fbank_net import FBankNet, ResidualBlock


def test_parameters_are_those_of_the_published_network():
    with torch.device("meta"):
        model = FBankNet([32, 64, 128, 256], emb_dim=250)
    assert sum(p.numel() for p in model.parameters()) == 2_710_330


def test_four_halvings_leave_four_by_four_to_average():
    torch.manual_seed(0)
    model = FBankNet([2, 3, 4, 5], emb_dim=6).eval()
    feats = torch.randn(3, 64, 64)
    maps = model.layers[:-3](feats.unsqueeze(1))
    assert maps.shape == (3, 5, 4, 4)
    expected = model.layers[-1](avg_pool2d(maps, 4).flatten(1))
    torch.testing.assert_close(model(feats), expected)


def test_a_block_adds_its_input_before_the_last_relu():
    torch.manual_seed(0)
    block, maps = ResidualBlock(2).train(), torch.randn(3, 2, 5, 5)
    conv, norm, _, conv_2, norm_2 = block.layers
    inner = norm_2(conv_2(torch.relu(norm(conv(maps)))))
    torch.testing.assert_close(block(maps), torch.relu(inner + maps))


def test_no_normalisation_follows_the_halving_convolutions():
    kinds = [type(layer).__name__ for layer in FBankNet([2, 3], emb_dim=4).layers[:4]]
    assert kinds == ["Conv2d", "ResidualBlock"] * 2


def test_a_patch_has_the_same_embedding_alone_and_in_a_batch():
    model, feats = FBankNet([2, 3], emb_dim=4).eval(), torch.randn(3, 64, 64)
    torch.testing.assert_close(model(feats[1:2]), model(feats)[1:2])


@pytest.mark.parametrize("size", [64, 32])
def test_gradients_reach_the_first_layer(size):
    model = FBankNet([4, 8], emb_dim=5)
    model(torch.randn(3, size, size)).square().sum().backward()
    assert all(torch.isfinite(p.grad).all() for p in model.parameters())
    assert model.layers[0].weight.grad.any()
