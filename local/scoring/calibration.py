"""Calibration: from scores to log-likelihood ratios to probabilities.

A score ranks pairs of segments; a log-likelihood ratio (natural logarithm) also says
how strongly the pair speaks for one speaker, whatever the share of same-speaker pairs.
The map is affine, so it keeps every ranking; it is learnt on validation trials of
speakers who are not tested, from scores made in the same way.
"""

from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression

# Cost of the squared slope beside the mean cross-entropy. Too small to move a fit on
# overlapping classes; on separated ones it holds the LLRs to about +-20.
SLOPE_PENALTY = 1e-6


class Calibration(NamedTuple):
    """Affine map from a score to a natural-log likelihood ratio.

    Parameters
    ----------
    scale : float
        Slope, LLR per unit of score, > 0.
    offset : float
        LLR of score 0.

    Examples
    --------
    >>> calibration = Calibration(scale=10.0, offset=-4.0)
    >>> calibration.llr(np.array([0.4, 0.5]))
    array([0., 1.])
    >>> calibration.probability(np.array([0.4]), p_target=0.1)
    array([0.1])
    """

    scale: float
    offset: float

    def llr(self, scores):
        """Turn scores into log-likelihood ratios.

        Parameters
        ----------
        scores : ndarray
            Scores of any shape, made as those of the fit were.

        Returns
        -------
        llrs : ndarray
            Natural-log likelihood ratios, of the same shape; > 0 speaks for one
            speaker.
        """
        return self.scale * scores + self.offset

    def probability(self, scores, p_target):
        """Turn scores into the probability that both segments have one speaker.

        Parameters
        ----------
        scores : ndarray
            Scores of any shape, made as those of the fit were.
        p_target : float
            Share of same-speaker pairs expected before listening, in (0, 1).

        Returns
        -------
        probability : ndarray
            Posterior probabilities, of the same shape.

        Raises
        ------
        ValueError
            If ``p_target`` is not strictly between 0 and 1.
        """
        _check_prior(p_target)
        return expit(self.llr(scores) + logit(p_target))

    def threshold(self, p_target):
        """Return the score whose `probability` is one half."""
        _check_prior(p_target)
        return float((-logit(p_target) - self.offset) / self.scale)


def fit_calibration(tar, non, p_target=0.5):
    """Fit scale and offset by logistic regression.

    Both classes are reweighted to ``p_target``, so the result does not depend on how
    many trials each has.

    Parameters
    ----------
    tar : ndarray, (n_tar,)
        Scores of target trials.
    non : ndarray, (n_non,)
        Scores of nontarget trials.
    p_target : float
        Prior at which the fit should be best, in (0, 1); the LLRs hold at any prior.

    Returns
    -------
    calibration : Calibration
        The map, finite even if the classes are separated.

    Raises
    ------
    ValueError
        If a class is empty or not finite, all scores are equal, or targets do not
        score higher than nontargets.

    References
    ----------
    Brummer and du Preez (2006). Application-independent evaluation of speaker
    detection. Computer Speech & Language 20. doi:10.1016/j.csl.2005.08.001
    """
    _check_prior(p_target)
    for name, values in (("tar", tar), ("non", non)):
        if len(values) == 0 or not np.isfinite(values).all():
            raise ValueError(
                f"{name}: expected finite scores, at least one, got {len(values)} of"
                f" which {np.isfinite(values).sum()} are finite"
            )
    scores = np.concatenate([tar, non]).astype(float)
    is_target = np.arange(len(scores)) < len(tar)
    weights = np.where(is_target, p_target / len(tar), (1 - p_target) / len(non))
    mean = np.average(scores, weights=weights)
    std = np.sqrt(np.average((scores - mean) ** 2, weights=weights))
    if std <= 1e-12 * np.abs(scores).max():
        raise ValueError(f"all {len(scores)} scores equal {mean:g}: nothing to fit")
    model = LogisticRegression(
        C=1 / SLOPE_PENALTY, solver="newton-cholesky", tol=1e-8, max_iter=1000
    )
    model.fit(((scores - mean) / std)[:, None], is_target, sample_weight=weights)
    scale = float(model.coef_[0, 0] / std)
    if scale <= 0:
        raise ValueError(
            f"targets do not score higher than nontargets (slope {scale:g}); are these"
            " distances, or are the classes swapped?"
        )
    offset = model.intercept_[0] - scale * mean - logit(p_target)
    return Calibration(scale, float(offset))


def estimate_p_target(llrs):
    """Estimate the share of target trials without labels, by maximum likelihood.

    The share p at which the trials' mean posterior is p itself: where the EM algorithm
    of the reference ends, found here by root search, for the likelihood has one peak.

    Parameters
    ----------
    llrs : ndarray, (n_trials,)
        Calibrated natural-log likelihood ratios.

    Returns
    -------
    p_target : float
        At least half a trial, at most all but half a trial.

    Raises
    ------
    ValueError
        If there is no trial, or an LLR is not finite.

    References
    ----------
    Saerens et al. (2002). Adjusting the outputs of a classifier to new a priori
    probabilities. Neural Computation 14(1). doi:10.1162/089976602753284446

    Examples
    --------
    >>> round(estimate_p_target(np.array([9.0, -9.0, -9.0, -9.0])), 3)
    0.25
    """
    llrs = np.asarray(llrs, dtype=float)
    if len(llrs) == 0 or not np.isfinite(llrs).all():
        raise ValueError(f"expected finite LLRs, at least one, got {len(llrs)}")
    lowest, highest = 0.5 / len(llrs), 1 - 0.5 / len(llrs)

    def surplus(p_target):
        """Posteriors above the prior, relative to it: falls as the prior grows."""
        return expit(llrs + logit(p_target)).mean() / p_target - 1

    if len(llrs) == 1 or surplus(lowest) <= 0:
        return lowest
    return highest if surplus(highest) >= 0 else brentq(surplus, lowest, highest)


def _check_prior(p_target):
    """Refuse a prior probability that is not strictly between 0 and 1."""
    if not 0 < p_target < 1:
        raise ValueError(f"p_target must be between 0 and 1, got {p_target}")
