"""The folder of a trained model, in SpeechBrain's own form: found, checked, loaded.

The folder's YAML builds objects, so it is code: load models you trust.
"""

import json
from pathlib import Path

import torch
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from speechbrain.dataio.encoder import CategoricalEncoder
from speechbrain.inference.classifiers import EncoderClassifier
from speechbrain.utils.distributed import infer_device
from torch.nn import Module

from local.models.lean import make_lean

LONGEST_REASON = 300  # characters of a library's message
ELSEWHERE = "python -m recipes.voxceleb.adopt makes one of what was trained elsewhere"


def find_model(folder):
    """Return the model folder, given it or the output folder of its training.

    Parameters
    ----------
    folder : str or Path
        Holds a model, or holds ``model``.

    Returns
    -------
    folder : Path
        The folder of the model itself.

    Raises
    ------
    FileNotFoundError
        If there is no model.
    """
    for place in (Path(folder) / "model", Path(folder)):
        if (place / "hyperparams.yaml").is_file() and list(place.glob("*.ckpt")):
            return place
    raise FileNotFoundError(
        f"{folder}: no model here (hyperparams.yaml and *.ckpt); give the model folder"
        f" that training wrote, <output_folder>/model; {ELSEWHERE}"
    )


def refuse_other_output(output_folder):
    """Refuse to write another script's output over the YAML of a training or a model.

    Raises
    ------
    ValueError
        If there is one.
    """
    folder = Path(output_folder)
    if any(any(folder.glob(sign)) for sign in ("*.ckpt", "model", "save/CKPT*")):
        raise ValueError(
            f"{folder} holds a model, whose YAML would be overwritten; give another"
            f" --output_folder, as {folder / 'test'}"
        )


def read_sample_rate(model_folder):
    """Read the sample rate a model was trained at.

    Parameters
    ----------
    model_folder : str or Path
        The model folder itself.

    Returns
    -------
    sample_rate : int
        Hz.

    Raises
    ------
    ValueError
        If its YAML does not tell.
    """
    path = Path(model_folder) / "hyperparams.yaml"
    try:
        rate = YAML().load(path).get("sample_rate")
    except (YAMLError, AttributeError, UnicodeDecodeError) as error:
        raise ValueError(
            f"{path}: {one_line(error)}; export the model again"
        ) from error
    if not isinstance(rate, int):
        raise ValueError(f"{path}: no sample_rate; export the model again; {ELSEWHERE}")
    return rate


def check_sample_rate(model_folder, sample_rate):
    """Refuse a model that was trained at another sample rate.

    Raises
    ------
    ValueError
        If the two rates differ.
    """
    rate = read_sample_rate(model_folder)
    if rate != sample_rate:
        raise ValueError(
            f"{model_folder}: the model was trained at {rate} Hz, but the sample rate"
            f" here is {sample_rate} Hz; take a model of that rate; {ELSEWHERE}"
        )


def read_facts(model_folder):
    """Read what is told of a model in a table of results.

    Parameters
    ----------
    model_folder : str or Path
        The model folder itself.

    Returns
    -------
    facts : dict
        As written by `local.output.trained_model.training_facts`.

    Raises
    ------
    ValueError
        If ``training.json`` says nothing of the kind.
    """
    path = Path(model_folder) / "training.json"
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, FileNotFoundError) as error:
        raise ValueError(f"{path}: not JSON: {error}; export the model again") from None
    if not isinstance(facts, dict) or not {"name", "experiment", "seed"} <= set(facts):
        raise ValueError(f"{path}: no facts of a training; export the model again")
    return facts


def load_encoder(model_folder, device=None, precision="fp32"):
    """Load a model folder.

    Parameters
    ----------
    model_folder : str or Path
        As in `find_model`; written by `local.output.trained_model.export_model`.
    device : str, optional
        Such as ``"cuda:0"``; by default a GPU where there is one.
    precision : {"fp32", "bf16", "fp16"}
        Of the network, as `local.scoring.embeddings.encode` runs it.

    Returns
    -------
    encoder : speechbrain.inference.classifiers.EncoderClassifier
        Frozen, in evaluation mode.

    Raises
    ------
    ValueError
        If it cannot be loaded, its weights are those of another network, or the
        device cannot keep to the precision.
    """
    folder = find_model(model_folder)
    device = device or infer_device()
    if precision == "fp16" and device.startswith("cpu"):
        raise ValueError("--precision fp16 needs a GPU; take bf16 or fp32")
    try:
        # The savedir is the folder itself: nothing is fetched, linked or copied.
        encoder = EncoderClassifier.from_hparams(
            source=str(folder),
            savedir=str(folder),
            run_opts={"device": device, "precision": precision},
        )
        _check_weights(encoder, folder)
        make_lean(encoder.mods)
    except Exception as error:  # its YAML builds any object, which may fail in any way
        raise ValueError(
            f"{folder}: not a model that loads ({one_line(error)}); export it again"
        ) from error
    return encoder


def _check_weights(encoder, folder):
    """Refuse what SpeechBrain passes over: weights or speakers that are not there."""
    pretrainer = vars(encoder.hparams)["pretrainer"]
    for name, part in pretrainer.loadables.items():
        path = folder / f"{name}.ckpt"
        if isinstance(part, CategoricalEncoder) and not len(part):
            raise ValueError(f"{path.name} names no speakers")
        # Normalisation has no state_dict: it keeps its statistics in its own way.
        expected = part.state_dict().keys() if isinstance(part, Module) else ()
        if expected:
            differing = torch.load(path, "cpu", weights_only=True).keys() ^ expected
            if differing:
                raise ValueError(
                    f"{path.name} is of another network: {len(differing)} differing"
                    f" weights, first {sorted(differing)[:3]}"
                )


def one_line(error):
    """Return the message of any library as one line.

    Examples
    --------
    >>> one_line(ValueError("two" + chr(10) + "lines"))
    'ValueError: two lines'
    """
    text = " ".join(str(error).split())[:LONGEST_REASON]
    return f"{type(error).__name__}: {text}"
