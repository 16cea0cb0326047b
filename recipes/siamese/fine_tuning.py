"""Go on training for a few steps, on speech of the readers of the test."""

import copy

import torch
from tqdm import tqdm

from recipes.siamese.batches import DrawnBatches
from recipes.siamese.losses import l2_groups


def fine_tune(
    modules, fragments, device, n_steps, batch_size, sampler, opt_class, l2, seed
):
    """Return a copy of a model after some more steps of training.

    Parameters
    ----------
    modules : torch.nn.ModuleDict
        The trained model; it stays as it is.
    fragments : recipes.siamese.features.Fragments
        Of the readers to get to know.
    device : str or torch.device
        Where to train.
    n_steps, batch_size, sampler, opt_class, l2, seed
        As of the training.

    Returns
    -------
    modules : torch.nn.ModuleDict
        The new model.
    """
    modules = copy.deepcopy(modules).to(device).train()
    groups = l2_groups(modules["encoder"], modules["objective"], l2=l2)
    optimizer = opt_class(groups)
    torch.manual_seed(seed)
    batches = DrawnBatches(
        fragments.feats,
        sampler(*fragments[1:4]),
        modules["objective"],
        *(batch_size, n_steps, seed),
    )
    for feats, target in tqdm(batches, "fine-tune", unit="step", disable=None):
        feats, target = feats.to(device), target.to(device)
        embeddings = modules["encoder"](modules["normalizer"](feats.flatten(0, 1)))
        loss, _ = modules["objective"](embeddings.unflatten(0, feats.shape[:2]), target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return modules
