"""Tests of recipes.voxceleb.residual."""

import pytest
import torch

from recipes.voxceleb.residual import BasicBlock, Block, Bottleneck, ResNet

FRAMES = 101  # of one second

# Table 1 of He et al. (2016), columns of conv2_x to conv5_x: how often a block stands
# there. Its rows in a column are (kernel, filters), of 64 to 512.
TIMES = {
    18: [2, 2, 2, 2],
    34: [3, 4, 6, 3],
    50: [3, 4, 6, 3],
    101: [3, 4, 23, 3],
    152: [3, 8, 36, 3],
}


def rows(depth, n):
    """Return the convolutions of a block in a column of ``n`` filters."""
    return [(3, n), (3, n)] if depth < 50 else [(1, n), (3, n), (1, 4 * n)]


def n_of_table(depth, width):
    """Count the weights of all convolutions, each with scale and offset behind it."""

    def conv(kernel, before, after):
        return kernel**2 * before * after + 2 * after

    total, channels = conv(7, 1, width), width
    for column, times in enumerate(TIMES[depth]):
        for number in range(times):
            entry = channels
            for kernel, filters in rows(depth, width * 2**column):
                total += conv(kernel, channels, filters)
                channels = filters
            if number == 0 and (entry != channels or column > 0):
                total += conv(1, entry, channels)  # the projection of the shortcut
    return total, channels


def n_parameters(network):
    return sum(weights.numel() for weights in network.parameters())


@pytest.mark.parametrize("width", [64, 16])
@pytest.mark.parametrize("depth", TIMES)
def test_parameters_are_those_of_the_table(depth, width):
    with torch.device("meta"):
        network = ResNet(depth, width, n_mels=64, emb_dim=10)
    n_convs, channels = n_of_table(depth, width)
    dense = (2 * 2 * channels + 1) * 10  # mean, deviation; 64 mels halved to 2
    assert n_parameters(network) == n_convs + dense


def test_the_count_is_the_known_one_of_resnet_50():
    # Of three colours, and with a layer of 1000 classes: 25,557,032.
    colours, classes = 2 * 64 * 49, 2049 * 1000
    assert n_of_table(50, 64)[0] + colours + classes == 25_557_032


@pytest.mark.parametrize("depth", TIMES)
def test_the_depth_is_the_number_of_layers_with_weights(depth):
    with torch.device("meta"):
        network = ResNet(depth, 64, 40, 10)
    shortcuts = {
        id(layer)
        for block in network.modules()
        if isinstance(block, Block)
        for layer in block.shortcut.modules()
    }
    kinds = torch.nn.Conv2d | torch.nn.Linear
    layers = [m for m in network.modules() if isinstance(m, kinds)]
    assert sum(id(layer) not in shortcuts for layer in layers) == depth


@pytest.mark.parametrize("depth", [18, 50])
@pytest.mark.parametrize("n_mels", [40, 64, 80])
def test_a_clip_has_the_same_embedding_alone_and_in_a_batch(depth, n_mels):
    torch.manual_seed(0)
    network = ResNet(depth, 4, n_mels, emb_dim=6)
    feats = torch.randn(3, FRAMES, n_mels)
    assert network(feats).shape == (3, 1, 6)  # training: of the batch
    network.eval()
    alone = network(feats[1:2], torch.ones(1))
    assert torch.allclose(network(feats)[1:2], alone, atol=1e-5)


def test_gradients_reach_the_first_layer():
    network = ResNet(18, 4, 40, emb_dim=6)
    network(torch.randn(2, FRAMES, 40)).sum().backward()
    grad = next(network.parameters()).grad
    assert torch.isfinite(grad).all()
    assert grad.abs().max() > 0


@pytest.mark.parametrize("kind", [BasicBlock, Bottleneck])
def test_a_block_without_convolutions_weights_is_its_shortcut(kind):
    block = kind(8, 8, stride=1)
    torch.nn.init.zeros_(block.convs[-1][-1].weight)
    maps = torch.randn(2, 8, 5, 7)
    assert torch.equal(block(maps), maps.relu())


def test_a_depth_not_in_the_table_is_refused():
    with pytest.raises(ValueError, match=r"is 20, expected one of 18, 34, 50, 101"):
        ResNet(20, 64, 40, 10)
