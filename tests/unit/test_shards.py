"""Shards: what data_prep.shards writes and local.input.shards reads."""

import json
import tarfile
from collections import Counter

import numpy as np
import pytest
import torch
from sharded import (
    contents,
    drawn,
    load,
    segments,
    shards_of,
    stream,
    write_pickle,
)

from data_prep.pickle_prepare import prepare_pickle
from local.input.shards import ShardedSegments
from local.messages import plain_message

SMALL = {"n_valid_speakers": 2, "n_valid_trials": 4, "segment_samples": 50}
N_SHARDS = 4


@pytest.fixture
def raw_data(tmp_path):
    """Eight speakers with eight segments of 50 samples each."""
    data = np.random.default_rng(3).integers(-32768, 32767, (64, 50), dtype=np.int16)
    return write_pickle(tmp_path / "raw_data.pkl", data, np.tile(np.arange(8), 8))


@pytest.fixture
def prepared(tmp_path, raw_data):
    """Prepare 48 training segments of six speakers, in four shards."""
    prepare_pickle(raw_data, tmp_path / "prepared", shards=N_SHARDS, **SMALL)
    return tmp_path / "prepared"


# Writing


def test_the_index_counts_what_is_in_the_shards(prepared):
    folder = shards_of(prepared)
    index = json.loads((folder / "shards.json").read_text(encoding="utf-8"))
    assert (index["sample_rate"], index["n_samples"]) == (11025, 50)
    assert index["speakers"] == Counter(segments(prepared).values())
    assert len(index["shards"]) == N_SHARDS
    for name, part in index["shards"].items():
        with tarfile.open(folder / name) as tar:
            assert len(tar.getnames()) == part["n_segments"] == 12
        assert (folder / name).stat().st_size == part["n_bytes"]


def test_a_shard_holds_a_mix_of_speakers(prepared):
    for path in shards_of(prepared).glob("*.tar"):
        with tarfile.open(path) as tar:
            assert len({name.partition("/")[0] for name in tar.getnames()}) > 3


def test_the_same_data_and_seed_give_the_same_bytes(tmp_path, raw_data, prepared):
    prepare_pickle(raw_data, tmp_path / "again", shards=N_SHARDS, **SMALL)
    again = contents(shards_of(tmp_path / "again"))
    assert len(again) == N_SHARDS + 1
    assert again == contents(shards_of(prepared))


def test_a_second_run_writes_nothing(raw_data, prepared):
    before = (shards_of(prepared) / "shards.json").stat()
    prepare_pickle(raw_data, prepared, shards=N_SHARDS, **SMALL)
    assert (shards_of(prepared) / "shards.json").stat() == before


def test_another_number_of_shards_writes_the_shards_alone(raw_data, prepared):
    before = (prepared / "train.csv").stat()
    prepare_pickle(raw_data, prepared, shards=3, **SMALL)
    assert len(list(shards_of(prepared).glob("*.tar"))) == 3
    assert (prepared / "train.csv").stat() == before


def test_other_data_or_another_seed_write_the_shards_anew(tmp_path, raw_data, prepared):
    before = contents(shards_of(prepared))
    prepare_pickle(raw_data, prepared, shards=N_SHARDS, seed=7, **SMALL)
    seeded = contents(shards_of(prepared))
    assert seeded != before
    other = np.zeros((64, 50), np.int16) + np.arange(64, dtype=np.int16)[:, None] + 1
    write_pickle(raw_data, other, np.tile(np.arange(8), 8))
    prepare_pickle(raw_data, prepared, shards=N_SHARDS, seed=7, **SMALL)
    assert contents(shards_of(prepared)) != seeded
    assert set(drawn(load(stream(prepared)))) == set(segments(prepared))


def test_a_lost_shard_is_written_anew(raw_data, prepared):
    before = contents(shards_of(prepared))
    (shards_of(prepared) / "train-000001.tar").unlink()
    prepare_pickle(raw_data, prepared, shards=N_SHARDS, **SMALL)
    assert contents(shards_of(prepared)) == before


@pytest.mark.parametrize("shards", [49, -1])
def test_more_shards_than_segments_are_refused(raw_data, prepared, shards):
    before = contents(shards_of(prepared))
    with pytest.raises(ValueError, match=r"shards is -?\d+, .* 48 .*; set it to 0..48"):
        prepare_pickle(raw_data, prepared, shards=shards, **SMALL)
    assert contents(shards_of(prepared)) == before


def test_without_shards_none_are_written(tmp_path, raw_data):
    prepare_pickle(raw_data, tmp_path / "plain", **SMALL)
    assert not shards_of(tmp_path / "plain").exists()


# Reading


@pytest.mark.parametrize("dtype", ["int16", "int32", "float32", "float64"])
def test_batches_hold_the_samples_and_speakers_of_the_manifest(tmp_path, dtype):
    """As a manifest's dataset reads them, bit for bit, whatever the type."""
    data = np.random.default_rng(1).uniform(-1, 1, (64, 50))
    if "int" in dtype:
        data *= np.iinfo(dtype).max
    raw = write_pickle(tmp_path / "a.pkl", data.astype(dtype), np.arange(64) % 8)
    prepare_pickle(raw, tmp_path / "p", shards=2, **SMALL)
    read = stream(tmp_path / "p")
    spk_ids = sorted(read.spk_ids)
    found = {
        sig.numpy().tobytes(): spk_ids[spk]
        for batch in load(read)
        for sig, spk in zip(*batch, strict=True)
    }
    assert found == segments(tmp_path / "p")


@pytest.mark.parametrize("num_workers", [0, 1, 2])
def test_every_segment_comes_once_an_epoch_whatever_the_workers(prepared, num_workers):
    batches = load(stream(prepared), num_workers)
    assert len(batches) == 12
    assert sorted(drawn(batches)) == sorted(segments(prepared))


def test_two_workers_share_no_segment(prepared):
    batches = load(stream(prepared, batch_size=6), num_workers=2)
    first, second = set(drawn(batches[::2])), set(drawn(batches[1::2]))
    assert len(first) == len(second) == 24
    assert not first & second


def test_processes_share_no_segment_and_have_batches_alike(prepared, monkeypatch):
    parts = []
    for rank in range(2):
        monkeypatch.setenv("RANK", str(rank))
        monkeypatch.setenv("WORLD_SIZE", "2")
        data = stream(prepared)
        parts.append(drawn(load(data, num_workers=2)))
        assert len(data) == 12
    assert len(parts[0]) == len(parts[1]) == 24
    assert not set(parts[0]) & set(parts[1])


def test_an_epoch_has_the_batches_of_the_index_where_the_shards_do_not_divide(prepared):
    """Nine batches of five do not come out even among two workers."""
    data = stream(prepared, batch_size=5)
    for num_workers in (0, 2):
        batches = load(data, num_workers)
        assert [len(batch.sig) for batch in batches] == [5] * 9


def test_epochs_differ_and_the_same_epoch_is_the_same(prepared):
    batches = load(stream(prepared), num_workers=2)
    again = load(stream(prepared), num_workers=2)
    for one, other in zip(batches, again, strict=True):
        assert torch.equal(one.sig, other.sig)
        assert torch.equal(one.spk_id_encoded, other.spk_id_encoded)
    for change in ({"epoch": 2}, {"seed": 6}):
        assert drawn(load(stream(prepared, **change), 2)) != drawn(batches)


def test_the_buffer_shuffles(prepared):
    """One draw leaves the shards in order, so that only a buffer mixes them."""
    ordered = load(stream(prepared, shuffle_buffer=1))
    mixed = load(stream(prepared, shuffle_buffer=48))
    assert drawn(ordered) != drawn(mixed)
    assert sorted(drawn(ordered)) == sorted(drawn(mixed))


def test_balance_draws_speakers_as_in_memory(tmp_path):
    """One speaker has 60 segments, the others 5: balanced, each comes as often."""
    labels = np.repeat(np.arange(14), [60] + [5] * 13)
    data = np.random.default_rng(1).integers(-9, 9, (len(labels), 50), dtype=np.int16)
    raw = write_pickle(tmp_path / "a.pkl", data, labels)
    prepare_pickle(raw, tmp_path / "p", shards=2, seed=3, **SMALL)
    read = stream(tmp_path / "p")
    big = sorted(read.spk_ids).index("0")
    n_small, n = len(read.spk_ids) - 1, read.n_segments
    assert n == 60 + 5 * n_small
    for balance in (0.0, 0.5, 1.0):
        classes = torch.cat(
            [
                batch.spk_id_encoded
                for epoch in range(20)
                for batch in load(stream(tmp_path / "p", epoch, balance=balance))
            ]
        )
        weights = 60 ** (1 - balance), n_small * 5 ** (1 - balance)
        share = (classes == big).double().mean().item()
        assert share == pytest.approx(weights[0] / sum(weights), abs=0.03)


def test_the_buffer_is_all_that_is_held(prepared, monkeypatch):
    """The reader is at most the buffer ahead of what was drawn."""
    data, n_read = stream(prepared, shuffle_buffer=8), Counter()
    read_shard = data._read_shard

    def counted(name):
        for segment in read_shard(name):
            n_read["segments"] += 1
            yield segment

    monkeypatch.setattr(data, "_read_shard", counted)
    for n_batches, _ in enumerate(data, 1):
        assert n_read["segments"] <= 4 * n_batches + 8


# Errors


def test_a_shard_of_another_size_is_named_at_the_start(prepared):
    shard = shards_of(prepared) / "train-000002.tar"
    shard.write_bytes(shard.read_bytes()[:-512])
    with pytest.raises(ValueError, match=r"train-000002\.tar: damaged .* start again"):
        stream(prepared)
    shard.unlink()
    with pytest.raises(ValueError, match=r"train-000002\.tar: damaged or missing"):
        stream(prepared)


@pytest.mark.parametrize("member", [0, 1, 6, 11])
@pytest.mark.parametrize("part", ["header", "content"])
def test_a_damaged_shard_is_named(prepared, member, part):
    """One bad block anywhere, the size unchanged, is found: nothing is skipped."""
    shard = shards_of(prepared) / "train-000002.tar"
    with tarfile.open(shard) as tar:
        place = tar.getmembers()[member]
    content = bytearray(shard.read_bytes())
    start = place.offset if part == "header" else place.offset_data
    content[start + 60 : start + 100] = b"\xff" * 40
    shard.write_bytes(content)
    with pytest.raises(ValueError, match=r"train-000002\.tar: damaged .* start again"):
        load(stream(prepared))


@pytest.mark.parametrize("num_workers", [0, 1])
def test_a_shard_lost_during_training_is_named_in_one_line(prepared, num_workers):
    data = stream(prepared)
    (shards_of(prepared) / "train-000000.tar").unlink()
    with pytest.raises(ValueError) as raised:
        load(data, num_workers)
    message = plain_message(raised.value)
    assert message.startswith(str(shards_of(prepared) / "train-000000.tar: damaged or"))
    assert len(message.splitlines()) == 1


def test_fewer_shards_than_processes_are_refused(raw_data, prepared):
    prepare_pickle(raw_data, prepared, shards=1, **SMALL)
    with pytest.raises(ValueError, match="1 shards for 2 processes"):
        load(stream(prepared), num_workers=2)


def test_no_shards_are_told(tmp_path):
    with pytest.raises(FileNotFoundError, match="no shards here"):
        stream(tmp_path / "prepared")


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"shards": {"a.tar": {}}}'])
def test_a_broken_index_is_named(prepared, text):
    (shards_of(prepared) / "shards.json").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"shards\.json: damaged"):
        stream(prepared)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"batch_size": 0}, "batch_size must be at least 1"),
        ({"batch_size": 49}, "48 training segments do not fill a batch of 49"),
        ({"balance": 1.5}, "balance must be in 0..1"),
        ({"shuffle_buffer": 0}, "shuffle_buffer must be 1 or more"),
    ],
)
def test_a_wrong_setting_is_refused(prepared, change, message):
    with pytest.raises(ValueError, match=message):
        stream(prepared, **change)


def test_another_rate_is_refused(prepared):
    with pytest.raises(ValueError, match="segments at 11025 Hz, expected 8000 Hz"):
        ShardedSegments(shards_of(prepared), 8000, 4, 0, 8, 1)
