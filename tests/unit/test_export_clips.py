"""Tests of local.output.export_clips."""

import numpy as np
import pytest

from data_prep.pickle_prepare import prepare_test_pickle
from local.output.export_clips import read_clips

SAMPLE_RATE = 11025


@pytest.fixture
def test_data(task_folder):
    return task_folder / "test_data.pkl"


def test_without_data_clips_are_synthetic_and_the_same_each_time():
    clips, spk_ids = read_clips(None, None, SAMPLE_RATE)
    assert clips.shape[1] == SAMPLE_RATE and clips.dtype == np.float32
    assert 0.01 < np.abs(clips).max() <= 1 and len(np.unique(clips, axis=0)) == len(
        clips
    )
    assert spk_ids is None
    assert np.array_equal(clips, read_clips(None, None, SAMPLE_RATE)[0])


def test_a_task_pickle_is_read_with_its_labels(test_data, task_folder):
    clips, spk_ids = read_clips(test_data, task_folder / "test_labels.npy", SAMPLE_RATE)
    assert clips.shape == (24, SAMPLE_RATE)
    assert np.array_equal(spk_ids, np.load(task_folder / "test_labels.npy"))
    assert read_clips(test_data, None, SAMPLE_RATE)[1] is None


def test_a_manifest_is_the_same_data(test_data, tmp_path):
    prepare_test_pickle(test_data, tmp_path / "prepared", sample_rate=SAMPLE_RATE)
    clips, spk_ids = read_clips(tmp_path / "prepared" / "test.csv", None, SAMPLE_RATE)
    assert np.array_equal(clips, read_clips(test_data, None, SAMPLE_RATE)[0])
    assert spk_ids is None


def test_labels_of_other_data_are_refused(test_data, tmp_path):
    labels = tmp_path / "labels.npy"
    np.save(labels, np.array(["a", "b"]))
    with pytest.raises(ValueError, match=r"\(2,\), expected \(24,\)"):
        read_clips(test_data, labels, SAMPLE_RATE)
    with pytest.raises(ValueError, match="without --test_data"):
        read_clips(None, labels, SAMPLE_RATE)
    labels.write_bytes(b"no array")
    with pytest.raises(ValueError, match=r"labels\.npy: .*expected .npy"):
        read_clips(test_data, labels, SAMPLE_RATE)
