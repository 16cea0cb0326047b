"""Run a model over segments: embeddings, their files and their cache.

An embeddings file is an ``.npz`` with ``ids``, ``spk_ids`` and ``matrix``.
"""

import hashlib
import logging
from pathlib import Path
from typing import NamedTuple
from zipfile import BadZipFile

import numpy as np
import torch
from speechbrain.utils.autocast import AMPConfig, TorchAutocast
from speechbrain.utils.distributed import if_main_process, run_on_main
from tqdm import tqdm

from local.distributed import gather_dealt, no_bar, processes
from local.files import replacing
from local.hardware import map_by_cores
from local.scoring.model_folder import ELSEWHERE, find_model, load_encoder

logger = logging.getLogger(__name__)


class Embeddings(NamedTuple):
    """Embeddings of segments.

    Attributes
    ----------
    ids : ndarray of str, (n_segments,)
        Segments, in the order of their manifest.
    spk_ids : ndarray of str, (n_segments,)
        Their speakers, empty where unknown.
    matrix : ndarray, (n_segments, emb_dim)
        One embedding a row, float32, as the model gives them.
    """

    ids: np.ndarray
    spk_ids: np.ndarray
    matrix: np.ndarray


def embed(encoder, dataset, batch_size, n_segments=None):
    """Embed the segments of a dataset.

    Under ``torchrun`` the processes take the batches in turn: whole ones, so that the
    embeddings are those of a single process to the bit.

    Parameters
    ----------
    encoder : EncoderClassifier
        From `local.scoring.model_folder.load_encoder`.
    dataset : local.input.datasets.SegmentDataset
        The segments.
    batch_size : int
        Segments at a time; changes the speed, not the embeddings.
    n_segments : int, optional
        Only the first so many.

    Returns
    -------
    embeddings : Embeddings
        In the order of the dataset.

    Raises
    ------
    ValueError
        If the model gives NaN or infinity.
    """
    n_segments = min(len(dataset), n_segments or len(dataset))
    rank, n_processes = processes()
    mine = range(0, n_segments, batch_size)[rank::n_processes]

    def embed_from(start):
        rows = range(start, min(start + batch_size, n_segments))
        return encode(encoder, dataset.__getitems__(list(rows)).sig)

    parts = []
    with tqdm(desc="embed", total=n_segments, unit="clip", disable=no_bar()) as bar:
        for part in map_by_cores(embed_from, mine, encoder.device):
            parts.append(part)
            bar.update(min(n_processes * len(part), n_segments - bar.n))
    matrix = torch.cat(gather_dealt(parts)).numpy()
    bad = np.flatnonzero(~np.isfinite(matrix).all(axis=1))
    if bad.size:
        raise ValueError(
            f"the model gives NaN or infinity for {bad.size} segments, first"
            f" {[dataset.ids[i] for i in bad[:3]]}; train again with a lower"
            " learning rate"
        )
    ids, spk_ids = (np.array(x[:n_segments]) for x in (dataset.ids, dataset.spk_ids))
    return Embeddings(ids, spk_ids, matrix)


@torch.inference_mode()
def encode(encoder, wavs):
    """Return embeddings (batch, emb_dim) of wavs (batch, samples), float32.

    Parameters
    ----------
    encoder : EncoderClassifier
        Its precision is kept to.
    wavs : Tensor, (batch, samples)
        Of whole segments.
    """
    dtype = AMPConfig.from_name(encoder.precision).dtype
    # Its own inference_ctx is one object, which threads cannot enter together.
    with TorchAutocast(device_type=encoder.device_type, dtype=dtype):
        return encoder.encode_batch(wavs).squeeze(1).float().cpu()


def save_embeddings(path, embeddings):
    """Write an embeddings file, under a temporary name first."""
    with replacing(path) as temporary:
        np.savez(temporary, **embeddings._asdict())


def load_embeddings(path):
    """Read an embeddings file, of whatever precision.

    Parameters
    ----------
    path : str or Path
        As written by `save_embeddings`.

    Returns
    -------
    embeddings : Embeddings
        As float32.

    Raises
    ------
    FileNotFoundError
        If there is none.
    ValueError
        If it holds something else.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(
            f"{path}: no embeddings; export the model again; {ELSEWHERE}"
        )
    try:
        with np.load(path, allow_pickle=False) as arrays:
            ids, spk_ids, matrix = (arrays[name] for name in Embeddings._fields)
            return Embeddings(ids, spk_ids, matrix.astype(np.float32, copy=False))
    except (ValueError, KeyError, TypeError, EOFError, BadZipFile) as error:
        raise ValueError(
            f"{path}: not an embeddings file ({error}); export the model again"
        ) from error


def cached_embeddings(
    model_folder, dataset, cache_folder, batch_size, device=None, precision="fp32"
):
    """Embed a dataset once per content of model, manifest and audio.

    Parameters
    ----------
    model_folder : str or Path
        As in `find_model`.
    dataset : local.input.datasets.SegmentDataset
        The segments.
    cache_folder : str or Path
        Where embeddings files are kept, named by content.
    batch_size : int
        As in `embed`.
    device, precision : str, optional
        As in `load_encoder`.

    Returns
    -------
    embeddings : Embeddings
        Computed or read.
    """
    model_folder = find_model(model_folder)
    wavs = [Path(path) for path, _, _ in dataset.spans]
    spans = [span[1:] for span in dataset.spans]
    rows = [dataset.ids, dataset.spk_ids, spans, precision]
    key = content_digest([*model_files(model_folder), *wavs], rows)
    path = Path(cache_folder) / f"embeddings-{key[:16]}.npz"
    if run_on_main(path.is_file):  # one answer for all processes
        logger.info("embeddings of the same model and audio: %s", path)
        return load_embeddings(path)
    encoder = load_encoder(model_folder, device, precision)
    embeddings = embed(encoder, dataset, batch_size)
    if if_main_process():
        save_embeddings(path, embeddings)
    return embeddings


def model_files(model_folder):
    """Return the files that make the embeddings of a model: its YAML and weights."""
    folder = Path(model_folder)
    return [folder / "hyperparams.yaml", *sorted(folder.glob("*.ckpt"))]


def model_digest(model_folder):
    """Return what tells a model from another: a digest of its YAML and weights."""
    return content_digest(model_files(model_folder), [])


def content_digest(paths, rows):
    """Return the SHA-256 of rows and of files: names, lengths, contents and order."""
    digest = hashlib.sha256(repr(rows).encode())
    for path in paths:
        content = path.read_bytes()
        digest.update(f"{path.name} {len(content)}\n".encode() + content)
    return digest.hexdigest()
