"""Tar shards (WebDataset) to batches of one-second segments, read in sequence.

For data that memory cannot hold: a disk or a network gives few large files many times
faster than many small ones. `data_prep.shards` tells what the files are. webdataset
reads the tars and shuffles; what it lacks is done here:

- shards and segments are drawn by seed and epoch alone, and speakers balanced;
- an epoch has as many batches as in memory, whatever the number of loader processes;
- a shard that is damaged or missing is an error (a tar that breaks off between two
  segments looks like its end, so they are counted).
"""

import io
import json
import random
import struct
import tarfile
from itertools import chain, count, islice, repeat
from pathlib import Path

import numpy as np
import torch
import webdataset
from scipy.io import wavfile
from torch.utils.data import IterableDataset, get_worker_info
from webdataset.tariterators import group_by_keys, tar_file_expander
from webdataset.utils import pytorch_worker_info

from local.input.datasets import SegmentBatch
from local.input.samplers import check_draw, epoch_seed

# Samples of these types, times this, are what soundfile reads from the same WAV.
STEP = {"int16": 2.0**-15, "int32": 2.0**-31, "float32": 1.0, "float64": 1.0}

INDEX_KEYS = ("sample_rate", "n_samples", "speakers", "shards")


class ShardedSegments(IterableDataset):
    """Batches of training segments, from shards.

    Each loader process of each training process has shards of its own, dealt anew every
    epoch: no segment is read by two. It passes over them, in a new order each time,
    until its share of the epoch's batches is full. A segment comes as often in a pass
    as `BalancedBatchSampler` would draw it in an epoch, on average: one of a speaker
    with many segments in some passes only, one of a speaker with few several times in
    each. With a ``balance`` of 0 every segment comes once a pass.

    The draw depends on the seed, the epoch and the number of processes alone.

    Parameters
    ----------
    folder : str or Path
        Of the shards and their index.
    sample_rate : int
        Expected rate of the segments, Hz.
    batch_size : int
        Segments a batch.
    balance : float
        As in `BalancedBatchSampler`.
    shuffle_buffer : int
        Segments each loader process shuffles among; these are all it holds in memory.
    seed : int
        Seed of all epochs.

    Raises
    ------
    FileNotFoundError
        If there are no shards.
    ValueError
        If a setting, the index or a shard is not as expected.
    """

    def __init__(self, folder, sample_rate, batch_size, balance, shuffle_buffer, seed):
        self.folder = Path(folder)
        index = read_index(folder)
        if index["sample_rate"] != sample_rate:
            raise ValueError(
                f"{folder}: segments at {index['sample_rate']} Hz, expected"
                f" {sample_rate} Hz; prepare the data again"
            )
        if shuffle_buffer < 1:
            raise ValueError(f"shuffle_buffer must be 1 or more, got {shuffle_buffer}")
        self.rank, self.n_ranks, _, _ = pytorch_worker_info()
        self.spk_ids = list(index["speakers"])
        self.shards = {n: part["n_segments"] for n, part in index["shards"].items()}
        self.n_samples = index["n_samples"]
        self.n_segments = sum(self.shards.values())
        check_draw(self.n_segments // self.n_ranks, batch_size, balance)
        self.copies = _copies(index["speakers"], balance)
        self.classes = dict.fromkeys(self.spk_ids, -1)
        self.batch_size = batch_size
        self.shuffle_buffer = shuffle_buffer
        self.seed = seed
        self.epoch = 0

    def __len__(self):
        return self.n_segments // self.batch_size // self.n_ranks

    def __iter__(self):
        loader = get_worker_info()
        worker, n_workers = (loader.id, loader.num_workers) if loader else (0, 1)
        stream, n_streams = self.rank * n_workers + worker, self.n_ranks * n_workers
        if len(self.shards) < n_streams:
            raise ValueError(
                f"{self.folder}: {len(self.shards)} shards for {n_streams} processes"
                " that read them; prepare more shards, or lower num_workers"
            )
        seed = epoch_seed(self.seed, self.epoch)
        names = random.Random(seed).sample(list(self.shards), len(self.shards))
        names = names[stream::n_streams]
        rng = random.Random(epoch_seed(seed, stream))
        segments = chain.from_iterable(self._pass(names, rng) for _ in count())
        for _ in range(worker, len(self), n_workers):
            yield self._batch(list(islice(segments, self.batch_size)))

    def set_epoch(self, epoch):
        """Choose the epoch whose batches the next iteration gives."""
        self.epoch = epoch

    def encode_speakers(self, label_encoder):
        """Encode the speakers by a ``CategoricalEncoder`` that knows them all."""
        classes = label_encoder.encode_sequence(self.spk_ids)
        self.classes = dict(zip(self.spk_ids, classes, strict=True))

    def _pass(self, names, rng):
        """Yield the segments of some shards, shuffled, as often as they are drawn."""
        shards = map(self._read_shard, rng.sample(names, len(names)))
        drawn = (
            segment
            for segment in chain.from_iterable(shards)
            for _ in repeat(None, int(self.copies[segment["spk_id"]] + rng.random()))
        )
        n = self.shuffle_buffer
        return webdataset.shuffle(n, initial=n, rng=rng)(drawn)

    def _read_shard(self, name):
        """Yield the segments of a shard: path, WAV (bytes) and speaker."""
        path, n_read = self.folder / name, 0
        try:
            with open(path, "rb") as stream:
                files = tar_file_expander([{"url": path, "stream": stream}])
                for n_read, segment in enumerate(group_by_keys(files), 1):  # noqa: B007
                    spk_id = segment["spk_id"].decode()
                    if spk_id not in self.classes:
                        raise ValueError(f"{spk_id} is not in the index")
                    yield {"path": path, "wav": segment["wav"], "spk_id": spk_id}
        except (tarfile.TarError, OSError, ValueError, KeyError) as error:
            raise _damaged(path) from error
        if n_read != self.shards[name]:
            raise _damaged(path)

    def _batch(self, segments):
        sig = torch.from_numpy(np.stack([self._decode(s) for s in segments]))
        classes = [self.classes[segment["spk_id"]] for segment in segments]
        return SegmentBatch(sig, torch.tensor(classes))

    def _decode(self, segment):
        """Return the samples of a WAV as float32, by scipy: soundfile takes ten times.

        Its way to read from memory costs more than all else here.
        """
        try:
            _, samples = wavfile.read(io.BytesIO(segment["wav"]))
        except (ValueError, struct.error) as error:
            raise _damaged(segment["path"]) from error
        if samples.shape != (self.n_samples,) or samples.dtype.name not in STEP:
            raise _damaged(segment["path"])
        return np.multiply(samples, STEP[samples.dtype.name], dtype=np.float32)


def read_index(folder):
    """Read what there is in a folder of shards, and see that all of it is there.

    Parameters
    ----------
    folder : str or Path
        As `data_prep.shards` writes it.

    Returns
    -------
    index : dict
        ``sample_rate``, ``n_samples``; ``speakers`` to their number of segments;
        ``shards`` to their ``n_segments`` and ``n_bytes``.

    Raises
    ------
    FileNotFoundError
        If there is no index.
    ValueError
        If it is no index, or a shard is missing or of another size.
    """
    path = Path(folder) / "shards.json"
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no shards here; prepare the data with shards")
    try:
        index = json.loads(path.read_text(encoding="utf-8"))
        sizes = {name: part["n_bytes"] for name, part in index["shards"].items()}
        index = {key: index[key] for key in INDEX_KEYS}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _damaged(path) from error
    for name, n_bytes in sizes.items():
        shard = Path(folder) / name
        if not shard.is_file() or shard.stat().st_size != n_bytes:
            raise _damaged(shard)
    return index


def _copies(speakers, balance):
    """Return how often a segment of each speaker comes in a pass, on average."""
    weights = {spk_id: n**-balance for spk_id, n in speakers.items()}
    mean = sum(n * weights[spk_id] for spk_id, n in speakers.items())
    mean /= sum(speakers.values())
    return {spk_id: weight / mean for spk_id, weight in weights.items()}


def _damaged(path):
    return ValueError(
        f"{path}: damaged or missing; remove it if it is there and start again, which"
        " writes the shards anew"
    )
