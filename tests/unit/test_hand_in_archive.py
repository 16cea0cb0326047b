"""A zip is the same whenever it is written, and whole or not there."""

import pytest

from local.output.hand_in.archive import write_archive


def test_the_order_of_the_files_does_not_matter(tmp_path):
    files = {"b": b"2", "a": b"1"}
    write_archive(tmp_path / "1.zip", files)
    write_archive(tmp_path / "2.zip", dict(sorted(files.items())))
    assert (tmp_path / "1.zip").read_bytes() == (tmp_path / "2.zip").read_bytes()


def test_a_failure_leaves_what_stood_there(tmp_path):
    (tmp_path / "a.zip").write_bytes(b"before")
    with pytest.raises(TypeError):
        write_archive(tmp_path / "a.zip", {"a": b"1", "b": None})
    assert (tmp_path / "a.zip").read_bytes() == b"before"
