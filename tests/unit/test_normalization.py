"""Tests of local.scoring.normalization."""

import logging

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.scoring import normalization
from local.scoring.normalization import (
    CohortStatistics,
    as_norm,
    cohort_statistics,
    normalize_scores,
    s_norm,
    t_norm,
    z_norm,
)
from local.scoring.similarity import cosine_scores


def draw(n_segments, seed=0, dtype=float):
    return np.random.default_rng(seed).normal(size=(n_segments, 16)).astype(dtype)


def cosine(a, b):
    return a @ b / np.sqrt((a @ a) * (b @ b))


def slow_trial(enrol, test, cohort, top_n):
    """Return the z-, t- and s-norm of one trial, its cohort scores made anew."""
    score, normed = cosine(enrol, test), []
    for side in (enrol, test):
        top = sorted((cosine(side, other) for other in cohort), reverse=True)[:top_n]
        mean = sum(top) / len(top)
        variance = sum((s - mean) ** 2 for s in top) / (len(top) - 1)
        normed.append((score - mean) / variance**0.5)
    return normed[0], normed[1], sum(normed) / 2


@pytest.mark.parametrize("top_n", [None, 2, 7])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_norms_equal_the_loop_over_trials(top_n, dtype):
    enrol, test, cohort = draw(5, 1, dtype), draw(4, 2, dtype), draw(20, 3, dtype)
    scores = cosine_scores(enrol, test)
    sides = [cohort_statistics(side, cohort, top_n) for side in (enrol, test)]
    enrol, test, cohort = enrol.astype(float), test.astype(float), cohort.astype(float)
    slow = np.array([[slow_trial(e, t, cohort, top_n) for t in test] for e in enrol])
    assert z_norm(scores, sides[0]) == pytest.approx(slow[..., 0], rel=1e-5, abs=1e-5)
    assert t_norm(scores, sides[1]) == pytest.approx(slow[..., 1], rel=1e-5, abs=1e-5)
    assert s_norm(scores, *sides) == pytest.approx(slow[..., 2], rel=1e-5, abs=1e-5)


def test_as_norm_of_one_trial_by_hand():
    # Cohort scores 0.8, 0.6, 0.0; the top two: mean 0.7, std sqrt(2 * 0.1**2 / 1).
    cohort = np.array([[0.8, 0.6], [0.6, 0.8], [0.0, 1.0]])
    side = cohort_statistics(np.array([[3.0, 0.0]]), cohort, top_n=2)
    assert side.mean == pytest.approx(0.7)
    assert side.std == pytest.approx(0.02**0.5)
    normed = as_norm(np.array([[0.9]]), side, side)
    assert normed == pytest.approx(0.2 / 0.02**0.5)


def test_statistics_do_not_depend_on_the_blocks(monkeypatch):
    whole = cohort_statistics(draw(10), draw(9, 1), top_n=4)
    monkeypatch.setattr(normalization, "BLOCK_SCORES", 27)  # three rows at a time
    monkeypatch.setattr(normalization, "BLOCK_ROWS", 1)
    blocks = cohort_statistics(draw(10), draw(9, 1), top_n=4)
    assert blocks.mean == pytest.approx(whole.mean, abs=1e-14)
    assert blocks.std == pytest.approx(whole.std, abs=1e-14)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_statistics_do_not_depend_on_how_the_highest_are_found(monkeypatch, dtype):
    gallery = np.repeat(draw(5, 0, dtype), 2, axis=0)
    cohort = np.repeat(draw(9, 1, dtype), 3, axis=0)  # ties at the last place
    small = cohort_statistics(gallery, cohort, top_n=7)
    monkeypatch.setattr(normalization, "LARGE_COHORT", 1)
    large = cohort_statistics(gallery, cohort, top_n=7)
    assert large.mean == pytest.approx(small.mean, abs=1e-6)
    assert large.std == pytest.approx(small.std, abs=1e-6)


@settings(max_examples=30)
@given(st.floats(1e-3, 1e3), st.floats(1e-3, 1e3), st.integers(0, 99))
def test_as_norm_does_not_depend_on_the_length_of_embeddings(a, b, seed):
    gallery, cohort = draw(4, seed), draw(12, seed + 1)
    normed = normalize_scores("as", gallery, cohort, 5)
    assert normalize_scores("as", a * gallery, b * cohort, 5) == pytest.approx(normed)


@settings(max_examples=30)
@given(st.integers(2, 30), st.integers(0, 99))
def test_as_norm_over_the_whole_cohort_is_s_norm(n_cohort, seed):
    gallery, cohort = draw(4, seed), draw(n_cohort, seed + 1)
    whole = normalize_scores("s", gallery, cohort, top_n=2)  # of no effect on s-norm
    assert (normalize_scores("as", gallery, cohort, n_cohort) == whole).all()


@pytest.mark.parametrize("method", ["none", "s", "as"])
def test_normalized_gallery_is_symmetric_to_the_bit(method):
    normed = normalize_scores(method, draw(30, 0, np.float32), draw(40, 1), 7)
    assert (normed == normed.T).all()


def test_z_norm_averaged_with_its_transpose_is_s_norm():
    gallery = draw(6)
    scores, side = cosine_scores(gallery), cohort_statistics(gallery, draw(9, 1))
    normed = z_norm(scores, side)
    assert (normed + normed.T) / 2 == pytest.approx(s_norm(scores, side, side))
    assert not np.allclose(normed, normed.T)


@pytest.mark.parametrize("method", ["z", "t"])
def test_one_sided_norms_of_a_gallery_are_averaged_to_s_norm(method):
    gallery, cohort = draw(6), draw(9, 1)
    whole = normalize_scores("s", gallery, cohort)
    assert (normalize_scores(method, gallery, cohort) == whole).all()


def test_unknown_method_is_refused():
    with pytest.raises(ValueError, match="must be one of .*'as'.*, got 'as-norm'"):
        normalize_scores("as-norm", draw(3), draw(9, 1))


@pytest.mark.parametrize(
    ("method", "cohort", "needed"),
    [("s", None, "needs a cohort"), ("as", draw(9), "needs a cohort and top_n")],
)
def test_missing_cohort_or_top_n_is_refused(method, cohort, needed):
    with pytest.raises(ValueError, match=needed):
        normalize_scores(method, draw(3), cohort)


def test_top_n_above_the_cohort_is_clamped_and_told_once(caplog):
    with caplog.at_level(logging.INFO):
        for _ in range(2):
            clamped = cohort_statistics(draw(3), draw(9, 1), top_n=300)
    assert caplog.text.count("top_n 300 exceeds the cohort: all 9 are kept") == 1
    assert (clamped.mean == cohort_statistics(draw(3), draw(9, 1)).mean).all()


@pytest.mark.parametrize("top_n", [1, 0, -3])
def test_top_n_without_a_spread_is_refused(top_n):
    with pytest.raises(ValueError, match=f"at least 2 .* got {top_n}"):
        cohort_statistics(draw(3), draw(9, 1), top_n=top_n)


def test_cohort_of_one_is_refused():
    with pytest.raises(ValueError, match="cohort needs at least 2 embeddings, got 1"):
        cohort_statistics(draw(3), draw(1, 1))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_cohort_of_one_repeated_segment_is_refused(dtype):
    cohort = np.arange(1, 10)[:, None] * draw(1, 1, dtype)
    with pytest.raises(ValueError, match=r"of 7 segments are all equal.*\[0, 1, 2"):
        cohort_statistics(draw(7, 0, dtype), cohort)


def test_bad_cohort_rows_are_named():
    cohort = draw(9, 1)
    cohort[4] = 0
    with pytest.raises(ValueError, match=r"cohort: 1 of 9 .*\[4\]"):
        cohort_statistics(draw(3), cohort)


@pytest.mark.parametrize(("norm", "side"), [(z_norm, "2 enrol"), (t_norm, "3 test")])
def test_statistics_of_the_other_side_are_refused(norm, side):
    wrong = CohortStatistics(np.zeros(5), np.ones(5))
    with pytest.raises(ValueError, match=f"{side} segments, got 5"):
        norm(np.zeros((2, 3)), wrong)
