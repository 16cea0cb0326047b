"""Utterances -> embeddings of their crops, kept as they are made.

A folder of blocks, a few utterances each, is named by what they are made of: model,
utterances (name, size and time of writing) and crops. What is there is not made again.
"""

import logging
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from tqdm import tqdm

from data_prep.voxceleb import CORPUS_RATE, locate, read_utterance
from local.files import replacing
from local.hardware import map_by_cores
from local.input.recordings import resample
from local.scoring.crops import evenly_spaced_crops
from local.scoring.embeddings import content_digest, encode, model_digest
from local.scoring.model_folder import load_encoder, read_sample_rate

BLOCK = 64  # utterances a file: what a killed run loses at most

logger = logging.getLogger(__name__)


class Crops(NamedTuple):
    """How an utterance is heard.

    Attributes
    ----------
    n_crops : int
        Evenly spaced, the first at the start and the last at the end.
    crop_seconds : float
        Length of each; a shorter utterance is repeated.
    """

    n_crops: int
    crop_seconds: float


def embed_crops(
    model_folder, names, voxceleb_folder, crops, cache_folder, device, precision
):
    """Embed the crops of utterances, or read them where that was done.

    Parameters
    ----------
    model_folder : str or Path
        The model folder itself.
    names : sequence of str, (n,)
        Paths in the VoxCeleb folder.
    voxceleb_folder : str or Path
        Folder that holds the speakers' folders.
    crops : Crops
        What is heard of each.
    cache_folder : str or Path
        Where the folders of blocks are kept.
    device, precision : str
        As of `local.scoring.model_folder.load_encoder`.

    Returns
    -------
    embeddings : ndarray, (n, n_crops, emb_dim)
        float32.

    Raises
    ------
    ValueError
        If an utterance cannot be read, or its embeddings are not finite.
    """
    rate = read_sample_rate(model_folder)
    paths = [locate(voxceleb_folder, name) for name in names]
    written = [(path.stat().st_size, path.stat().st_mtime_ns) for path in paths]
    rows = [model_digest(model_folder), *crops, precision, *map(str, names), *written]
    folder = Path(cache_folder) / f"embeddings-{content_digest([], rows)[:16]}"
    starts = range(0, len(paths), BLOCK)
    files = {start: folder / f"{start:07d}.npy" for start in starts}
    missing = [start for start in starts if not files[start].is_file()]
    if len(missing) < len(files):
        done, n = len(files) - len(missing), len(files)
        logger.info("%d of %d blocks of embeddings are in %s", done, n, folder)
    if missing:
        encoder = load_encoder(model_folder, device, precision)
        _write_blocks(
            {files[start]: paths[start : start + BLOCK] for start in missing},
            lambda path: _embed_utterance(encoder, path, rate, crops),
            encoder.device,
        )
    return np.concatenate([np.load(path) for path in files.values()])


def _write_blocks(blocks, embed, device):
    """Write the embeddings of each block of utterances to its file."""
    n_utterances = sum(map(len, blocks.values()))
    bar = tqdm(desc="embed", total=n_utterances, unit=" utterances", disable=None)
    with bar:
        for file, paths in blocks.items():
            found = []
            for matrix in map_by_cores(embed, paths, device):
                found.append(matrix)
                bar.update()
            with replacing(file) as temporary:
                np.save(temporary, np.stack(found))


def _embed_utterance(encoder, path, sample_rate, crops):
    """Return the embeddings (n_crops, emb_dim) of an utterance."""
    wav = resample(read_utterance(path), CORPUS_RATE, sample_rate)
    if not len(wav):
        raise ValueError(f"{path}: no samples; unpack the archive again")
    crop_samples = round(crops.crop_seconds * sample_rate)
    heard = evenly_spaced_crops(wav, crops.n_crops, crop_samples)
    matrix = encode(encoder, torch.from_numpy(heard)).numpy()
    if not (np.isfinite(matrix).all() and matrix.any(axis=1).all()):
        raise ValueError(
            f"{path}: the model gives no finite embedding of it; is it silent? Take its"
            " trials out of the list"
        )
    return matrix
