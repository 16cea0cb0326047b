"""Tests of local.input.labels."""

import numpy as np
import pytest

from local.input.labels import read_labels

SPEAKERS = ["7", "ada", "7"]


def write(path, content):
    if path.suffix == ".npy":
        np.save(path, content)
    elif isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(content, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("labels.npy", np.array(SPEAKERS)),
        ("labels.npy", np.array([b"7", b"ada", b"7"])),
        ("labels.csv", "ID,spk_id\ns0,7\ns1,ada\ns2,7\n"),
        ("labels.csv", '"spk_id"\r\n"7"\r\n"ada"\r\n"7"\r\n'),
        ("labels.csv", b"\xef\xbb\xbfspk_id\n7\nada\n7\n"),  # a byte order mark
        ("labels.txt", "7\nada\n7\n"),
        ("labels.txt", " 7\r\n\r\nada \n7"),
        ("labels.txt", b"\xef\xbb\xbf7\nada\n7\n"),
        ("labels", "7\nada\n7\n"),
    ],
)
def test_every_form_gives_the_speakers_in_order(tmp_path, name, content):
    labels = read_labels(write(tmp_path / name, content), 3)
    assert labels.tolist() == SPEAKERS
    assert labels.dtype.kind == "U"


def test_numbers_become_text(tmp_path):
    path = write(tmp_path / "labels.npy", np.array([12, 3]))
    assert read_labels(path, 2).tolist() == ["12", "3"]


def test_a_path_may_be_text(tmp_path):
    path = write(tmp_path / "labels.txt", "a\nb\n")
    assert read_labels(str(path), 2).tolist() == ["a", "b"]


@pytest.mark.parametrize("name", ["labels.txt", "labels.csv"])
def test_a_name_may_have_blanks_and_other_letters(tmp_path, name):
    header = "spk_id\n" if name == "labels.csv" else ""
    path = write(tmp_path / name, f"{header}Ada Lovelace\nZoë\n")
    assert read_labels(path, 2).tolist() == ["Ada Lovelace", "Zoë"]


@pytest.mark.parametrize(
    ("name", "content", "shape"),
    [
        ("labels.npy", np.array(SPEAKERS), r"\(3,\)"),
        ("labels.npy", np.array([["a", "b"]]), r"\(1, 2\)"),
        ("labels.csv", "spk_id\na\n", r"\(1,\)"),
        ("labels.csv", "spk_id\n", r"\(0,\)"),
        ("labels.txt", "a\n\nb\nc\n", r"\(3,\)"),
        ("labels.txt", "", r"\(0,\)"),
    ],
)
def test_another_number_of_labels_is_refused(tmp_path, name, content, shape):
    path = write(tmp_path / name, content)
    with pytest.raises(ValueError, match=rf"{name}: .*{shape}, expected \(2,\)"):
        read_labels(path, 2)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"labels\.npy: no such file"):
        read_labels(tmp_path / "labels.npy", 2)


class Bomb:
    """Leaves a mark when unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def test_an_array_of_objects_is_refused_and_not_unpickled(tmp_path):
    np.save(tmp_path / "labels.npy", np.array([Bomb(tmp_path / "mark"), "b"], object))
    with pytest.raises(ValueError, match=r"labels\.npy: cannot be read as labels"):
        read_labels(tmp_path / "labels.npy", 2)
    assert not (tmp_path / "mark").exists()


@pytest.mark.parametrize(
    "content", [b"", b"\x93NUMPY\x01", b"a\nb\n", b"PK\x03\x04", b"\x80\x04N."]
)
def test_what_is_not_npy_is_refused(tmp_path, content):
    (tmp_path / "labels.npy").write_bytes(content)
    with pytest.raises(ValueError, match=r"labels\.npy: cannot be read as labels"):
        read_labels(tmp_path / "labels.npy", 2)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("labels.csv", "speaker\na\nb\n"),
        ("labels.csv", ""),
        ("labels.csv", b"spk_id\n\xff\nb\n"),
        ("labels.csv", f"spk_id\n{'x' * 200_000}\nb\n"),  # beyond csv's field limit
        ("labels.txt", b"\xff\nb\n"),
    ],
)
def test_what_cannot_be_read_is_refused(tmp_path, name, content):
    path = write(tmp_path / name, content)
    with pytest.raises(ValueError, match=rf"{name}: .*expected"):
        read_labels(path, 2)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("labels.csv", "ID,spk_id\ns0,a\ns1,\n"),  # a manifest without speakers
        ("labels.csv", "ID,spk_id\ns0,a\ns1\n"),
        ("labels.npy", np.array(["a", ""])),
    ],
)
def test_a_segment_without_a_speaker_is_refused(tmp_path, name, content):
    path = write(tmp_path / name, content)
    with pytest.raises(ValueError, match=r"segments without a speaker, first \[1\]"):
        read_labels(path, 2)
