"""Fixtures all tests share: a seeded generator and the task in miniature."""

import pickle
import sys

import numpy as np
import pytest
from speechbrain.utils.importutils import LazyModule

SAMPLE_RATE = 11025
N_SPEAKERS = 10
N_SEGMENTS = 6


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems():
    """Take SpeechBrain's unloaded optional modules out of hypothesis' way.

    Hypothesis reads ``__file__`` of every module, and a LazyModule of an integration
    that is not installed answers with an ImportError.
    """
    for name, module in list(sys.modules.items()):
        if isinstance(module, LazyModule):
            del sys.modules[name]


@pytest.fixture
def rng():
    """Return a seeded generator."""
    return np.random.default_rng(0)


def synthetic_voice(spk, rng):
    """Return one second of a made-up speaker: a harmonic tone under two formants."""
    time = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    pitch = (90 + 17 * spk) * rng.uniform(0.97, 1.03)
    harmonics = pitch * np.arange(1, int(5000 / pitch))
    formants = (400 + 45 * spk, 1200 + 110 * spk)
    level = sum(np.exp(-(((harmonics - f) / 250) ** 2)) for f in formants) + 0.02
    phases = rng.uniform(0, 2 * np.pi, len(harmonics))
    tone = (level * np.sin(2 * np.pi * np.outer(time, harmonics) + phases)).sum(1)
    tone *= 1 + 0.5 * np.sin(2 * np.pi * rng.uniform(3, 6) * time)  # syllables
    tone += 0.05 * np.abs(tone).max() * rng.standard_normal(SAMPLE_RATE)
    return (0.5 * tone / np.abs(tone).max()).astype(np.float32)


def synthetic_segments(speakers, seed):
    """Return data (n, 11025) float32 and labels (n,) of made-up speakers."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.asarray(speakers), N_SEGMENTS)
    return np.stack([synthetic_voice(spk, rng) for spk in labels]), labels


@pytest.fixture(scope="session")
def task_folder(tmp_path_factory):
    """Return a folder with raw_data.pkl, test_data.pkl and test_labels.npy."""
    folder = tmp_path_factory.mktemp("task")
    data, labels = synthetic_segments(range(N_SPEAKERS), seed=1)
    test_data, test_labels = synthetic_segments(np.arange(4) + 20.5, seed=2)
    for name, content in (("raw_data", [data, labels]), ("test_data", [test_data])):
        with open(folder / f"{name}.pkl", "wb") as stream:
            pickle.dump(content, stream)
    np.save(folder / "test_labels.npy", test_labels.astype(str))
    return folder
