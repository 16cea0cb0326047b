"""A trained model -> a folder that stands alone, in SpeechBrain's own form.

The folder loads with ``EncoderClassifier.from_hparams(source=<folder>)`` and holds
besides what verification needs, so that nobody has to have the training audio:

- ``hyperparams.yaml``, ``*.ckpt``: features, normalisation, network, classifier;
- ``cohort.npz``: embeddings of the training segments, for score normalisation;
- ``valid.npz``: embeddings of the validation segments, for calibration;
- ``segment_digests.txt``: fingerprints of all segments seen, to warn of leaks;
- ``train_log.txt``, ``training.json``: how it was trained.
"""

import json
import logging
import os
import shutil
from io import StringIO
from pathlib import Path

import torch
from ruamel.yaml import YAML
from ruamel.yaml.tag import Tag
from speechbrain.utils.checkpoints import average_checkpoints

from local.hardware import device_name
from local.output.plots import read_training_log
from local.scoring.embeddings import embed, load_encoder, save_embeddings

logger = logging.getLogger(__name__)

MODEL_KEYS = ("sample_rate", "compute_features", "mean_var_norm", "embedding_model")
LOADABLES = ("mean_var_norm", "embedding_model", "classifier", "label_encoder")
INFERENCE_YAML = """\
label_encoder: !new:speechbrain.dataio.encoder.CategoricalEncoder
modules:
    compute_features: !ref <compute_features>
    mean_var_norm: !ref <mean_var_norm>
    embedding_model: !ref <embedding_model>
    classifier: !ref <classifier>
pretrainer: !new:speechbrain.utils.parameter_transfer.Pretrainer
    loadables:
        mean_var_norm: !ref <mean_var_norm>
        embedding_model: !ref <embedding_model>
        classifier: !ref <classifier>
        label_encoder: !ref <label_encoder>
"""


def export_model(hparams, brain, train_data, valid_data, label_encoder):
    """Write ``<output_folder>/model`` from the best checkpoints of a training.

    Parameters
    ----------
    hparams : dict
        The constructed YAML of the training.
    brain : speechbrain.Brain
        After ``fit``; its modules take the weights that are exported.
    train_data, valid_data : local.input.datasets.SegmentDataset
        Embedded as cohort and for calibration.
    label_encoder : speechbrain.dataio.encoder.CategoricalEncoder
        Classes of the classifier.

    Returns
    -------
    folder : Path
        The model folder; an earlier one is replaced once the new one loads.
    """
    output = Path(hparams["output_folder"])
    staging = output / "model.partial"
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    best = load_best(hparams["checkpointer"], hparams["n_average"])
    hparams["mean_var_norm"]._save(staging / "mean_var_norm.ckpt")
    weights = hparams["checkpointer"].recoverables
    for name in ("embedding_model", "classifier"):
        torch.save(weights[name].state_dict(), staging / f"{name}.ckpt")
    label_encoder.save(staging / "label_encoder.ckpt")
    write_inference_yaml(
        output / "hyperparams.yaml",
        staging / "hyperparams.yaml",
        n_classes=len(weights["classifier"].weight),
    )
    shutil.copy(output / "train_log.txt", staging)
    shutil.copy(Path(hparams["prepared_folder"]) / "segment_digests.txt", staging)

    encoder = load_encoder(staging, brain.device)
    n_segments = brain.debug_batches * hparams["batch_size"] if brain.debug else None
    for name, dataset in (("cohort", train_data), ("valid", valid_data)):
        embeddings = embed(encoder, dataset, hparams["batch_size"], n_segments)
        save_embeddings(staging / f"{name}.npz", embeddings)
    facts = training_facts(hparams, brain, train_data, label_encoder, best)
    with open(staging / "training.json", "w", encoding="utf-8") as stream:
        json.dump(facts, stream, indent=2)
    folder = output / "model"
    shutil.rmtree(folder, ignore_errors=True)
    os.replace(staging, folder)
    logger.info("model: %s, from epoch %s", folder, facts["best_epochs"])
    return folder


def load_best(checkpointer, n_average):
    """Load the best checkpoint, or the average of the best, into the modules.

    Parameters
    ----------
    checkpointer : speechbrain.utils.checkpoints.Checkpointer
        With checkpoints whose meta holds ``r_precision``.
    n_average : int
        Checkpoints averaged; normalisation statistics are those of the best.

    Returns
    -------
    best : list of Checkpoint
        Those used, best first.
    """
    best = checkpointer.find_checkpoints(
        max_key="r_precision", max_num_checkpoints=n_average
    )
    checkpointer.load_checkpoint(best[0])
    if len(best) > 1:
        model = checkpointer.recoverables["embedding_model"]
        model.load_state_dict(average_checkpoints(best, "embedding_model"))
    return best


def write_inference_yaml(training_yaml, path, n_classes):
    """Write the YAML of the model alone: what turns wavs into embeddings.

    Parameters
    ----------
    training_yaml : Path
        The YAML of the run, references resolved, as SpeechBrain saves it.
    path : Path
        Written.
    n_classes : int
        Size of the classifier.
    """
    yaml = YAML()
    full = yaml.load(training_yaml.read_text(encoding="utf-8"))
    classifier = full["classifier"]
    # The training YAML names the class, to be built once the speakers are counted.
    target = classifier.tag.value.removeprefix("!name:")
    classifier.yaml_set_ctag(Tag(suffix=f"!new:{target}"))
    classifier["out_neurons"] = n_classes
    model = {key: full[key] for key in MODEL_KEYS} | {"classifier": classifier}
    text = StringIO()
    yaml.dump(model, text)
    lines = [line for line in text.getvalue().splitlines() if _is_code(line)]
    path.write_text("\n".join(lines) + "\n" + INFERENCE_YAML, encoding="utf-8")


def _is_code(line):
    """Leave the training's comments to the training's YAML."""
    return line.strip() and not line.lstrip().startswith("#")


def training_facts(hparams, brain, train_data, label_encoder, best):
    """Return what a results table says of a training, as plain values."""
    log = read_training_log(Path(hparams["output_folder"]) / "train_log.txt")
    seconds = sum(row["seconds"] for row in log)
    clips = sum(row["seconds"] * row["clips_per_second"] for row in log)
    return {
        "name": type(hparams["embedding_model"]).__name__,
        "experiment": Path(hparams["output_folder"]).parent.name,
        "seed": hparams["seed"],
        "n_parameters": sum(p.numel() for p in hparams["embedding_model"].parameters()),
        "train_seconds": round(seconds, 1),
        "train_clips_per_second": round(clips / seconds, 1),
        "device": device_name(brain.device),
        "precision": brain.precision,
        "n_train_segments": len(train_data),
        "n_train_speakers": len(label_encoder),
        "epochs": int(log[-1]["epoch"]),
        "best_epochs": [checkpoint.meta["epoch"] for checkpoint in best],
        "valid_r_precision": best[0].meta["r_precision"],
    }
