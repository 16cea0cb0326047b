"""Tests of local.output.onnx_graph."""

from types import SimpleNamespace

import numpy as np
import onnx
import pytest
import torch
from speechbrain.lobes.features import Fbank
from speechbrain.lobes.models.ECAPA_TDNN import ECAPA_TDNN
from speechbrain.lobes.models.ResNet import ResNet
from speechbrain.lobes.models.Xvector import Xvector
from speechbrain.processing.features import InputNormalization

from local.models.combination import Combination, Member, Unchanged
from local.models.stacking import StackedFrames
from local.output.onnx_graph import build_graph, open_session, run_session
from recipes.baselines.features import Summary26
from recipes.baselines.residual_cnn import ResidualCnn

RATE = 11025
FEATURES = {
    "fbank": lambda: Fbank(sample_rate=RATE, n_mels=8, n_fft=512),
    "summary": lambda: Summary26(RATE, 2048, 512, 128, 20, roll_share=0.85),
}
NARROW = {"channels": [8] * 4 + [24], "attention_channels": 4, "se_channels": 4}
BLOCKS = {"tdnn_channels": [8, 12], "tdnn_kernel_sizes": [5, 1], "tdnn_blocks": 2}
NETWORKS = {
    "ecapa": lambda: StackedFrames(
        ECAPA_TDNN(16, lin_neurons=6, res2net_scale=4, **NARROW), 2
    ),
    "xvector": lambda: Xvector(
        in_channels=8, lin_neurons=6, tdnn_dilations=[1, 1], **BLOCKS
    ),
    "resnet": lambda: ResNet(
        8, channels=[4] * 4, block_sizes=[1] * 4, lin_neurons=6
    ),
    "cnn1d": lambda: ResidualCnn(26, [4, 8], [3, 1], 5, 5, 3, 0.8, emb_dim=6),
}  # fmt: skip
FACTS = {"sample_rate": RATE, "model": "none, untrained"}


@pytest.fixture
def wavs():
    return torch.randn(5, RATE, generator=torch.Generator().manual_seed(0)) / 10


def make_encoder(features, network, wavs, norm_type="global"):
    """Return an untrained encoder; its statistics of normalisation are of the wavs."""
    torch.manual_seed(0)
    parts = {
        "compute_features": FEATURES[features](),
        "mean_var_norm": InputNormalization(norm_type=norm_type),
        "embedding_model": NETWORKS[network](),
    }
    modules = torch.nn.ModuleDict(parts)
    modules.mean_var_norm(modules.compute_features(wavs), torch.ones(len(wavs)))
    return SimpleNamespace(mods=modules.eval())


@torch.no_grad()
def encode(encoder, wavs):
    """Do as SpeechBrain's encode_batch does."""
    whole = torch.ones(len(wavs))
    feats = encoder.mods.compute_features(wavs)
    feats = encoder.mods.mean_var_norm(feats, whole)
    return encoder.mods.embedding_model(feats, whole).flatten(1).numpy()


def run(encoder, features, inputs, tmp_path):
    """Export with two segments and run with all."""
    graph = build_graph(encoder, features, inputs[:2], FACTS)
    onnx.save(graph, tmp_path / "model.onnx")
    return run_session(open_session(tmp_path / "model.onnx"), inputs, batch_size=3)


@pytest.mark.parametrize(
    ("features", "network"),
    [
        *(("fbank", name) for name in ("ecapa", "xvector", "resnet")),
        ("summary", "cnn1d"),
    ],
)
def test_a_graph_embeds_as_its_encoder_does(features, network, wavs, tmp_path):
    encoder = make_encoder(features, network, wavs)
    found = run(encoder, "inside", wavs.numpy(), tmp_path)
    np.testing.assert_allclose(found, encode(encoder, wavs), rtol=1e-3, atol=2e-4)


def test_features_may_stay_outside_and_are_normalised_inside(wavs, tmp_path):
    encoder = make_encoder("fbank", "xvector", wavs, norm_type="sentence")
    feats = encoder.mods.compute_features(wavs).numpy()
    found = run(encoder, "outside", feats, tmp_path)
    np.testing.assert_allclose(found, encode(encoder, wavs), rtol=1e-3, atol=2e-4)


def test_equal_features_of_members_are_computed_once(wavs, tmp_path):
    torch.manual_seed(0)
    members = [Member(FEATURES["fbank"](), 8, NETWORKS["xvector"]()) for _ in range(2)]
    parts = {name: Unchanged() for name in ("compute_features", "mean_var_norm")}
    parts["embedding_model"] = Combination(members, [1, 2])
    encoder = SimpleNamespace(mods=torch.nn.ModuleDict(parts).eval())
    found = run(encoder, "inside", wavs.numpy(), tmp_path)
    np.testing.assert_allclose(found, encode(encoder, wavs), rtol=1e-3, atol=2e-4)
    nodes = onnx.load(tmp_path / "model.onnx").graph.node
    assert sum(node.op_type == "Log" for node in nodes) == 1


def test_a_graph_says_what_it_is_and_embeds_alike_each_time(wavs, tmp_path):
    graph = build_graph(
        make_encoder("fbank", "xvector", wavs), "inside", wavs[:2].numpy(), FACTS
    )
    onnx.save(graph, tmp_path / "model.onnx")
    session = open_session(tmp_path / "model.onnx", n_threads=1)
    facts = session.get_modelmeta().custom_metadata_map
    assert facts == {"sample_rate": "11025", "model": "none, untrained"}
    assert session.get_inputs()[0].shape == ["batch", RATE]
    assert session.get_outputs()[0].shape == ["batch", 6]
    first, again = (run_session(session, wavs.numpy(), 2) for _ in range(2))
    assert np.array_equal(first, again)
