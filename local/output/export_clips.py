"""Clips to check an exported model with: those of a test, or synthetic ones."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from hyperpyyaml import load_hyperpyyaml

from local.input.datasets import SegmentDataset
from local.input.labels import read_labels

# How a test pickle is read is said there.
VERIFY_YAML = Path(__file__).parents[2] / "hparams/verify.yaml"
N_SYNTHETIC = 32


def read_clips(test_data, test_labels, sample_rate):
    """Return clips to check with, and their speakers where these are known.

    Parameters
    ----------
    test_data, test_labels : Path or None
        As in `local.output.export.export`.
    sample_rate : int
        Of the model, Hz.

    Returns
    -------
    clips : ndarray, (n, samples)
        float32; synthetic without ``test_data``.
    spk_ids : ndarray of str, (n,), or None
        Speakers.

    Raises
    ------
    ValueError
        If there are labels without data, or not one for each clip, or data cannot be
        read.
    """
    if test_data is None:
        if test_labels:
            raise ValueError("--test_labels are of no use without --test_data")
        return synthetic_clips(sample_rate), None
    with TemporaryDirectory() as prepared:
        changes = {"sample_rate": sample_rate, "test_data": str(test_data)}
        with open(VERIFY_YAML, encoding="utf-8") as stream:
            hparams = load_hyperpyyaml(stream, changes | {"prepared_folder": prepared})
        manifest = test_data
        if test_data.suffix != ".csv":
            hparams["prepare_test_data"]()
            manifest = Path(prepared) / "test.csv"
        segments = SegmentDataset(manifest, manifest.parent, sample_rate)
        clips = segments.__getitems__(range(len(segments))).sig.numpy()
    spk_ids = np.array(segments.spk_ids)
    if test_labels:
        spk_ids = read_labels(test_labels, len(clips))
    return clips, spk_ids if all(spk_ids) else None


def synthetic_clips(sample_rate):
    """Make up buzzing voices of many pitches and levels, with noise.

    Parameters
    ----------
    sample_rate : int
        Hz.

    Returns
    -------
    clips : ndarray, (n, sample_rate)
        float32, one second each, the same at every call.
    """
    rng = np.random.default_rng(0)
    time = np.arange(sample_rate) / sample_rate
    pitch = np.linspace(80, 300, N_SYNTHETIC)[:, np.newaxis]
    syllables = 1 + np.sin(2 * np.pi * rng.uniform(2, 6, pitch.shape) * time)
    voices = syllables * np.tanh(9 * np.sin(2 * np.pi * pitch * time))
    noise = rng.standard_normal(voices.shape) * rng.uniform(0.01, 1, pitch.shape)
    return (10 ** rng.uniform(-3, -0.7, pitch.shape) * (voices + noise)).astype("f4")
