"""Figures of the siamese recipe: training, k-way accuracy, pairs.

Every function takes a path without suffix, as those of `local.output.plots` do, which
lends the axes. Shares come in as fractions and are drawn in percent.
"""

import numpy as np

from local.output.plots import BLUE, GREEN, GREY, ORANGE, drawing, line_styles

STEPS, EPOCHS = 100, 10  # how many the running means are over


def running_mean(values, n):
    """Average each value with the n - 1 before it, or with as many as there are.

    Examples
    --------
    >>> running_mean([1, 3, 5, 7], n=2)
    array([1., 2., 4., 6.])
    """
    sums = np.concatenate([[0], np.cumsum(values, dtype=float)])
    stops = np.arange(1, len(sums))
    starts = np.maximum(stops - n, 0)
    return (sums[stops] - sums[starts]) / (stops - starts)


def plot_steps(steps, losses, accuracies, path):
    """Draw accuracy and loss of every training step, and their running means.

    Parameters
    ----------
    steps, losses, accuracies : ndarray, (n_steps,)
        As from `recipes.siamese.step_log.read_steps`.
    path : str or Path
        Where to write, without suffix.
    """
    with drawing(path, (9, 4), n_panels=2) as axes:
        curves = (
            ("Training accuracy (%)", 100 * accuracies),
            ("Training loss", losses),
        )
        for panel, (name, values) in zip(axes, curves, strict=True):
            _draw_with_mean(panel, steps, values, STEPS, "step", panel is axes[0])
            panel.set(xlabel="Step", ylabel=name)


def plot_validation(log_rows, key, k, path):
    """Draw the accuracy on k-way tasks of the validation speakers, epoch by epoch.

    Parameters
    ----------
    log_rows : list of dict
        As from `local.output.plots.read_training_log`.
    key : str
        Of the accuracy in these rows, such as ``valid accuracy``.
    k : int
        Ways: guessing is right once in k.
    path : str or Path
        Where to write, without suffix.

    Raises
    ------
    ValueError
        If no row has an epoch and that key.
    """
    points = sorted(
        (row["epoch"], row[key]) for row in log_rows if {"epoch", key} <= {*row}
    )
    if not points:
        raise ValueError(f"none of {len(log_rows)} log rows has an epoch and '{key}'")
    epochs, accuracies = np.array(points, dtype=float).T
    with drawing(path, (6.4, 4)) as axes:
        _draw_with_mean(axes, epochs, 100 * accuracies, EPOCHS, "epoch")
        axes.axhline(100 / k, color=GREY, linestyle=":", label="guessing")
        axes.set(
            xlabel="Epoch", ylabel=f"{k}-way validation accuracy (%)", ylim=(0, 101)
        )
        axes.locator_params(axis="x", integer=True)


def _draw_with_mean(axes, x, y, n, unit, in_legend=True):
    """Draw values, pale, and their running mean."""
    names = (f"every {unit}", f"mean of {n} {unit}s") if in_legend else (None, None)
    axes.plot(x, y, color=BLUE, linewidth=0.8, alpha=0.3, label=names[0])
    axes.plot(x, running_mean(y, n), color=BLUE, label=names[1])


def plot_k_way(curves, path, bands=True):
    """Draw the one-shot accuracy against the number of speakers to choose from.

    Parameters
    ----------
    curves : dict of str to dict
        Name -> k -> ``mean``, ``low`` and ``high``, drawn and listed in this order.
    path : str or Path
        Where to write, without suffix.
    bands : bool
        Whether to draw the intervals; of many curves they hide each other.

    Raises
    ------
    ValueError
        If there are no curves, or one has no points.
    """
    if not curves or not all(curves.values()):
        raise ValueError(f"expected curves with points, got {curves}")
    ks = sorted({int(k) for curve in curves.values() for k in curve})
    with drawing(path, (6.4, 5)) as axes:
        for (name, curve), style in zip(curves.items(), line_styles(), strict=False):
            rows = [(int(k), f["mean"], f["low"], f["high"]) for k, f in curve.items()]
            x, *y = np.array(sorted(rows), dtype=float).T
            mean, low, high = 100 * np.array(y)
            axes.plot(x, mean, label=name, **style)
            if bands:
                shade = {"color": style["color"], "alpha": 0.12, "linewidth": 0}
                axes.fill_between(x, low, high, **shade)
        axes.plot(ks, [100 / k for k in ks], color=GREY, linewidth=1, label="guessing")
        axes.set(xlabel="Speakers to choose from, k", ylim=(0, 101))
        axes.set_ylabel("Right choices from one example each (%)")


def plot_pairs(pairs, same, scores, threshold, path):
    """Draw pairs above each other, with their truth, score and whether that is right.

    Parameters
    ----------
    pairs : sequence of (ndarray, ndarray)
        What the network hears of both: images (n_rows, n_columns), the first row drawn
        lowest, or waves (n_samples,).
    same : sequence of bool
        Whether a pair is of one speaker.
    scores : sequence of float
        Higher = more alike.
    threshold : float
        Score from which on a pair is called the same.
    path : str or Path
        Where to write, without suffix.

    Raises
    ------
    ValueError
        If there are not as many pairs, truths and scores, or none.
    """
    if not len(pairs) == len(same) == len(scores) or not len(pairs):
        raise ValueError(
            f"expected as many pairs as truths and scores, got {len(pairs)},"
            f" {len(same)} and {len(scores)}"
        )
    with drawing(path, (1.7 * len(pairs), 4), len(pairs), n_rows=2) as axes:
        columns = axes.reshape(2, -1).T
        for column, pair, truth, score in zip(
            columns, pairs, same, scores, strict=True
        ):
            right = (score >= threshold) == bool(truth)
            text = f"{'same' if truth else 'different'}\n{score:.3f}: "
            column[0].set_title(
                text + ("right" if right else "wrong"),
                color=GREEN if right else ORANGE,
                fontsize=9,
            )
            for panel, feats in zip(column, pair, strict=True):
                _draw_feats(panel, np.asarray(feats))


def _draw_feats(axes, feats):
    """Draw an image or a wave, without axes."""
    axes.grid(False)
    axes.tick_params(labelbottom=False, labelleft=False, length=0)
    if feats.ndim == 1:
        axes.plot(feats, color=BLUE, linewidth=0.4)
    else:
        axes.imshow(feats, origin="lower", aspect="auto", cmap="magma")
