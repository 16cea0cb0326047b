"""How fast training segments are read: from shards, from WAVs, from memory."""

import io
import os
import statistics
import tempfile
import time
from contextlib import redirect_stderr
from pathlib import Path

import numpy as np
import torch
from torch.utils.data import DataLoader

from benchmarks.timing import N_ROUNDS, Ratio, Result, median_seconds
from data_prep.manifest import DATA_ROOT, Row, write_manifest
from data_prep.prepared_folder import replacing_folder
from data_prep.sample_scale import write_wavs
from data_prep.shards import prepare_shards
from local.input.datasets import SegmentDataset, as_batch
from local.input.samplers import BalancedBatchSampler
from local.input.shards import ShardedSegments

FULL = {"n_segments": 4096, "n_speakers": 256, "n_shards": 8, "batch_size": 64}
QUICK = {"n_segments": 64, "n_speakers": 8, "n_shards": 2, "batch_size": 16}
SAMPLE_RATE = 11025
DRAW = {"balance": 0.5, "seed": 1986}
NOTE = (
    "Unless it says cold, the files were just written and lie in the page cache: this"
    " is what reading costs the processor. Cold, the system was told to drop them"
    " before each reading; what lies under it (a host, the disk) may still hold them."
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
        Time of an epoch, without loader processes unless it says so; clips/s.
    """
    sizes = QUICK if quick else FULL
    n_workers = 1 if quick else 2
    with tempfile.TemporaryDirectory() as folder:
        prepared = Path(folder) / "prepared"
        with redirect_stderr(io.StringIO()):  # no progress bars
            prepare_noise(prepared, sizes)
            held = from_manifest(prepared, sizes, max_memory_gb=4)
        wavs, shards = from_manifest(prepared, sizes), from_shards(prepared, sizes)
        seconds = median_seconds(
            {
                "memory": reader(held, 0),
                "WAVs": reader(wavs, 0),
                f"WAVs, {n_workers} workers": reader(wavs, n_workers),
                "shards": reader(shards, 0),
                f"shards, {n_workers} workers": reader(shards, n_workers),
            }
        )
        cold = {"WAVs, cold": reader(wavs, 0), "shards, cold": reader(shards, 0)}
        seconds |= cold_seconds(cold, Path(folder))
        n_bytes = sum(path.stat().st_size for path in Path(folder).rglob("*.tar"))
    n_clips = sizes["n_segments"] // sizes["batch_size"] * sizes["batch_size"]
    ratios = {f"{job}: clips/s": Ratio(n_clips / s) for job, s in seconds.items()}
    for how in ("", f", {n_workers} workers", ", cold"):
        ratios[f"shards / WAVs on disk{how}"] = Ratio(
            seconds[f"WAVs{how}"] / seconds[f"shards{how}"], "at least 1"
        )
    ratios["bytes a segment in shards"] = Ratio(n_bytes / sizes["n_segments"])
    ratios["shards / memory"] = Ratio(seconds["memory"] / seconds["shards"])
    return Result("Reading an epoch of batches", sizes, seconds, ratios, NOTE)


def cold_seconds(jobs, folder):
    """Time jobs in turns, each after the files of a folder left the page cache."""
    times = {name: [] for name in jobs}
    os.sync()  # what is not yet on disk stays in the cache
    for _ in range(N_ROUNDS):
        for name, job in jobs.items():
            for path in [*folder.rglob("*.wav"), *folder.rglob("*.tar")]:
                with open(path, "rb") as file:
                    os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            start = time.perf_counter()
            job()
            times[name].append(time.perf_counter() - start)
    return {name: statistics.median(taken) for name, taken in times.items()}


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
