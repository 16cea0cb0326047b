"""Tests of data_prep.leave_out."""

import pickle
import sys

import numpy as np
import pytest

from data_prep.leave_out import leave_out, main, read_corpora
from data_prep.task_file import read_task_file


@pytest.fixture
def speakers(tmp_path):
    path = tmp_path / "speakers.csv"
    path.write_text("label,spk_id\n0,ls-19\n1,gsc-a-b\n2,ls-26\n", encoding="utf-8")
    return path


@pytest.fixture
def data_pickle(tmp_path):
    path = tmp_path / "raw_data.pkl"
    data = np.arange(24, dtype="f4").reshape(6, 4)
    path.write_bytes(pickle.dumps([data, np.array([0, 1, 2, 0, 1, 2])]))
    return path


def test_the_corpus_is_the_text_before_the_first_dash(speakers):
    assert read_corpora(speakers) == {"0": "ls", "1": "gsc", "2": "ls"}


@pytest.mark.parametrize(
    ("only", "rows"), [(False, [1, 4]), (True, [0, 2, 3, 5])], ids=["without", "only"]
)
def test_segments_and_labels_are_kept_in_order(
    only, rows, data_pickle, speakers, tmp_path
):
    before = read_task_file(data_pickle)
    output = tmp_path / "new" / "part.pkl"
    assert leave_out(data_pickle, speakers, "ls", output, only) == len(rows)
    after = read_task_file(output)
    assert (after.segments == before.segments[rows]).all()
    assert after.segments.dtype == before.segments.dtype
    assert after.labels == [before.labels[i] for i in rows]


def test_segments_of_several_lengths_stay_a_list(speakers, tmp_path):
    path = tmp_path / "raw_data.pkl"
    segments = [np.ones(n, "f4") for n in (3, 4, 5)]
    path.write_bytes(pickle.dumps([segments, [0, 1, 2]]))
    leave_out(path, speakers, "gsc", tmp_path / "part.pkl")
    kept = read_task_file(tmp_path / "part.pkl").segments
    assert [len(segment) for segment in kept] == [3, 5]


def test_a_corpus_that_is_not_there_is_refused(data_pickle, speakers, tmp_path):
    with pytest.raises(ValueError, match=r"corpora \['gsc', 'ls'\], asked for soc"):
        leave_out(data_pickle, speakers, "soc", tmp_path / "part.pkl")


def test_a_label_without_corpus_is_refused(data_pickle, speakers, tmp_path):
    speakers.write_text("label,spk_id\n0,ls-19\n", encoding="utf-8")
    with pytest.raises(ValueError, match="2 labels .* are missing"):
        leave_out(data_pickle, speakers, "ls", tmp_path / "part.pkl")


def test_data_without_labels_are_refused(speakers, tmp_path):
    path = tmp_path / "test_data.pkl"
    path.write_bytes(pickle.dumps([np.ones((2, 4), "f4")]))
    with pytest.raises(ValueError, match="no labels"):
        leave_out(path, speakers, "ls", tmp_path / "part.pkl")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("label,name\n0,ls-19\n", "not a CSV with the columns"),
        ("label,spk_id\n0\n", "not a CSV with the columns"),
        ("label,spk_id\n0,ls-19\n0,ls-26\n", "stand there twice: 0"),
    ],
)
def test_another_table_is_refused(text, message, tmp_path):
    path = tmp_path / "speakers.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        read_corpora(path)


def test_a_missing_table_ends_in_one_line(data_pickle, tmp_path, monkeypatch, capsys):
    words = ["leave_out", "--data_pickle", str(data_pickle), "--corpus", "ls"]
    words += ["--speakers", str(tmp_path / "no.csv"), "--output", str(tmp_path / "o")]
    monkeypatch.setattr(sys, "argv", words)
    with pytest.raises(SystemExit, match="1"):
        main()
    assert "no such table" in capsys.readouterr().err
