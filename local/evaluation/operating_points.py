"""Where to decide: the threshold that errs as seldom as is asked, and how it errs."""

from typing import NamedTuple

import numpy as np

from local.evaluation.detection import eer_threshold


class OperatingPoint(NamedTuple):
    """A threshold and the errors it makes.

    Attributes
    ----------
    threshold : float
        Accept when score >= threshold; infinity accepts nothing.
    p_miss, p_fa : float
        Share of the targets rejected and of the nontargets accepted.
    """

    threshold: float
    p_miss: float
    p_fa: float


def find_operating_point(curve, p_fa=None, p_miss=None):
    """Find the threshold that errs so seldom in one way, and least in the other.

    Parameters
    ----------
    curve : local.evaluation.error_rates.DetCurve
        Error rates at every threshold.
    p_fa, p_miss : float, optional
        Share of errors of that kind that is allowed, in 0..1: give one of them, or
        neither for the point where both are as frequent.

    Returns
    -------
    point : OperatingPoint
        On the curve.

    Raises
    ------
    ValueError
        If both are given, or one that is no share.

    Examples
    --------
    >>> from local.evaluation.detection import det_curve
    >>> curve = det_curve(tar=[1, 3], non=[0, 2])
    >>> find_operating_point(curve, p_fa=0.0)
    OperatingPoint(threshold=3.0, p_miss=0.5, p_fa=0.0)
    >>> find_operating_point(curve, p_miss=0.0)
    OperatingPoint(threshold=1.0, p_miss=0.0, p_fa=0.5)
    """
    given = [share for share in (p_fa, p_miss) if share is not None]
    if len(given) > 1 or not all(0 <= share <= 1 for share in given):
        raise ValueError(
            "an operating point has p_fa or p_miss, a share in 0..1, or neither; got"
            f" p_fa {p_fa}, p_miss {p_miss}"
        )
    if p_fa is not None:
        at = int(np.argmax(curve.p_fa <= p_fa))  # falls to 0
    elif p_miss is not None:
        at = int(np.flatnonzero(curve.p_miss <= p_miss)[-1])  # rises from 0
    else:
        at = int(np.searchsorted(curve.thresholds, eer_threshold(curve)))
    return OperatingPoint(*(float(values[at]) for values in curve))
