"""Tests of recipes.voxceleb.speechbrain_folder."""

import pytest
import torch
from made_up_hub import write_hub_folder

from recipes.voxceleb.speechbrain_folder import read_model

NAME = "spkrec-ecapa-voxceleb"
RATE = 16000


@pytest.fixture
def hub_folder(tmp_path):
    """Return a folder as downloaded from the hub."""
    write_hub_folder(tmp_path / NAME, NAME)
    return tmp_path / NAME


def change(folder, old, new):
    path = folder / "hyperparams.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def assert_folder_refused(folder, problem, error=ValueError):
    with pytest.raises(error, match=problem) as caught:
        read_model({}, folder, RATE)
    assert str(folder) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_files_beside_the_yaml_are_read_though_it_names_the_hub(hub_folder):
    nodes, weights = read_model({}, hub_folder, RATE)
    saved = torch.load(hub_folder / "embedding_model.ckpt", weights_only=True)
    assert list(weights) == ["embedding_model"]
    assert weights["embedding_model"].keys() == saved.keys()
    assert nodes["compute_features"]["n_mels"] == 80


def test_weights_are_found_by_the_name_the_yaml_gives_them(hub_folder):
    change(hub_folder, "/embedding_model.ckpt", "/net.ckpt")
    (hub_folder / "embedding_model.ckpt").rename(hub_folder / "net.ckpt")
    assert "embedding_model" in read_model({}, hub_folder, RATE)[1]


def test_statistics_of_the_features_are_read_if_there_are_any(hub_folder):
    change(hub_folder, "mean_var_norm_emb: !ref <pre", "mean_var_norm: !ref <pre")
    change(hub_folder, "    loadables:\n", "    loadables:\n        mean_var_norm: x\n")
    weights = read_model({}, hub_folder, RATE)[1]
    assert weights["mean_var_norm"]["count"] == 9


def test_neither_classifier_nor_speakers_are_needed(hub_folder):
    for name in ("classifier.ckpt", "label_encoder.txt", "mean_var_norm_emb.ckpt"):
        (hub_folder / name).unlink()
    read_model({}, hub_folder, RATE)


@pytest.mark.parametrize("name", ["embedding_model.ckpt", "hyperparams.yaml"])
def test_a_missing_file_of_the_folder_is_named(hub_folder, name):
    (hub_folder / name).unlink()
    assert_folder_refused(hub_folder, f"{name}: no such file; expected", OSError)


def test_garbage_for_weights_of_the_folder_is_refused(hub_folder):
    (hub_folder / "embedding_model.ckpt").write_bytes(b"version https://git-lfs")
    assert_folder_refused(hub_folder, "embedding_model.ckpt: not a file of weights")


def test_a_model_of_another_rate_tells_which(hub_folder):
    change(hub_folder, "n_mels: 80", "n_mels: 80\nsample_rate: 8000")
    assert_folder_refused(hub_folder, "is 8000; give --network_sample_rate 8000")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "not a YAML of SpeechBrain"),
        ("a: [", "not a YAML of SpeechBrain"),
        ("a: !ref <b>", "not a YAML of SpeechBrain"),
        ("text", "not a YAML of SpeechBrain"),
        ("a: 1", "not of a speaker model: KeyError: 'modules'; expected modules"),
        ("modules: 3", "not of a speaker model"),
        ("modules: {asr: 1}\npretrainer: {}", "KeyError: 'compute_features'"),
    ],
)
def test_a_yaml_of_something_else_is_refused(hub_folder, text, problem):
    (hub_folder / "hyperparams.yaml").write_text(text, encoding="utf-8")
    assert_folder_refused(hub_folder, problem)


def test_a_model_whose_weights_are_nowhere_is_refused(hub_folder):
    change(hub_folder, "        embedding_model: !ref <embedding_model>\n", "")
    change(hub_folder, "        classifier: !ref <classifier>\n", "")
    assert_folder_refused(hub_folder, "pretrainer with loadables")
