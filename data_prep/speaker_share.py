"""A share of the training speakers, to see what fewer voices to learn from are worth.

The share gets a prepared folder of its own, whose manifests point at the WAVs of the
whole one: nothing is copied but text. Validation is that of the whole. With the same
seed a smaller share is a part of a larger one.
"""

import logging
import os
import shutil
from pathlib import Path

import numpy as np

from data_prep.manifest import DATA_ROOT, read_manifest, write_manifest
from data_prep.prepared_folder import FINGERPRINT, file_sha256, replacing_folder

VERSION = 1  # raise it whenever the same input and settings give other output
LEAST = 2  # speakers to tell apart

logger = logging.getLogger(__name__)


def prepare_share(
    prepare, whole_folder, prepared_folder, speaker_share, seed, shards=0
):
    """Prepare the whole data, then write manifests of a share of its speakers.

    Parameters
    ----------
    prepare : callable
        Prepares ``whole_folder``, unless it is up to date.
    whole_folder : str or Path
        Prepared folder of all speakers, as of `data_prep.pickle_prepare`.
    prepared_folder : str or Path
        Folder of the share, made or replaced; its manifests tell where the whole lies
        by a path from here, so that both can be moved together.
    speaker_share : float
        Of the training speakers, above 0 and at most 1.
    seed : int
        Draws the speakers.
    shards : int
        A share has none.

    Raises
    ------
    ValueError
        If the share is out of range or leaves fewer than two speakers, or shards are
        asked for.
    """
    if shards:
        raise ValueError(f"a share of the speakers has no shards, got {shards}; set 0")
    if not 0 < speaker_share <= 1:
        raise ValueError(f"speaker_share must be in 0..1, above 0, got {speaker_share}")
    prepare()
    whole = Path(whole_folder)
    fingerprint = {
        "kind": "share of the training speakers",
        "version": VERSION,
        "whole_sha256": file_sha256(whole / FINGERPRINT),
        "whole_folder": os.path.relpath(whole, prepared_folder),
        "speaker_share": speaker_share,
        "seed": seed,
    }
    with replacing_folder(prepared_folder, fingerprint) as staging:
        if staging:
            _write_share(staging, whole, speaker_share, seed)


def draw_speakers(spk_ids, speaker_share, seed):
    """Draw a share of the speakers, the first of an order that the seed alone decides.

    Parameters
    ----------
    spk_ids : iterable of str
        Speaker of each segment.
    speaker_share : float
        Above 0, at most 1.
    seed : int
        Seed of the draw.

    Returns
    -------
    drawn : set of str
        The speakers.

    Raises
    ------
    ValueError
        If these are fewer than two.

    Examples
    --------
    >>> quarter, half = (draw_speakers("abcdefgh", share, 1) for share in (0.25, 0.5))
    >>> len(quarter), len(half), quarter < half
    (2, 4, True)
    """
    names = np.unique(list(spk_ids))
    n_drawn = round(speaker_share * len(names))
    if n_drawn < LEAST:
        raise ValueError(
            f"a share of {speaker_share:g} of {len(names)} training speakers leaves"
            f" {n_drawn}, expected {LEAST} at least; raise speaker_share"
        )
    order = np.random.default_rng(seed).permutation(names)
    return set(order[:n_drawn].tolist())


def _write_share(staging, whole, speaker_share, seed):
    sides = {
        name: read_manifest(whole / f"{name}.csv", whole, labelled=True)
        for name in ("train", "valid")
    }
    drawn = draw_speakers((row.spk_id for row in sides["train"]), speaker_share, seed)
    train = [row for row in sides["train"] if row.spk_id in drawn]
    logger.info(
        "%d of %d training segments, %d speakers",
        *(len(train), len(sides["train"]), len(drawn)),
    )
    # The staging folder lies beside the folder it becomes.
    there = f"{DATA_ROOT}/{os.path.relpath(whole, staging)}"
    for name, rows in (("train", train), ("valid", sides["valid"])):
        moved = [row._replace(wav=row.wav.replace(DATA_ROOT, there)) for row in rows]
        write_manifest(staging / f"{name}.csv", moved, staging, labelled=True)
    for name in ("valid_trials.csv", "segment_digests.txt"):  # of all that is prepared
        shutil.copy(whole / name, staging)
