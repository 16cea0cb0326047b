"""Manifest CSV to batches of segments of one length.

SpeechBrain's ``DynamicItemDataset`` runs a Python pipeline for every item; for
segments of a second that costs more than the audio itself. Here all segments of a
manifest have one length, so a batch is one row selection from a tensor in memory, or
one read per file where the corpus does not fit. Manifests are read by SpeechBrain.
"""

import csv
from pathlib import Path
from typing import NamedTuple

import soundfile
import torch
from speechbrain.dataio.dataio import load_data_csv
from torch.utils.data import Dataset
from tqdm import tqdm

from local.distributed import no_bar

BYTES_PER_SAMPLE = 4  # float32 in memory


class SegmentBatch(NamedTuple):
    """A batch of segments.

    Attributes
    ----------
    sig : Tensor, (batch, samples)
        Waveforms, float32.
    spk_id_encoded : Tensor, (batch,)
        Integer speakers; -1 where the manifest names none.
    """

    sig: torch.Tensor
    spk_id_encoded: torch.Tensor

    def to(self, device):
        """Move both tensors to a device."""
        return SegmentBatch(self.sig.to(device), self.spk_id_encoded.to(device))


class SegmentDataset(Dataset):
    """Segments of a manifest, in memory where they fit, else read on demand.

    Parameters
    ----------
    manifest : str or Path
        CSV with the columns ``ID,duration,wav,start,stop,spk_id``.
    data_root : str or Path
        Replaces ``$data_root`` in the manifest.
    sample_rate : int
        Expected rate of every file, Hz.
    max_memory_gb : float
        Segments are held in memory up to this size, in GiB; 0 never holds them.

    Raises
    ------
    FileNotFoundError
        If the manifest or one of its files is missing.
    ValueError
        If the manifest is empty or not a manifest, or a file cannot be read or has
        another rate or length.
    """

    def __init__(self, manifest, data_root, sample_rate, max_memory_gb=0.0):
        self.ids, self.spk_ids, self.spans = _read_manifest(manifest, data_root)
        self.sample_rate = sample_rate
        self.spk_id_encoded = torch.full((len(self),), -1)
        _, start, stop = self.spans[0]
        self.n_samples = stop - start
        n_bytes = len(self) * self.n_samples * BYTES_PER_SAMPLE
        self.in_memory = n_bytes <= max_memory_gb * 2**30
        self.wavs = self._read_all(manifest) if self.in_memory else None

    def __len__(self):
        return len(self.ids)

    def __getitem__(self, index):
        return self.__getitems__([index])

    def __getitems__(self, indices):
        # torch's DataLoader calls this once per batch instead of once per item.
        indices = torch.as_tensor(indices)
        if self.in_memory:
            sig = self.wavs[indices]
        else:
            sig = torch.stack([self._read(*self.spans[i]) for i in indices.tolist()])
        return SegmentBatch(sig, self.spk_id_encoded[indices])

    def encode_speakers(self, label_encoder):
        """Encode the speakers by a ``CategoricalEncoder`` that knows them all."""
        self.spk_id_encoded = torch.tensor(label_encoder.encode_sequence(self.spk_ids))

    def _read_all(self, manifest):
        wavs = torch.empty(len(self), self.n_samples)
        name = Path(manifest).name
        bar = tqdm(self.spans, desc=f"read {name}", unit="clip", disable=no_bar())
        for row, span in enumerate(bar):
            wavs[row] = self._read(*span)
        return wavs

    def _read(self, path, start, stop):
        if not Path(path).is_file():
            raise FileNotFoundError(f"{path}: missing; prepare data again")
        try:
            sig, rate = soundfile.read(path, dtype="float32", start=start, stop=stop)
        except soundfile.LibsndfileError as error:
            raise ValueError(f"{error}; prepare data again") from error
        if rate != self.sample_rate or sig.shape != (self.n_samples,):
            raise ValueError(
                f"{path}: {sig.shape} samples at {rate} Hz, expected"
                f" ({self.n_samples},) at {self.sample_rate} Hz; prepare data again"
            )
        return torch.from_numpy(sig)


def _read_manifest(manifest, data_root):
    """Return ids, speakers and spans (wav, start, stop) of the segments."""
    if not Path(manifest).is_file():
        raise FileNotFoundError(f"{manifest}: no such manifest; prepare data first")
    try:
        segments = load_data_csv(manifest, {"data_root": str(data_root)})
        rows = segments.values()
        spk_ids = [row["spk_id"] for row in rows]
        spans = [(row["wav"], int(row["start"]), int(row["stop"])) for row in rows]
    except (KeyError, TypeError, ValueError, csv.Error) as error:
        raise ValueError(
            f"{manifest}: not a manifest ({error}); expected a CSV with the columns"
            " ID,duration,wav,start,stop,spk_id"
        ) from error
    if not spans:
        raise ValueError(f"{manifest}: no segments; prepare data again")
    ids = list(segments)
    bad = [ids[i] for i, span in enumerate(spans) if not 0 <= span[1] < span[2]]
    if bad:
        raise ValueError(
            f"{manifest}: {len(bad)} segments without 0 <= start < stop, first"
            f" {bad[:3]}; prepare data again"
        )
    return ids, spk_ids, spans


def as_batch(batch):
    """Collate for a DataLoader over `SegmentDataset`, which makes whole batches."""
    return batch
