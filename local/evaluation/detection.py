"""Same or different speaker: EER, minDCF, actDCF, AUC, Cllr.

Conventions
-----------
Higher scores mean more alike; rates are fractions in 0..1 (see `error_rates`).
Log-likelihood ratios (LLR) are natural logarithms, Cllr is in bits. Detection costs
are divided by the cost of the better trivial decision (accept all or reject all), so
a useless system costs 1. Tied scores share one point of the curve: no figure depends
on the order of the trials.

Contents
--------
``eer``, ``eer_threshold``, ``min_dcf``, ``min_dcf_threshold``, ``auc`` and ``min_cllr``
read a ``DetCurve``, made by ``det_curve``. ``act_dcf`` and ``cllr`` judge calibrated
LLRs by the means of what each trial costs (see `trial_costs`).

References
----------
Brummer & du Preez (2006). Application-independent evaluation of speaker detection.
Computer Speech & Language 20(2-3). doi:10.1016/j.csl.2005.08.001
"""

import numpy as np
from scipy.optimize import isotonic_regression
from scipy.special import rel_entr

from local.evaluation.error_rates import DetCurve, det_curve
from local.evaluation.trial_costs import dcf, decision_errors, llr_costs

__all__ = [
    "DetCurve",
    "act_dcf",
    "auc",
    "cllr",
    "det_curve",
    "eer",
    "eer_threshold",
    "min_cllr",
    "min_dcf",
    "min_dcf_threshold",
]


def eer(curve):
    """Read the equal error rate off a DET curve.

    Parameters
    ----------
    curve : DetCurve
        Error rates from `det_curve`.

    Returns
    -------
    rate : float
        Where p_miss = p_fa on the straight line between the two neighbouring points
        around the crossing (not on the convex hull). All scores tied give 0.5.

    Examples
    --------
    >>> eer(det_curve(tar=[2, 3], non=[1, 2]))
    0.25
    """
    after, share = _crossing(curve)
    before = after - 1
    rise = curve.p_miss[after] - curve.p_miss[before]
    return float(curve.p_miss[before] + share * rise)


def eer_threshold(curve):
    """Find the score at which p_miss and p_fa come closest to each other.

    Parameters
    ----------
    curve : DetCurve
        Error rates from `det_curve`.

    Returns
    -------
    threshold : float
        One of the scores: accept when score >= threshold.

    Examples
    --------
    >>> eer_threshold(det_curve(tar=[2, 3], non=[0, 1]))
    2.0
    """
    after, share = _crossing(curve)
    return float(curve.thresholds[after if share > 0.5 else after - 1])


def min_dcf(curve, p_target, c_miss=1.0, c_fa=1.0):
    """Compute the normalised detection cost at the best threshold.

    Parameters
    ----------
    curve : DetCurve
        Error rates from `det_curve`.
    p_target : float
        Prior probability of a target trial, 0 < p_target < 1.
    c_miss, c_fa : float
        Cost of a miss and of a false alarm, > 0.

    Returns
    -------
    cost : float
        In 0..1: divided by the cost of the better trivial decision.

    Raises
    ------
    ValueError
        If ``p_target`` or a cost is out of range.

    Examples
    --------
    >>> min_dcf(det_curve(tar=[2, 3], non=[1, 2]), p_target=0.5)
    0.5
    """
    return float(dcf(curve.p_miss, curve.p_fa, p_target, c_miss, c_fa).min())


def min_dcf_threshold(curve, p_target, c_miss=1.0, c_fa=1.0):
    """Find the score at which deciding costs least: the threshold of a scenario.

    Parameters
    ----------
    curve : DetCurve
        Error rates from `det_curve`.
    p_target, c_miss, c_fa : float
        As in `min_dcf`.

    Returns
    -------
    threshold : float
        Accept when score >= threshold. The lowest score accepts all, infinity none;
        of several that cost the same, the lowest.

    Raises
    ------
    ValueError
        If ``p_target`` or a cost is out of range.

    Examples
    --------
    >>> curve = det_curve(tar=[1, 3], non=[0, 2])
    >>> min_dcf_threshold(curve, p_target=0.1), min_dcf_threshold(curve, p_target=0.9)
    (3.0, 1.0)
    """
    costs = dcf(curve.p_miss, curve.p_fa, p_target, c_miss, c_fa)
    return float(curve.thresholds[costs.argmin()])


def act_dcf(tar_llr, non_llr, p_target, c_miss=1.0, c_fa=1.0):
    """Compute the normalised detection cost at the threshold of Bayes.

    Parameters
    ----------
    tar_llr, non_llr : ndarray, (n_tar,) and (n_non,)
        Calibrated natural-log likelihood ratios.
    p_target : float
        Prior probability of a target trial, 0 < p_target < 1.
    c_miss, c_fa : float
        Cost of a miss and of a false alarm, > 0.

    Returns
    -------
    cost : float
        Divided by the cost of the better trivial decision; never below `min_dcf`,
        and above 1 when the LLRs do more harm than good.

    Raises
    ------
    ValueError
        If LLRs are unusable, or ``p_target`` or a cost is out of range.

    Examples
    --------
    >>> act_dcf(tar_llr=[2.0, -1.0], non_llr=[-3.0, -4.0], p_target=0.5)
    0.5
    """
    misses, false_alarms = decision_errors(tar_llr, non_llr, p_target, c_miss, c_fa)
    cost = dcf(misses.mean(), false_alarms.mean(), p_target, c_miss, c_fa)
    return float(cost)


def auc(curve):
    """Compute the area under the ROC curve.

    Parameters
    ----------
    curve : DetCurve
        Error rates from `det_curve`.

    Returns
    -------
    area : float
        Chance that a target scores above a nontarget, ties counted half
        (the Mann-Whitney statistic).

    Examples
    --------
    >>> auc(det_curve(tar=[2, 3], non=[1, 2]))
    0.875
    """
    return float(1 + np.trapezoid(curve.p_miss, curve.p_fa))  # p_fa falls: minus area


def cllr(tar_llr, non_llr):
    """Compute the cost of the log-likelihood ratios, in bits.

    Parameters
    ----------
    tar_llr, non_llr : ndarray, (n_tar,) and (n_non,)
        Calibrated natural-log likelihood ratios.

    Returns
    -------
    cost : float
        0 for perfect LLRs, 1 for LLRs that are all 0, unbounded for misleading ones.

    Raises
    ------
    ValueError
        If LLRs are unusable.

    Examples
    --------
    >>> cllr([0.0, 0.0], [0.0])
    1.0
    """
    tar_costs, non_costs = llr_costs(tar_llr, non_llr)
    return float(tar_costs.mean() + non_costs.mean())


def min_cllr(curve):
    """Compute the Cllr left after the best calibration that keeps the order.

    Parameters
    ----------
    curve : DetCurve
        Error rates from `det_curve`, of scores or of LLRs.

    Returns
    -------
    cost : float
        In 0..1 bits: the part of Cllr that is due to discrimination.

    Examples
    --------
    >>> min_cllr(det_curve(tar=[2, 3], non=[0, 1]))
    0.0
    """
    tar_mass, non_mass = np.diff(curve.p_miss), -np.diff(curve.p_fa)
    present = tar_mass + non_mass > 0  # weights of 0 leave empty points
    tar_mass, non_mass = tar_mass[present], non_mass[present]
    mass = tar_mass + non_mass
    # Pool adjacent violators: within a block P(target) is constant and, at even
    # priors, 1 / P(target) = 1 + e^-llr.
    starts = isotonic_regression(tar_mass / mass, weights=mass).blocks[:-1]
    tar, non = np.add.reduceat(tar_mass, starts), np.add.reduceat(non_mass, starts)
    gain = rel_entr(tar, tar + non) + rel_entr(non, tar + non)  # x log(x / y) <= 0
    return float(abs(gain.sum()) / (2 * np.log(2)))  # no -0.0


def _crossing(curve):
    """Return the first point with p_miss >= p_fa and how far the crossing is to it."""
    gap = curve.p_miss - curve.p_fa  # rises from -1 to 1
    after = int(np.searchsorted(gap, 0))
    return after, gap[after - 1] / (gap[after - 1] - gap[after])
