"""Trained models -> one model folder whose cosine is the weighted mean of theirs.

The folder loads as the others do (`local.output.trained_model`) and stands alone: it
holds the members' weights, not their places. A compact one, small enough to ship, holds

- matrices in 16 bits (vectors, which are small and may be tiny variances, stay in 32);
- one embedding a training speaker as the cohort, instead of one a segment;
- all embeddings in 16 bits.
"""

import json
import shutil
from io import StringIO
from pathlib import Path

import numpy as np
import torch
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, TaggedScalar
from ruamel.yaml.tag import Tag
from speechbrain.dataio.encoder import CategoricalEncoder

from local.files import replacing_folder
from local.models.combination import Combination, Member, join
from local.models.discriminant import class_means
from local.output.inference_yaml import INFERENCE_LOADABLES, write_yaml
from local.scoring.cohort import compact_cohort
from local.scoring.embeddings import load_embeddings, save_embeddings
from local.scoring.model_folder import (
    check_sample_rate,
    find_model,
    load_encoder,
    read_facts,
    read_sample_rate,
)

ROOM = "local.models.combination"


def combine_models(folders, weights, output_folder, compact):
    """Write ``<output_folder>/model`` from trained models.

    Parameters
    ----------
    folders : list of str or Path
        The models, as `local.scoring.model_folder.find_model` takes them.
    weights : list of float
        Of each one's cosine.
    output_folder : str or Path
        Gets ``model``; an earlier one is replaced once the new one loads.
    compact : bool
        Make it small; it computes in 32 bits all the same.

    Returns
    -------
    folder : Path
        The model folder.

    Raises
    ------
    ValueError
        If the models do not fit one another or the weights.
    """
    if not isinstance(folders, list) or not isinstance(weights, list):
        raise ValueError(
            f"folders and weights must be lists, got {folders!r} and {weights!r}"
        )
    folders = [find_model(folder) for folder in folders]
    for folder in folders:
        check_sample_rate(folder, read_sample_rate(folders[0]))
        check_trained(folder)
    combination = Combination([as_member(folder) for folder in folders], weights)
    cohort, valid = (
        join_embeddings([folder / name for folder in folders], combination.weights)
        for name in ("cohort.npz", "valid.npz")
    )
    centroids = class_centroids(cohort, folders[0])
    output = Path(output_folder) / "model"
    with replacing_folder(output) as staging:
        write_embeddings(staging, cohort, valid, compact)
        save_weights(
            combination.state_dict(), staging / "embedding_model.ckpt", compact
        )
        save_weights({"weight": centroids}, staging / "classifier.ckpt", compact)
        for name in ("label_encoder.ckpt", "segment_digests.txt", "train_log.txt"):
            shutil.copy(folders[0] / name, staging)
        write_combination_yaml(folders, combination, centroids, staging)
        facts = combined_facts(folders, combination.weights, Path(output_folder))
        with open(staging / "training.json", "w", encoding="utf-8") as stream:
            json.dump(facts, stream, indent=2)
        load_encoder(staging, "cpu")  # or it does not replace the old one
    return output


def check_trained(folder):
    """Refuse a model that recipes.voxceleb.adopt made: its training tells nothing.

    Raises
    ------
    ValueError
        If it is one.
    """
    source = read_facts(folder).get("adopted_from")
    if source is not None:
        raise ValueError(
            f"{folder}: adopted from {source}; only models trained here can be combined"
        )


def as_member(folder):
    """Return a trained model as a part of a combination.

    Parameters
    ----------
    folder : Path
        Of the model.

    Returns
    -------
    member : Member
        In evaluation mode.

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
    mean = norm.glob_mean.flatten()  # as long as a frame
    member = Member(mods["compute_features"], len(mean), mods["embedding_model"])
    member.mean.copy_(mean)
    if norm.std_norm:
        member.std.copy_(norm.glob_std.flatten().clamp(min=norm.epsilon))
    return member.eval()


def join_embeddings(paths, weights):
    """Return the members' embeddings of the same segments side by side.

    Raises
    ------
    ValueError
        If the segments differ.
    """
    parts = [load_embeddings(path) for path in paths]
    for path, part in zip(paths, parts, strict=True):
        if not all(map(np.array_equal, part[:2], parts[0][:2])):
            raise ValueError(
                f"{path} has other segments than {paths[0]}; combine models trained on"
                " the same prepared_folder"
            )
    matrix = join([torch.from_numpy(part.matrix) for part in parts], weights).numpy()
    return parts[0]._replace(matrix=matrix)


def class_centroids(cohort, folder):
    """Return the mean embedding of every class, in the order of its number."""
    encoder = CategoricalEncoder()
    encoder.load(folder / "label_encoder.ckpt")
    encoder.ignore_len()
    classes = torch.tensor(encoder.encode_sequence(cohort.spk_ids.tolist()))
    means, _ = class_means(torch.from_numpy(cohort.matrix), classes)
    return means


def write_embeddings(folder, cohort, valid, compact):
    """Write ``cohort.npz`` and ``valid.npz``, in 16 bits if they are to be compact."""
    if compact:
        cohort, valid = (
            part._replace(matrix=part.matrix.astype(np.float16))
            for part in (compact_cohort(cohort), valid)
        )
    save_embeddings(folder / "cohort.npz", cohort)
    save_embeddings(folder / "valid.npz", valid)


def save_weights(state, path, compact):
    """Save a dict of tensors, its matrices in 16 bits if it is to be compact."""
    if compact:
        state = {
            key: value.half()
            if value.is_floating_point() and value.dim() > 1
            else value
            for key, value in state.items()
        }
    torch.save(state, path)


def tagged(target, **fields):
    """Return a YAML mapping that builds ``target`` with ``fields``."""
    mapping = CommentedMap(fields)
    mapping.yaml_set_ctag(Tag(suffix=f"!new:{target}"))
    return mapping


def write_combination_yaml(folders, combination, centroids, staging):
    """Write the YAML from which SpeechBrain builds the combination.

    Parameters
    ----------
    folders : list of Path
        The members' model folders.
    combination : Combination
        Of these members.
    centroids : Tensor, (n_classes, emb_dim)
        The classifier's weights.
    staging : Path
        Gets ``hyperparams.yaml``.
    """
    yamls = [
        YAML().load((folder / "hyperparams.yaml").read_text(encoding="utf-8"))
        for folder in folders
    ]
    features, names = name_features([yaml["compute_features"] for yaml in yamls])
    members = [
        tagged(
            f"{ROOM}.Member",
            compute_features=TaggedScalar(f"<{name}>", tag="!ref"),
            size=len(member.mean),
            embedding_model=yaml["embedding_model"],
        )
        for yaml, name, member in zip(yamls, names, combination.members, strict=True)
    ]
    n_classes, emb_dim = centroids.shape
    model = {
        "sample_rate": yamls[0]["sample_rate"],
        **features,
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


def name_features(nodes):
    """Give members with the same features one name for them: they are computed once.

    Parameters
    ----------
    nodes : list of CommentedMap
        The YAML of each member's features.

    Returns
    -------
    features : dict of str to CommentedMap
        Those that differ, by name.
    names : list of str
        Each member's.
    """
    texts = []
    for node in nodes:
        text = StringIO()
        YAML().dump(node, text)
        texts.append(text.getvalue())
    distinct = list(dict.fromkeys(texts))
    names = [f"features_{distinct.index(text) + 1}" for text in texts]
    return dict(zip(names, nodes, strict=True)), names


def combined_facts(folders, weights, output_folder):
    """Return what a results table says of the combination, as plain values."""
    facts = [read_facts(folder) for folder in folders]
    seconds = sum(fact["train_seconds"] for fact in facts)
    clips = sum(f["train_seconds"] * f["train_clips_per_second"] for f in facts)
    return {
        "name": " + ".join(fact["name"] for fact in facts),
        "experiment": output_folder.parent.name,
        "seed": facts[0]["seed"],
        "n_parameters": sum(fact["n_parameters"] for fact in facts),
        "n_flops": sum(fact["n_flops"] for fact in facts),
        "train_seconds": round(seconds, 1),
        "train_clips_per_second": round(clips / seconds, 1),
        "device": " + ".join(dict.fromkeys(fact["device"] for fact in facts)),
        "n_train_segments": facts[0]["n_train_segments"],
        "n_train_speakers": facts[0]["n_train_speakers"],
        "epochs": max(fact["epochs"] for fact in facts),
        "members": [
            {"weight": weight, **fact}
            for weight, fact in zip(weights, facts, strict=True)
        ],
    }
