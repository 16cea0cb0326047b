"""Weights of wav2vec 2.0 base from a file of torchaudio, fairseq or Hugging Face.

The same weights are handed out under three sets of names; no name stands for two
things, so one list of rules turns them all into torchaudio's. Tensors alone are taken
from a file: none of its code is run. HuBERT base has the shape and most names of
wav2vec 2.0 base, and cannot always be told from it.
"""

import pickle
import re
import struct
from pathlib import Path

import torch

SOURCES = (
    "https://download.pytorch.org/torchaudio/models/wav2vec2_fairseq_base_ls960.pth",
    "https://dl.fbaipublicfiles.com/fairseq/wav2vec/wav2vec_small.pt",
    "https://huggingface.co/facebook/wav2vec2-base",
)
IN_FOLDER = ("model.safetensors", "pytorch_model.bin")  # as Hugging Face chooses
NAMES_TOLD = 3  # in an error
# What torch.load raises on files that are damaged or something else.
DAMAGE = (
    pickle.UnpicklingError,
    struct.error,
    AttributeError,
    EOFError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)

# Pattern and replacement, applied in turn.
RULES = (
    # Hugging Face: the model within a model for pretraining.
    (r"^wav2vec2\.", ""),
    (r"^feature_projection\.", "encoder.feature_projection."),
    (r"^encoder\.pos_conv_embed\.", "encoder.transformer.pos_conv_embed."),
    # fairseq, whose convolutional blocks are lists: convolution, dropout, norm.
    (r"^(feature_extractor\.conv_layers\.\d+)\.0\.", r"\1.conv."),
    (r"^(feature_extractor\.conv_layers\.0)\.2\.", r"\1.layer_norm."),
    (r"^layer_norm\.", "encoder.feature_projection.layer_norm."),
    (r"^post_extract_proj\.", "encoder.feature_projection.projection."),
    (r"^encoder\.pos_conv\.0\.", "encoder.transformer.pos_conv_embed.conv."),
    (r"^(encoder\.layers\.\d+)\.self_attn_layer_norm\.", r"\1.layer_norm."),
    (r"^(encoder\.layers\.\d+)\.self_attn\.", r"\1.attention."),
    (r"^(encoder\.layers\.\d+)\.fc1\.", r"\1.feed_forward.intermediate_dense."),
    (r"^(encoder\.layers\.\d+)\.fc2\.", r"\1.feed_forward.output_dense."),
    # Both.
    (r"^encoder\.(layers|layer_norm)\.", r"encoder.transformer.\1."),
    # Weight normalisation before PyTorch 2.1.
    (r"\.weight_g$", ".parametrizations.weight.original0"),
    (r"\.weight_v$", ".parametrizations.weight.original1"),
)
# Parts that pretraining alone needs, by the names of fairseq and of Hugging Face.
PRETRAINING = re.compile(
    r"(mask_emb|masked_spec_embed)$|(quantizer|project_q|project_hid|final_proj)\."
)
# What fine-tuning adds: torchaudio, Hugging Face (recognition, classes), fairseq.
FINE_TUNED = re.compile(r"(aux|lm_head|projector|classifier|w2v_encoder|proj)\.")


class Inert:
    """Stand for what else is in a checkpoint: take anything, do nothing."""

    def __init__(self, *args):
        """Take the arguments of whatever it stands for."""

    def __setstate__(self, state):
        """Take its state."""


def read_weights(path, network):
    """Read the weights of a network.

    Parameters
    ----------
    path : str or Path
        A file, or a folder of Hugging Face, on this machine.
    network : torch.nn.Module
        Tells names, of any of the three kinds, and shapes; may be without data, on the
        device "meta".

    Returns
    -------
    weights : dict of str to Tensor
        By the names of torchaudio, float32.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it holds no weights, or those of another or of a fine-tuned network.
    """
    path = find_file(path)
    found = read_tensors(path)
    head = next((name for name in found if FINE_TUNED.match(str(name))), None)
    if head is not None:
        raise ValueError(
            f"{path}: holds {head}, so it was fine-tuned to recognise something else;"
            f" expected weights without fine-tuning, such as {SOURCES[0]}"
        )
    weights = rename(found)
    refuse_others(path, weights, rename(network.state_dict()))
    return {name: tensor.float() for name, tensor in weights.items()}


def find_file(path):
    """Return the file of weights at a path, which may be a folder.

    Raises
    ------
    FileNotFoundError
        If there is none.
    """
    places = [Path(path), *(Path(path) / name for name in IN_FOLDER)]
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        raise FileNotFoundError(
            f"{path}: no weights of wav2vec 2.0 base; download {SOURCES[0]} (about"
            f" 380 MB), or the same weights from {SOURCES[1]} or {SOURCES[2]}, and put"
            " them there, or name the file in the YAML"
        )
    return found


def read_tensors(path):
    """Read what a file holds by name, running none of its code.

    Raises
    ------
    ValueError
        If it cannot be read so.
    """
    if path.suffix == ".safetensors":
        return read_safetensors(path)
    try:
        with torch.serialization.safe_globals(stand_ins(path)):
            content = torch.load(path, "cpu", weights_only=True)
        # fairseq keeps the state of its training beside the model.
        return dict(content.get("model", content))
    except DAMAGE as error:
        # Not with torch's own words: they advise to run what code the file may hold.
        raise ValueError(
            f"{path}: not weights, or not to be read without running its code;"
            f" download {SOURCES[0]}"
        ) from error


def read_safetensors(path):
    """Read what a file of safetensors holds by name.

    Raises
    ------
    ValueError
        If it is damaged, or the package is not installed.
    """
    try:
        from safetensors import SafetensorError
        from safetensors.torch import load_file
    except ImportError as error:
        raise ValueError(
            f"{path} needs safetensors: pip install -r requirements-wav2vec2.txt"
        ) from error
    try:
        return load_file(path)
    except SafetensorError as error:
        raise ValueError(f"{path}: {error}; download it anew") from error


def stand_ins(path):
    """Return a stand-in for everything that a file names and torch does not trust.

    fairseq's arguments are a Namespace or, later, configurations of OmegaConf. Files
    of torch before 1.6 do not tell what they name.
    """
    names = ["argparse.Namespace"]
    with path.open("rb") as stream:
        if stream.read(2) == b"PK":
            names += torch.serialization.get_unsafe_globals_in_checkpoint(path)
    return [(Inert, name) for name in names]


def rename(tensors):
    """Return tensors by torchaudio's names, without what pretraining alone needs."""
    renamed = {}
    for name, tensor in tensors.items():
        name = str(name)
        for pattern, replacement in RULES:
            name = re.sub(pattern, replacement, name)
        if not PRETRAINING.match(name):
            renamed[name] = tensor
    return renamed


def refuse_others(path, weights, expected):
    """Refuse weights that do not fit a network.

    Raises
    ------
    ValueError
        If a shape is another, or names are missing or unknown.
    """
    shapes = {name: tuple(getattr(w, "shape", ())) for name, w in weights.items()}
    wanted = {name: tuple(w.shape) for name, w in expected.items()}
    for name in sorted(shapes.keys() & wanted.keys()):
        if shapes[name] != wanted[name]:
            raise ValueError(
                f"{path}: shape of {name} is {shapes[name]}, expected {wanted[name]}:"
                f" a network of another size; take the base one, {SOURCES[0]}"
            )
    problems = []
    for problem, names in (
        ("missing", wanted.keys() - shapes.keys()),
        ("unknown", shapes.keys() - wanted.keys()),
    ):
        if names:
            told = ", ".join(sorted(names)[:NAMES_TOLD])
            problems.append(f"{len(names)} names {problem}, such as {told}")
    if problems:
        raise ValueError(
            f"{path}: {'; '.join(problems)}; expected weights of wav2vec 2.0 base, such"
            f" as {SOURCES[0]}"
        )
