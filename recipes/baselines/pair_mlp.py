r"""Train and test a network that tells from two segments' features if one person spoke.

    python -m recipes.baselines.pair_mlp recipes/baselines/hparams/pair_mlp.yaml \
        --data_pickle raw_data.pkl --test_folder test_sets

It has no embeddings: every pair of the test goes through the network, in both orders,
since it may answer them differently; the score is the mean of the two log-odds. It
writes ``<output_folder>/<test_set>/metrics.json``.
"""

import copy
import logging
import math
import time
from pathlib import Path

import torch
from torch.nn.functional import cross_entropy

from local.experiment import load_experiment, run
from local.hardware import device_name
from local.input.samplers import epoch_seed
from local.progress import inner_steps
from recipes.baselines.testing import (
    compute_features,
    read_segments,
    read_test_sets,
    write_metrics,
)

logger = logging.getLogger(__name__)

LOG_PRIOR_ODDS = math.log(1 / 2)  # of one target to two nontargets


def draw_pairs(spk_ids, rng):
    """Draw a target pair and, in both orders, a nontarget pair for every segment.

    Parameters
    ----------
    spk_ids : sequence of str, (n_segments,)
        At least two speakers; one with a single segment gives no target pair.
    rng : torch.Generator
        Draws the partners.

    Returns
    -------
    pairs : Tensor, (n_pairs, 2)
        Positions in ``spk_ids``, shuffled.
    same : Tensor, (n_pairs,)
        1 for a target, 0 for a nontarget.
    """
    names = {spk_id: code for code, spk_id in enumerate(sorted(set(spk_ids)))}
    codes, order = torch.tensor([names[spk_id] for spk_id in spk_ids]).sort()
    n = len(codes)
    counts = codes.bincount()[codes]
    starts = torch.searchsorted(codes, codes)
    place = torch.arange(n)

    def drawn(limit):  # from 0 to limit - 1, for each segment its own
        return (torch.rand(n, generator=rng) * limit).long()

    # Steps around the circle of the speaker's segments, and of those of all others.
    mate = starts + (place - starts + 1 + drawn(counts - 1)) % counts
    other = (starts + counts + drawn(n - counts)) % n
    target = torch.stack([place, mate], dim=1)[counts > 1]
    nontarget = torch.stack([place, other], dim=1)
    pairs = order[torch.cat([target, nontarget, nontarget.flip(1)])]
    same = (torch.arange(len(pairs)) < len(target)).long()
    shuffled = torch.randperm(len(pairs), generator=rng)
    return pairs[shuffled], same[shuffled]


def train_epoch(network, optimizer, feats, pairs, same, batch_size):
    """Train on all pairs once."""
    network.train()
    batches = torch.arange(len(pairs)).split(batch_size)
    for batch in inner_steps(batches, "epoch", "batch"):
        if len(batch) < 2:  # batch normalisation needs two
            continue
        loss = cross_entropy(network(feats[pairs[batch]].flatten(1)), same[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


@torch.inference_mode()
def pair_loss(network, feats, pairs, same):
    """Return the mean cross-entropy of pairs."""
    network.eval()
    return cross_entropy(network(feats[pairs].flatten(1)), same).item()


def train(hparams, feats, spk_ids, valid_feats, valid_spk_ids):
    """Train until validation no longer gains, keep the best; return the epochs.

    Raises
    ------
    ValueError
        If the validation loss is never a number.
    """
    network = hparams["network"]
    optimizer = hparams["opt_class"](network.parameters())
    schedule = hparams["lr_schedule"](optimizer)
    rng = torch.Generator()
    valid = draw_pairs(valid_spk_ids, rng.manual_seed(hparams["seed"]))
    best, best_epoch, state = float("inf"), 0, None
    for epoch in range(1, hparams["n_epochs"] + 1):
        rng.manual_seed(epoch_seed(hparams["seed"], epoch))
        pairs = draw_pairs(spk_ids, rng)
        train_epoch(network, optimizer, feats, *pairs, hparams["batch_size"])
        loss = pair_loss(network, valid_feats, *valid)
        schedule.step(loss)
        logger.info("epoch %d: validation loss %.4f", epoch, loss)
        if loss < best:
            best, best_epoch = loss, epoch
            state = copy.deepcopy(network.state_dict())
        if epoch - best_epoch >= hparams["n_patience"]:
            break
    if state is None:
        raise ValueError("the validation loss was never a number; lower lr")
    network.load_state_dict(state)
    return epoch


@torch.inference_mode()
def score_pairs(network, feats):
    """Return the log-odds (n_segments, n_segments) of one speaker, symmetric."""
    network.eval()
    rows = []
    for row in inner_steps(feats, "score", "segment"):
        logits = network(torch.cat([row.expand_as(feats), feats], dim=1))
        rows.append(logits[:, 1] - logits[:, 0])
    odds = torch.stack(rows).double()
    return ((odds + odds.T) / 2).numpy()


def main(arguments):
    """Prepare, train, test."""
    hparams, _, _ = load_experiment(arguments, ("network", "n_patience"))
    hparams["prepare_data"]()
    folder = Path(hparams["prepared_folder"])
    train_data, valid_data = (
        read_segments(hparams, folder / f"{side}.csv") for side in ("train", "valid")
    )
    start = time.monotonic()
    module, batch_size = hparams["compute_features"], hparams["batch_size"]
    feats, valid_feats = (
        compute_features(module, data, batch_size) for data in (train_data, valid_data)
    )
    spk_ids = train_data.spk_ids
    epochs = train(hparams, feats, spk_ids, valid_feats, valid_data.spk_ids)
    seconds = time.monotonic() - start
    weights = [p for p in hparams["network"].parameters() if p.dim() == 2]
    model = {
        "name": "pair MLP",
        "n_parameters": sum(p.numel() for p in hparams["network"].parameters()),
        "n_flops": 2 * sum(p.numel() for p in weights),  # of a pair, not of a segment
        "device": device_name("cpu"),
        "n_train_segments": len(train_data),
        "n_train_speakers": len(set(spk_ids)),
        "epochs": epochs,
        "train_seconds": round(seconds, 1),
        "train_clips_per_second": round(epochs * len(train_data) / seconds, 1),
    }
    for name, segments, test_spk_ids in read_test_sets(hparams):
        test_feats = compute_features(module, segments, batch_size)
        odds = score_pairs(hparams["network"], test_feats)
        systems = {"pair MLP": (odds, odds - LOG_PRIOR_ODDS)}
        write_metrics(hparams, name, model, systems, test_spk_ids)


if __name__ == "__main__":
    run(main)
