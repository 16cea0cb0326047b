"""Fixtures all tests share: a generator, the task in miniature, models untrained."""

import hashlib
import json
import pickle
import sys

import numpy as np
import pytest
import soundfile
import torch
from hyperpyyaml import load_hyperpyyaml
from matplotlib.figure import Figure
from ruamel.yaml import YAML
from speechbrain.utils.importutils import LazyModule

from data_prep.voxceleb_subset import build_subset
from data_prep.voxceleb_surrogate import prepare_surrogate
from local.output.inference_yaml import INFERENCE_LOADABLES, write_yaml
from verify import main as verify_main

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


@pytest.fixture(scope="session")
def librispeech_folder(tmp_path_factory):
    """Return a LibriSpeech folder of made-up readers, of four or five seconds each.

    The twelve of train-clean-100 have one utterance, the four of dev-clean two. Those
    of odd numbers, with the lower voice of each two, are men.
    """
    folder = tmp_path_factory.mktemp("LibriSpeech")
    rng = np.random.default_rng(3)
    for reader in range(1, 17):
        subset, n = ("train-clean-100", 1) if reader <= 12 else ("dev-clean", 2)
        for number in range(n):
            wav = np.concatenate([synthetic_voice(reader, rng) for _ in range(7)])
            name = f"{reader}-8-{number:04d}.flac"
            path = folder / subset / str(reader) / "8" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            soundfile.write(path, wav, 16000)  # another pitch, but a voice still
    lines = [
        f"{n:<4} | {'FM'[n % 2]} | made up | 0.08 | Reader {n}" for n in range(1, 17)
    ]
    text = "\n".join([";ID | SEX | SUBSET | MINUTES | NAME", *lines]) + "\n"
    (folder / "SPEAKERS.TXT").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def voxceleb_folder(tmp_path_factory, librispeech_folder):
    """Return a folder with ``wav``, a VoxCeleb1 of made-up readers, and ``lists``.

    Ten speakers to train on and three held out have four utterances each of 1.2
    seconds, or eight; the test part has three more.
    """
    folder = tmp_path_factory.mktemp("VoxCeleb")
    prepare_surrogate(
        librispeech_folder,
        folder / "wav",
        subset=("train-clean-100", "dev-clean"),
        test_readers="any",
        n_test_readers=3,
        piece_seconds=1.0,
    )
    sizes = {"n_dev_speakers": 3, "n_dev_trials": 20}
    build_subset(folder / "wav", folder / "lists", "voxceleb1_dev", **sizes)
    return folder


@pytest.fixture
def drawn(monkeypatch):
    """Collect the figures instead of writing them."""
    figures = []

    def keep(figure, path, **kwargs):
        path.touch()
        figures.append(figure)

    monkeypatch.setattr(Figure, "savefig", keep)
    return figures


@pytest.fixture
def model(tmp_path):
    """Return a folder with the files that make a model, but no model in them."""
    folder = tmp_path / "model"
    folder.mkdir()
    for name in ("hyperparams.yaml", "embedding_model.ckpt", "mean_var_norm.ckpt"):
        (folder / name).write_text(name)
    return folder


UNTRAINED_MODEL = """
sample_rate: 11025
compute_features: !new:local.input.statistics.SegmentStatistics
    sample_rate: !ref <sample_rate>
    n_fft: 64
    hop_length: 128
    quantiles: [0.5]
    n_mfcc: 2
    n_mels: 8
    mfcc_fft: 512
    mfcc_window: 276
    mfcc_hop: 110
    lag: 2
    floor_db: 80
mean_var_norm: !new:speechbrain.processing.features.InputNormalization
    norm_type: global
embedding_model: !new:local.models.statistics_encoder.StatisticsEncoder
    input_size: 40
    rank: 8
    damping: 0.1
    shrinkage: 0.1
    hidden: 4
    dropout: 0.1
    noise: 0.1
    lin_neurons: 6
    n_looks: 1
classifier: !new:speechbrain.lobes.models.ECAPA_TDNN.Classifier
    input_size: 6
    out_neurons: 3
"""
UNTRAINED_FACTS = {
    "name": "StatisticsEncoder",
    "seed": 1,
    "n_parameters": 1000,
    "n_flops": 5000,
    "train_seconds": 60.0,
    "train_clips_per_second": 100.0,
    "device": "a CPU",
    "n_train_segments": 12,
    "n_train_speakers": 3,
    "epochs": 2,
}


@pytest.fixture
def untrained_model(tmp_path):
    """Return a function that writes a whole model folder, its weights drawn by seed.

    Its cohort is four segments of each of three speakers, and so are, of others, the
    segments for calibration; their embeddings are made up.
    """

    def write(seed):
        torch.manual_seed(seed)
        folder = tmp_path / f"untrained-{seed}" / "model"
        folder.mkdir(parents=True)
        path = folder / "hyperparams.yaml"
        write_yaml(YAML().load(UNTRAINED_MODEL), INFERENCE_LOADABLES, path)
        hparams = load_hyperpyyaml(path.read_text(encoding="utf-8"))
        hparams["embedding_model"].whiten.normal_()
        for name in ("embedding_model", "classifier"):
            torch.save(hparams[name].state_dict(), folder / f"{name}.ckpt")
        mean, std = torch.randn(40), torch.rand(40) + 1
        norm = {"count": 9, "glob_mean": mean, "glob_std": std}
        torch.save(norm, folder / "mean_var_norm.ckpt")
        hparams["label_encoder"].update_from_iterable(["s2", "s0", "s1"])
        hparams["label_encoder"].save(folder / "label_encoder.ckpt")
        for part, spk_ids in (("cohort", "s0 s1 s2"), ("valid", "v0 v1 v2")):
            spk_ids = np.repeat(spk_ids.split(), 4)
            ids = np.array([f"{part}-{n}" for n in range(12)])
            voices = torch.randn(3, 6).repeat_interleave(4, dim=0)
            matrix = (voices + 0.3 * torch.randn(12, 6)).numpy()
            np.savez(folder / f"{part}.npz", ids=ids, spk_ids=spk_ids, matrix=matrix)
        facts = UNTRAINED_FACTS | {"experiment": f"untrained-{seed}"}
        (folder / "training.json").write_text(json.dumps(facts), encoding="utf-8")
        (folder / "segment_digests.txt").write_text("of the first", encoding="utf-8")
        log = "epoch: 1, lr: 1e-3 - train loss: 1.0 - valid eer: 0.5"
        (folder / "train_log.txt").write_text(log, encoding="utf-8")
        return folder

    return write


@pytest.fixture
def verify(untrained_model, task_folder, tmp_path):
    """Return a function that verifies the task in miniature by an untrained model."""
    model = untrained_model(1)
    digest = hashlib.sha256(b"no test segment").hexdigest()
    (model / "segment_digests.txt").write_text(f"{digest}\n")
    log = "epoch: 1, lr: 1e-3 - train loss: 1.0 - valid eer: 0.1\n"
    (model / "train_log.txt").write_text(log)

    def run(name, **changes):
        settings = {
            "device": "cpu",
            "model": model,
            "test_data": task_folder / "test_data.pkl",
            "test_labels": task_folder / "test_labels.npy",
            "output_folder": tmp_path / name,
            "prepared_folder": tmp_path / "prepared",
            "rerank": "[]",
            "top_n": 3,
            "n_bootstrap": 5,
            "n_calibration_galleries": 2,
        }
        words = [(f"--{key}", str(x)) for key, x in (settings | changes).items()]
        verify_main(["hparams/verify.yaml", *sum(words, ())])
        return tmp_path / name

    return run
