"""What is trained, in use: fragments to embeddings, embeddings to scores."""

import copy
import pickle

import numpy as np
import torch

from local.hardware import map_by_cores
from recipes.siamese.features import load_fragments

# Numbers a block of the score matrix may hold on the way, which bounds the memory.
BLOCK = 2**25


def make_modules(hparams):
    """Return the three parts of a model, by the names they have in its checkpoints."""
    return torch.nn.ModuleDict(
        {name: hparams[name] for name in ("normalizer", "encoder", "objective")}
    )


def as_tested(modules, fragments, protocol):
    """Return modules as a protocol tests them: the paper's normaliser learns there too.

    Parameters
    ----------
    modules : torch.nn.ModuleDict
        As from `make_modules`; they stay as they are.
    fragments : recipes.siamese.features.Fragments
        What is tested.
    protocol : recipes.siamese.protocol.Protocol
        Tells whether it is the paper's.

    Returns
    -------
    modules : torch.nn.ModuleDict
        The same, but for the normaliser of the paper.
    """
    if not protocol.paper:
        return modules
    normalizer = copy.deepcopy(modules["normalizer"])
    normalizer.fit(fragments.feats)
    return torch.nn.ModuleDict({**modules, "normalizer": normalizer})


@torch.inference_mode()
def embed(modules, feats, batch_size, device):
    """Embed fragments.

    Parameters
    ----------
    modules : torch.nn.ModuleDict
        As from `make_modules`; they are put in evaluation mode.
    feats : ndarray, (n_fragments, ...)
        As from `recipes.siamese.features.load_fragments`.
    batch_size : int
        Fragments at a time.
    device : str or torch.device
        Where the modules are.

    Returns
    -------
    embeddings : ndarray, (n_fragments, emb_dim)
        float32.
    """
    modules.eval()

    def job(start):
        # A copy: torch warns of arrays that are mapped to be read alone.
        part = torch.from_numpy(np.array(feats[start : start + batch_size])).to(device)
        with torch.inference_mode():  # it does not reach into other threads
            return modules["encoder"](modules["normalizer"](part)).float().cpu()

    parts = map_by_cores(job, range(0, len(feats), batch_size), device)
    return torch.cat(list(parts)).numpy()


@torch.inference_mode()
def score(objective, left, right):
    """Score embeddings by the trained head.

    Parameters
    ----------
    objective : torch.nn.Module
        Of the model, with ``score``.
    left, right : ndarray, (..., emb_dim)
        Of shapes that broadcast.

    Returns
    -------
    scores : ndarray, (...)
        Higher = more likely the same speaker.
    """
    device = next((p.device for p in objective.parameters()), "cpu")
    sides = (torch.from_numpy(np.asarray(side)).to(device) for side in (left, right))
    return objective.score(*sides).cpu().numpy()


def score_matrix(objective, embeddings):
    """Score every fragment with every other.

    Parameters
    ----------
    objective : torch.nn.Module
        Of the model.
    embeddings : ndarray, (n_fragments, emb_dim)
        As from `embed`.

    Returns
    -------
    scores : ndarray, (n_fragments, n_fragments)
        Higher = more likely the same speaker.
    """
    rows = max(1, BLOCK // embeddings.size)
    blocks = [
        score(objective, embeddings[start : start + rows, None], embeddings)
        for start in range(0, len(embeddings), rows)
    ]
    return np.concatenate(blocks)


def load_role(hparams, role):
    """Return the fragments of a role: train, valid, test and so on."""
    return load_fragments(
        hparams["prepared_folder"],
        role,
        hparams["data_root"],
        hparams["representation"],
        hparams["embed_batch_size"],
        hparams["apart_by"],
    )


def role_scores(hparams, modules, fragments, device):
    """Return embeddings (n_fragments, emb_dim) and their score matrix."""
    batch_size = hparams["embed_batch_size"]
    embeddings = embed(modules, fragments.feats, batch_size, device)
    return embeddings, score_matrix(modules["objective"], embeddings)


def recover_best(checkpointer):
    """Load the best checkpoint of a training.

    Raises
    ------
    FileNotFoundError
        If there is none.
    ValueError
        If it is damaged or another network's.
    """
    folder = checkpointer.checkpoints_dir
    try:
        found = checkpointer.recover_if_possible(max_key="accuracy")
    except (RuntimeError, EOFError, pickle.UnpicklingError) as error:
        raise ValueError(
            f"{folder}: its best checkpoint is damaged or another network's; give the"
            " YAML and options of that training, or train anew"
        ) from error
    if found is None:
        raise FileNotFoundError(
            f"{folder}: no checkpoint; train first: python -m recipes.siamese.train,"
            " the YAML and options of that output folder"
        )


def load_best(hparams, device):
    """Return the modules of the best checkpoint, or of a system without training."""
    modules = make_modules(hparams)
    if hparams["checkpointer"] is None:
        modules["normalizer"].fit(load_role(hparams, "train").feats)
    else:
        recover_best(hparams["checkpointer"])
    return modules.to(device)
