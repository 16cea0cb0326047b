"""Tests of local.messages."""

import pytest

from local.messages import plain_message


def test_what_the_system_refuses_names_the_path_and_what_to_do(tmp_path):
    path = tmp_path / "a.txt"
    path.touch()
    with pytest.raises(OSError) as error:
        (path / "folder").mkdir()
    message = plain_message(error.value)
    assert message == f"{path / 'folder'}: not a directory; give another path"


def test_our_own_words_about_a_file_stay_as_they_are():
    assert plain_message(FileNotFoundError("a: no such YAML")) == "a: no such YAML"
