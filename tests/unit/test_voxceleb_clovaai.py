"""Tests of recipes.voxceleb.clovaai."""

import pytest
import torch
from made_up_networks import LITE, V2, published_state
from torch.nn import functional

from recipes.voxceleb.clovaai import load_weights
from recipes.voxceleb.residual_se import ResNetSE

SMALL = {"filters": [8, 8, 16, 24], "n_blocks": [2, 1, 1, 1], "emb_dim": 6}
LITE, V2 = LITE | SMALL, V2 | SMALL | {"n_mels": 40, "attention_channels": 4}


class Published:
    """The published networks, worked out with functions from the weights alone."""

    def __init__(self, state, settings):
        self.state, self.settings = state, settings

    def weights(self, name):
        names = (f"__S__.{name}.weight", f"__S__.{name}.bias")
        return [self.state.get(key) for key in names]

    def norm(self, x, name):
        stats = [self.state[f"__S__.{name}.running_{s}"] for s in ("mean", "var")]
        return functional.batch_norm(x, *stats, *self.weights(name))

    def conv(self, x, name, stride, padding):
        return functional.conv2d(x, *self.weights(name), stride, padding)

    def block(self, x, name, stride):
        y = self.norm(self.conv(x, f"{name}.conv1", stride, 1).relu(), f"{name}.bn1")
        y = self.norm(self.conv(y, f"{name}.conv2", 1, 1), f"{name}.bn2")
        squeezed = functional.linear(
            y.mean(dim=(2, 3)), *self.weights(f"{name}.se.fc.0")
        )
        gates = functional.linear(squeezed.relu(), *self.weights(f"{name}.se.fc.2"))
        if f"__S__.{name}.downsample.0.weight" in self.state:
            x = self.conv(x, f"{name}.downsample.0", stride, 0)
            x = self.norm(x, f"{name}.downsample.1")
        return (y * gates.sigmoid()[:, :, None, None] + x).relu()

    def stem(self, x):
        stem = self.settings["stem"]
        x = self.conv(x, "conv1", stem["stride"], stem["kernel_size"] // 2)
        if stem["norm_first"]:
            return self.norm(x, "bn1").relu()
        return self.norm(x.relu(), "bn1")

    def attend(self, maps):
        if "__S__.attention" in self.state:
            frames = maps.mean(dim=2)  # (batch, channels, frames)
            hidden = functional.linear(frames.mT, *self.weights("sap_linear")).tanh()
            weights = (hidden @ self.state["__S__.attention"]).softmax(dim=1)
            return frames, weights.mT
        frames = maps.reshape(len(maps), -1, maps.shape[3])
        hidden = functional.conv1d(frames, *self.weights("attention.0")).relu()
        hidden = self.norm(hidden, "attention.2")
        return frames, functional.conv1d(hidden, *self.weights("attention.3")).softmax(
            2
        )

    def __call__(self, feats):
        x = self.stem(feats.mT.unsqueeze(1))
        for stage, stride in enumerate(self.settings["strides"]):
            for place in range(self.settings["n_blocks"][stage]):
                name = f"layer{stage + 1}.{place}"
                x = self.block(x, name, stride if place == 0 else 1)
        frames, weights = self.attend(x)
        pooled = mean = (frames * weights).sum(dim=2)
        if self.settings["pooling"] == "ASP":
            variance = (frames**2 * weights).sum(dim=2) - mean**2
            pooled = torch.cat([mean, variance.clamp(min=1e-5).sqrt()], dim=1)
        return functional.linear(pooled, *self.weights("fc"))


@pytest.fixture
def saved(tmp_path):
    """Return a function that saves a checkpoint and tells where."""

    def save(checkpoint):
        path = tmp_path / "tiny.model"
        torch.save(checkpoint, path)
        return path

    return save


@pytest.mark.parametrize("settings", [LITE, LITE | {"pooling": "ASP"}, V2])
def test_a_network_with_published_weights_gives_the_published_embeddings(
    settings, saved
):
    torch.manual_seed(0)
    state = published_state(settings)
    network = load_weights(ResNetSE(**settings), saved(state)).eval()
    feats = torch.randn(3, 101, settings["n_mels"])
    expected = Published(state, settings)(feats)
    assert expected.std() > 0.01
    assert torch.allclose(network(feats).squeeze(1), expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(
    "form",
    [
        lambda state: {f"module.{name}": value for name, value in state.items()},
        lambda state: {"model_state_dict": state, "epoch": 3},
        lambda state: {
            "model": {
                name.removeprefix("__S__."): value
                for name, value in state.items()
                if name.startswith("__S__.")
            }
        },
    ],
    ids=["several GPUs", "current version", "older form"],
)
def test_all_forms_of_a_checkpoint_are_read(form, saved):
    state = published_state(LITE)
    network = load_weights(ResNetSE(**LITE), saved(form(state)))
    theirs = state["__S__.layer2.0.downsample.0.weight"]
    assert torch.equal(network.stages[1][0].shortcut[0].weight, theirs)
    assert torch.equal(network.linear.bias, state["__S__.fc.bias"])


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (
            lambda state: state.pop("__S__.layer1.0.se.fc.0.weight"),
            "1 missing: stages.0.0.se.fc.0.weight;",
        ),
        (
            lambda state: state.update({"__S__.fc2.weight": torch.ones(1)}),
            "1 unknown: __S__.fc2.weight;",
        ),
        (
            lambda state: state.update({"__S__.fc.bias": torch.ones(7)}),
            r"1 of another size: __S__.fc.bias \(7,\), expected \(6,\);",
        ),
        (
            lambda state: [
                state.pop(f"__S__.bn1.{part}")
                for part in ("weight", "bias", "running_mean", "running_var")
            ],
            "4 missing: stem.bn.weight, stem.bn.bias, stem.bn.running_mean, ...;",
        ),
    ],
)
def test_weights_that_do_not_fit_are_named_in_one_line(spoil, problem, saved):
    state = published_state(LITE)
    spoil(state)
    network = ResNetSE(**LITE)
    before = network.linear.weight.clone()
    with pytest.raises(ValueError, match=problem) as caught:
        load_weights(network, saved(state))
    assert "\n" not in str(caught.value)
    assert torch.equal(network.linear.weight, before)


def test_weights_of_another_variant_are_refused(saved):
    path = saved(published_state(V2))
    with pytest.raises(ValueError, match="weights of another network; .* missing"):
        load_weights(ResNetSE(**LITE), path)


@pytest.mark.parametrize("content", [b"", b"garbage", b"PK\x03\x04 cut", b"\x80\x02."])
def test_garbage_is_refused_in_one_line(content, tmp_path):
    path = tmp_path / "garbage.model"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="not a file of weights") as caught:
        load_weights(ResNetSE(**LITE), path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [{}, {"epoch": 3}, [1], torch.ones(2)])
def test_a_file_of_something_else_is_refused(content, saved):
    path = saved(content)
    with pytest.raises(ValueError, match="tiny.model: .*expected"):
        load_weights(ResNetSE(**LITE), path)


class Harmful:
    """What runs code when it is unpickled."""

    def __reduce__(self):
        return print, ("harm",)


def test_no_code_of_a_checkpoint_runs(saved, capsys):
    path = saved(published_state(LITE) | {"__S__.x": Harmful()})
    with pytest.raises(ValueError, match="not a file of weights"):
        load_weights(ResNetSE(**LITE), path)
    assert "harm" not in capsys.readouterr().out


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(OSError, match="none.model: no such file"):
        load_weights(ResNetSE(**LITE), tmp_path / "none.model")
