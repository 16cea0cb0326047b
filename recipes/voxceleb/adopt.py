r"""Make a model folder of a network that was trained elsewhere.

    python -m recipes.voxceleb.adopt \
        recipes/voxceleb/hparams/clovaai_resnet_se34v2.yaml \
        --weights baseline_v2_ap.model --prepared_folder data/prepared

The result, ``<output_folder>/model``, is what training writes, for ``verify.py`` and
all else that takes a model. The network stays as it is; it gets what it lacks from the
prepared segments: their sample rate, from which they are brought to its own; cohort and
calibration, embeddings of training and validation speakers; fingerprints of both. Its
classifier is the mean of each training speaker. What the network itself was trained on
is not known here: it may have heard any test of public recordings. Nothing is fetched.
A run that was killed goes on with the embeddings it had finished.
"""

import json
import logging
import shutil
from pathlib import Path

import speechbrain as sb
import torch
from hyperpyyaml import resolve_references
from ruamel.yaml import YAML
from speechbrain.dataio.encoder import CategoricalEncoder
from speechbrain.utils.distributed import run_on_main

from local.experiment import load_experiment, run
from local.files import replacing_folder
from local.input.datasets import SegmentDataset
from local.models.flops import count_flops
from local.output.combine import class_centroids, tagged
from local.output.inference_yaml import INFERENCE_LOADABLES, write_yaml
from local.output.metrics import MODEL_NUMBERS, MODEL_TEXTS
from local.scoring.embeddings import cached_embeddings, save_embeddings
from local.scoring.model_folder import load_encoder, one_line, read_facts

DIGESTS = "segment_digests.txt"
RESAMPLED = "recipes.voxceleb.resampled.ResampledFeatures"
CLASSIFIER = "speechbrain.lobes.models.ECAPA_TDNN.Classifier"

logger = logging.getLogger(__name__)


def read_foreign(hparams, param_file, overrides):
    """Return YAML nodes and weights of the model, its features at the data's rate."""
    with open(param_file, encoding="utf-8") as stream:
        written = YAML().load(resolve_references(stream, overrides))
    nodes, weights = hparams["read_model"](written)
    features = tagged(
        RESAMPLED,
        sample_rate=hparams["sample_rate"],
        network_sample_rate=hparams["network_sample_rate"],
        compute_features=nodes["compute_features"],
    )
    rate = {"sample_rate": hparams["sample_rate"]}
    return rate | nodes | {"compute_features": features}, weights


def read_segments(hparams):
    """Return training and validation segments by the parts of a model they become.

    Raises
    ------
    OSError
        If the folder lacks a file.
    """
    folder = Path(hparams["prepared_folder"])
    if not (folder / DIGESTS).is_file():
        raise FileNotFoundError(
            f"{folder}: no {DIGESTS} here; give the prepared folder of a training, or"
            " prepare one by python -m data_prep.pickle_prepare"
        )
    rate, size = hparams["sample_rate"], hparams["max_memory_gb"]
    return {
        part: SegmentDataset(folder / f"{name}.csv", folder, rate, size)
        for part, name in (("cohort", "train"), ("valid", "valid"))
    }


def refuse_trained(output_folder):
    """Refuse to replace a model that was trained here, and took longer to make.

    Raises
    ------
    ValueError
        If the folder holds one.
    """
    output = Path(output_folder)
    trained = any(output.glob("save/CKPT*"))
    if not trained and (output / "model" / "training.json").is_file():
        trained = "adopted_from" not in read_facts(output / "model")
    if trained:
        raise ValueError(
            f"{output_folder} holds a model that was trained here, which this would"
            " replace; give another --output_folder"
        )


def write_network(folder, nodes, weights):
    """Write what embeds, without a classifier yet."""
    for name, state in weights.items():
        torch.save(state, folder / f"{name}.ckpt")
    none = {"classifier": tagged("torch.nn.Identity")}
    write_yaml(nodes | none, weights, folder / "hyperparams.yaml")


def check_network(folder, device, source):
    """Load what was written, or tell why the model that was given does not.

    Returns
    -------
    encoder : EncoderClassifier
        As from `load_encoder`.

    Raises
    ------
    ValueError
        If it does not load.
    """
    try:
        return load_encoder(folder, device)
    except ValueError as error:
        raise ValueError(f"{source}: {one_line(error.__cause__ or error)}") from error


def write_speakers(folder, nodes, weights, cohort):
    """Write the training speakers as classes, each the mean of its embeddings."""
    encoder = CategoricalEncoder()
    encoder.update_from_iterable(sorted(set(cohort.spk_ids.tolist())))
    encoder.save(folder / "label_encoder.ckpt")
    centroids = class_centroids(cohort, folder)
    torch.save({"weight": centroids}, folder / "classifier.ckpt")
    n_classes, emb_dim = centroids.shape
    sizes = {"input_size": emb_dim, "out_neurons": n_classes}
    classifier = {"classifier": tagged(CLASSIFIER, **sizes)}
    own = {"classifier", "label_encoder"}
    loadables = [name for name in INFERENCE_LOADABLES if name in own | weights.keys()]
    write_yaml(nodes | classifier, loadables, folder / "hyperparams.yaml")


def adopted_facts(hparams, encoder, sig):
    """Return what a results table says of the model; null: only its makers know."""
    network = encoder.mods["embedding_model"]
    return dict.fromkeys(MODEL_TEXTS + MODEL_NUMBERS) | {
        "name": type(network).__name__,
        "experiment": Path(hparams["output_folder"]).parent.name,
        "seed": hparams["seed"],
        "n_parameters": sum(p.numel() for p in network.parameters()),
        "n_flops": count_flops(encoder.mods, sig),
        "adopted_from": Path(hparams["adopted_from"]).name,
    }


def adopt(hparams, nodes, weights, segments, device):
    """Write ``<output_folder>/model``; an earlier one goes once the new one loads.

    Returns
    -------
    folder : Path
        The model folder.
    """
    output = Path(hparams["output_folder"])
    source = hparams["adopted_from"]
    with replacing_folder(output / "model") as staging:
        write_network(staging, nodes, weights)
        encoder = check_network(staging, device, source)
        facts = adopted_facts(hparams, encoder, segments["cohort"][0].sig)
        embeddings = {
            part: cached_embeddings(
                staging, dataset, output, hparams["batch_size"], device
            )
            for part, dataset in segments.items()
        }
        for part, found in embeddings.items():
            save_embeddings(staging / f"{part}.npz", found)
        write_speakers(staging, nodes, weights, embeddings["cohort"])
        check_network(staging, device, source)
        shutil.copy(Path(hparams["prepared_folder"]) / DIGESTS, staging)
        with open(staging / "training.json", "w", encoding="utf-8") as stream:
            json.dump(facts, stream, indent=2)
    return output / "model"


def main(arguments):
    """Adopt the model the YAML names."""
    hparams, run_opts, overrides = load_experiment(arguments, needed=("read_model",))
    refuse_trained(hparams["output_folder"])
    nodes, weights = read_foreign(hparams, arguments[0], overrides)
    segments = read_segments(hparams)
    sb.create_experiment_directory(hparams["output_folder"], arguments[0], overrides)
    given = [hparams, nodes, weights, segments, run_opts["device"]]
    print(f"Model: {run_on_main(adopt, given)}")


if __name__ == "__main__":
    run(main)
