"""Prepared segments in shards and streams of them, for the tests of shards."""

import pickle

from speechbrain.dataio.encoder import CategoricalEncoder
from torch.utils.data import DataLoader

from local.input.datasets import SegmentDataset, as_batch
from local.input.shards import ShardedSegments


def write_pickle(path, data, labels):
    """Write a training pickle and return its path."""
    path.write_bytes(pickle.dumps([data, labels]))
    return path


def shards_of(prepared):
    """Return the folder of the shards."""
    return prepared.with_name(f"{prepared.name}_shards")


def contents(folder):
    """Return the bytes of all shards and their index by name."""
    paths = [*folder.glob("*.tar"), folder / "shards.json"]
    return {path.name: path.read_bytes() for path in paths}


def segments(prepared):
    """Return the manifest's segments: samples as bytes to speaker."""
    dataset = SegmentDataset(prepared / "train.csv", prepared, 11025)
    batch = dataset.__getitems__(range(len(dataset)))
    samples = (sig.numpy().tobytes() for sig in batch.sig)
    return dict(zip(samples, dataset.spk_ids, strict=True))


def stream(prepared, epoch=1, **changes):
    """Return the stream of an epoch, its speakers encoded."""
    settings = {"batch_size": 4, "balance": 0, "shuffle_buffer": 8, "seed": 5}
    data = ShardedSegments(shards_of(prepared), 11025, **settings | changes)
    encoder = CategoricalEncoder()
    encoder.update_from_iterable(sorted(data.spk_ids), sequence_input=False)
    data.encode_speakers(encoder)
    data.set_epoch(epoch)
    return data


def load(data, num_workers=0):
    """Return all batches of an epoch."""
    loader = DataLoader(
        data, batch_size=None, collate_fn=as_batch, num_workers=num_workers
    )
    batches = iter(loader)
    try:
        return list(batches)
    finally:
        if num_workers:  # else an error, which holds them, keeps them for seconds
            batches._shutdown_workers()


def drawn(batches):
    """Return the segments of batches, in their order, by their samples."""
    return [sig.numpy().tobytes() for batch in batches for sig in batch.sig]
