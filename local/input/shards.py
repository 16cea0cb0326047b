"""Tar shards (WebDataset) to batches of one-second segments, read in sequence.

For data that memory cannot hold: a disk or a network gives few large files many times
faster than many small ones. `data_prep.shards` tells what the files are. webdataset
reads the tars and shuffles; what it lacks is done here:

- shards and segments are drawn by seed and epoch alone, and speakers balanced;
- an epoch has as many batches as in memory, whatever the number of loader processes;
- a shard that is damaged or missing is an error: the CRC of each segment is checked,
  and they are counted (for webdataset, a tar ends where it breaks off).
"""

import io
import json
import random
import tarfile
import zlib
from itertools import chain, count, islice
from pathlib import Path

import numpy as np
import torch
import webdataset
from scipy.io import wavfile
from torch.utils.data import IterableDataset, get_worker_info
from webdataset.tariterators import tar_file_expander
from webdataset.utils import pytorch_worker_info

from local.input.datasets import SegmentBatch
from local.input.samplers import check_draw, epoch_seed, share_of_batch

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
        Segments a batch; with several training processes each gives its share.
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
        self.speakers = {str(n): n for n in range(len(self.spk_ids))}  # by folder
        self.shards = {n: part["n_segments"] for n, part in index["shards"].items()}
        self.n_samples = index["n_samples"]
        self.n_segments = sum(self.shards.values())
        check_draw(self.n_segments, batch_size, balance)
        self.n_mine = share_of_batch(batch_size, self.n_ranks)
        self.copies = _copies(index["speakers"].values(), balance)
        self.classes = torch.full((len(self.spk_ids),), -1)
        self.batch_size = batch_size
        self.shuffle_buffer = shuffle_buffer
        self.seed = seed
        self.epoch = 0

    def __len__(self):
        return self.n_segments // self.batch_size

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
            yield self._batch(list(islice(segments, self.n_mine)))

    def set_epoch(self, epoch):
        """Choose the epoch whose batches the next iteration gives."""
        self.epoch = epoch

    def encode_speakers(self, label_encoder):
        """Encode the speakers by a ``CategoricalEncoder`` that knows them all."""
        self.classes = torch.tensor(label_encoder.encode_sequence(self.spk_ids))

    def _pass(self, names, rng):
        """Yield the segments of some shards, shuffled, as often as they are drawn."""
        shards = map(self._read_shard, rng.sample(names, len(names)))
        drawn = (
            (speaker, wav)
            for speaker, wav in chain.from_iterable(shards)
            for _ in range(int(self.copies[speaker] + rng.random()))
        )
        n = self.shuffle_buffer
        return webdataset.shuffle(n, initial=n, rng=rng)(drawn)

    def _read_shard(self, name):
        """Yield the segments of a shard: speaker and WAV."""
        path, n_read = self.folder / name, 0
        try:
            with open(path, "rb") as stream:
                source = {"url": path, "stream": stream}
                for file in tar_file_expander([source], eof_value=None):
                    speaker, crc, wav = file["fname"].split("/")
                    if zlib.crc32(file["data"]) != int(crc, base=16):
                        raise ValueError(f"{wav} is not as it was written")
                    yield self.speakers[speaker], file["data"]
                    n_read += 1
        except (tarfile.TarError, OSError, ValueError, KeyError) as error:
            raise _damaged(path) from error
        if n_read != self.shards[name]:
            raise _damaged(path)

    def _batch(self, segments):
        sig = np.empty((len(segments), self.n_samples), np.float32)
        for (_, wav), row in zip(segments, sig, strict=True):
            # soundfile, from memory, takes longer than all else here together.
            _, samples = wavfile.read(io.BytesIO(wav))
            np.multiply(samples, STEP[samples.dtype.name], out=row, dtype=np.float32)
        classes = self.classes[[speaker for speaker, _ in segments]]
        return SegmentBatch(torch.from_numpy(sig), classes)


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


def _copies(n_segments, balance):
    """Return how often a segment of each speaker comes in a pass, on average."""
    n_segments = np.array(list(n_segments), dtype=float)
    weights = n_segments**-balance
    return (weights * n_segments.sum() / (weights @ n_segments)).tolist()


def _damaged(path):
    return ValueError(
        f"{path}: damaged or missing; remove it if it is there and start again, which"
        " writes the shards anew"
    )
