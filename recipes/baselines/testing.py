"""Test sets and their figures, for baselines that are no model folder."""

import json
from pathlib import Path

import torch

from local.files import replacing
from local.input.datasets import SegmentDataset
from local.input.labels import read_labels
from local.output.metrics import measure_systems
from local.progress import inner_steps

UNTRAINED = dict.fromkeys(
    (
        "device",
        "n_train_segments",
        "n_train_speakers",
        "epochs",
        "train_seconds",
        "train_clips_per_second",
    )
)


def read_test_sets(hparams):
    """Yield the name, segments (n, samples) and speakers of every test set.

    Raises
    ------
    FileNotFoundError
        If there is none.
    """
    folder = Path(hparams["test_folder"])
    pickles = sorted(folder.glob("*/test_data.pkl"))
    if not pickles:
        raise FileNotFoundError(f"{folder}: no <test_set>/test_data.pkl")
    for path in pickles:
        name = path.parent.name
        prepared = Path(hparams["output_folder"], name, "prepared")
        hparams["prepare_test_data"](test_pickle=path, prepared_folder=prepared)
        data = read_segments(hparams, prepared / "test.csv")
        yield name, data, read_labels(path.with_name("labels.npy"), len(data))


def read_segments(hparams, manifest):
    """Return the segments of a prepared manifest."""
    return SegmentDataset(
        manifest, manifest.parent, hparams["sample_rate"], hparams["max_memory_gb"]
    )


def compute_features(module, dataset, batch_size):
    """Return features (n_segments, n_features) of all segments, without gradients."""
    starts = range(0, len(dataset), batch_size)
    stops = (min(start + batch_size, len(dataset)) for start in starts)
    batches = (list(range(*span)) for span in zip(starts, stops, strict=True))
    with torch.inference_mode():
        feats = [
            module(dataset.__getitems__(rows).sig)
            for rows in inner_steps(list(batches), "features", "batch")
        ]
    return torch.cat(feats)


def write_metrics(hparams, test_set, model, systems, spk_ids):
    """Measure systems on a test set and write their figures as verify.py does.

    ``model`` holds the facts of the training, ``systems`` maps names to scores
    (n_segments, n_segments) and log-likelihood ratios or None.
    """
    output = Path(hparams["output_folder"])
    options = {
        key: hparams[key]
        for key in ("p_targets", "ks", "n_bootstrap", "confidence", "seed")
    }
    metrics = {
        "test_set": test_set,
        "experiment": output.parent.name,
        "seed": hparams["seed"],
        "model": UNTRAINED | model,
        **measure_systems(systems, spk_ids, options),
    }
    with replacing(output / test_set / "metrics.json") as temporary:
        temporary.write_text(json.dumps(metrics, indent=2) + "\n", encoding="utf-8")
