"""Figures of decisions: how both kinds of errors go with the threshold."""

import numpy as np

from local.output.plots import BLUE, LINES, ORANGE, drawing


def plot_error_rates(curve, thresholds, path, title):
    """Draw misses and false alarms against the threshold.

    Parameters
    ----------
    curve : DetCurve
        Error rates of the trials.
    thresholds : dict of str to float
        Name -> score from which on a trial is accepted, each drawn as a line, but those
        at infinity, which accept none.
    path : str or Path
        Where to write, without suffix.
    title : str
        Title of the figure.

    Raises
    ------
    ValueError
        If the trials have one score alone.
    """
    at = curve.thresholds[:-1]  # the last is infinity
    if len(at) < 2:
        raise ValueError(f"{title}: expected trials of two scores or more, got {at}")
    with drawing(path, (6.4, 4)) as axes:
        for label, rates, colour, line in (
            ("misses: same speaker rejected", curve.p_miss, BLUE, "-"),
            ("false alarms: different speakers accepted", curve.p_fa, ORANGE, "--"),
        ):
            axes.plot(at, 100 * rates[:-1], line, color=colour, label=label)
        finite = [pair for pair in thresholds.items() if np.isfinite(pair[1])]
        for number, (name, threshold) in enumerate(finite):
            style = {"linestyle": LINES[1:][number % 4], "linewidth": 1.2}
            label = f"{name} {threshold:.3f}"
            axes.axvline(threshold, color="black", label=label, **style)
        axes.set(title=title, xlabel="Threshold (accepted from this score on)")
        axes.set(ylabel="Errors (%)", ylim=(0, 100))
