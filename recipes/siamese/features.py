"""Fragments of a corpus and their features, computed once; normalisers of features.

Features are kept in ``<prepared_folder>_features/<key>.npy``, whose key is a digest of
the representation, of the manifest, and of when the recordings were written.
"""

import hashlib
import logging
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from speechbrain.utils.distributed import infer_device

from data_prep.fragments import Fragment
from data_prep.manifest import DATA_ROOT, read_manifest
from recipes.siamese.extraction import compute_features, sample_rate

BLOCK = 2**22  # numbers that are read at a time from features on disk

logger = logging.getLogger(__name__)


class Fragments(NamedTuple):
    """Fragments of speech and their features.

    Attributes
    ----------
    ids, spk_ids, utterances : ndarray of str, (n,)
        As in the manifest and in its order.
    starts : ndarray, (n,)
        Seconds from the beginning of the utterance.
    feats : ndarray, (n, ...)
        On disk, read as it is used.
    """

    ids: np.ndarray
    spk_ids: np.ndarray
    utterances: np.ndarray
    starts: np.ndarray
    feats: np.ndarray


def load_fragments(
    prepared_folder, role, data_root, representation, batch_size, device=None
):
    """Load the fragments of a role, computing their features where that was not done.

    Parameters
    ----------
    prepared_folder : str or Path
        Holds ``<role>.csv``.
    role : str
        Such as "train".
    data_root : str or Path
        Folder that ``$data_root`` stands for.
    representation : torch.nn.Module
        As in `recipes.siamese.representations`.
    batch_size : int
        Fragments at a time; bounds memory.
    device : str, optional
        Where to compute; by default a GPU if there is one.

    Returns
    -------
    fragments : Fragments
        In the order of the manifest.
    """
    folder = Path(prepared_folder)
    manifest = folder / f"{role}.csv"
    rows = read_rows(manifest, data_root)
    wavs = [Path(row.wav.replace(DATA_ROOT, str(data_root))) for row in rows]
    key = cache_key(manifest, wavs, representation)
    path = folder.with_name(f"{folder.name}_features") / f"{key}.npy"
    if path.is_file():
        logger.info("features of the same %s fragments: %s", role, path)
    else:
        device = device or infer_device()
        compute_features(path, rows, wavs, representation, batch_size, device)
    ids, spk_ids, utterances = (
        np.array([str(getattr(row, name)) for row in rows])
        for name in ("ID", "spk_id", "utterance")
    )
    starts = np.array([row.start / sample_rate(row) for row in rows])
    return Fragments(ids, spk_ids, utterances, starts, np.load(path, mmap_mode="r"))


def read_rows(manifest, data_root):
    """Return the rows of a manifest of fragments."""
    return read_manifest(manifest, data_root, True, Fragment)


def cache_key(manifest, wavs, representation):
    """Return what tells features apart: what computed them, and of what.

    Parameters
    ----------
    manifest : Path
        Its content counts, not its place.
    wavs : sequence of Path
        The recordings, of which size and time of writing count.
    representation : torch.nn.Module
        Its class, public attributes and weights count.

    Returns
    -------
    key : str
        20 hexadecimal digits.
    """
    settings = {
        name: value
        for name, value in sorted(vars(representation).items())
        if not name.startswith("_") and name != "training"
    }
    digest = hashlib.sha256(manifest.read_bytes())
    digest.update(repr((type(representation).__name__, settings)).encode())
    for name, weights in representation.state_dict().items():
        digest.update(f"{name} {tuple(weights.shape)}\n".encode())
        digest.update(weights.cpu().contiguous().numpy().data)
    for wav in dict.fromkeys(wavs):
        status = wav.stat()
        digest.update(f"{status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:20]


def blocks(feats):
    """Yield features on disk piece by piece, as float64."""
    n_rows = max(1, BLOCK // feats[0].size)
    for start in range(0, len(feats), n_rows):
        yield feats[start : start + n_rows].astype(np.float64)


class Unit(torch.nn.Module):
    """Divide features by what is full scale to them; nothing is learnt.

    Parameters
    ----------
    full_scale : float
        255 for bytes; 1 leaves features as they are.

    Examples
    --------
    >>> Unit()(torch.tensor([0, 51, 255], dtype=torch.uint8))
    tensor([0.0000, 0.2000, 1.0000])
    """

    def __init__(self, full_scale=255.0):
        super().__init__()
        self.full_scale = full_scale

    def fit(self, feats):
        """Learn nothing."""

    def forward(self, feats):
        """Return features as float32."""
        return feats.float() / self.full_scale


class MinMax(torch.nn.Module):
    """Map the least number of all features to 0 and the greatest to 1.

    Examples
    --------
    >>> scale = MinMax()
    >>> scale.fit(np.array([[0.0, 2.0], [-2.0, 1.0]]))
    >>> scale(torch.tensor([[-2.0, 0.0, 4.0]]))
    tensor([[0.0000, 0.5000, 1.5000]])
    """

    def __init__(self):
        super().__init__()
        # Until they are learnt, nothing that could be mistaken for features comes out.
        self.register_buffer("low", torch.tensor(float("nan")))
        self.register_buffer("high", torch.tensor(float("nan")))

    def fit(self, feats):
        """Learn the range of features (n, ...), of an array in memory or on disk.

        Raises
        ------
        ValueError
            If they are all the same.
        """
        ends = np.array([(block.min(), block.max()) for block in blocks(feats)])
        low, high = ends[:, 0].min(), ends[:, 1].max()
        if not low < high:
            raise ValueError(f"all features are {low:g}; is the corpus silent?")
        self.low.fill_(low)
        self.high.fill_(high)

    def forward(self, feats):
        """Return features of which those learnt from lie in 0..1."""
        return (feats.float() - self.low) / (self.high - self.low)


class Standard(torch.nn.Module):
    """Bring each feature to mean 0 and deviation 1 over fragments and time.

    Parameters
    ----------
    n_features : int
        Such as 32 coefficients.
    axis : int
        Of a batch, on which they lie: 1 for MFCCs, 2 for VGGish.

    Examples
    --------
    >>> scale = Standard(2, axis=1)
    >>> scale.fit(np.array([[[1.0, 3.0], [5.0, 5.0]]]))
    >>> scale(torch.tensor([[[1.0, 3.0], [5.0, 6.0]]]))
    tensor([[[-1.,  1.],
             [ 0.,  1.]]])
    """

    def __init__(self, n_features, axis):
        super().__init__()
        self.n_features = n_features
        self.axis = axis
        self.register_buffer("mean", torch.full((n_features,), float("nan")))
        self.register_buffer("std", torch.full((n_features,), float("nan")))

    def fit(self, feats):
        """Learn from features (n, ...), of an array in memory or on disk.

        Raises
        ------
        ValueError
            If they are not so many.
        """
        if feats.shape[self.axis] != self.n_features:
            raise ValueError(
                f"features {feats.shape[1:]}, expected {self.n_features} on axis"
                f" {self.axis} of a batch; change n_features or axis"
            )
        # From the first number of each: of a constant feature nothing else is left,
        # and sums of squares stay small.
        first = np.moveaxis(feats[:1], self.axis, -1).reshape(-1, self.n_features)[0]
        count, total, squares = 0, 0.0, 0.0
        for block in blocks(feats):
            rows = np.moveaxis(block, self.axis, -1).reshape(-1, self.n_features)
            rows = rows - first
            count += len(rows)
            total += rows.sum(axis=0)
            squares += (rows**2).sum(axis=0)
        mean = total / count
        std = np.sqrt(np.maximum(squares / count - mean**2, 0))
        self.mean.copy_(torch.from_numpy(mean + first))
        # One that never changes, as VGGish has some, becomes 0 and stays near it.
        self.std.copy_(torch.from_numpy(np.where(std > 0, std, 1)))

    def forward(self, feats):
        """Return standard features."""
        shape = [1] * feats.ndim
        shape[self.axis] = -1
        return (feats.float() - self.mean.view(shape)) / self.std.view(shape)
