"""Tests of recipes.wav2vec2_speaker_id.wav2vec2."""

import inspect

import pytest
import torch
from tiny_wav2vec2 import noise, tiny, tiny_network
from torchaudio.models import wav2vec2_base

from recipes.wav2vec2_speaker_id.pooling import pool
from recipes.wav2vec2_speaker_id.wav2vec2 import BASE, build_network


@pytest.fixture
def weights(tmp_path):
    path = tmp_path / "weights.pth"
    torch.save(tiny_network().state_dict(), path)
    return path


def test_the_real_network_is_the_base_of_torchaudio():
    with torch.device("meta"):
        network, theirs = build_network().eval(), wav2vec2_base()
        states, _ = network.extract_features(torch.empty(3, 32000))
    assert sum(weights.numel() for weights in network.parameters()) == 94_370_944
    assert [tuple(state.shape) for state in states] == [(3, 99, 768)] * 12
    ours = {name: w.shape for name, w in network.state_dict().items()}
    assert ours == {name: w.shape for name, w in theirs.state_dict().items()}
    # Settings that shapes do not show; dropout is the one that differs.
    for ours, other in zip(network.modules(), theirs.modules(), strict=True):
        for name, value in inspect.getmembers(ours, lambda v: type(v) in (int, bool)):
            assert name == "training" or getattr(other, name) == value
    assert not any(BASE[name] for name in BASE if "drop" in name)


def test_layers_are_those_that_torchaudio_gives(weights):
    states, _ = tiny_network().extract_features(noise())
    feats = tiny(weights)(noise())
    assert feats.shape == (2, 3, 16)
    for layer in (1, 2):
        expected = pool(states[layer - 1].transpose(1, 2), "mean_std")
        torch.testing.assert_close(feats[:, layer], expected)


def test_layer_0_is_what_the_first_block_is_given(weights):
    network, given = tiny_network(), []
    first = network.encoder.transformer.layers[0]
    first.register_forward_pre_hook(lambda module, args: given.append(args[0]))
    network(noise())
    layer_0 = tiny(weights, pooling="none", layers=[0])(noise())
    torch.testing.assert_close(layer_0, given[0].transpose(1, 2))


def test_a_layer_of_many_is_the_layer_alone(weights):
    every, one = (tiny(weights, layers=layers)(noise()) for layers in ("all", [1]))
    assert torch.equal(every[:, 1:2], one)


def test_without_pooling_there_is_a_sequence_of_99_frames(weights):
    sequence = tiny(weights, pooling="none", layers=[2])(noise())
    assert sequence.shape == (2, 8, 99)
    pooled = tiny(weights, pooling="mean", layers=[2])(noise())
    torch.testing.assert_close(sequence.mean(dim=2), pooled[:, 0])


def test_the_shortest_chunk_has_one_frame(weights):
    assert tiny(weights, pooling="none", layers=[0])(noise(1, 400)).shape == (1, 8, 1)


def test_features_do_not_depend_on_what_goes_together(weights):
    representation = tiny(weights)
    torch.testing.assert_close(representation(noise())[:1], representation(noise()[:1]))


def test_nothing_is_random_and_nothing_learns(weights):
    representation = tiny(weights)
    representation.train()
    assert torch.equal(representation(noise()), tiny(weights)(noise()))
    assert not any(w.requires_grad for w in representation.parameters())


def test_features_are_kept_small(weights):
    half = tiny(weights, dtype="float16")(noise())
    assert half.dtype == torch.float16
    torch.testing.assert_close(half.float(), tiny(weights)(noise()), atol=2e-3, rtol=0)


def test_public_attributes_tell_settings_apart(weights):
    module = tiny(weights, pooling="mean", layers=[2, 0])
    public = {k: v for k, v in vars(module).items() if not k.startswith("_")}
    public.pop("training")
    assert public == {
        "sample_rate": 16000,
        "pooling": "mean",
        "layers": [2, 0],
        "dtype": "float32",
    }
