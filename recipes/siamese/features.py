"""Fragments of a corpus and their features, kept in ``<prepared_folder>_features``."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from data_prep.fragments import Fragment
from data_prep.manifest import DATA_ROOT, read_manifest
from local.input.extraction import sample_rate
from local.input.feature_cache import cached_features


class Fragments(NamedTuple):
    """Fragments of speech and their features.

    Attributes
    ----------
    ids, spk_ids : ndarray of str, (n,)
        As in the manifest and in its order.
    utterances : ndarray of str, (n,)
        As from `recordings`.
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
    prepared_folder,
    role,
    data_root,
    representation,
    batch_size,
    apart_by="utterance",
    device=None,
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
        As in `local.input.representations`.
    batch_size : int
        Fragments at a time; bounds memory.
    apart_by : {"utterance", "chapter"}
        See `recordings`.
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
    features_folder = folder.with_name(f"{folder.name}_features")
    feats = cached_features(
        features_folder, rows, wavs, representation, batch_size, device
    )
    ids, spk_ids = (
        np.array([str(getattr(row, name)) for row in rows]) for name in ("ID", "spk_id")
    )
    utterances = recordings(rows, apart_by)
    starts = np.array([row.start / sample_rate(row) for row in rows])
    return Fragments(ids, spk_ids, utterances, starts, feats)


def recordings(rows, apart_by):
    """Return of which recording each fragment is: two of one are not compared.

    Parameters
    ----------
    rows : sequence of data_prep.fragments.Fragment
        The manifest.
    apart_by : {"utterance", "chapter"}
        What counts as one recording. A speaker of a single chapter, or of unknown ones,
        has utterances all the same.

    Returns
    -------
    names : ndarray of str, (n,)
        Of chapters or utterances.

    Raises
    ------
    ValueError
        If ``apart_by`` is something else.
    """
    if apart_by not in ("utterance", "chapter"):
        raise ValueError(f"apart_by: expected utterance or chapter, got {apart_by!r}")
    chapters = {}
    for row in rows:
        chapters.setdefault(row.spk_id, set()).add(row.chapter)
    several = {spk_id for spk_id, found in chapters.items() if len(found) > 1}
    by_chapter = several if apart_by == "chapter" else ()
    return np.array(
        [row.chapter if row.spk_id in by_chapter else row.utterance for row in rows]
    )


def read_rows(manifest, data_root):
    """Return the rows of a manifest of fragments."""
    return read_manifest(manifest, data_root, True, Fragment)
