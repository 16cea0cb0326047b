"""What a calibrated log-likelihood ratio costs: trial by trial, before any mean.

Higher means more alike; LLRs are natural logarithms. The figures made of these means
are in `detection`.
"""

import numpy as np

from local.evaluation.error_rates import checked_scores


def decision_errors(tar_llr, non_llr, p_target, c_miss=1.0, c_fa=1.0):
    """Tell which trials are decided wrongly at the threshold of Bayes.

    Parameters
    ----------
    tar_llr, non_llr : ndarray, (n_tar,) and (n_non,)
        Calibrated natural-log likelihood ratios.
    p_target, c_miss, c_fa : float
        As in `local.evaluation.detection.act_dcf`.

    Returns
    -------
    misses, false_alarms : ndarray of bool, (n_tar,) and (n_non,)
        The targets rejected and the nontargets accepted.

    Raises
    ------
    ValueError
        If LLRs are unusable, or ``p_target`` or a cost is out of range.
    """
    tar, non = checked_scores("tar_llr", tar_llr), checked_scores("non_llr", non_llr)
    _check_costs(p_target, c_miss, c_fa)
    threshold = np.log(c_fa * (1 - p_target)) - np.log(c_miss * p_target)
    return tar < threshold, non >= threshold


def dcf(p_miss, p_fa, p_target, c_miss=1.0, c_fa=1.0):
    """Compute the detection cost over that of the better trivial decision.

    Parameters
    ----------
    p_miss, p_fa : float or ndarray
        Error rates.
    p_target, c_miss, c_fa : float
        As in `local.evaluation.detection.min_dcf`.

    Returns
    -------
    cost : float or ndarray
        Of each pair of error rates.

    Raises
    ------
    ValueError
        If ``p_target`` or a cost is out of range.
    """
    _check_costs(p_target, c_miss, c_fa)
    reject_all, accept_all = c_miss * p_target, c_fa * (1 - p_target)
    return (reject_all * p_miss + accept_all * p_fa) / min(reject_all, accept_all)


def llr_costs(tar_llr, non_llr):
    """Compute what each trial's log-likelihood ratio adds to Cllr.

    Parameters
    ----------
    tar_llr, non_llr : ndarray, (n_tar,) and (n_non,)
        Calibrated natural-log likelihood ratios.

    Returns
    -------
    tar_costs, non_costs : ndarray, (n_tar,) and (n_non,)
        In bits, > 0; Cllr is the sum of the means of both.

    Raises
    ------
    ValueError
        If LLRs are unusable.
    """
    tar, non = checked_scores("tar_llr", tar_llr), checked_scores("non_llr", non_llr)
    half_a_bit = 2 * np.log(2)
    return np.logaddexp(0, -tar) / half_a_bit, np.logaddexp(0, non) / half_a_bit


def _check_costs(p_target, c_miss, c_fa):
    """Refuse operating points that have no meaning."""
    if not (0 < p_target < 1 and c_miss > 0 and c_fa > 0):
        raise ValueError(
            "expected 0 < p_target < 1 and costs above 0, got"
            f" p_target={p_target}, c_miss={c_miss}, c_fa={c_fa}"
        )
