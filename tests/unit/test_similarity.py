"""Tests of local.scoring.similarity."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.scoring.similarity import cosine_scores, length_normalize


def draw(n_segments, seed=0, dtype=float):
    return np.random.default_rng(seed).normal(size=(n_segments, 8)).astype(dtype)


def test_length_normalize_gives_length_one_and_keeps_the_direction():
    embeddings = draw(5)
    unit = length_normalize(embeddings)
    assert np.linalg.norm(unit, axis=1) == pytest.approx(1)
    ratio = embeddings / unit
    assert ratio == pytest.approx(np.repeat(ratio[:, :1], 8, axis=1))


@pytest.mark.parametrize("size", [1e-38, 1e38])
def test_length_normalize_survives_squares_beyond_float32(size):
    unit = length_normalize(np.full((1, 4), size, dtype=np.float32))
    assert unit == pytest.approx(0.5)


@pytest.mark.parametrize("value", [0, np.nan, np.inf])
def test_length_normalize_names_the_bad_rows(value):
    embeddings = draw(9)
    embeddings[[2, 7]] = value
    with pytest.raises(ValueError, match=r"cohort: 2 of 9 .* first rows: \[2, 7\]"):
        length_normalize(embeddings, "cohort")


def test_length_normalize_refuses_one_nan_in_a_row():
    embeddings = draw(3)
    embeddings[1, 4] = np.nan
    with pytest.raises(ValueError, match=r"first rows: \[1\]"):
        length_normalize(embeddings)


@pytest.mark.parametrize("wrong", [np.ones(3), np.array([["a"]]), np.ones((1, 2, 3))])
def test_length_normalize_refuses_what_is_not_a_matrix_of_numbers(wrong):
    with pytest.raises(ValueError, match="expected numbers of shape"):
        length_normalize(wrong)


def test_cosine_scores_equal_a_loop_over_pairs():
    enrol, test = draw(4), draw(6, seed=1)
    scores = cosine_scores(enrol, test)
    for i, a in enumerate(enrol):
        for j, b in enumerate(test):
            cosine = (a @ b) / np.sqrt((a @ a) * (b @ b))
            assert scores[i, j] == pytest.approx(cosine)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_gallery_scores_are_symmetric_to_the_bit_and_keep_the_dtype(dtype):
    scores = cosine_scores(draw(101, dtype=dtype))
    assert scores.dtype == dtype
    assert (scores == scores.T).all()


def test_cosine_scores_stay_within_one():
    embeddings = np.repeat(draw(50, dtype=np.float32), 2, axis=0)
    assert np.abs(cosine_scores(embeddings, -embeddings)).max() == 1


@given(st.floats(1e-6, 1e6), st.integers(0, 99))
def test_cosine_scores_do_not_depend_on_the_length_of_embeddings(size, seed):
    enrol, test = draw(3, seed), draw(4, seed + 1)
    assert cosine_scores(size * enrol, test) == pytest.approx(
        cosine_scores(enrol, test), abs=1e-12
    )


def test_cosine_scores_refuse_sides_of_different_models():
    with pytest.raises(ValueError, match="enrol has emb_dim 8, test has 5"):
        cosine_scores(draw(2), np.ones((2, 5)))


def test_cosine_scores_name_the_bad_side():
    with pytest.raises(ValueError, match="test: 1 of 2 rows"):
        cosine_scores(draw(2), np.eye(2, 8) - np.eye(1, 8))
