"""A pickle prepared to compare voices by: each segment is an utterance."""

import pickle
from collections import Counter

import numpy as np
import pytest
import soundfile

from data_prep.fragments import Fragment
from data_prep.manifest import read_manifest
from data_prep.pickle_fragments import prepare_pickle_fragments

SETTINGS = {
    "n_speakers": {"train": None, "valid": 2, "test": 2},
    "late_seconds": 0.1,
    "n_seen_speakers": 2,
    "seed": 3,
    "sample_rate": 1000,
    "segment_samples": 50,
}


@pytest.fixture
def task(tmp_path):
    """Eight speakers with five segments each, in mixed order, and one with one."""
    rng = np.random.default_rng(3)
    data = rng.uniform(-0.5, 0.5, (41, 50)).astype(np.float32)
    labels = np.array([*np.tile([30, 10, 20, 60, 50, 40, 70, 80], 5), 90])
    path = tmp_path / "raw_data.pkl"
    path.write_bytes(pickle.dumps([data, labels]))
    return path, data, labels


def read(folder):
    return {
        path.stem: read_manifest(path, folder, True, Fragment)
        for path in folder.glob("*.csv")
    }


@pytest.fixture
def rows(tmp_path, task):
    """Return the rows of each manifest."""
    prepare_pickle_fragments(task[0], tmp_path / "prepared", **SETTINGS)
    return read(tmp_path / "prepared")


def test_every_segment_is_a_fragment_with_the_samples_of_the_pickle(
    rows, task, tmp_path
):
    _, data, labels = task
    for row in sum(rows.values(), []):
        position = int(row.utterance.removeprefix("clip-"))
        assert (row.start, row.stop, row.duration) == (0, 50, 0.05)
        assert (row.spk_id, row.chapter) == (str(labels[position]), "")
        path = row.wav.replace("$data_root", str(tmp_path / "prepared"))
        wav, rate = soundfile.read(path, dtype="float32")
        np.testing.assert_array_equal(wav, data[position])
        assert rate == 1000


def test_roles_share_no_speaker(rows):
    spk_ids = [{row.spk_id for row in rows[r]} for r in ("train", "valid", "test")]
    assert list(map(len, spk_ids)) == [4, 2, 2]
    assert len(set.union(*spk_ids)) == 8  # the speaker of one segment is left out


def test_late_parts_are_the_last_two_segments(rows):
    per_speaker = Counter(row.spk_id for row in rows["train"])
    assert sorted(per_speaker.values()) == [3, 3, 5, 5]
    for early, late in (("train", "seen_late"), ("test_early", "test_late")):
        assert len(rows[late]) == 4
        for row in rows[late]:
            before = [r.utterance for r in rows[early] if r.spk_id == row.spk_id]
            assert len(before) == 3
            assert max(before) < row.utterance


def test_the_map_has_all_segments_where_there_are_no_more(rows):
    assert Counter(row.spk_id for row in rows["map"]) == {
        row.spk_id: 5 for row in rows["test"]
    }


def test_wavs_are_written_once(rows, task, tmp_path):
    wav = tmp_path / "prepared" / "wav" / "clip-000000.wav"
    before = wav.stat()
    prepare_pickle_fragments(task[0], tmp_path / "prepared", **SETTINGS)
    assert wav.stat() == before
    other = {**SETTINGS, "seed": 4}
    prepare_pickle_fragments(task[0], tmp_path / "prepared", **other)
    assert read(tmp_path / "prepared") != rows


def test_a_late_part_of_one_segment_is_refused(task, tmp_path):
    settings = {**SETTINGS, "late_seconds": 0.05}
    with pytest.raises(ValueError, match="late_seconds is 0.05, but two .* take 0.1"):
        prepare_pickle_fragments(task[0], tmp_path / "prepared", **settings)


def test_a_pickle_without_labels_is_refused_by_name(tmp_path):
    path = tmp_path / "test_data.pkl"
    path.write_bytes(pickle.dumps([np.zeros((4, 50), np.float32)]))
    with pytest.raises(ValueError, match="test_data.pkl: no labels"):
        prepare_pickle_fragments(path, tmp_path / "prepared", **SETTINGS)
    assert not (tmp_path / "prepared").exists()
