"""Tests of recipes.voxceleb.residual_se."""

import pytest
import torch
from made_up_networks import LITE, V2

from recipes.voxceleb.residual_se import ResNetSE, SqueezedBlock

FRAMES = 101  # of one second
LARGE = {"filters": [32, 64, 128, 256]}
SMALL = {"filters": [8, 8, 16, 16], "n_blocks": [1, 1, 1, 1], "emb_dim": 6}


def n_parameters(network):
    return sum(weights.numel() for weights in network.parameters())


@pytest.mark.parametrize(
    ("settings", "published"),
    [
        (LITE, 1_437_078),
        (LITE | {"emb_dim": 256}, 1_404_054),
        (LITE | {"pooling": "ASP"}, 1_502_614),
        (LITE | LARGE, 5_602_988),
        (V2, 8_028_492),
    ],
)
def test_parameters_are_those_of_the_published_networks(settings, published):
    with torch.device("meta"):
        assert n_parameters(ResNetSE(**settings)) == published


@pytest.mark.parametrize("settings", [LITE, LITE | {"pooling": "ASP"}, V2])
@pytest.mark.parametrize("n_mels", [40, 63])
def test_a_clip_has_the_same_embedding_alone_and_in_a_batch(settings, n_mels):
    torch.manual_seed(0)
    network = ResNetSE(**settings | SMALL | {"n_mels": n_mels})
    feats = torch.randn(3, FRAMES, n_mels)
    assert network(feats).shape == (3, 1, 6)  # training: of the batch
    network.eval()
    alone = network(feats[1:2], torch.ones(1))
    assert torch.allclose(network(feats)[1:2], alone, atol=1e-5)


@pytest.mark.parametrize("settings", [LITE, V2])
def test_gradients_reach_the_first_layer_and_the_attention(settings):
    network = ResNetSE(**settings | SMALL)
    network(torch.randn(2, FRAMES, settings["n_mels"])).square().sum().backward()
    attention = next(network.pooling.attention.parameters())
    for grad in (network.stem.conv.weight.grad, attention.grad):
        assert torch.isfinite(grad).all()
        assert grad.abs().max() > 0


def test_a_block_cuts_off_at_0_before_it_normalises():
    block = SqueezedBlock(8, 8, stride=1, reduction=8)
    seen = []
    block.bn1.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    block(torch.randn(2, 8, 5, 7))
    assert seen[0].min() == 0


def test_a_block_weighs_its_channels():
    block = SqueezedBlock(8, 8, stride=1, reduction=8).eval()
    maps = torch.randn(2, 8, 5, 7)
    with torch.no_grad():
        block.se.fc[2].weight.zero_()
        block.se.fc[2].bias.fill_(-100)  # nothing of any channel
        assert torch.equal(block(maps), maps.relu())
        block.se.fc[2].bias[3] = 100  # all of the fourth
        changed = (block(maps) != maps.relu()).any(dim=(0, 2, 3))
    assert changed.nonzero().flatten().tolist() == [3]


def test_a_pooling_unheard_of_is_refused():
    with pytest.raises(ValueError, match="is TAP, expected SAP or ASP"):
        ResNetSE(**LITE | {"pooling": "TAP"})


def test_stages_told_by_lists_of_several_lengths_are_refused():
    with pytest.raises(ValueError, match="one of each a stage; got 3, 4 and 4"):
        ResNetSE(**LITE | {"filters": [16, 32, 64]})


def test_less_channels_than_the_reduction_are_refused():
    with pytest.raises(ValueError, match=r"are \[4, 8, 8, 8\], expected 8 or more"):
        ResNetSE(**LITE | {"filters": [4, 8, 8, 8]})
