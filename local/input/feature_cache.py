"""Features of fragments, computed once.

They are kept in ``<folder>/<key>.npy``, whose key is a digest of the representation, of
the rows of the manifest, and of when the recordings were written.
"""

import hashlib
import logging
from pathlib import Path

from speechbrain.utils.distributed import infer_device

from local.input.extraction import compute_features, map_array

logger = logging.getLogger(__name__)


def cached_features(folder, rows, wavs, representation, batch_size, device=None):
    """Return the features of fragments, computing them where that was not done.

    Parameters
    ----------
    folder : str or Path
        Where features are kept.
    rows : sequence of data_prep.fragments.Fragment
        The manifest.
    wavs : sequence of Path
        Recording of each row.
    representation : torch.nn.Module
        As in `local.input.representations`.
    batch_size : int
        Fragments at a time; bounds memory.
    device : str, optional
        Where to compute; by default a GPU if there is one.

    Returns
    -------
    feats : ndarray, (n, ...)
        In the order of the rows; on disk, read as it is used.
    """
    path = Path(folder) / f"{cache_key(rows, wavs, representation)}.npy"
    if path.is_file():
        logger.info("features of the same %d fragments: %s", len(rows), path)
    else:
        device = device or infer_device()
        compute_features(path, rows, wavs, representation, batch_size, device)
    return map_array(path)


def named_features(prepared_folder, rows, wavs, representations, name, batch_size):
    """Return the features of a key of the YAML, kept beside the prepared folder.

    Parameters
    ----------
    prepared_folder : str or Path
        Where the manifest lies.
    rows, wavs, batch_size
        As in `cached_features`.
    representations : dict of str to torch.nn.Module
        Those of the YAML.
    name : str
        One of their keys.

    Returns
    -------
    feats : ndarray, (n, ...)
        As from `cached_features`.

    Raises
    ------
    ValueError
        If there is no such key, or no fragment in a batch.
    """
    if name not in representations:
        raise ValueError(
            f"feats: {name!r} is not under representations: expected one of"
            f" {', '.join(representations)}"
        )
    if batch_size < 1:
        raise ValueError(f"feature_batch_size is {batch_size}, expected 1 or more")
    folder = Path(prepared_folder)
    folder = folder.with_name(f"{folder.name}_features")
    return cached_features(folder, rows, wavs, representations[name], batch_size)


def cache_key(rows, wavs, representation):
    """Return what tells features apart: what computed them, and of what.

    Parameters
    ----------
    rows : sequence of data_prep.fragments.Fragment
        Their content counts, not the place of their manifest.
    wavs : sequence of Path
        The recordings, of which size and time of writing count.
    representation : torch.nn.Module
        Its class, public attributes and weights count, and those of representations
        in it.

    Returns
    -------
    key : str
        20 hexadecimal digits.
    """
    digest = hashlib.sha256()
    for row in rows:
        digest.update(f"{tuple(row)}\n".encode())
    for name, module in representation.named_modules():
        if hasattr(module, "sample_rate") and hasattr(module, "dtype"):
            kind = type(module).__name__, settings(module)
            digest.update(repr((name, *kind)).encode())
    for name, weights in representation.state_dict().items():
        digest.update(f"{name} {tuple(weights.shape)}\n".encode())
        digest.update(weights.cpu().contiguous().numpy().data)
    for wav in dict.fromkeys(wavs):
        status = wav.stat()
        digest.update(f"{status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:20]


def settings(module):
    """Return the public attributes of a module, sorted by name."""
    return {
        name: value
        for name, value in sorted(vars(module).items())
        if not name.startswith("_") and name != "training"
    }
