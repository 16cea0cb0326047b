"""Files appear complete or not at all, in data_prep and in local."""

import pytest

from data_prep.files import open_replacing, require_file
from local.files import replacing


def test_a_failed_open_replacing_leaves_the_old_file_and_no_other(tmp_path):
    path = tmp_path / "m.csv"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(RuntimeError), open_replacing(path) as file:
        file.write("new")
        raise RuntimeError
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_open_replacing_writes_bytes_as_they_are(tmp_path):
    with open_replacing(tmp_path / "b", "wb") as file:
        file.write(b"\r\n")
    assert (tmp_path / "b").read_bytes() == b"\r\n"


def test_a_failed_replacing_leaves_the_old_file_and_no_other(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(RuntimeError), replacing(path) as temporary:
        temporary.write_text("new", encoding="utf-8")
        raise RuntimeError
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_replacing_makes_the_folder_and_keeps_the_suffix(tmp_path):
    path = tmp_path / "new" / "a.png"
    with replacing(path) as temporary:
        assert temporary.suffix == ".png"
        temporary.touch()
    assert path.is_file()


def test_of_a_missing_file_is_said_where_to_name_another(tmp_path):
    with pytest.raises(FileNotFoundError, match="--data_pickle"):
        require_file(tmp_path / "raw_data.pkl")


def test_a_folder_is_not_said_to_be_missing(tmp_path):
    with pytest.raises(IsADirectoryError, match="a folder; give the file in it"):
        require_file(tmp_path)
