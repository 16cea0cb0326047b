"""Tests of recipes.siamese.spectrogram_net."""

import pytest
import torch
from torch.nn.functional import conv2d, linear, pad

from recipes.siamese.heads import TwoLogits
from recipes.siamese.spectrogram_net import SpectrogramNet


def n_parameters(*modules):
    return sum(p.numel() for module in modules for p in module.parameters())


def test_the_contrastive_network_has_the_published_parameters():
    with torch.device("meta"):
        model = SpectrogramNet([4, 8, 8], [500, 500], 5, size=227, dropout=0)
    assert n_parameters(model) == 206_370_465


def test_the_cross_entropy_network_has_two_blocks_and_one_dense_layer():
    with torch.device("meta"):
        model = SpectrogramNet([4, 8], [512], None, size=227, dropout=0.3)
        head = TwoLogits(512)
    convs = (9 * 1 + 1) * 4 + (9 * 4 + 1) * 8 + 2 * (4 + 8)
    dense = (8 * 227 * 227 + 1) * 512
    assert n_parameters(model, head) == convs + dense + (512 + 1) * 2


@pytest.mark.parametrize("emb_dim", [5, None])
def test_the_layers_are_those_described(emb_dim):
    torch.manual_seed(0)
    model = SpectrogramNet([4, 8], [20], emb_dim, size=9, dropout=0.3).eval()
    feats = torch.rand(3, 9, 9)
    convs = [m for m in model.layers if isinstance(m, torch.nn.Conv2d)]
    norms = [m for m in model.layers if isinstance(m, torch.nn.BatchNorm2d)]
    dense = [m for m in model.layers if isinstance(m, torch.nn.Linear)]
    maps = feats.unsqueeze(1)
    for conv, norm in zip(convs, norms, strict=True):
        padded = pad(maps, (1, 1, 1, 1), mode="reflect")
        maps = norm(torch.relu(conv2d(padded, conv.weight, conv.bias)))
    expected = torch.relu(linear(maps.flatten(1), dense[0].weight, dense[0].bias))
    if emb_dim:
        expected = linear(expected, dense[1].weight, dense[1].bias)
    torch.testing.assert_close(model(feats), expected)


def test_dropout_follows_the_dense_layer():
    torch.manual_seed(0)
    feats = torch.rand(50, 6, 6)
    kept = SpectrogramNet([2], [400], None, size=6, dropout=0.0).train()(feats)
    dropped = SpectrogramNet([2], [400], None, size=6, dropout=0.5).train()(feats)
    share = (kept > 0).float().mean().item()  # ReLU leaves about half
    assert (dropped > 0).float().mean().item() == pytest.approx(share / 2, rel=0.1)


def test_gradients_reach_the_first_layer():
    model = SpectrogramNet([4, 8, 8], [20, 20], 5, size=9, dropout=0.0)
    model(torch.rand(3, 9, 9)).square().sum().backward()
    assert all(torch.isfinite(p.grad).all() for p in model.parameters())
    assert model.layers[0].weight.grad.any()
