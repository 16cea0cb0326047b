"""A trained model -> a folder that stands alone, in SpeechBrain's own form.

The folder loads with SpeechBrain's ``EncoderClassifier`` and ``SpeakerRecognition``,
``from_hparams(source=<folder>, savedir=<folder>)``, and holds besides what verification
needs, so that nobody has to have the training audio:

- ``hyperparams.yaml``, ``*.ckpt``: features, normalisation, network, classifier;
- ``cohort.npz``: embeddings of the training segments, for score normalisation;
- ``valid.npz``: embeddings of the validation segments, for calibration;
- ``segment_digests.txt``: fingerprints of all segments seen, to warn of leaks;
- ``train_log.txt``, ``training.json``: how it was trained.
"""

import json
import logging
import shutil
from pathlib import Path

import torch
from speechbrain.utils.checkpoints import average_checkpoints

from local.files import replacing_folder
from local.hardware import device_name
from local.models.flops import count_flops
from local.models.stacking import StackedFrames
from local.output.inference_yaml import write_inference_yaml
from local.output.plots import read_training_log
from local.scoring.embeddings import embed, save_embeddings
from local.scoring.model_folder import load_encoder

logger = logging.getLogger(__name__)


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
    best = load_best(hparams["checkpointer"], hparams["n_average"])
    with replacing_folder(output / "model") as staging:
        write_model(staging, hparams, label_encoder)
        encoder = load_encoder(staging, brain.device)
        n_segments = (
            brain.debug_batches * hparams["batch_size"] if brain.debug else None
        )
        for name, dataset in (("cohort", train_data), ("valid", valid_data)):
            embeddings = embed(encoder, dataset, hparams["batch_size"], n_segments)
            save_embeddings(staging / f"{name}.npz", embeddings)
        facts = training_facts(hparams, brain, train_data, label_encoder, best)
        with open(staging / "training.json", "w", encoding="utf-8") as stream:
            json.dump(facts, stream, indent=2)
    logger.info("model: %s, from epoch %s", output / "model", facts["best_epochs"])
    return output / "model"


def write_model(folder, hparams, label_encoder):
    """Write what `load_encoder` needs, and where the model comes from.

    Parameters
    ----------
    folder : Path
        Written into.
    hparams : dict
        The constructed YAML of the training, its modules trained.
    label_encoder : speechbrain.dataio.encoder.CategoricalEncoder
        Classes of the classifier.
    """
    output = Path(hparams["output_folder"])
    hparams["mean_var_norm"]._save(folder / "mean_var_norm.ckpt")
    weights = hparams["checkpointer"].recoverables
    for name in ("embedding_model", "classifier"):
        torch.save(weights[name].state_dict(), folder / f"{name}.ckpt")
    label_encoder.save(folder / "label_encoder.ckpt")
    write_inference_yaml(
        output / "hyperparams.yaml",
        folder / "hyperparams.yaml",
        n_classes=hparams["speed_speakers"].n_classes,
    )
    shutil.copy(output / "train_log.txt", folder)
    shutil.copy(Path(hparams["prepared_folder"]) / "segment_digests.txt", folder)


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


def training_facts(hparams, brain, train_data, label_encoder, best):
    """Return what a results table says of a training, as plain values."""
    log = read_training_log(Path(hparams["output_folder"]) / "train_log.txt")
    # Not those of the Brain, which under torchrun would wait for other processes.
    modules = torch.nn.ModuleDict(hparams["modules"])
    seconds = sum(row["seconds"] for row in log)
    clips = sum(row["seconds"] * row["clips_per_second"] for row in log)
    return {
        "name": network_name(hparams["embedding_model"]),
        "experiment": Path(hparams["output_folder"]).parent.name,
        "seed": hparams["seed"],
        "n_parameters": sum(p.numel() for p in hparams["embedding_model"].parameters()),
        "n_flops": count_flops(modules, train_data[0].sig.to(brain.device)),
        "train_seconds": round(seconds, 1),
        "train_clips_per_second": round(clips / seconds, 1),
        "device": device_name(brain.device),
        "n_threads": torch.get_num_threads(),
        "precision": brain.precision,
        "n_train_segments": len(train_data),
        "n_train_speakers": len(label_encoder),
        "epochs": int(log[-1]["epoch"]),
        "best_epochs": [checkpoint.meta["epoch"] for checkpoint in best],
        "valid_r_precision": best[0].meta["r_precision"],
    }


def network_name(embedding_model):
    """Return the class of the network, without what only reshapes its input."""
    if isinstance(embedding_model, StackedFrames):
        embedding_model = embedding_model.network
    return type(embedding_model).__name__
