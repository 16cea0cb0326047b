"""The published SE-ResNets, and weights for them as voxceleb_trainer names them."""

import torch

LITE = {
    "n_mels": 40,
    "emb_dim": 512,
    "filters": [16, 32, 64, 128],
    "n_blocks": [3, 4, 6, 3],
    "strides": [1, 2, 2, 1],
    "reduction": 8,
    "stem": {"kernel_size": 7, "stride": [2, 1], "norm_first": True},
    "pooling": "SAP",
}
V2 = LITE | {
    "n_mels": 64,
    "filters": [32, 64, 128, 256],
    "strides": [1, 2, 2, 2],
    "stem": {"kernel_size": 3, "stride": [1, 1], "norm_first": False},
    "pooling": "ASP",
    "attention_channels": 128,
}


def norm_sizes(name, n):
    """Return names and sizes of a batch normalisation."""
    parts = ("weight", "bias", "running_mean", "running_var")
    return {f"{name}.{part}": (n,) for part in parts} | {
        f"{name}.num_batches_tracked": ()
    }


def dense_sizes(name, n_in, n_out, *kernel):
    """Return names and sizes of a layer with bias."""
    return {f"{name}.weight": (n_out, n_in, *kernel), f"{name}.bias": (n_out,)}


def block_sizes(name, n_in, n_out, reduction, projects):
    """Return names and sizes of a block."""
    sizes = {f"{name}.conv1.weight": (n_out, n_in, 3, 3)}
    sizes |= {f"{name}.conv2.weight": (n_out, n_out, 3, 3)}
    sizes |= norm_sizes(f"{name}.bn1", n_out) | norm_sizes(f"{name}.bn2", n_out)
    sizes |= dense_sizes(f"{name}.se.fc.0", n_out, n_out // reduction)
    sizes |= dense_sizes(f"{name}.se.fc.2", n_out // reduction, n_out)
    if projects:
        sizes |= {f"{name}.downsample.0.weight": (n_out, n_in, 1, 1)}
        sizes |= norm_sizes(f"{name}.downsample.1", n_out)
    return sizes


def pooling_sizes(settings):
    """Return names and sizes of attention and last layer."""
    n, n_hidden = settings["filters"][-1], settings.get("attention_channels")
    if n_hidden:
        n *= settings["n_mels"] // 8
        sizes = dense_sizes("attention.0", n, n_hidden, 1)
        sizes |= norm_sizes("attention.2", n_hidden)
        sizes |= dense_sizes("attention.3", n_hidden, n, 1)
    else:
        sizes = dense_sizes("sap_linear", n, n) | {"attention": (n, 1)}
    n_pooled = n * (2 if settings["pooling"] == "ASP" else 1)
    return sizes | dense_sizes("fc", n_pooled, settings["emb_dim"])


def published_sizes(settings):
    """Return names and sizes of all that voxceleb_trainer saves of such a network."""
    filters, stem = settings["filters"], settings["stem"]
    kernel = [stem["kernel_size"]] * 2
    sizes = {"conv1.weight": (filters[0], 1, *kernel)} | norm_sizes("bn1", filters[0])
    if not stem["norm_first"]:
        sizes["conv1.bias"] = (filters[0],)
    n_in = filters[0]
    for number, (n_out, n_blocks) in enumerate(
        zip(filters, settings["n_blocks"], strict=True), start=1
    ):
        for place in range(n_blocks):
            projects = place == 0 and number > 1
            name = f"layer{number}.{place}"
            sizes |= block_sizes(name, n_in, n_out, settings["reduction"], projects)
            n_in = n_out
    return sizes | pooling_sizes(settings)


def published_state(settings, prefix="__S__."):
    """Return random weights by the names of voxceleb_trainer, with loss and features.

    Deviations are positive and weights small, so that embeddings are of common size.
    """
    state = {}
    for name, size in published_sizes(settings).items():
        if name.endswith("num_batches_tracked"):
            state[prefix + name] = torch.tensor(3)
        elif name.endswith("running_var"):
            state[prefix + name] = 0.5 + torch.rand(size)
        else:
            state[prefix + name] = 0.3 * torch.randn(size)
    state[f"{prefix}torchfb.spectrogram.window"] = torch.hamming_window(400)
    state["__L__.weight"] = torch.randn(5, settings["emb_dim"])
    return state
