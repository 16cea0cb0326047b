"""Tests of local.scoring.model_folder."""

import json

import pytest
import torch

from local.scoring.embeddings import encode
from local.scoring.model_folder import (
    check_sample_rate,
    find_model,
    load_encoder,
    read_facts,
    read_sample_rate,
    refuse_other_output,
)

RATE = 11025


def test_a_model_folder_loads_frozen_and_stays_as_it_is(untrained_model):
    folder = untrained_model(seed=0)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    encoder = load_encoder(folder, "cpu")
    assert encoder.encode_batch(torch.randn(3, RATE)).shape == (3, 1, 6)
    assert not encoder.mods.embedding_model.training
    assert not any(p.requires_grad for p in encoder.mods.parameters())
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert not any(path.is_symlink() for path in folder.iterdir())


def test_the_precision_is_that_of_the_encoder(untrained_model):
    wavs = torch.randn(3, RATE, generator=torch.Generator().manual_seed(0))
    folder = untrained_model(seed=0)
    exact = encode(load_encoder(folder, "cpu"), wavs)
    rounded = encode(load_encoder(folder, "cpu", "bf16"), wavs)
    assert 0 < (rounded - exact).abs().max() < 0.05 * exact.abs().max()


def test_16_bit_floats_are_left_to_gpus(model):
    with pytest.raises(ValueError, match="fp16 needs a GPU; take bf16 or fp32"):
        load_encoder(model, "cpu", "fp16")


def test_the_weights_are_those_of_the_folder(untrained_model):
    folder = untrained_model(seed=0)
    weights = torch.load(folder / "classifier.ckpt", weights_only=True)["weight"]
    loaded = load_encoder(folder, "cpu").mods.classifier.weight
    assert torch.equal(loaded, weights)


def test_a_model_is_found_in_its_folder_and_in_that_of_its_training(model):
    assert find_model(model) == model
    assert find_model(str(model.parent)) == model


@pytest.mark.parametrize("missing", ["hyperparams.yaml", "*.ckpt"])
def test_a_folder_without_a_whole_model_is_named(model, missing):
    for path in model.glob(missing):
        path.unlink()
    for folder in (model, model.parent):
        with pytest.raises(FileNotFoundError, match=f"{folder}: no model here"):
            find_model(folder)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(
        FileNotFoundError, match=r"none: no model .*<output_folder>/model"
    ):
        load_encoder(tmp_path / "none")


# What cannot be loaded


def assert_refused_in_one_line(folder, reason):
    with pytest.raises(ValueError, match=reason) as caught:
        load_encoder(folder, "cpu")
    assert str(folder) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "name", ["embedding_model", "classifier", "mean_var_norm", "label_encoder"]
)
@pytest.mark.parametrize("content", [b"", b"garbage", b"PK\x03\x04 cut", b"\x80\x02."])
def test_a_garbage_checkpoint_is_refused(untrained_model, name, content):
    folder = untrained_model(seed=0)
    (folder / f"{name}.ckpt").write_bytes(content)
    assert_refused_in_one_line(folder, "not a model that loads")


@pytest.mark.parametrize("name", ["classifier", "label_encoder"])
def test_a_missing_checkpoint_is_refused(untrained_model, name):
    folder = untrained_model(seed=0)
    (folder / f"{name}.ckpt").unlink()
    assert_refused_in_one_line(folder, "not a model that loads")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "a: [1, 2",
        "sample_rate: 11025",
        "modules: !new:no.such.Thing",
        "modules: !new:fractions.Fraction\n    sede: 1",
        "pretrainer: 3",
        "\x00",
    ],
)
def test_a_garbage_yaml_is_refused(untrained_model, text):
    folder = untrained_model(seed=0)
    (folder / "hyperparams.yaml").write_text(text, encoding="utf-8")
    assert_refused_in_one_line(folder, "not a model that loads")


def test_weights_of_another_network_are_refused(untrained_model):
    """SpeechBrain's transfer skips unknown names and leaves the rest random."""
    folder = untrained_model(seed=0)
    torch.save({"fc.weight": torch.zeros(2, 2)}, folder / "embedding_model.ckpt")
    assert_refused_in_one_line(folder, r"embedding_model\.ckpt is of another network")


def test_weights_of_another_size_are_refused(untrained_model):
    folder = untrained_model(seed=0)
    torch.save({"weight": torch.zeros(9, 9)}, folder / "classifier.ckpt")
    assert_refused_in_one_line(folder, "size mismatch")


# What it says of itself


def test_a_model_of_another_sample_rate_is_refused(tmp_path):
    text = "sample_rate: 16000\nfront: !new:no.such.Thing\n    x: !ref <sample_rate>\n"
    (tmp_path / "hyperparams.yaml").write_text(text, encoding="utf-8")
    check_sample_rate(tmp_path, 16000)
    with pytest.raises(ValueError, match="trained at 16000 Hz, but .* is 11025 Hz"):
        check_sample_rate(tmp_path, 11025)


@pytest.mark.parametrize("content", [b"", b"[", b"text", b"\xff\xfe", b"a: 1"])
def test_a_yaml_without_a_sample_rate_is_refused(tmp_path, content):
    (tmp_path / "hyperparams.yaml").write_bytes(content)
    with pytest.raises(ValueError, match=r"hyperparams\.yaml: .*export the model"):
        read_sample_rate(tmp_path)


def test_facts_come_as_written(untrained_model):
    folder = untrained_model(seed=3)
    assert read_facts(folder)["experiment"] == "untrained-3"


@pytest.mark.parametrize("content", ["", "{", "[1]", json.dumps({"name": "x"})])
def test_other_facts_are_refused(tmp_path, content):
    (tmp_path / "training.json").write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=r"training\.json: .*export the model again"):
        read_facts(tmp_path)


@pytest.mark.parametrize("sign", ["a.ckpt", "model/a", "save/CKPT+1/a"])
def test_the_folder_of_a_model_takes_no_other_output(sign, tmp_path):
    refuse_other_output(tmp_path / "new")
    refuse_other_output(tmp_path)
    (tmp_path / sign).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / sign).touch()
    with pytest.raises(ValueError, match="another --output_folder, as .*test$"):
        refuse_other_output(tmp_path)
