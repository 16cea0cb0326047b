"""Tests of local.models.lean: nothing but the time changes."""

import copy

import pytest
import torch
from speechbrain.lobes.features import Fbank
from speechbrain.lobes.models.ECAPA_TDNN import ECAPA_TDNN, AttentiveStatisticsPooling
from speechbrain.lobes.models.Xvector import Xvector
from speechbrain.nnet.CNN import Conv1d

from local.models.lean import make_lean

RNG = torch.Generator().manual_seed(0)


def draw_ecapa(**options):
    torch.manual_seed(1)
    sizes = {"channels": [8, 8, 8, 8, 24], "attention_channels": 4, "se_channels": 4}
    return ECAPA_TDNN(6, lin_neurons=5, **sizes, **options)


def draw_xvector():
    torch.manual_seed(2)
    return Xvector(tdnn_channels=[8, 8, 8, 8, 24], in_channels=6, lin_neurons=5)


@pytest.fixture
def feats():
    return torch.randn(4, 30, 6, generator=RNG)


@pytest.mark.parametrize("draw", [draw_ecapa, draw_xvector])
def test_embeddings_are_the_same(draw, feats):
    model = draw().eval()
    expected = model(feats)
    torch.testing.assert_close(make_lean(model)(feats), expected, atol=1e-5, rtol=1e-4)


def test_without_global_context_too(feats):
    model = draw_ecapa(global_context=False).eval()
    expected = model(feats)
    torch.testing.assert_close(make_lean(model)(feats), expected)


def test_gradients_and_running_statistics_are_the_same(feats):
    model = draw_ecapa().train()
    lean = make_lean(copy.deepcopy(model))
    for each in (model, lean):
        each(feats).square().sum().backward()
    pairs = zip(model.parameters(), lean.parameters(), strict=True)
    for expected, found in pairs:
        torch.testing.assert_close(found.grad, expected.grad, atol=1e-4, rtol=1e-3)
    for name, expected in model.named_buffers():
        torch.testing.assert_close(lean.get_buffer(name), expected)


def test_padded_segments_are_masked_as_before(feats):
    model = draw_ecapa().eval()
    lengths = torch.tensor([1.0, 0.5, 0.7, 1.0])
    expected = model(feats, lengths)
    torch.testing.assert_close(make_lean(model)(feats, lengths), expected)
    assert not torch.allclose(model(feats), expected, atol=1e-3)


def test_weights_keep_their_names():
    names = list(draw_ecapa().state_dict())
    assert list(make_lean(draw_ecapa()).state_dict()) == names


def test_what_runs_is_changed():
    model = make_lean(draw_ecapa())
    assert not any(
        type(layer) is AttentiveStatisticsPooling for layer in model.modules()
    )
    convs = [layer for layer in model.modules() if isinstance(layer, Conv1d)]
    assert {(c.kernel_size, c.padding) for c in convs} == {
        *((1, "valid"), (3, "same"), (5, "same"))
    }


@pytest.mark.parametrize("options", [{}, {"deltas": True}, {"context": True}])
def test_features_are_the_same(options):
    fbank = Fbank(sample_rate=11025, n_mels=20, n_fft=512, **options)
    wavs = torch.randn(3, 11025, generator=RNG) * torch.logspace(-3, 0, 11025)
    expected = fbank(wavs)
    lean = make_lean(fbank)
    assert type(lean) is not Fbank
    torch.testing.assert_close(lean(wavs), expected, atol=1e-3, rtol=1e-4)


def test_silence_has_the_same_features():
    fbank = Fbank(sample_rate=11025, n_mels=20)
    expected = fbank(torch.zeros(1, 11025))
    assert torch.equal(make_lean(fbank)(torch.zeros(1, 11025)), expected)
