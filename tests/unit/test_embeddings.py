"""Tests of local.scoring.embeddings."""

import numpy as np
import pytest
import torch
from processes import run_processes

from local.input.datasets import SegmentBatch
from local.scoring.embeddings import (
    Embeddings,
    embed,
    load_embeddings,
    model_digest,
    save_embeddings,
)

IDS = ["s0", "s1", "s2", "s3", "s4"]
SPEAKERS = ["a", "b", "a", "b", "é"]


class FakeDataset:
    """Five segments of 200 samples."""

    ids = IDS
    spk_ids = SPEAKERS

    def __init__(self):
        self.wavs = torch.randn((5, 200), generator=torch.Generator().manual_seed(0))

    def __len__(self):
        return 5

    def __getitems__(self, indices):
        return SegmentBatch(self.wavs[indices], torch.full((len(indices),), -1))


class FakeEncoder:
    """Gives the first three samples, and counts its batches."""

    def __init__(self):
        self.batches = []

    device = device_type = "cpu"
    precision = "fp32"

    def encode_batch(self, wavs):
        self.batches.append(len(wavs))
        return wavs[:, None, :3]  # (batch, 1, emb_dim)


@pytest.fixture
def dataset():
    return FakeDataset()


def same(first, second):
    return all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


def test_embed_gives_a_row_per_segment_in_order(dataset):
    found = embed(FakeEncoder(), dataset, batch_size=2)
    assert found.ids.tolist() == IDS
    assert found.spk_ids.tolist() == SPEAKERS
    assert np.array_equal(found.matrix, dataset.wavs[:, :3].numpy())
    assert found.matrix.dtype == np.float32


def test_embed_does_not_depend_on_the_batch_size(dataset):
    one, four = FakeEncoder(), FakeEncoder()
    assert same(embed(one, dataset, 1), embed(four, dataset, 4))
    # Threads may end in another order than they began.
    assert (sorted(one.batches), sorted(four.batches)) == ([1] * 5, [1, 4])


def embed_in_turn(n_segments):
    encoder = FakeEncoder()
    return embed(encoder, FakeDataset(), 2, n_segments), encoder.batches


@pytest.mark.parametrize("n_segments", [1, 5])
def test_processes_take_whole_batches_in_turn_and_all_have_the_result(n_segments):
    shares = run_processes(embed_in_turn, 2, n_segments)
    expected = embed(FakeEncoder(), FakeDataset(), 2, n_segments)
    assert all(same(found, expected) for found, _ in shares)
    batches = {1: ([1], []), 5: ([1, 2], [2])}
    assert tuple(sorted(sizes) for _, sizes in shares) == batches[n_segments]


@pytest.mark.parametrize(("n_segments", "expected"), [(3, 3), (99, 5), (None, 5)])
def test_embed_may_stop_after_n_segments(dataset, n_segments, expected):
    found = embed(FakeEncoder(), dataset, 2, n_segments)
    assert [len(part) for part in found] == [expected] * 3
    assert found.ids.tolist() == IDS[:expected]


def test_embeddings_of_another_precision_become_float32(dataset):
    class HalfEncoder(FakeEncoder):
        def encode_batch(self, wavs):
            return super().encode_batch(wavs).bfloat16()

    assert embed(HalfEncoder(), dataset, 2).matrix.dtype == np.float32


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_nan_is_refused_with_the_ids(dataset, value):
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


def test_embeddings_saved_in_16_bits_come_back_in_32(tmp_path, some):
    half = some._replace(matrix=some.matrix.astype(np.float16))
    save_embeddings(tmp_path / "a.npz", half)
    found = load_embeddings(tmp_path / "a.npz")
    assert same(found, half)
    assert found.matrix.dtype == np.float32


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


def write_words(path):
    words = np.array(["no", "numbers"])
    np.savez(path, ids=words, spk_ids=words, matrix=words)


@pytest.mark.parametrize(
    "write",
    [
        write_part,
        write_array,
        write_words,
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"PK\x03\x04 cut off"),
        lambda path: path.write_bytes(b"text"),
    ],
)
def test_another_file_is_refused(tmp_path, write):
    write(tmp_path / "a.npz")
    with pytest.raises(ValueError, match=r"a\.npz: not an embeddings file"):
        load_embeddings(tmp_path / "a.npz")


def test_a_model_is_told_by_its_weights(model):
    before = model_digest(model)
    assert model_digest(model) == before
    (model / "embedding_model.ckpt").write_text("other weights")
    assert model_digest(model) != before
