"""Models from elsewhere, tiny and untrained: in the hub's form, and a .model."""

import torch
from hyperpyyaml import load_hyperpyyaml
from made_up_networks import LITE, V2, published_state

HUB_YAML = """\
# Feature parameters
n_mels: {n_mels}

# Pretrain folder (HuggingFace)
pretrained_path: speechbrain/{name}

# Output parameters
out_n_neurons: 5

# Model params
compute_features: !new:speechbrain.lobes.features.Fbank
    n_mels: !ref <n_mels>

mean_var_norm: !new:speechbrain.processing.features.InputNormalization
    norm_type: sentence
    std_norm: False

{networks}

mean_var_norm_emb: !new:speechbrain.processing.features.InputNormalization
    norm_type: global
    std_norm: False

modules:
    compute_features: !ref <compute_features>
    mean_var_norm: !ref <mean_var_norm>
    embedding_model: !ref <embedding_model>
    mean_var_norm_emb: !ref <mean_var_norm_emb>
    classifier: !ref <classifier>

label_encoder: !new:speechbrain.dataio.encoder.CategoricalEncoder

pretrainer: !new:speechbrain.utils.parameter_transfer.Pretrainer
    loadables:
        embedding_model: !ref <embedding_model>
        mean_var_norm_emb: !ref <mean_var_norm_emb>
        classifier: !ref <classifier>
        label_encoder: !ref <label_encoder>
    paths:
        embedding_model: !ref <pretrained_path>/embedding_model.ckpt
        mean_var_norm_emb: !ref <pretrained_path>/mean_var_norm_emb.ckpt
        classifier: !ref <pretrained_path>/classifier.ckpt
        label_encoder: !ref <pretrained_path>/label_encoder.txt
"""
NETWORKS = {
    "spkrec-ecapa-voxceleb": """\
embedding_model: !new:speechbrain.lobes.models.ECAPA_TDNN.ECAPA_TDNN
    input_size: !ref <n_mels>
    channels: [8, 8, 8, 8, 24]
    kernel_sizes: [5, 3, 3, 3, 1]
    dilations: [1, 2, 3, 4, 1]
    attention_channels: 4
    se_channels: 4
    lin_neurons: 6

classifier: !new:speechbrain.lobes.models.ECAPA_TDNN.Classifier
    input_size: 6
    out_neurons: !ref <out_n_neurons>""",
    "spkrec-xvect-voxceleb": """\
embedding_model: !new:speechbrain.lobes.models.Xvector.Xvector
    in_channels: !ref <n_mels>
    activation: !name:torch.nn.LeakyReLU
    tdnn_blocks: 5
    tdnn_channels: [8, 8, 8, 8, 24]
    tdnn_kernel_sizes: [5, 3, 3, 1, 1]
    tdnn_dilations: [1, 2, 3, 1, 1]
    lin_neurons: 6

classifier: !new:speechbrain.lobes.models.Xvector.Classifier
    input_shape: [null, null, 6]
    activation: !name:torch.nn.LeakyReLU
    lin_blocks: 1
    lin_neurons: 6
    out_neurons: !ref <out_n_neurons>""",
    "spkrec-resnet-voxceleb": """\
embedding_model: !new:speechbrain.lobes.models.ResNet.ResNet
    input_size: !ref <n_mels>
    channels: [4, 4, 4, 4]
    strides: [1, 2, 2, 2]
    block_sizes: [1, 1, 1, 1]
    lin_neurons: 6

classifier: !new:speechbrain.lobes.models.ResNet.Classifier
    input_size: 6
    out_neurons: !ref <out_n_neurons>""",
}
SMALL = {"filters": [8, 8, 16, 24], "n_blocks": [1, 1, 1, 1], "emb_dim": 8}
MODELS = {"lite": LITE | SMALL, "v2": V2 | SMALL | {"attention_channels": 4}}


def write_hub_folder(folder, name):
    """Write the files one downloads from the hub; return what its YAML builds.

    Weights are drawn; running statistics are moved, so that they matter.
    """
    folder.mkdir(parents=True)
    n_mels = 24 if "xvect" in name else 80
    text = HUB_YAML.format(name=name, n_mels=n_mels, networks=NETWORKS[name])
    (folder / "hyperparams.yaml").write_text(text, encoding="utf-8")
    torch.manual_seed(0)
    hparams = load_hyperpyyaml(text)
    for key, value in hparams["embedding_model"].state_dict().items():
        if key.endswith(("running_mean", "running_var")):
            value.copy_(0.5 + torch.rand(value.shape))
    for part in ("embedding_model", "classifier"):
        torch.save(hparams[part].state_dict(), folder / f"{part}.ckpt")
    stats = {"count": 9, "glob_mean": torch.randn(6), "glob_std": torch.ones(6)}
    torch.save(stats, folder / "mean_var_norm_emb.ckpt")
    hparams["label_encoder"].update_from_iterable([f"id{n:05}" for n in range(5)])
    hparams["label_encoder"].save(folder / "label_encoder.txt")
    return hparams


def write_published(path, name):
    """Write a .model of the smallest network of a kind, "lite" or "v2"."""
    torch.manual_seed(0)
    torch.save(published_state(MODELS[name]), path)
