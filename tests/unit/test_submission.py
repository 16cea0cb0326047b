"""Tests of local.output.submission."""

import logging
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.output import submission
from local.output.submission import (
    NEAREST,
    check_submission,
    scores_to_distances,
    write_probabilities,
    write_submission,
)


def draw(n_segments, seed=0, n_levels=10**12):
    """Return symmetric scores in [-1, 1]; few levels make ties."""
    rng = np.random.default_rng(seed)
    scores = np.triu(rng.integers(-n_levels, n_levels + 1, (n_segments, n_segments)))
    return (scores + scores.T) / (2 * n_levels)


def ranks(values):
    return np.unique(values, return_inverse=True)[1]


@settings(max_examples=40)
@given(st.integers(3, 20), st.integers(0, 99), st.integers(1, 12), st.floats(1e-9, 1e9))
def test_distances_reverse_the_order_of_scores_and_keep_ties(n, seed, digits, unit):
    upper = np.triu_indices(n, 1)
    scores = draw(n, seed, 10**digits)
    scores[0, 1] = scores[1, 0] = 2  # never all equal
    distances = scores_to_distances(unit * scores)
    assert (ranks(distances[upper]) == ranks(-scores[upper])).all()


def test_distances_are_symmetric_bounded_and_zero_for_the_segment_itself():
    distances = scores_to_distances(draw(30))
    others = distances[~np.eye(30, dtype=bool)]
    assert (distances == distances.T).all()
    assert (np.diagonal(distances) == 0).all()
    assert (others.min(), others.max()) == (NEAREST, 1)


def test_distances_do_not_read_the_diagonal_nor_change_the_scores():
    scores = draw(5)
    np.fill_diagonal(scores, np.nan)
    copy = scores.copy()
    assert np.isfinite(scores_to_distances(scores)).all()
    assert np.array_equal(scores, copy, equal_nan=True)


def changed(matrix, row, column, value):
    matrix = matrix.copy()
    matrix[row, column] = value
    return matrix


@pytest.mark.parametrize(
    ("scores", "message"),
    [
        (np.ones((3, 4)), r"scores: expected a square matrix .* \(3, 4\)"),
        (np.ones((1, 1)), "at least 2 segments"),
        (changed(draw(4), 1, 2, np.nan), r"1 values are not finite, .*\[\[1, 2\]\]"),
        (changed(draw(4), 1, 2, 0.9), r"not symmetric, 2 values .*\[\[1, 2\], \[2, 1"),
        (np.full((3, 3), 0.5), "between different segments equal 0.5: nothing to rank"),
    ],
)
def test_scores_that_cannot_rank_are_refused(scores, message):
    with pytest.raises(ValueError, match=message):
        scores_to_distances(scores)


def test_answer_holds_the_distances_in_order(tmp_path):
    distances = np.array([[0, 0.25, 1], [0.25, 0, 0.5], [1, 0.5, 0]])
    write_submission(distances, tmp_path / "new", decimals=3)
    assert (tmp_path / "new" / "answer.txt").read_text() == (
        "0.000;0.250;1.000\n0.250;0.000;0.500\n1.000;0.500;0.000\n"
    )


def test_answer_reads_back_to_nine_decimals(tmp_path):
    distances = scores_to_distances(draw(40))
    write_submission(distances, tmp_path)
    written = check_submission(tmp_path / "answer.txt", 40)
    assert np.abs(written - distances).max() <= 0.5e-9 + 1e-15


def test_zip_holds_the_answer_alone_and_is_the_same_again(tmp_path):
    distances = scores_to_distances(draw(6))
    archive = write_submission(distances, tmp_path / "a")
    assert archive == tmp_path / "a" / "submission.zip"
    with zipfile.ZipFile(archive) as packed:
        assert packed.namelist() == ["answer.txt"]
        assert packed.infolist()[0].date_time == (1980, 1, 1, 0, 0, 0)
        content = packed.read("answer.txt")
    assert content == (tmp_path / "a" / "answer.txt").read_bytes()
    again = write_submission(distances, tmp_path / "b")
    assert again.read_bytes() == archive.read_bytes()
    assert sorted(p.name for p in again.parent.iterdir()) == [
        "answer.txt",
        "submission.zip",
    ]


def test_ties_made_by_rounding_are_counted_in_the_log(tmp_path, caplog):
    distances = np.zeros((4, 4))
    distances[np.triu_indices(4, 1)] = [0.111, 0.112, 0.112, 0.113, 0.25, 0.5]
    with caplog.at_level(logging.INFO):
        write_submission(distances + distances.T, tmp_path, decimals=2)
    assert "4 segments, 2 ties made by rounding" in caplog.text


GOOD = scores_to_distances(draw(4))
BAD_DISTANCES = [
    (GOOD[:3], "expected a square matrix"),
    (changed(GOOD, 0, 1, np.inf), "1 values are not finite"),
    (changed(GOOD, 0, 1, 0.123), "not symmetric, 2 values"),
    (changed(GOOD, 2, 2, 0.5), "segment 2 has distance 0.5 to itself"),
    (-GOOD, "12 distances are negative; are these scores"),
]


@pytest.mark.parametrize(("distances", "message"), BAD_DISTANCES)
def test_bad_distances_are_refused_and_nothing_is_left(tmp_path, distances, message):
    with pytest.raises(ValueError, match=f"distances: .*{message}"):
        write_submission(distances, tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("distances", "message"), BAD_DISTANCES)
def test_check_refuses_the_same_in_a_file(tmp_path, distances, message):
    path = tmp_path / "answer.txt"
    np.savetxt(path, distances, delimiter=";")
    with pytest.raises(ValueError, match=f"answer.txt: .*{message}"):
        check_submission(path, len(distances))


def test_check_refuses_the_wrong_number_of_segments(tmp_path):
    write_submission(GOOD, tmp_path)
    with pytest.raises(ValueError, match="expected 5 rows, .* got 4"):
        check_submission(tmp_path / "answer.txt", 5)


@pytest.mark.parametrize("text", ["0;1\n1;zero\n", "0;1\n1\n", "0,1\n1,0\n", "0;#\n"])
def test_check_refuses_what_is_not_a_table_of_numbers(tmp_path, text):
    path = tmp_path / "answer.txt"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match="answer.txt: not a table of numbers and ;"):
        check_submission(path, 2)


def test_check_refuses_a_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError, match="no such submission"):
        check_submission(tmp_path / "answer.txt", 2)


def test_failed_check_keeps_the_earlier_submission(tmp_path, monkeypatch):
    write_submission(GOOD, tmp_path)
    earlier = {path: path.read_bytes() for path in tmp_path.iterdir()}
    monkeypatch.setattr(submission, "write_matrix", lambda path, *_: path.touch())
    with (
        pytest.warns(UserWarning, match="no data"),
        pytest.raises(ValueError, match="expected 4 rows, .* got 0"),
    ):
        write_submission(GOOD[::-1, ::-1], tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == earlier


def test_values_damaged_on_disk_are_refused(tmp_path, monkeypatch):
    def save_damaged(path, *_):
        path.write_text("0;0.5;0.5\n0.5;0;0.5\n0.5;0.5;0\n", encoding="utf-8")

    monkeypatch.setattr(submission, "write_matrix", save_damaged)
    with pytest.raises(ValueError, match="off by .*rounding to 9 decimals only"):
        write_submission(scores_to_distances(draw(3)), tmp_path)
    assert not list(tmp_path.iterdir())


def test_failed_zip_leaves_no_answer(tmp_path, monkeypatch):
    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(submission, "_write_zip", fail)
    with pytest.raises(OSError, match="disk full"):
        write_submission(GOOD, tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("decimals", [0, 18])
def test_impossible_decimals_are_refused(tmp_path, decimals):
    with pytest.raises(ValueError, match=f"decimals must be in 1..17 .* {decimals}"):
        write_submission(GOOD, tmp_path, decimals)


def test_probabilities_load_without_pickle(tmp_path):
    path = tmp_path / "new" / "same_speaker_probability.npz"
    llrs = np.array([[5.0, -1.0], [-1.0, 5.0]])
    write_probabilities(path, ["a", "b"], 1 / (1 + np.exp(-llrs)), llrs)
    with np.load(path, allow_pickle=False) as arrays:
        assert sorted(arrays) == ["ids", "llr", "probability"]
        assert arrays["ids"].tolist() == ["a", "b"]
        assert (arrays["llr"] == llrs).all()
    assert [p.name for p in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize(
    ("ids", "probabilities", "llrs", "message"),
    [
        (["a", "a"], np.eye(2), np.eye(2), "2 ids hold 1 values"),
        (["a", "b"], np.eye(3), np.eye(2), r"probabilities: .* got shape \(3, 3\)"),
        (["a", "b"], np.eye(2), np.eye(2) + np.inf, "llrs: .* 0 values finite"),
        (["a", "b"], 5 * np.eye(2), np.eye(2), "were llrs passed instead"),
    ],
)
def test_bad_probabilities_are_refused(tmp_path, ids, probabilities, llrs, message):
    with pytest.raises(ValueError, match=message):
        write_probabilities(tmp_path / "p.npz", ids, probabilities, llrs)
    assert not list(tmp_path.iterdir())
