"""The rival networks are trained as the main job's CPU model is."""

import pytest
from hyperpyyaml import resolve_references
from ruamel.yaml import YAML

# What may differ: the network, its loss, and how it is optimised.
OWN = {
    *("output_folder", "save_folder", "train_logger", "tensorboard_logger"),
    *("emb_dim", "embedding_model", "classifier", "modules", "checkpointer"),
    *("frames_joined", "loss", "margin_schedule", "opt_class", "lr_schedule"),
}


def settings(path):
    """Return the YAML with its references resolved, without what may differ."""
    with open(path, encoding="utf-8") as stream:
        content = YAML().load(resolve_references(stream))
    return {key: value for key, value in content.items() if key not in OWN}


@pytest.mark.parametrize("name", ["xvector", "resnet"])
def test_all_but_network_loss_and_optimiser_is_that_of_ecapa_cpu(name):
    ours = settings("hparams/ecapa_cpu.yaml")
    assert settings(f"recipes/baselines/hparams/{name}.yaml") == ours
