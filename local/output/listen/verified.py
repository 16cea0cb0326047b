"""What a verification left in its folder, read back: embeddings, scores, segments."""

from pathlib import Path
from typing import NamedTuple
from zipfile import BadZipFile

import numpy as np
from hyperpyyaml import load_hyperpyyaml
from ruamel.yaml.error import YAMLError

from local.input.datasets import SegmentDataset
from local.input.labels import read_labels
from local.scoring.cohort import load_cohort
from local.scoring.embeddings import cached_embeddings
from local.scoring.model_folder import find_model, read_facts
from local.scoring.systems import inductive_systems, transductive_systems


class Verified(NamedTuple):
    """A verified gallery.

    Attributes
    ----------
    title : str
        Which model, on which test.
    segments : local.input.datasets.SegmentDataset
        The gallery.
    spk_ids : ndarray of str, (n_segments,), or None
        Their speakers, where known.
    embeddings : ndarray, (n_segments, emb_dim)
        As the model gives them.
    scores : dict of str to ndarray, (n_segments, n_segments)
        Of the systems that see one pair at a time: before and after normalisation.
    submitted : str
        Name of the system that was submitted.
    llr : ndarray, (n_segments, n_segments)
        Its natural-log likelihood ratios.
    p_target : float
        Expected share of same-speaker pairs.
    seed : int
        Of the verification.
    """

    title: str
    segments: SegmentDataset
    spk_ids: np.ndarray | None
    embeddings: np.ndarray
    scores: dict
    submitted: str
    llr: np.ndarray
    p_target: float
    seed: int


def read_verified(folder, **changes):
    """Read the output folder of ``verify.py``.

    Parameters
    ----------
    folder : str or Path
        With ``hyperparams.yaml``, which builds objects, so it is code: read those you
        trust; and with ``same_speaker_probability.npz``.
    **changes : str or Path
        Where ``test_data``, ``test_labels`` or ``model`` lie now, if elsewhere.

    Returns
    -------
    verified : Verified
        Embeddings are those of the cache if the model is the same to the bit.

    Raises
    ------
    FileNotFoundError
        If something of it is missing.
    ValueError
        If the parts do not belong together.
    """
    folder = Path(folder)
    hparams = load_settings(folder, changes)
    ids, llr = read_llr(folder / "same_speaker_probability.npz")
    segments = load_segments(hparams, changes.get("test_data"))
    if segments.ids != ids:
        raise ValueError(
            f"{folder}: {len(ids)} segments were verified, the test data are"
            f" {len(segments)} with other names; give those verified as --test_data"
        )
    labels = hparams["test_labels"]
    model = find_model(hparams["model"])
    batch = hparams["batch_size"]
    embeddings = cached_embeddings(model, segments, folder, batch).matrix
    cohort = load_cohort(model, hparams["cohort_unit"])
    systems = inductive_systems(hparams["normalization"], cohort, hparams["top_n"])
    reranked = transductive_systems(hparams["rerank"], hparams["rerankers"], None)
    facts = read_facts(model)
    return Verified(
        f"{facts['experiment']}, seed {facts['seed']}, on {folder.resolve().name}",
        segments,
        read_labels(labels, len(segments)) if labels else None,
        embeddings,
        {name: system(embeddings) for name, system in systems.items()},
        [*systems, *reranked][-1],
        llr,
        hparams["p_target"],
        hparams["seed"],
    )


def load_settings(folder, changes):
    """Build the YAML that a verification keeps of itself.

    Parameters
    ----------
    folder, changes
        As of `read_verified`.

    Returns
    -------
    hparams : dict
        The constructed YAML, changed.

    Raises
    ------
    FileNotFoundError
        If there is none.
    ValueError
        If it is one of something else.
    """
    path = Path(folder) / "hyperparams.yaml"
    if not path.is_file():
        raise FileNotFoundError(f"{path}: missing; give the output folder of verify.py")
    try:
        with open(path, encoding="utf-8") as stream:
            settings = {key: str(value) for key, value in changes.items()}
            hparams = load_hyperpyyaml(stream, settings)
    except (KeyError, TypeError, ValueError, ImportError, YAMLError) as error:
        reason = " ".join(str(error).split())
        raise ValueError(f"{path}: {reason}; verify again") from error
    if "prepare_test_data" not in hparams or "rerankers" not in hparams:
        raise ValueError(f"{path}: not of a verification; give a folder of verify.py")
    return hparams


def read_llr(path):
    """Read ids (a list) and log-likelihood ratios of a `same_speaker_probability.npz`.

    Raises
    ------
    FileNotFoundError
        If there is none.
    ValueError
        If it is something else.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(
            f"{path}: missing; give an output folder of verify.py without --top_k,"
            " which writes no matrix"
        )
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return arrays["ids"].tolist(), arrays["llr"]
    except (ValueError, KeyError, TypeError, EOFError, BadZipFile) as error:
        raise ValueError(f"{path}: cannot be read ({error}); verify again") from error


def load_segments(hparams, test_data):
    """Return the segments, as prepared then or from test data given now.

    Parameters
    ----------
    hparams : dict
        As from `load_settings`.
    test_data : str or Path or None
        Task pickle to prepare anew; a manifest is in ``hparams`` already.

    Returns
    -------
    segments : local.input.datasets.SegmentDataset
        The gallery.
    """
    manifest = Path(hparams["test_data"])
    if manifest.suffix != ".csv":
        prepared = Path(hparams["prepared_folder"])
        manifest = prepared / "test.csv"
        if test_data:
            prepare = hparams["prepare_test_data"]
            prepare(test_pickle=str(test_data), prepared_folder=str(prepared))
    return SegmentDataset(
        manifest, manifest.parent, hparams["sample_rate"], hparams["max_memory_gb"]
    )
