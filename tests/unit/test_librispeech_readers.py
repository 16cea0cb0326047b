"""Who reads LibriSpeech, and lists of some."""

import pytest

from data_prep.librispeech_readers import read_genders, read_list, read_listed


def speakers_txt(folder, text):
    path = folder / "SPEAKERS.TXT"
    path.write_text(text, encoding="utf-8")
    return path


def test_read_genders_skips_comments_and_allows_bars_in_names(tmp_path):
    path = speakers_txt(
        tmp_path,
        ";ID  |SEX| SUBSET\n60   | M | train-clean-100  | 20.18 | J|o|e\n"
        "7 | F | dev-clean | 8.0 | Zoë\n",
    )
    assert read_genders(path, ["7", "60"]) == {"7": "F", "60": "M"}


def test_read_genders_names_the_broken_line(tmp_path):
    path = speakers_txt(tmp_path, "; comment\n19 | X | dev-clean | 8.0 | A\n")
    with pytest.raises(ValueError, match="line 2: expected 'id | F or M"):
        read_genders(path, ["19"])


def test_read_genders_names_speakers_that_are_not_listed(tmp_path):
    path = speakers_txt(tmp_path, "19 | F | dev-clean | 8.0 | A\n")
    with pytest.raises(ValueError, match=r"lacks 2 of 3 speakers \(first 26, 27\)"):
        read_genders(path, ["19", "26", "27"])


def test_read_genders_says_where_the_missing_file_comes_from(tmp_path):
    with pytest.raises(FileNotFoundError, match="openslr.org/12 holds it"):
        read_genders(tmp_path / "SPEAKERS.TXT", ["19"])


def test_a_list_has_a_reader_a_line_and_comments(tmp_path):
    path = tmp_path / "readers.txt"
    path.write_bytes("\ufeff19 # one\n\n# none\n26\n".encode())
    assert read_list(path) == {"19": 1, "26": 4}
    assert read_listed(path, {"26", "19", "7"}, "dev-clean") == ["19", "26"]
    assert read_listed("any", {"19"}, "dev-clean") is None
