"""Tests of recipes.wav2vec2_speaker_id.hidden_states."""

import pytest
import torch

from recipes.wav2vec2_speaker_id.hidden_states import HiddenStates, choose_layers


class Counted(HiddenStates):
    """Two blocks; layer n holds n everywhere but in its second frame: n + 2."""

    n_computed = 0

    def states(self, wavs):
        for layer in range(3):
            self.n_computed += 1
            state = torch.full((len(wavs), 2, 4), float(layer))
            state[:, 1] += 2
            yield state


def features(pooling, layers, dtype="float32"):
    return Counted(2, 16000, pooling, layers, dtype)(torch.zeros(5, 400))


def test_all_layers_are_pooled_in_order():
    feats = features("mean_std", "all")
    assert feats.shape == (5, 3, 8)
    assert feats[0].tolist() == [[n + 1.0] * 4 + [1.0] * 4 for n in range(3)]


def test_layers_come_in_the_order_asked_for():
    assert features("mean", [2, 0])[0, :, 0].tolist() == [3.0, 1.0]


def test_without_pooling_the_frames_of_a_layer_come_channels_first():
    feats = features("none", [1])
    assert feats.shape == (5, 4, 2)
    assert feats[0].tolist() == [[1.0, 3.0]] * 4


def test_layers_beyond_the_last_one_wanted_are_not_computed():
    module = Counted(2, 16000, "mean", [1], "float32")
    module(torch.zeros(1, 400))
    assert module.n_computed == 2


@pytest.mark.parametrize("dtype", ["float16", "float32"])
@pytest.mark.parametrize(("pooling", "layers"), [("std", "all"), ("none", [0])])
def test_features_are_of_the_type_they_are_kept_in(pooling, layers, dtype):
    assert str(features(pooling, layers, dtype).dtype) == f"torch.{dtype}"


@pytest.mark.parametrize("layers", [[], [3], [-1], "12", 1, None, ["all"], [0.5]])
def test_layers_that_are_not_there_are_refused(layers):
    with pytest.raises(ValueError, match=r"all or a list of numbers in 0\.\.2, got"):
        choose_layers(layers, 2)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ((8000, "mean", "all", "float16"), "hears 16000 Hz, got 8000"),
        ((16000, "max", "all", "float16"), "pooling: expected one of .* got 'max'"),
        ((16000, "mean", "all", "int8"), "dtype: expected one of .* got 'int8'"),
        ((16000, "none", "all", "float16"), r"one layer, got 3; give layers: \[2\]"),
    ],
)
def test_other_settings_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        HiddenStates(2, *settings)


def test_chunks_shorter_than_a_frame_are_refused():
    with pytest.raises(ValueError, match=r"of 0\.02 s, wav2vec 2\.0 hears 0\.025 s"):
        Counted(2, 16000, "mean", "all", "float32")(torch.zeros(1, 320))
