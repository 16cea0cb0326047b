"""Tests of local.scoring.calibration."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtri

from local.scoring.calibration import (
    Calibration,
    estimate_p_target,
    fit_calibration,
)

# 2000 normal quantiles: a Gaussian sample without chance.
NORMAL = ndtri((np.arange(2000) + 0.5) / 2000)
TAR, NON = 0.6 + 0.1 * NORMAL, 0.2 + 0.1 * NORMAL


def cllr(tar, non):
    """Return the cost of log-likelihood ratios in bits, by its definition."""
    cost = np.logaddexp(0, -tar).mean() + np.logaddexp(0, non).mean()
    return cost / (2 * np.log(2))


def test_gaussian_scores_recover_their_known_llr():
    # LLR = ((s - 0.2)**2 - (s - 0.6)**2) / (2 * 0.1**2) = 40 s - 16
    calibration = fit_calibration(TAR, NON)
    assert calibration == pytest.approx((40, -16), rel=1e-2)


def test_llr_holds_at_another_prior():
    calibration = fit_calibration(TAR, NON, p_target=0.05)
    assert calibration == pytest.approx((40, -16), rel=2e-2)


def test_calibration_lowers_cllr():
    calibration = fit_calibration(TAR, NON)
    calibrated = cllr(calibration.llr(TAR), calibration.llr(NON))
    assert calibrated < 0.5 * cllr(TAR, NON)


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 9), st.integers(1, 9), st.floats(0.01, 0.99))
def test_llr_does_not_depend_on_the_class_counts(n_tar, n_non, p_target):
    tar, non = TAR[::20], NON[::20]
    repeated = fit_calibration(np.tile(tar, n_tar), np.tile(non, n_non), p_target)
    assert repeated == pytest.approx(fit_calibration(tar, non, p_target), rel=1e-6)


@settings(max_examples=20, deadline=None)
@given(st.floats(1e-4, 1e4), st.floats(-100, 100))
def test_llr_does_not_depend_on_the_unit_of_the_scores(unit, shift):
    tar, non = TAR[::20], NON[::20]
    moved = fit_calibration(unit * tar + shift, unit * non + shift)
    llr = fit_calibration(tar, non).llr(tar)
    assert moved.llr(unit * tar + shift) == pytest.approx(llr, rel=1e-4, abs=1e-4)


@pytest.mark.parametrize("n_trials", [1, 2, 500])
def test_separated_classes_give_a_finite_sane_slope(n_trials):
    tar, non = np.linspace(0.8, 1, n_trials), np.linspace(0, 0.2, n_trials)
    calibration = fit_calibration(tar, non)
    assert 5 < calibration.llr(tar).min()
    assert calibration.llr(tar).max() < 25
    assert -25 < calibration.llr(non).min()


def test_probability_is_the_posterior_by_bayes():
    calibration = Calibration(scale=2.0, offset=-1.0)
    ratio = np.exp(2 * 0.8 - 1)  # likelihood ratio of score 0.8
    posterior = 0.1 * ratio / (0.1 * ratio + 0.9)
    assert calibration.probability(np.array([[0.8]]), 0.1) == pytest.approx(posterior)


@pytest.mark.parametrize("p_target", [0, 1, -0.5, np.nan])
def test_impossible_priors_are_refused(p_target):
    with pytest.raises(ValueError, match="p_target must be between 0 and 1"):
        fit_calibration(TAR, NON, p_target)
    with pytest.raises(ValueError, match="p_target must be between 0 and 1"):
        Calibration(1.0, 0.0).probability(TAR, p_target)


@pytest.mark.parametrize("p_target", [0.01, 0.5, 0.9])
def test_the_threshold_is_where_the_probability_is_one_half(p_target):
    calibration = Calibration(scale=2.0, offset=-3.0)
    threshold = calibration.threshold(p_target)
    assert calibration.probability(threshold, p_target) == pytest.approx(0.5)


def test_swapped_classes_are_refused():
    with pytest.raises(ValueError, match="targets do not score higher .* distances"):
        fit_calibration(NON, TAR)


def test_equal_scores_are_refused():
    with pytest.raises(ValueError, match="all 5 scores equal 0.3"):
        fit_calibration(np.full(2, 0.3), np.full(3, 0.3))


@pytest.mark.parametrize("bad", [np.array([]), np.array([0.1, np.nan])])
def test_empty_or_broken_classes_are_refused_by_name(bad):
    with pytest.raises(ValueError, match="non: expected finite scores, at least one"):
        fit_calibration(TAR, bad)
    with pytest.raises(ValueError, match="tar: expected finite scores, at least one"):
        fit_calibration(bad, NON)


@pytest.mark.parametrize("share", [0.01, 0.2, 0.7])
def test_the_share_of_targets_is_found_without_labels(share, rng):
    # Scores x around +-0.5 with variance 0.25 have the LLR x / 0.25.
    is_target = rng.random(200_000) < share
    llrs = 4 * (rng.normal(size=200_000) / 2 + np.where(is_target, 0.5, -0.5))
    assert estimate_p_target(llrs) == pytest.approx(share, abs=0.01)


def test_the_share_is_where_the_mean_posterior_equals_the_prior(rng):
    llrs = rng.normal(-1, 3, size=500)
    share = estimate_p_target(llrs)
    posterior = 1 / (1 + np.exp(-llrs) * (1 - share) / share)
    assert posterior.mean() == pytest.approx(share)


@pytest.mark.parametrize(
    ("llrs", "share"), [([-5, -6], 0.25), ([5, 6], 0.75), ([3], 0.5)]
)
def test_a_share_is_kept_off_zero_and_one_by_half_a_trial(llrs, share):
    assert estimate_p_target(llrs) == share


@pytest.mark.parametrize("llrs", [[], [0.0, np.inf]])
def test_a_share_needs_finite_llrs(llrs):
    with pytest.raises(ValueError, match="expected finite LLRs, at least one"):
        estimate_p_target(llrs)
