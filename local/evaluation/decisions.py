"""Decisions at thresholds chosen beforehand, on the trials of other speakers.

Conventions
-----------
A trial is accepted when its score >= the threshold; rates are fractions in 0..1. A
scenario is what `local.evaluation.detection.min_dcf` takes: ``p_target``, how likely a
trial is one of the same speaker, and ``c_miss`` and ``c_fa``, what both errors cost.
Costs are divided by that of the better trivial decision, so that 1 is useless.
"""

import numpy as np

from local.evaluation.bootstrap import bootstrap_intervals
from local.evaluation.detection import (
    det_curve,
    eer_threshold,
    min_dcf,
    min_dcf_threshold,
)
from local.evaluation.speaker_trials import mean_by_weights
from local.evaluation.trial_costs import dcf

EQUAL_ERRORS = "equal errors"


def choose_thresholds(curve, scenarios):
    """Choose the threshold of every scenario, and that of equal errors.

    Parameters
    ----------
    curve : DetCurve
        Of the trials to choose on.
    scenarios : dict of str to dict
        Name -> ``p_target``, ``c_miss``, ``c_fa``.

    Returns
    -------
    thresholds : dict of str to float
        `EQUAL_ERRORS` first; infinity accepts none.

    Raises
    ------
    ValueError
        If a scenario is called like equal errors, lacks a number, or has a wrong one.

    Examples
    --------
    >>> curve = det_curve(tar=[1, 3], non=[0, 2])
    >>> choose_thresholds(curve, {"door": {"p_target": 0.1, "c_miss": 1, "c_fa": 1}})
    {'equal errors': 2.0, 'door': 3.0}
    """
    for name, costs in scenarios.items():
        if name == EQUAL_ERRORS or set(costs) != {"p_target", "c_miss", "c_fa"}:
            raise ValueError(
                f"scenario {name!r}: expected p_target, c_miss and c_fa, and another"
                f" name than {EQUAL_ERRORS!r}; got {', '.join(costs)}"
            )
    chosen = {name: min_dcf_threshold(curve, **c) for name, c in scenarios.items()}
    return {EQUAL_ERRORS: eer_threshold(curve)} | chosen


def evaluate_decisions(codes, trials, scores, threshold, costs=None, **bootstrap):
    """Measure what a threshold does, that was chosen on other trials.

    Parameters
    ----------
    codes : ndarray of int, (n_segments,)
        Number of each segment's speaker, from 0.
    trials : local.evaluation.speaker_trials.SpeakerTrials
        The trials.
    scores : pair of ndarray, (n_tar,) and (n_non,)
        Theirs.
    threshold : float
        Accept from this score on; infinity accepts none.
    costs : dict, optional
        A scenario; without it, there are no costs.
    **bootstrap
        ``n_bootstrap``, ``confidence``, ``seed`` of `bootstrap_intervals`.

    Returns
    -------
    figures : dict
        ``{"value", "low", "high"}`` of ``p_miss``, ``p_fa`` and ``cost``; and
        ``min_cost``, a number: of the best threshold that these trials know.

    Examples
    --------
    >>> from local.evaluation.speaker_trials import all_trials
    >>> codes, scores = np.array([0, 0, 1, 1]), (np.ones(2), np.arange(4) / 2)
    >>> found = evaluate_decisions(codes, all_trials(codes), scores, threshold=1)
    >>> found["p_miss"]["value"], found["p_fa"]["value"]
    (0.0, 0.5)
    """
    tar, non = map(np.asarray, scores)
    rates_of = mean_by_weights(trials, tar < threshold, non >= threshold)

    def figures(weights):
        p_miss, p_fa = map(float, rates_of(weights))
        cost = {"cost": float(dcf(p_miss, p_fa, **costs))} if costs else {}
        return {"p_miss": p_miss, "p_fa": p_fa, **cost}

    values = figures(np.ones(trials.n_speakers, dtype=int))
    intervals = bootstrap_intervals(
        figures, codes, has_figures=trials.has_both, **bootstrap
    )
    found = {name: {"value": v, **intervals[name]} for name, v in values.items()}
    least = {"min_cost": min_dcf(det_curve(tar, non), **costs)} if costs else {}
    return found | least
