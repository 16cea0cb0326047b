"""Tests of recipes.siamese.networks."""

import pytest
import torch

from recipes.siamese.heads import WeightedL1
from recipes.siamese.networks import (
    ConvEncoder,
    ConvLstmEncoder,
    he_normal_,
    initialize_as_keras,
)

OPTIONS = {"spatial_dropout": 0.2, "dropout": 0.2, "init": "glorot"}
WAVE = {"n_dims": 1, "first_kernel_size": 32}
IMAGE = {"n_dims": 2}

# Total parameters that Keras prints, which counts the running means and variances.
PUBLISHED = [
    ({**WAVE, "filters": [64, 128, 192, 256], "emb_dim": 1024}, 1_005_825),
    ({**WAVE, "filters": [64, 128, 192, 256], "emb_dim": 64}, 758_145),
    ({**WAVE, "filters": [128, 256, 384, 512], "emb_dim": 2048}, 4_002_305),
    ({**IMAGE, "filters": [128, 256, 384], "emb_dim": 1024}, 3_648_129),
    (
        {**IMAGE, "filters": [64, 128, 192], "emb_dim": 1024, "hidden": [1024]},
        2_063_681,
    ),
    ({**IMAGE, "filters": [64, 128, 192], "emb_dim": 1400}, 1_087_025),
    ({**IMAGE, "filters": [64, 128, 192], "emb_dim": 1024}, 1_014_081),
    ({**IMAGE, "filters": [96, 192, 288], "emb_dim": 1800}, 2_353_393),
    ({**IMAGE, "filters": [64, 128, 192, 256], "emb_dim": 1500}, 2_237_177),
]


def draw_encoder(seed=0, **options):
    torch.manual_seed(seed)
    defaults = {**OPTIONS, **IMAGE, "filters": [4, 6], "emb_dim": 8}
    return ConvEncoder(**{**defaults, **options})


def draw_lstm_encoder(**options):
    torch.manual_seed(0)
    sizes = {"n_bands": 32, "filters": [4, 6], "n_units": 10, "emb_dim": 8}
    return ConvLstmEncoder(**{**OPTIONS, **IMAGE, **sizes, **options})


@pytest.mark.parametrize(("options", "total"), PUBLISHED)
def test_parameters_are_those_of_the_published_networks(options, total):
    with torch.device("meta"):
        encoder = ConvEncoder(**options, **OPTIONS)
        head = WeightedL1(options["emb_dim"], init="glorot")
    running = [t for name, t in encoder.named_buffers() if "running" in name]
    tensors = [*encoder.parameters(), *running, *head.parameters()]
    assert sum(tensor.numel() for tensor in tensors) == total


def slow_encoder(encoder, feats, n_dims):
    """Return embeddings from layers of that many dimensions, in evaluation."""
    functional = torch.nn.functional
    conv = getattr(functional, f"conv{n_dims}d")
    maps = feats.unsqueeze(1)
    for layer in encoder.blocks:
        if isinstance(layer, torch.nn.Conv2d):
            weight = layer.weight.squeeze(2) if n_dims == 1 else layer.weight
            size = weight.shape[-1]
            before, after = (size - 1) // 2, size // 2  # as Keras pads
            maps = functional.pad(maps, (before, after) * n_dims)
            maps = conv(maps, weight, layer.bias).clamp(min=0)
        elif isinstance(layer, torch.nn.BatchNorm2d):
            shape = (-1, *[1] * n_dims)
            spread = (layer.running_var + 1e-3).sqrt()
            maps = (maps - layer.running_mean.view(shape)) / spread.view(shape)
            maps = maps * layer.weight.view(shape) + layer.bias.view(shape)
        elif isinstance(layer, torch.nn.MaxPool2d):
            maps = getattr(functional, f"max_pool{n_dims}d")(maps, 2)
    return torch.sigmoid(encoder.embed[0](maps.flatten(2).max(dim=2).values))


@pytest.mark.parametrize(
    ("options", "shape"),
    [({**WAVE, "first_kernel_size": 6}, (40,)), (WAVE, (101,)), (IMAGE, (13, 10))],
)
def test_the_layers_are_those_of_keras_in_their_order(options, shape):
    encoder = draw_encoder(**options).train()
    feats = torch.rand(5, *shape)
    encoder(feats)  # moves the running means
    expected = slow_encoder(encoder.eval(), feats, options["n_dims"])
    torch.testing.assert_close(encoder(feats), expected)


def test_running_means_move_as_slowly_as_keras():
    encoder = draw_encoder().train()
    feats = torch.rand(5, 8, 8)
    inputs = torch.relu(encoder.blocks[0](feats.unsqueeze(1)))
    encoder(feats)
    expected = 0.01 * inputs.mean(dim=(0, 2, 3))
    torch.testing.assert_close(encoder.blocks[2].running_mean, expected)


def test_whole_channels_and_single_numbers_are_dropped():
    encoder = draw_encoder(filters=[50], emb_dim=2000).train()
    maps = encoder.blocks(torch.rand(20, 1, 8, 8))
    dropped = (maps == 0).all(dim=(2, 3))
    assert torch.equal(dropped, (maps == 0).any(dim=(2, 3)))
    assert 0.1 < dropped.float().mean() < 0.3
    embeddings = encoder(torch.rand(20, 8, 8))
    assert 0.17 < (embeddings == 0).float().mean() < 0.23
    assert embeddings.max() <= 1 / 0.8


def test_hidden_layers_come_before_the_embedding():
    encoder = draw_encoder(hidden=[7, 9]).eval()
    sizes = [m.out_features for m in encoder.embed if isinstance(m, torch.nn.Linear)]
    assert sizes == [7, 9, 8]
    assert encoder(torch.rand(2, 8, 8)).shape == (2, 8)


def test_glorot_weights_are_uniform_and_biases_zero():
    encoder = draw_encoder(filters=[64, 64], emb_dim=64)
    conv = encoder.blocks[3]
    bound = (6 / (9 * 64 + 9 * 64)) ** 0.5
    assert 0.95 * bound < conv.weight.abs().max() <= bound
    assert not conv.bias.any()


def test_he_weights_and_biases_are_normal():
    encoder = draw_encoder(filters=[64, 64], emb_dim=2000, init="he")
    conv, dense = encoder.blocks[3], encoder.embed[0]
    assert conv.weight.std().item() == pytest.approx((2 / (9 * 64)) ** 0.5, rel=0.02)
    assert dense.bias.std().item() == pytest.approx((2 / 2000) ** 0.5, rel=0.1)


def test_he_normal_is_cut_at_two_deviations():
    weights = he_normal_(torch.empty(100_000), fan_in=2)  # standard deviation 1
    assert weights.std().item() == pytest.approx(1, rel=0.01)
    assert 2.2 < weights.abs().max() <= 2 / 0.8796 + 1e-3


def test_an_unknown_init_is_refused():
    with pytest.raises(ValueError, match="init must be 'glorot' or 'he', not 'xavier'"):
        initialize_as_keras(torch.nn.Linear(1, 1), "xavier")


@pytest.mark.parametrize("draw", [draw_encoder, draw_lstm_encoder])
def test_a_fragment_has_the_same_embedding_alone_and_in_a_batch(draw):
    encoder = draw().eval()
    feats = torch.rand(3, 32, 20)
    torch.testing.assert_close(encoder(feats[1:2]), encoder(feats)[1:2])


@pytest.mark.parametrize("draw", [draw_encoder, draw_lstm_encoder])
def test_gradients_reach_every_parameter(draw):
    encoder = draw(spatial_dropout=0.0)
    encoder(torch.rand(4, 32, 20)).sum().backward()
    for name, parameter in encoder.named_parameters():
        assert torch.isfinite(parameter.grad).all(), name
        if "blocks" not in name:  # ReLU may be dead in so small a network
            assert parameter.grad.any(), name
    assert encoder.blocks[0].weight.grad.any()


@pytest.mark.parametrize(
    ("options", "shape"),
    [
        ({"n_dims": 1, "n_bands": 1, "first_kernel_size": 32}, (50,)),
        ({"n_bands": 32}, (32, 20)),
        ({"n_bands": 21}, (21, 20)),
        ({"n_bands": 20, "time_axis": 1}, (13, 20)),
    ],
)
def test_the_lstm_reads_waveforms_and_images_either_way(options, shape):
    encoder = draw_lstm_encoder(**options).eval()
    assert encoder(torch.rand(2, *shape)).shape == (2, 8)


def test_the_lstm_reads_along_time():
    encoder = draw_lstm_encoder().eval()
    swapped = draw_lstm_encoder(time_axis=1).eval()
    feats = torch.rand(2, 32, 20)
    torch.testing.assert_close(swapped(feats.transpose(1, 2)), encoder(feats))
    assert not torch.allclose(encoder(feats.flip(2)), encoder(feats), atol=1e-5)
