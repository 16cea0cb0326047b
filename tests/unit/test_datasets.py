"""Tests of local.input.datasets."""

import csv

import numpy as np
import pytest
import soundfile
import torch
from speechbrain.dataio.encoder import CategoricalEncoder
from torch.utils.data import DataLoader

from local.input.datasets import SegmentBatch, SegmentDataset, as_batch
from local.input.samplers import BalancedBatchSampler

RATE = 11025
SAMPLES = 500
COLUMNS = ["ID", "duration", "wav", "start", "stop", "spk_id"]
SPEAKERS = ["b", "a", "a", "c", "b", "a"]
IN_MEMORY, FROM_DISK = 1.0, 0.0
BOTH = pytest.mark.parametrize("max_memory_gb", [IN_MEMORY, FROM_DISK])


def row(index, spk_id="a", start=0, stop=SAMPLES):
    wav = f"$data_root/{index}.wav"
    return [f"s{index}", stop / RATE, wav, start, stop, spk_id]


def write_manifest(folder, rows, columns=COLUMNS):
    with open(folder / "train.csv", "w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([columns, *rows])
    return folder / "train.csv"


def write_wav(folder, index, pcm, rate=RATE):
    soundfile.write(folder / f"{index}.wav", pcm, rate, subtype="PCM_16")


@pytest.fixture
def pcm(rng):
    return rng.integers(-32768, 32768, (6, SAMPLES), dtype=np.int16)


@pytest.fixture
def folder(tmp_path, pcm):
    """Return a folder with six segments of three speakers and their manifest."""
    for index, segment in enumerate(pcm):
        write_wav(tmp_path, index, segment)
    write_manifest(tmp_path, [row(i, spk) for i, spk in enumerate(SPEAKERS)])
    return tmp_path


def read(folder, max_memory_gb=IN_MEMORY, sample_rate=RATE):
    """Return the dataset after reading a first batch."""
    dataset = SegmentDataset(folder / "train.csv", folder, sample_rate, max_memory_gb)
    dataset.__getitems__([0, 1])
    return dataset


@BOTH
def test_a_batch_holds_the_samples_of_the_files(folder, pcm, max_memory_gb):
    batch = read(folder, max_memory_gb).__getitems__([4, 1, 1])
    assert batch.sig.dtype == torch.float32
    assert np.array_equal(batch.sig.numpy() * 32768, pcm[[4, 1, 1]])


@BOTH
def test_ids_and_speakers_are_in_the_order_of_the_manifest(folder, max_memory_gb):
    dataset = read(folder, max_memory_gb)
    assert len(dataset) == 6
    assert dataset.ids == ["s0", "s1", "s2", "s3", "s4", "s5"]
    assert dataset.spk_ids == SPEAKERS
    assert dataset.n_samples == SAMPLES


def test_memory_and_disk_give_identical_batches(folder):
    memory, disk = read(folder, IN_MEMORY), read(folder, FROM_DISK)
    assert (memory.in_memory, disk.in_memory) == (True, False)
    for indices in ([0], [5, 3, 1], range(6)):
        first, second = memory.__getitems__(indices), disk.__getitems__(indices)
        assert torch.equal(first.sig, second.sig)
        assert torch.equal(first.spk_id_encoded, second.spk_id_encoded)


def test_segments_are_held_up_to_max_memory(folder):
    size_gb = 6 * SAMPLES * 4 / 2**30  # float32
    assert read(folder, size_gb).in_memory
    assert not read(folder, size_gb * 0.999).in_memory


def test_one_item_is_a_batch_of_one(folder, pcm):
    item = read(folder)[2]
    assert item.sig.shape == (1, SAMPLES)
    assert np.array_equal(item.sig[0].numpy() * 32768, pcm[2])


@BOTH
def test_a_segment_may_be_a_part_of_a_longer_file(tmp_path, pcm, max_memory_gb):
    write_wav(tmp_path, 0, pcm.reshape(-1))
    rows = [[f"part{i}", *row(0, "a", i * 500, i * 500 + 500)[1:]] for i in range(6)]
    write_manifest(tmp_path, rows)
    batch = read(tmp_path, max_memory_gb).__getitems__(range(6))
    assert np.array_equal(batch.sig.numpy() * 32768, pcm)


# Speakers


def test_speakers_are_minus_1_until_encoded(folder):
    dataset = read(folder)
    assert dataset.__getitems__([0, 3]).spk_id_encoded.tolist() == [-1, -1]


@BOTH
def test_encoded_speakers_follow_the_label_encoder(folder, max_memory_gb):
    encoder = CategoricalEncoder()
    encoder.update_from_iterable(["a", "b", "c"])
    dataset = read(folder, max_memory_gb)
    dataset.encode_speakers(encoder)
    assert dataset.spk_id_encoded.tolist() == [1, 0, 0, 2, 1, 0]
    assert dataset.__getitems__([3, 0]).spk_id_encoded.tolist() == [2, 1]


def test_a_test_manifest_has_no_speakers(folder):
    write_manifest(folder, [row(i, "") for i in range(6)])
    assert read(folder).spk_ids == [""] * 6


def test_to_moves_both_tensors():
    batch = SegmentBatch(torch.zeros(2, 3), torch.zeros(2, dtype=int)).to("meta")
    assert batch.sig.device.type == batch.spk_id_encoded.device.type == "meta"


# torch's DataLoader


@pytest.mark.parametrize(
    ("num_workers", "max_memory_gb"), [(0, IN_MEMORY), (0, FROM_DISK), (2, FROM_DISK)]
)
def test_a_loader_gives_the_batches_of_the_sampler(folder, num_workers, max_memory_gb):
    dataset = read(folder, max_memory_gb)
    dataset.spk_id_encoded = torch.tensor([1, 0, 0, 2, 1, 0])
    sampler = BalancedBatchSampler(dataset.spk_id_encoded, 2, 0.5, seed=1)
    loader = DataLoader(
        dataset, batch_sampler=sampler, collate_fn=as_batch, num_workers=num_workers
    )
    batches = list(loader)
    assert len(batches) == 3
    for batch, indices in zip(batches, sampler, strict=True):
        expected = dataset.__getitems__(indices)
        assert torch.equal(batch.sig, expected.sig)
        assert torch.equal(batch.spk_id_encoded, expected.spk_id_encoded)


def test_a_loader_in_order_gives_all_segments(folder, pcm):
    loader = DataLoader(read(folder), batch_size=4, collate_fn=as_batch)
    batches = list(loader)
    assert [len(batch.sig) for batch in batches] == [4, 2]
    sig = torch.cat([batch.sig for batch in batches])
    assert np.array_equal(sig.numpy() * 32768, pcm)


# Errors


def test_a_missing_manifest_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"train\.csv: no such manifest"):
        read(tmp_path)


def test_an_empty_manifest_is_refused(folder):
    write_manifest(folder, [])
    with pytest.raises(ValueError, match=r"train\.csv: no segments"):
        read(folder)


@pytest.mark.parametrize("missing", ["ID", "wav", "start", "stop", "spk_id"])
def test_a_manifest_without_a_column_is_refused(folder, missing):
    position = COLUMNS.index(missing)
    columns, line = list(COLUMNS), row(0)
    del columns[position], line[position]
    write_manifest(folder, [line], columns)
    with pytest.raises(ValueError, match=rf"train\.csv: not a manifest .*{missing}"):
        read(folder)


@pytest.mark.parametrize(
    "line",
    [
        ["s0", "?", "$data_root/0.wav", 0, 500, "a"],
        ["s0", 1, "$data_root/0.wav", "x", 500, "a"],
        ["s0", 1, "$data_root/0.wav", 0, 0.5, "a"],
        ["s0", 1, "$elsewhere/0.wav", 0, 500, "a"],
        ["s0", 1, "$data_root/0.wav"],
        ["s0", 1, "$data_root/0.wav", 0, 500, "a" * 200_000],  # beyond csv's limit
        ["s0", 1, "$data_root/0.wav", 0, 500, "a", "more"],
    ],
)
def test_a_broken_line_is_refused(folder, line):
    write_manifest(folder, [line])
    with pytest.raises(ValueError, match=r"train\.csv: not a manifest"):
        read(folder)


def test_what_is_not_text_is_refused(folder):
    (folder / "train.csv").write_bytes(b"ID,\x00\xff\n" * 3)
    with pytest.raises(ValueError, match=r"train\.csv: not a manifest"):
        read(folder)


def test_an_id_given_twice_is_refused(folder):
    write_manifest(folder, [row(0), row(0)])
    with pytest.raises(ValueError, match="s0"):
        read(folder)


@pytest.mark.parametrize(("start", "stop"), [(0, 0), (5, 4), (-1, 499)])
def test_an_empty_span_is_refused(folder, start, stop):
    write_manifest(folder, [row(0), row(1, "a", start, stop)])
    with pytest.raises(ValueError, match=r"1 segments without 0 <= .*\['s1'\]"):
        read(folder)


@BOTH
def test_a_missing_file_is_named(folder, max_memory_gb):
    (folder / "1.wav").unlink()
    with pytest.raises(FileNotFoundError, match=r"1\.wav: missing"):
        read(folder, max_memory_gb)


@BOTH
@pytest.mark.parametrize(
    ("shape", "rate", "found"),
    [
        (SAMPLES, 8000, r"\(500,\) samples at 8000 Hz"),
        (SAMPLES - 1, RATE, r"\(499,\) samples at 11025 Hz"),
        ((SAMPLES, 2), RATE, r"\(500, 2\) samples at 11025 Hz"),
    ],
)
def test_another_rate_or_length_is_refused(folder, max_memory_gb, shape, rate, found):
    write_wav(folder, 1, np.zeros(shape, np.int16), rate)
    message = rf"1\.wav: {found}, expected \(500,\) at 11025 Hz"
    with pytest.raises(ValueError, match=message):
        read(folder, max_memory_gb)


@BOTH
def test_segments_of_two_lengths_are_refused(folder, max_memory_gb):
    write_manifest(folder, [row(0), row(1, stop=400)])
    with pytest.raises(ValueError, match=r"1\.wav: \(400,\) samples"):
        read(folder, max_memory_gb)


@BOTH
def test_a_file_that_is_no_audio_is_named(folder, max_memory_gb):
    (folder / "1.wav").write_bytes(b"not audio")
    with pytest.raises(ValueError, match=r"1\.wav.*prepare data again"):
        read(folder, max_memory_gb)
