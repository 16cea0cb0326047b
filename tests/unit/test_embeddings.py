"""Tests of local.scoring.embeddings."""

import csv

import numpy as np
import pytest
import soundfile
import torch

from local.input.datasets import SegmentDataset
from local.scoring import embeddings as embeddings_module
from local.scoring.embeddings import (
    Embeddings,
    cached_embeddings,
    embed,
    load_embeddings,
    load_encoder,
    save_embeddings,
)

RATE = 11025
SAMPLES = 200
IDS = ["s0", "s1", "s2", "s3", "s4"]
SPEAKERS = ["a", "b", "a", "b", "é"]


class FakeEncoder:
    """Gives the first three samples, and counts its batches."""

    def __init__(self):
        self.batches = []

    def encode_batch(self, wavs):
        self.batches.append(len(wavs))
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


# embed


def test_embed_gives_a_row_per_segment_in_order(folder):
    dataset = read(folder)
    found = embed(FakeEncoder(), dataset, batch_size=2)
    assert found.ids.tolist() == IDS
    assert found.spk_ids.tolist() == SPEAKERS
    assert np.array_equal(found.matrix, dataset.wavs[:, :3].numpy())
    assert found.matrix.dtype == np.float32


def test_embed_does_not_depend_on_the_batch_size(folder):
    one, four = FakeEncoder(), FakeEncoder()
    assert same(embed(one, read(folder), 1), embed(four, read(folder), 4))
    assert (one.batches, four.batches) == ([1] * 5, [4, 1])


@pytest.mark.parametrize(("n_segments", "expected"), [(3, 3), (99, 5), (None, 5)])
def test_embed_may_stop_after_n_segments(folder, n_segments, expected):
    found = embed(FakeEncoder(), read(folder), 2, n_segments)
    assert [len(part) for part in found] == [expected] * 3
    assert found.ids.tolist() == IDS[:expected]


def test_embeddings_of_another_precision_become_float32(folder):
    class HalfEncoder(FakeEncoder):
        def encode_batch(self, wavs):
            return super().encode_batch(wavs).bfloat16()

    assert embed(HalfEncoder(), read(folder), 2).matrix.dtype == np.float32


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_nan_is_refused_with_the_ids(folder, value):
    dataset = read(folder)
    dataset.wavs[1, 2] = dataset.wavs[4, 0] = value
    with pytest.raises(ValueError, match=r"2 segments, first \['s1', 's4'\]"):
        embed(FakeEncoder(), dataset, 2)


# Files


@pytest.fixture
def some():
    matrix = np.arange(6, dtype=np.float32).reshape(3, 2) / 7
    return Embeddings(np.array(["s0", "s1", "é"]), np.array(["", "b", ""]), matrix)


def test_embeddings_come_back_as_saved(tmp_path, some):
    save_embeddings(tmp_path / "new" / "a.npz", some)
    found = load_embeddings(tmp_path / "new" / "a.npz")
    assert same(found, some)
    assert found.matrix.dtype == np.float32
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["a.npz"]


def test_a_failed_write_leaves_the_old_file(tmp_path, some, monkeypatch):
    path = tmp_path / "a.npz"
    save_embeddings(path, some)

    def full(*args, **kwargs):
        raise OSError("disk full")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OSError, match="disk full"):
        save_embeddings(path, some)
    assert same(load_embeddings(path), some)


def test_missing_embeddings_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"a\.npz: no embeddings"):
        load_embeddings(tmp_path / "a.npz")


class Bomb:
    """Leaves a mark when unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def test_objects_in_a_file_are_refused_and_not_unpickled(tmp_path, some):
    bomb = np.array([Bomb(tmp_path / "mark")], object)
    np.savez(tmp_path / "a.npz", ids=some.ids, spk_ids=some.spk_ids, matrix=bomb)
    with pytest.raises(ValueError, match=r"a\.npz: not an embeddings file"):
        load_embeddings(tmp_path / "a.npz")
    assert not (tmp_path / "mark").exists()


def write_part(path):
    with open(path, "wb") as stream:
        np.savez(stream, ids=np.zeros(1))


def write_array(path):
    with open(path, "wb") as stream:
        np.save(stream, np.zeros(3))


@pytest.mark.parametrize(
    "write",
    [
        write_part,
        write_array,
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"PK\x03\x04 cut off"),
        lambda path: path.write_bytes(b"text"),
    ],
)
def test_another_file_is_refused(tmp_path, write):
    write(tmp_path / "a.npz")
    with pytest.raises(ValueError, match=r"a\.npz: not an embeddings file"):
        load_embeddings(tmp_path / "a.npz")


# The cache


@pytest.fixture
def model(tmp_path):
    """Return a folder with the files that make a model."""
    folder = tmp_path / "model"
    folder.mkdir()
    for name in ("hyperparams.yaml", "embedding_model.ckpt", "mean_var_norm.ckpt"):
        (folder / name).write_text(name)
    return folder


@pytest.fixture
def loads(monkeypatch):
    """Return the list of (model, device) that `load_encoder` was called with."""
    calls = []

    def load(model_folder, device=None):
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


# The model

TINY_MODEL = """
compute_features: !new:speechbrain.lobes.features.Fbank
    sample_rate: 11025
    n_mels: 8
mean_var_norm: !new:speechbrain.processing.features.InputNormalization
    norm_type: sentence
embedding_model: !new:speechbrain.lobes.models.ECAPA_TDNN.ECAPA_TDNN
    input_size: 8
    channels: [8, 8, 8, 8, 8]
    attention_channels: 4
    se_channels: 4
    lin_neurons: 6
classifier: !new:speechbrain.lobes.models.ECAPA_TDNN.Classifier
    input_size: 6
    out_neurons: 2
modules:
    compute_features: !ref <compute_features>
    mean_var_norm: !ref <mean_var_norm>
    embedding_model: !ref <embedding_model>
    classifier: !ref <classifier>
pretrainer: !new:speechbrain.utils.parameter_transfer.Pretrainer
    loadables:
        classifier: !ref <classifier>
"""


def test_a_model_folder_loads_frozen_and_stays_as_it_is(tmp_path):
    (tmp_path / "hyperparams.yaml").write_text(TINY_MODEL, encoding="utf-8")
    weight = torch.arange(12.0).reshape(2, 6)
    torch.save({"weight": weight}, tmp_path / "classifier.ckpt")
    encoder = load_encoder(tmp_path, "cpu")
    assert encoder.encode_batch(torch.randn(3, RATE)).shape == (3, 1, 6)
    assert torch.equal(encoder.mods.classifier.weight, weight)
    assert not encoder.mods.embedding_model.training
    assert not any(p.requires_grad for p in encoder.mods.parameters())
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"hyperparams.yaml", "classifier.ckpt"}
    assert not any(path.is_symlink() for path in tmp_path.iterdir())


@pytest.mark.parametrize("name", ["none", "."])
def test_a_folder_without_a_model_is_named(tmp_path, name):
    with pytest.raises(
        FileNotFoundError, match=r"no model here .*<output_folder>/model"
    ):
        load_encoder(tmp_path / name)


def test_a_missing_model_is_named_before_a_cache_is_made(folder):
    with pytest.raises(FileNotFoundError, match="no model here"):
        cached(folder / "none", folder)
    assert not (folder / "cache").exists()
