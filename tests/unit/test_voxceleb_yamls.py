"""The lab's networks are trained as the main job's CPU model is, and load so."""

import pytest
import torch
from hyperpyyaml import load_hyperpyyaml, resolve_references
from ruamel.yaml import YAML

from local.output.inference_yaml import write_inference_yaml
from local.scoring.model_folder import load_encoder

FOLDER = "recipes/voxceleb/hparams"
NAMES = ["resnet_se34l", "resnet"]
LAB_NAMES = ["lab_resnet_se34l", "lab_xvector"]
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


def test_the_labs_two_differ_in_network_and_loss_alone():
    own = NETWORK | {"classifier", "loss", "margin_schedule"}
    one, other = (settings(f"{FOLDER}/{name}.yaml") for name in LAB_NAMES)
    assert without(one, own) == without(other, own)


@pytest.mark.parametrize("name", LAB_NAMES)
def test_the_labs_training_hears_two_of_four_seconds_and_learns_as_the_lab(name):
    with open(f"{FOLDER}/{name}.yaml", encoding="utf-8") as stream:
        hparams = load_hyperpyyaml(stream)
    assert hparams["segment_samples"] == 4 * hparams["sample_rate"]
    wavs = torch.randn(2, hparams["segment_samples"])
    heard = hparams["augment_wavs"](wavs, torch.Generator())
    assert heard.shape == (2, 2 * hparams["sample_rate"])
    steps = [(epoch + 0.5) / 100 for epoch in range(100)]
    rates = [hparams["lr_schedule"](progress) for progress in steps]
    assert rates == pytest.approx([0.001 * 0.95 ** (e // 10) for e in range(100)])


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
        torch.save(norm, tmp_path / "mean_var_norm.ckpt")  # read, but of no use: lab_*
        hparams["label_encoder"].update_from_iterable(["s0", "s1", "s2"])
        hparams["label_encoder"].save(tmp_path / "label_encoder.ckpt")
        return tmp_path

    return write


@pytest.mark.parametrize(
    # The published network; the table's with half its channels; SpeechBrain's.
    ("name", "n_parameters", "n_samples"),
    [
        ("resnet_se34l", 1_437_078, 11025),
        ("resnet", 3_320_544, 11025),
        ("lab_resnet_se34l", 1_437_078, 64000),
        ("lab_xvector", 4_252_564, 64000),
    ],
)
def test_a_model_of_the_yaml_embeds_a_segment(
    name, n_parameters, n_samples, model_folder
):
    encoder = load_encoder(model_folder(name), "cpu")
    weights = encoder.mods.embedding_model.parameters()
    assert sum(w.numel() for w in weights) == n_parameters
    assert encoder.encode_batch(torch.randn(2, n_samples)).shape == (2, 1, 512)


def test_each_clip_of_the_labs_is_normalised_by_itself(model_folder):
    encoder = load_encoder(model_folder("lab_resnet_se34l"), "cpu")
    clip = torch.randn(1, 64000)
    alone = encoder.encode_batch(clip)
    among = encoder.encode_batch(torch.cat([clip, 0.01 * torch.randn(1, 64000)]))
    torch.testing.assert_close(among[:1], alone, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(
        encoder.encode_batch(0.5 * clip), alone, rtol=1e-2, atol=1e-3
    )
