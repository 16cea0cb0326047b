"""Tests of local.scoring.enrolment."""

import numpy as np
import pytest

from local.scoring.enrolment import Enrolment, check_name
from local.scoring.pair import Voice


@pytest.fixture
def enrolment(tmp_path):
    return open_folder(tmp_path / "enrolled")


def open_folder(folder, identity="1", max_voices=3, max_clips=2):
    return Enrolment(folder, identity, "made up", max_voices, max_clips, 20)


def voice(*embedding, n_views=1):
    return Voice(np.array(embedding, dtype=np.float32), n_views)


def test_an_enrolled_voice_is_there_in_another_process(enrolment, tmp_path):
    enrolment.add("Zoë", voice(0.1, 0.2, n_views=3))
    again = open_folder(tmp_path / "enrolled").voices()
    assert list(again) == ["Zoë"] and again["Zoë"].n_views == 3
    assert np.array_equal(again["Zoë"].embedding, np.float32([0.1, 0.2]))


def test_another_clip_counts_by_its_views(enrolment):
    enrolment.add("Ann", voice(1, 0, n_views=3))
    enrolled = enrolment.add("ANN", voice(0, 1, n_views=1))  # capitals or not
    assert (enrolled.name, len(enrolled.embeddings)) == ("Ann", 2)
    merged = enrolment.voices()["Ann"]
    assert merged.embedding.tolist() == [0.75, 0.25] and merged.n_views == 4


def test_a_clip_is_enrolled_once_and_a_voice_has_so_many(enrolment):
    enrolment.add("Ann", voice(1, 0))
    with pytest.raises(ValueError, match="Ann is enrolled with this clip already"):
        enrolment.add("Ann", voice(1, 0))
    enrolment.add("Ann", voice(0, 1))
    with pytest.raises(ValueError, match="Ann has 2 clips, which is the most"):
        enrolment.add("Ann", voice(1, 1))


def test_there_are_so_many_voices(enrolment):
    for name in ("b", "C", "a"):
        enrolment.add(name, voice(1, 0))
    with pytest.raises(ValueError, match="3 voices are enrolled, which is the most"):
        enrolment.add("d", voice(1, 0))
    enrolment.add("a", voice(0, 1))  # a clip more is no voice more
    assert list(enrolment.read()) == ["a", "b", "C"]


def test_a_removed_voice_is_gone(enrolment):
    enrolment.add("Ann", voice(1, 0))
    enrolment.remove("Ann")
    assert enrolment.read() == {}
    for name in ("Ann", None, "../../x"):
        with pytest.raises(ValueError, match="no such voice is enrolled"):
            enrolment.remove(name)


def test_the_voices_of_another_model_are_refused_and_stay(enrolment, tmp_path):
    enrolment.add("Ann", voice(1, 0))
    other = open_folder(tmp_path / "enrolled", identity="2")
    for act in (other.read, lambda: other.add("Bob", voice(1, 0))):
        with pytest.raises(ValueError, match="Ann was enrolled by another model"):
            act()
    assert list(enrolment.read()) == ["Ann"]


@pytest.mark.parametrize("content", [b"", b"text", b"PK\x03\x04"])
def test_a_file_that_is_no_voice_is_named(enrolment, content):
    enrolment.add("Ann", voice(1, 0))
    path = enrolment.folder / "other.npz"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"other\.npz: not an enrolled voice .*move"):
        enrolment.read()


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Bob"},  # a copy under another name would hide the first
        {"embeddings": np.ones(2)},
        {"embeddings": np.full((1, 2), np.nan)},
        {"n_views": [0]},
        {"n_views": [1, 1]},
    ],
)
def test_a_file_of_something_else_is_named(enrolment, changes):
    enrolled = enrolment.add("Ann", voice(1, 0))
    (path,) = enrolment.folder.glob("*.npz")
    np.savez(path, **enrolled._asdict() | changes)
    with pytest.raises(ValueError, match=f"{path.name}: not an enrolled voice"):
        enrolment.voices()


def test_a_file_in_place_of_the_folder_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match="file is no folder"):
        open_folder(tmp_path / "file").read()


def test_a_write_that_is_cut_off_leaves_the_voice_as_it_was(enrolment, monkeypatch):
    enrolment.add("Ann", voice(1, 0))

    def fail(path, **arrays):
        path.write_bytes(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(np, "savez", fail)
    with pytest.raises(OSError, match="disk full"):
        enrolment.add("Ann", voice(0, 1))
    assert len(enrolment.read()["Ann"].embeddings) == 1


def test_a_file_that_is_being_written_is_passed_over(enrolment):
    enrolment.add("Ann", voice(1, 0))
    (enrolment.folder / ".1.half.npz").write_bytes(b"half")
    assert list(enrolment.read()) == ["Ann"]


@pytest.mark.parametrize("name", ["Ann", "Zoë O'Hara", "王小明", "Ann (work), Jr. 2"])
def test_names_are_names(name):
    assert check_name(f" {name}\n", 20) == name


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (None, "Give a name"),
        (" ", "Give a name"),
        ("a" * 21, "21 characters; at most 20"),
        ("../a", "begins with a letter"),
        ("a/b", "begins with a letter"),
        ("<b>a</b>", "begins with a letter"),
        ('a" onload="b', "begins with a letter"),
        ("a\x00b", "begins with a letter"),
    ],
)
def test_what_is_no_name_is_refused(name, reason):
    with pytest.raises(ValueError, match=reason):
        check_name(name, 20)
