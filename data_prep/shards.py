"""Tar shards (WebDataset) of the training segments, for data beyond memory.

Into ``<prepared_folder>_shards`` go

``train-000000.tar``, ...
    The segments of ``train.csv`` in a drawn order, so that each shard holds a mix of
    speakers: ``17/<CRC>/<ID>.wav``, by the 18th speaker of the index, the samples as
    they are, with the CRC-32 of the file, by which damage is found. (A second file, for
    such facts, would make reading take half as long again.)
``shards.json``
    The index: rate and length of the segments, the speakers and how many segments there
    are of each, and the segments and bytes of each shard. Training would else have to
    read all shards for them.

Same data, same seed, same bytes. The folder is made anew when the prepared data, the
number of shards or the seed change, and only then: see `data_prep.prepared_folder`.
"""

import io
import json
import warnings
import zlib
from collections import Counter
from pathlib import Path

import numpy as np
from scipy.io import wavfile
from tqdm import tqdm

from data_prep.manifest import DATA_ROOT, read_manifest
from data_prep.prepared_folder import FINGERPRINT, file_sha256, replacing_folder

VERSION = 1  # raise it whenever the same input and settings give other output
INDEX = "shards.json"


def prepare_shards(prepared_folder, n_shards, seed):
    """Write the training segments of a prepared folder as shards, unless they are.

    Parameters
    ----------
    prepared_folder : str or Path
        From `data_prep.pickle_prepare` or `data_prep.voxceleb_prepare`.
    n_shards : int
        Tar files, of as many segments each as any other, or one more.
    seed : int
        Draws the order of the segments.

    Raises
    ------
    ValueError
        If there are fewer segments than shards, or a WAV is not as the manifest says.
    FileNotFoundError
        If nothing was prepared, or a WAV is missing.
    """
    prepared_folder = Path(prepared_folder)
    fingerprint = {
        "kind": "shards",
        "version": VERSION,
        "prepared_sha256": file_sha256(prepared_folder / FINGERPRINT),
        "n_shards": n_shards,
        "seed": seed,
    }
    with replacing_folder(f"{prepared_folder}_shards", fingerprint) as staging:
        if staging is None:
            return
        manifest = prepared_folder / "train.csv"
        rows = read_manifest(manifest, prepared_folder, labelled=True)
        if not 0 < n_shards <= len(rows):
            raise ValueError(
                f"shards is {n_shards}, but there are {len(rows)} training segments;"
                f" set it to 0..{len(rows)}"
            )
        speakers = dict(sorted(Counter(row.spk_id for row in rows).items()))
        order = np.random.default_rng(seed).permutation(len(rows))
        parts = [[rows[i] for i in part] for part in np.array_split(order, n_shards)]
        shards, sample_rate = _write_shards(staging, parts, speakers, prepared_folder)
        index = {
            "sample_rate": sample_rate,
            "n_samples": rows[0].stop - rows[0].start,
            "speakers": speakers,
            "shards": shards,
        }
        text = json.dumps(index, indent=2, ensure_ascii=False) + "\n"
        (staging / INDEX).write_text(text, encoding="utf-8")


def _write_shards(folder, parts, speakers, data_root):
    """Write a shard for each part; return what the index says of each, and the rate."""
    from webdataset.writer import TarWriter  # imports torch, which takes a second

    shards, rates = {}, set()
    numbers = {spk_id: number for number, spk_id in enumerate(speakers)}
    n_segments = sum(map(len, parts))
    with tqdm(None, "shards", n_segments, unit=" segments", disable=None) as bar:
        for number, rows in enumerate(parts):
            path = folder / f"train-{number:06d}.tar"
            # ShardWriter, which writes many, cannot be told how many.
            with open(path, "wb") as file, TarWriter(file, mtime=0) as tar:
                for row in rows:
                    rate, wav = _read_wav(row, data_root)
                    rates.add(rate)
                    key = f"{numbers[row.spk_id]}/{zlib.crc32(wav):08x}/{row.ID}"
                    tar.write({"__key__": key, "wav": wav})
                    bar.update()
            n_bytes = path.stat().st_size
            shards[path.name] = {"n_segments": len(rows), "n_bytes": n_bytes}
    if len(rates) > 1:
        raise ValueError(f"segments of {sorted(rates)} Hz; prepare the data again")
    return shards, rates.pop()


def _read_wav(row, data_root):
    """Return rate and WAV of a segment, alike whenever it was written.

    libsndfile puts the time of writing into WAVs of floats; so they are written anew.
    """
    path = Path(row.wav.replace(DATA_ROOT, str(data_root)))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", wavfile.WavFileWarning)
            rate, samples = wavfile.read(path)
    except ValueError as error:
        raise ValueError(f"{path}: {error}; remove it and prepare again") from error
    samples = samples[row.start : row.stop]  # of an utterance, which holds several
    if samples.shape != (row.stop - row.start,):
        raise ValueError(
            f"{path}: {samples.shape} samples, expected ({row.stop - row.start},);"
            " remove it and prepare again"
        )
    memory = io.BytesIO()
    wavfile.write(memory, rate, samples)
    return rate, memory.getvalue()
