"""Trained models -> one model folder whose cosine is the weighted mean of theirs.

The folder loads as the others do, with ``EncoderClassifier.from_hparams``, and stands
alone: it holds the members' weights, not their places.
"""

import json
import shutil
from pathlib import Path

import numpy as np
import torch
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.tag import Tag
from speechbrain.dataio.encoder import CategoricalEncoder

from local.files import replacing_folder
from local.models.combination import Combination, Member, join
from local.models.discriminant import class_means
from local.output.export import INFERENCE_LOADABLES, write_yaml
from local.scoring.embeddings import (
    Embeddings,
    find_model,
    load_embeddings,
    load_encoder,
    save_embeddings,
)

ROOM = "local.models.combination"
SUMMED = ("n_parameters", "n_flops", "train_seconds")


def combine_models(folders, weights, output_folder, half_precision):
    """Write ``<output_folder>/model`` from trained models.

    Parameters
    ----------
    folders : list of str or Path
        The models, as `local.scoring.embeddings.find_model` takes them.
    weights : list of float
        Of each one's cosine.
    output_folder : str or Path
        Gets ``model``; an earlier one is replaced once the new one loads.
    half_precision : bool
        Store the weights in 16 bits; they are computed with in 32.

    Returns
    -------
    folder : Path
        The model folder.

    Raises
    ------
    ValueError
        If the models were not trained on the same segments.
    """
    folders = [find_model(folder) for folder in folders]
    members = [as_member(folder) for folder in folders]
    combination = Combination(members, weights)
    output = Path(output_folder) / "model"
    with replacing_folder(output) as staging:
        joined = {
            name: join_embeddings([folder / name for folder in folders], combination)
            for name in ("cohort.npz", "valid.npz")
        }
        for name, embeddings in joined.items():
            save_embeddings(staging / name, embeddings)
        centroids = class_centroids(joined["cohort.npz"], folders[0])
        save_weights(combination, staging / "embedding_model.ckpt", half_precision)
        save_weights({"weight": centroids}, staging / "classifier.ckpt", half_precision)
        for name in ("label_encoder.ckpt", "segment_digests.txt", "train_log.txt"):
            shutil.copy(folders[0] / name, staging)
        write_combination_yaml(folders, combination, centroids, staging)
        facts = combined_facts(folders, combination.weights, Path(output_folder))
        with open(staging / "training.json", "w", encoding="utf-8") as stream:
            json.dump(facts, stream, indent=2)
        load_encoder(staging, "cpu")  # or it does not replace the old one
    return output


def as_member(folder):
    """Return a trained model as a `Member`.

    Raises
    ------
    ValueError
        If it normalises otherwise than by the training set's mean.
    """
    mods = load_encoder(folder, "cpu").mods
    norm = mods["mean_var_norm"]
    if getattr(norm, "norm_type", None) != "global":
        raise ValueError(
            f"{folder}: only models with global normalisation can be combined"
        )
    mean = norm.glob_mean.flatten()
    member = Member(mods["compute_features"], len(mean), mods["embedding_model"])
    member.mean.copy_(mean)
    if norm.std_norm:
        member.std.copy_(norm.glob_std.flatten())
    return member.eval()


def join_embeddings(paths, combination):
    """Return the members' embeddings of the same segments side by side."""
    parts = [load_embeddings(path) for path in paths]
    for path, part in zip(paths, parts, strict=True):
        if not np.array_equal(part.ids, parts[0].ids):
            raise ValueError(
                f"{path} has other segments than {paths[0]}; combine models trained on"
                " the same prepared_folder"
            )
    matrices = [torch.from_numpy(part.matrix) for part in parts]
    matrix = join(matrices, combination.weights).numpy()
    return Embeddings(parts[0].ids, parts[0].spk_ids, matrix)


def class_centroids(cohort, folder):
    """Return the mean embedding of every class, in the order of its number."""
    encoder = CategoricalEncoder()
    encoder.load(folder / "label_encoder.ckpt")
    classes = torch.tensor(encoder.encode_sequence(cohort.spk_ids.tolist()))
    means, _ = class_means(torch.from_numpy(cohort.matrix), classes)
    return means


def save_weights(module, path, half_precision):
    """Save a module's weights, or a dict of tensors, in 16 or in 32 bits."""
    state = module.state_dict() if isinstance(module, torch.nn.Module) else module
    if half_precision:
        state = {
            key: value.half() if value.is_floating_point() else value
            for key, value in state.items()
        }
    torch.save(state, path)


def tagged(target, **fields):
    """Return a YAML mapping that builds ``target`` with ``fields``."""
    mapping = CommentedMap(fields)
    mapping.yaml_set_ctag(Tag(suffix=f"!new:{target}"))
    return mapping


def write_combination_yaml(folders, combination, centroids, staging):
    """Write the YAML from which SpeechBrain builds the combination."""
    yamls = [
        YAML().load((folder / "hyperparams.yaml").read_text(encoding="utf-8"))
        for folder in folders
    ]
    members = [
        tagged(
            f"{ROOM}.Member",
            compute_features=yaml["compute_features"],
            size=len(member.mean),
            embedding_model=yaml["embedding_model"],
        )
        for yaml, member in zip(yamls, combination.members, strict=True)
    ]
    n_classes, emb_dim = centroids.shape
    model = {
        "sample_rate": yamls[0]["sample_rate"],
        "compute_features": tagged(f"{ROOM}.Unchanged"),
        "mean_var_norm": tagged(f"{ROOM}.Unchanged"),
        "embedding_model": tagged(
            f"{ROOM}.Combination", members=members, weights=combination.weights
        ),
        "classifier": tagged(
            "speechbrain.lobes.models.ECAPA_TDNN.Classifier",
            input_size=emb_dim,
            out_neurons=n_classes,
        ),
    }
    loadables = [name for name in INFERENCE_LOADABLES if name != "mean_var_norm"]
    write_yaml(model, loadables, staging / "hyperparams.yaml")


def combined_facts(folders, weights, output_folder):
    """Return what a results table says of the combination, as plain values."""
    facts = [
        json.loads((folder / "training.json").read_text(encoding="utf-8"))
        for folder in folders
    ]
    joined = dict(facts[0])
    for key in SUMMED:
        joined[key] = sum(fact.get(key, 0) for fact in facts)
    return joined | {
        "name": " + ".join(fact["name"] for fact in facts),
        "experiment": output_folder.parent.name,
        "epochs": max(fact["epochs"] for fact in facts),
        "members": [
            {"weight": weight, **fact}
            for weight, fact in zip(weights, facts, strict=True)
        ],
    }
