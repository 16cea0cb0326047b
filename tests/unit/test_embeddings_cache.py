"""Tests of the cache of local.scoring.embeddings."""

import csv

import numpy as np
import pytest
import soundfile

from local.input.datasets import SegmentDataset
from local.scoring import embeddings as embeddings_module
from local.scoring.embeddings import cached_embeddings, embed

RATE = 11025
SAMPLES = 200
IDS = ["s0", "s1", "s2", "s3", "s4"]
SPEAKERS = ["a", "b", "a", "b", "é"]


class FakeEncoder:
    """Gives the first three samples."""

    device = device_type = "cpu"
    precision = "fp32"

    def encode_batch(self, wavs):
        return wavs[:, None, :3]  # (batch, 1, emb_dim)


def write_manifest(folder, ids=IDS, spk_ids=SPEAKERS, wavs=range(5)):
    columns = ["ID", "duration", "wav", "start", "stop", "spk_id"]
    rows = [
        [id_, SAMPLES / RATE, f"$data_root/{wav}.wav", 0, SAMPLES, spk_id]
        for id_, spk_id, wav in zip(ids, spk_ids, wavs, strict=True)
    ]
    with open(folder / "test.csv", "w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([columns, *rows])


@pytest.fixture
def folder(tmp_path, rng):
    """Return a folder with five segments and their manifest."""
    for index in range(5):
        pcm = rng.integers(-32768, 32768, SAMPLES, dtype=np.int16)
        soundfile.write(tmp_path / f"{index}.wav", pcm, RATE)
    write_manifest(tmp_path)
    return tmp_path


def read(folder):
    return SegmentDataset(folder / "test.csv", folder, RATE, max_memory_gb=1)


def same(first, second):
    return all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


@pytest.fixture
def loads(monkeypatch):
    """Return the list of (model, device) that `load_encoder` was called with."""
    calls = []

    def load(model_folder, device=None, precision="fp32"):
        calls.append((model_folder, device))
        return FakeEncoder()

    monkeypatch.setattr(embeddings_module, "load_encoder", load)
    return calls


def cached(model, folder, **options):
    return cached_embeddings(model, read(folder), folder / "cache", 2, **options)


def flip_a_bit(path):
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def test_the_same_model_and_audio_are_embedded_once(model, folder, loads):
    first = cached(model, folder, device="cpu")
    assert same(cached(model, folder), first)
    assert same(first, embed(FakeEncoder(), read(folder), 5))
    assert loads == [(model, "cpu")]
    assert len(list((folder / "cache").iterdir())) == 1


def test_each_precision_is_embedded_once(model, folder, loads):
    for precision in ("fp32", "bf16", "fp32", "bf16"):
        cached(model, folder, precision=precision)
    assert len(loads) == len(list((folder / "cache").iterdir())) == 2


def test_a_training_folder_stands_for_the_model_in_it(model, folder, loads):
    cached(model, folder)
    (folder / "hyperparams.yaml").write_text("of the training")
    cached(folder, folder)
    assert len(loads) == 1
    flip_a_bit(model / "embedding_model.ckpt")
    cached(folder, folder)
    assert loads[1:] == [(model, None)]


def test_a_copy_elsewhere_is_the_same_audio(model, folder, loads, tmp_path):
    cached(model, folder)
    other = tmp_path / "moved"
    other.mkdir()
    for path in [*folder.glob("*.wav"), folder / "test.csv"]:
        path.rename(other / path.name)
    cached_embeddings(model, read(other), folder / "cache", 2)
    assert len(loads) == 1


@pytest.mark.parametrize(
    "name",
    [
        "4.wav",
        "model/embedding_model.ckpt",
        "model/mean_var_norm.ckpt",
        "model/hyperparams.yaml",
    ],
)
def test_a_changed_byte_is_embedded_anew(model, folder, loads, name):
    cached(model, folder)
    flip_a_bit(folder / name)
    found = cached(model, folder)
    assert len(loads) == 2
    assert same(found, embed(FakeEncoder(), read(folder), 5))


@pytest.mark.parametrize(
    "change",
    [
        {"ids": ["t0", "t1", "t2", "t3", "t4"]},
        {"spk_ids": ["b", "b", "a", "b", "é"]},
        {"wavs": [1, 0, 2, 3, 4]},
    ],
)
def test_a_changed_manifest_is_embedded_anew(model, folder, loads, change):
    cached(model, folder)
    write_manifest(folder, **change)
    found = cached(model, folder)
    assert len(loads) == 2
    assert same(found, embed(FakeEncoder(), read(folder), 5))


def test_other_parts_of_the_same_files_are_embedded_anew(model, folder, loads):
    cached(model, folder)
    text = (folder / "test.csv").read_text(encoding="utf-8")
    text = text.replace(",0,200,", ",1,200,")
    (folder / "test.csv").write_text(text, encoding="utf-8")
    found = cached(model, folder)
    assert same(found, embed(FakeEncoder(), read(folder), 5))
    assert len(loads) == 2


def test_a_missing_model_is_named_before_a_cache_is_made(folder):
    with pytest.raises(FileNotFoundError, match="no model here"):
        cached(folder / "none", folder)
    assert not (folder / "cache").exists()
