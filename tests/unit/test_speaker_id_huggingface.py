"""Tests of recipes.wav2vec2_speaker_id.huggingface."""

import json
import socket
import sys

import pytest
import torch
from tiny_wav2vec2 import CONVOLUTIONS, noise, scatter, tiny

from local.hardware import map_by_cores
from recipes.wav2vec2_speaker_id.huggingface import HuggingFaceWav2Vec2
from recipes.wav2vec2_speaker_id.weights import read_tensors


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """Save a tiny model for pretraining as facebook/wav2vec2-base is."""
    transformers = pytest.importorskip("transformers")
    folder = tmp_path_factory.mktemp("wav2vec2")
    channels, kernels, strides = zip(*CONVOLUTIONS, strict=True)
    config = transformers.Wav2Vec2Config(
        hidden_size=8,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=16,
        conv_dim=channels,
        conv_kernel=kernels,
        conv_stride=strides,
        num_conv_pos_embeddings=16,
        num_conv_pos_embedding_groups=2,
        num_codevectors_per_group=4,
        codevector_dim=4,
        proj_codevector_dim=4,
    )
    scatter(transformers.Wav2Vec2ForPreTraining(config)).save_pretrained(folder)
    transformers.Wav2Vec2FeatureExtractor(do_normalize=True).save_pretrained(folder)
    return folder


@pytest.fixture
def folder(published, tmp_path):
    """Return a copy to be changed."""
    for path in published.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path


def loud(batch=2):
    """Waves with a level and an offset of their own: normalising them is heard."""
    return 3.0 + 0.001 * noise(batch)


@pytest.mark.parametrize(
    "settings",
    [{}, {"pooling": "std", "layers": [2, 0]}, {"pooling": "none", "layers": [0]}],
)
def test_both_libraries_hear_the_same(published, settings):
    theirs = HuggingFaceWav2Vec2(published, dtype="float32", **settings)
    ours = tiny(published, **settings)
    torch.testing.assert_close(theirs(noise()), ours(noise()), atol=1e-4, rtol=0)
    assert (theirs.sample_rate, theirs.layers) == (ours.sample_rate, ours.layers)


def test_waves_are_normalised_only_on_request(published):
    """The folder says to; the base model was trained without."""
    as_it_is = HuggingFaceWav2Vec2(published, dtype="float32")
    normalised = HuggingFaceWav2Vec2(published, dtype="float32", normalize_wav=True)
    torch.testing.assert_close(
        as_it_is(loud()), tiny(published)(loud()), atol=1e-4, rtol=0
    )
    std, mean = torch.std_mean(loud(), dim=1, correction=0, keepdim=True)
    by_hand = (loud() - mean) / (std**2 + 1e-5).sqrt()
    torch.testing.assert_close(normalised(loud()), as_it_is(by_hand), atol=1e-4, rtol=0)
    assert not torch.allclose(normalised(loud()), as_it_is(loud()), atol=1e-2)
    assert as_it_is.normalize_wav is False


def test_threads_do_not_mix_their_layers(published):
    representation = HuggingFaceWav2Vec2(published)
    waves = [noise(1, 32000) * n for n in range(1, 7)]
    expected = [representation(wave) for wave in waves]
    for found, alone in zip(
        map_by_cores(representation, waves, "cpu"), expected, strict=True
    ):
        assert torch.equal(found, alone)


def test_nothing_is_asked_of_the_network(published, monkeypatch):
    asked = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kw: asked.append(args))
    monkeypatch.setattr(socket.socket, "connect", lambda *args: asked.append(args))
    HuggingFaceWav2Vec2(published)
    assert not asked


def test_a_file_of_pytorch_does_as_well(folder):
    safetensors = folder / "model.safetensors"
    tensors = read_tensors(safetensors)
    safetensors.unlink()
    torch.save(tensors, folder / "pytorch_model.bin")
    theirs = HuggingFaceWav2Vec2(folder, dtype="float32")
    assert torch.allclose(theirs(noise()), tiny(folder)(noise()), atol=1e-4)


@pytest.mark.parametrize(
    "name", ["config.json", "preprocessor_config.json", "model.safetensors"]
)
def test_a_missing_file_is_named_before_anything_is_asked_for(folder, name):
    (folder / name).unlink()
    with pytest.raises(FileNotFoundError, match="facebook/wav2vec2-base") as caught:
        HuggingFaceWav2Vec2(folder)
    assert "\n" not in str(caught.value)


def test_a_weight_that_is_missing_is_not_made_up(folder):
    """The library fills it with random numbers and says so in a log alone."""
    tensors = read_tensors(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    del tensors["wav2vec2.encoder.layers.1.attention.k_proj.bias"]
    torch.save(tensors, folder / "pytorch_model.bin")
    with pytest.raises(ValueError, match=r"1 names missing, such as .*\.1\.attention"):
        HuggingFaceWav2Vec2(folder)


def test_a_model_of_speech_recognition_is_refused(folder):
    import transformers

    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    model = transformers.Wav2Vec2ForCTC(transformers.Wav2Vec2Config(**config))
    model.save_pretrained(folder)
    with pytest.raises(ValueError, match=r"holds lm_head\..* so it was fine-tuned"):
        HuggingFaceWav2Vec2(folder)


def test_without_the_library_the_command_is_told(published, monkeypatch):
    name = "speechbrain.integrations.huggingface.wav2vec2"
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ValueError, match=r"pip install -r requirements-wav2vec2\.txt"):
        HuggingFaceWav2Vec2(published)
