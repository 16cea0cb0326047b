"""How fast training segments are read: from shards, from WAVs, from memory."""

import io
import tempfile
from contextlib import redirect_stderr
from pathlib import Path

import numpy as np
import torch
from torch.utils.data import DataLoader

from benchmarks.timing import Ratio, Result, median_seconds
from data_prep.manifest import DATA_ROOT, Row, write_manifest
from data_prep.prepared_folder import replacing_folder
from data_prep.sample_scale import write_wavs
from data_prep.shards import prepare_shards
from local.input.datasets import SegmentDataset, as_batch
from local.input.samplers import BalancedBatchSampler
from local.input.shards import ShardedSegments

FULL = {"n_segments": 8192, "n_speakers": 512, "n_shards": 8, "batch_size": 64}
QUICK = {"n_segments": 64, "n_speakers": 8, "n_shards": 2, "batch_size": 16}
SAMPLE_RATE = 11025
DRAW = {"balance": 0.5, "seed": 1986}
NOTE = (
    "The files were just written and lie in the page cache: this is what reading costs"
    " the processor. What shards are for, large reads in sequence instead of many small"
    " ones, shows on a disk or network that has to fetch them, and is not timed here."
)


def run(quick=False):
    """Time an epoch of batches of noise, read in each way.

    Parameters
    ----------
    quick : bool
        Few segments and one loader process, to see that it runs.

    Returns
    -------
    result : Result
        Time of an epoch with and without loader processes, clips/s and ratios.
    """
    sizes = QUICK if quick else FULL
    n_workers = 1 if quick else 2
    with tempfile.TemporaryDirectory() as folder:
        prepared = Path(folder) / "prepared"
        with redirect_stderr(io.StringIO()):  # no progress bars
            prepare_noise(prepared, sizes)
        jobs = {
            "memory": reader(from_manifest(prepared, sizes, max_memory_gb=4), 0),
            **{
                f"{name}, {n} workers": reader(make(prepared, sizes), n)
                for name, make in (("WAVs", from_manifest), ("shards", from_shards))
                for n in (0, n_workers)
            },
        }
        seconds = median_seconds(jobs)
    n_clips = sizes["n_segments"] // sizes["batch_size"] * sizes["batch_size"]
    speed = {name: n_clips / s for name, s in seconds.items()}
    ratios = {f"{name}: clips/s": Ratio(s) for name, s in speed.items()}
    for n in (0, n_workers):
        ratio = speed[f"shards, {n} workers"] / speed[f"WAVs, {n} workers"]
        ratios[f"shards / WAVs on disk, {n} workers"] = Ratio(ratio, "at least 1")
    for n in (0, n_workers):
        ratio = speed[f"shards, {n} workers"] / speed["memory"]
        ratios[f"shards / memory, {n} workers"] = Ratio(ratio)
    return Result("Reading an epoch of batches", sizes, seconds, ratios, NOTE)


def prepare_noise(folder, sizes):
    """Write noise as preparation does: WAVs, manifest and shards."""
    rng = np.random.default_rng(0)
    n_segments = sizes["n_segments"]
    samples = rng.integers(-9999, 9999, (n_segments, SAMPLE_RATE), dtype=np.int16)
    ids = [f"train-{i:06d}" for i in range(n_segments)]
    speakers = rng.integers(sizes["n_speakers"], size=n_segments)
    with replacing_folder(folder, {"kind": "training"}) as staging:
        write_wavs(staging / "wav", ids, samples, SAMPLE_RATE)
        rows = [
            Row(i, 1.0, f"{DATA_ROOT}/wav/{i}.wav", 0, SAMPLE_RATE, f"s{spk}")
            for i, spk in zip(ids, speakers, strict=True)
        ]
        write_manifest(staging / "train.csv", rows, staging, labelled=True)
    prepare_shards(folder, sizes["n_shards"], DRAW["seed"])


def from_manifest(folder, sizes, max_memory_gb=0):
    """Return the segments of the WAVs and options by which a loader draws them."""
    data = SegmentDataset(folder / "train.csv", folder, SAMPLE_RATE, max_memory_gb)
    encoded = np.unique(data.spk_ids, return_inverse=True)[1]
    data.spk_id_encoded = torch.from_numpy(encoded)
    sampler = BalancedBatchSampler(data.spk_id_encoded, sizes["batch_size"], **DRAW)
    return data, {"batch_sampler": sampler}


def from_shards(folder, sizes):
    """Return the segments of the shards and options by which a loader draws them."""
    folder = f"{folder}_shards"
    n = sizes["batch_size"]
    data = ShardedSegments(folder, SAMPLE_RATE, n, shuffle_buffer=1024, **DRAW)
    return data, {"batch_size": None}


def reader(drawn, n_workers):
    """Return a job: read all batches of an epoch."""
    data, options = drawn
    loader = DataLoader(data, collate_fn=as_batch, num_workers=n_workers, **options)
    return lambda: sum(len(batch.sig) for batch in loader)
