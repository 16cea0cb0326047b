"""Manifests: the columns, the checks on writing and reading, SpeechBrain's view."""

from typing import NamedTuple

import pytest
from speechbrain.dataio.dataio import load_data_csv

from data_prep.manifest import (
    Row,
    is_plain,
    read_csv,
    read_manifest,
    write_manifest,
)

HEADER = "ID,duration,wav,start,stop,spk_id\n"


@pytest.fixture
def root(tmp_path):
    """Folder with the audio of the rows below."""
    (tmp_path / "a.wav").touch()
    return tmp_path


def row(**changes):
    return Row("a", 1.0, "$data_root/a.wav", 0, 11025, "anna")._replace(**changes)


def test_what_is_written_is_read_back(root):
    rows = [row(), row(ID="b", duration=0.25, start=9, stop=20, spk_id="é,1")]
    write_manifest(root / "m.csv", rows, root, labelled=True)
    assert read_manifest(root / "m.csv", root, labelled=True) == rows
    text = (root / "m.csv").read_text(encoding="utf-8")
    assert text.startswith(HEADER + "a,1.000000,$data_root/a.wav,0,11025,anna\n")


def test_rows_that_add_text_are_read_back_as_what_they_were(root):
    class Spoken(NamedTuple):
        ID: str
        duration: float
        wav: str
        start: int
        stop: int
        spk_id: str
        chapter: str

    rows = [Spoken(*row(), chapter="198"), Spoken(*row(ID="b"), chapter="")]
    path = root / "spoken.csv"
    write_manifest(path, rows, root, labelled=True)
    assert read_manifest(path, root, labelled=True, row_type=Spoken) == rows
    with pytest.raises(ValueError, match="line 1: columns .*'chapter'"):
        read_manifest(path, root, labelled=True)


def test_speechbrain_reads_rows_with_and_without_a_speaker(root):
    for labelled, spk_id in ((True, "anna"), (False, "")):
        write_manifest(root / "m.csv", [row(spk_id=spk_id)], root, labelled)
        data = load_data_csv(root / "m.csv", {"data_root": root})
        assert data["a"]["spk_id"] == spk_id
        assert data["a"]["wav"] == f"{root}/a.wav"
        assert data["a"]["duration"] == 1.0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({}, "line 3: ID 'a' stands in line 2"),
        ({"ID": ""}, "line 3: ID '', expected plain text"),
        ({"ID": "b", "duration": 0.0}, "line 3: duration 0.0, expected more than 0"),
        ({"ID": "b", "duration": float("nan")}, "line 3: duration nan"),
        ({"ID": "b", "duration": float("inf")}, "line 3: duration inf"),
        ({"ID": "b", "stop": 0}, "line 3: samples 0 to 0, expected 0 <= start < stop"),
        ({"ID": "b", "start": -1}, "line 3: samples -1 to 11025"),
        ({"ID": "b", "spk_id": ""}, "line 3: spk_id '', expected a speaker"),
        ({"ID": "b", "spk_id": "$x"}, "line 3: spk_id '.x', expected plain text"),
    ],
)
def test_faulty_rows_are_refused_on_writing_and_on_reading(root, changes, message):
    rows = [row(), row(**changes)]
    path = root / "m.csv"
    with pytest.raises(ValueError, match=f"m.csv, {message}"):
        write_manifest(path, rows, root, labelled=True)
    assert not path.exists()
    lines = [",".join(map(str, fields)) + "\n" for fields in rows]
    path.write_text(HEADER + "".join(lines), encoding="utf-8")
    with pytest.raises(ValueError, match=f"m.csv, {message}"):
        read_manifest(path, root, labelled=True)


def test_a_speaker_in_a_test_manifest_is_refused(root):
    with pytest.raises(ValueError, match="line 2: spk_id 'anna', expected an empty"):
        write_manifest(root / "m.csv", [row()], root, labelled=False)


def test_missing_audio_is_named(root):
    rows = [row(), row(ID="b", wav="$data_root/b.wav")]
    with pytest.raises(FileNotFoundError, match=r"line 3: .*/b.wav does not exist"):
        write_manifest(root / "m.csv", rows, root, labelled=True)


def test_a_manifest_without_rows_is_refused(root):
    with pytest.raises(ValueError, match="m.csv: no rows"):
        write_manifest(root / "m.csv", [], root, labelled=True)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"line 1: columns \[\]"),
        (b"ID,wav\n", r"line 1: columns \['ID', 'wav'\], expected \['ID', 'dur"),
        (HEADER.encode() + b"a,1,x\n", "line 2: 3 fields, expected 6"),
        (HEADER.encode() + b"a,long,x,0,1,s\n", "line 2: could not convert .*'long'"),
        (HEADER.encode() + b"a,1,x,0,1.5,s\n", "line 2: .*whole samples"),
        (HEADER.encode() + b"\xff,1,x,0,1,s\n", "not a CSV in UTF-8"),
        (HEADER.encode() + b'"a,1,x,0,1,s\n', "not a CSV in UTF-8"),
    ],
)
def test_files_that_are_no_manifest_are_refused(root, content, message):
    (root / "m.csv").write_bytes(content)
    with pytest.raises(ValueError, match=f"m.csv.*{message}"):
        read_manifest(root / "m.csv", root, labelled=True)


def test_a_missing_csv_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="no.csv: no such file"):
        read_csv(tmp_path / "no.csv", ["a"])


@pytest.mark.parametrize("text", ["a\n", "a\x00", "\ta", "a ", "$a", "a\u2028b"])
def test_text_that_a_csv_would_change_is_not_plain(text):
    assert not is_plain(text)
