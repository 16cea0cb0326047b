"""The lab's networks are trained as the main job's CPU model is, and load so."""

import pytest
import torch
from hyperpyyaml import load_hyperpyyaml, resolve_references
from ruamel.yaml import YAML

from local.output.inference_yaml import write_inference_yaml
from local.scoring.model_folder import load_encoder

FOLDER = "recipes/voxceleb/hparams"
NAMES = ["resnet_se34l", "resnet"]
# What may differ, besides the number of mels: network, loss, and optimiser.
OWN = {
    *("output_folder", "save_folder", "train_logger", "tensorboard_logger"),
    *("emb_dim", "embedding_model", "classifier", "modules", "checkpointer"),
    *("frames_joined", "loss", "margin_schedule", "opt_class", "lr_schedule"),
}
NETWORK = {"output_folder", "save_folder", "train_logger", "tensorboard_logger"} | {
    *("embedding_model", "modules", "checkpointer"),
}


def settings(path, **overrides):
    """Return the YAML with its references resolved."""
    with open(path, encoding="utf-8") as stream:
        return YAML().load(resolve_references(stream, overrides))


def without(content, keys):
    return {key: value for key, value in content.items() if key not in keys}


@pytest.mark.parametrize("name", NAMES)
def test_all_but_the_labs_own_is_that_of_ecapa_cpu(name):
    ours = without(settings("hparams/ecapa_cpu.yaml", n_mels=40), OWN)
    assert without(settings(f"{FOLDER}/{name}.yaml"), OWN) == ours


def test_the_two_differ_in_the_network_alone():
    one, other = (settings(f"{FOLDER}/{name}.yaml") for name in NAMES)
    assert without(one, NETWORK) == without(other, NETWORK)


@pytest.fixture
def model_folder(tmp_path):
    """Return a function that writes an untrained model folder of one of the YAMLs."""

    def write(name):
        training = tmp_path / "training.yaml"
        with open(f"{FOLDER}/{name}.yaml", encoding="utf-8") as stream:
            training.write_text(resolve_references(stream).read(), encoding="utf-8")
        path = tmp_path / "hyperparams.yaml"
        write_inference_yaml(training, path, n_classes=3)
        hparams = load_hyperpyyaml(path.read_text(encoding="utf-8"))
        for part in ("embedding_model", "classifier"):
            torch.save(hparams[part].state_dict(), tmp_path / f"{part}.ckpt")
        norm = {"count": 9, "glob_mean": torch.zeros(40), "glob_std": torch.ones(40)}
        torch.save(norm, tmp_path / "mean_var_norm.ckpt")
        hparams["label_encoder"].update_from_iterable(["s0", "s1", "s2"])
        hparams["label_encoder"].save(tmp_path / "label_encoder.ckpt")
        return tmp_path

    return write


@pytest.mark.parametrize(
    # The published network; the table's with half its channels.
    ("name", "n_parameters"),
    [("resnet_se34l", 1_437_078), ("resnet", 3_320_544)],
)
def test_a_model_of_the_yaml_embeds_one_second(name, n_parameters, model_folder):
    encoder = load_encoder(model_folder(name), "cpu")
    weights = encoder.mods.embedding_model.parameters()
    assert sum(w.numel() for w in weights) == n_parameters
    assert encoder.encode_batch(torch.randn(2, 11025)).shape == (2, 1, 512)
