"""Wording of findings: counts, first positions, nothing when there is nothing."""

import numpy as np
import pytest

from data_prep.findings import first_few, keep_findings, note, refuse, tell_again


def test_first_few_shows_no_ellipsis_for_exactly_that_many():
    assert first_few([1, 2, 3, 4, 5]) == "1, 2, 3, 4, 5"
    assert first_few([1, 2, 3, 4, 5, 6]) == "1, 2, 3, 4, 5, ..."


def test_note_keeps_all_positions_and_shows_the_first():
    (finding,) = note("odd", np.ones(7, dtype=bool), "are odd")
    assert finding.indices == (0, 1, 2, 3, 4, 5, 6)
    assert finding.message == "7 of 7 segments, at 0, 1, 2, 3, 4, ..., are odd"


def test_nothing_is_said_of_no_segments():
    assert note("odd", np.zeros(7, dtype=bool), "are odd") == []
    refuse(np.zeros(7, dtype=bool), "are odd")


def test_refuse_words_its_error_like_a_note():
    with pytest.raises(ValueError, match="^1 of 2 segments, at 1, are odd; mend it$"):
        refuse(np.array([False, True]), "are odd; mend it")


def test_what_was_found_once_is_told_again(tmp_path, caplog):
    tell_again(tmp_path)
    assert not caplog.messages
    keep_findings(tmp_path, note("leak", np.array([True, False]), "are known"))
    tell_again(tmp_path)
    assert caplog.messages == [f"{tmp_path}: 1 of 2 segments, at 0, are known"]
