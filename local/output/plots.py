"""Figures: ROC and DET curves, score histograms, training curves.

Every function takes a path without suffix and writes a PNG and an SVG beside each
other, under temporary names that are then renamed. The same input gives the same
bytes. Rates come in as fractions and are drawn in percent. Colours are those of Okabe
and Ito, told apart by colour-blind readers too; line styles differ as well.
"""

import re
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path

import numpy as np
from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from scipy.special import ndtri

from local.evaluation.detection import auc, eer
from local.files import replacing

BLUE, ORANGE, GREEN, PINK, SKY = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9"
GREY = "0.45"
COLOURS = (BLUE, ORANGE, GREEN, PINK, SKY, "black")
LINES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))
STYLE = {
    "axes.axisbelow": True,
    "axes.edgecolor": GREY,
    "axes.grid": True,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "figure.constrained_layout.h_pad": 0.08,
    "figure.constrained_layout.use": True,
    "figure.constrained_layout.w_pad": 0.08,
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "grid.color": "0.9",
    "legend.columnspacing": 1.5,
    "legend.fontsize": 9,
    "legend.frameon": False,
    "lines.markersize": 5,
    "lines.linewidth": 2,
    "savefig.dpi": 150,
    "svg.hashsalt": "voice-reid",  # else the ids in the file are random
    "xtick.color": GREY,
    "xtick.labelcolor": "black",
    "ytick.color": GREY,
    "ytick.labelcolor": "black",
}
FALSE_ALARMS = "False alarms: different speakers accepted (%)"
DET_TICKS = np.array([0.1, 0.5, 1, 2, 5, 10, 20, 40, 60]) / 100
DET_RANGE = (0.0008, 0.7)
DET_FLOOR = 0.001  # a rate of 0 lies at minus infinity; drawn here


def plot_roc(curves, path, size=(5.6, 6.2)):
    """Draw ROC curves: same speakers accepted against false alarms.

    Parameters
    ----------
    curves : dict of str to DetCurve
        Name -> error rates, drawn and listed in this order, each with its AUC.
    path, size : str or Path, (float, float)
        Where to write, without suffix; inches.

    Raises
    ------
    ValueError
        If there are no curves, or one has rates outside 0..1.
    """
    _check_curves(curves)
    with drawing(path, size) as axes:
        axes.plot([0, 100], [0, 100], color=GREY, linewidth=1, label="guessing")
        for (name, curve), style in zip(curves.items(), line_styles(), strict=False):
            label = f"{name}, AUC {auc(curve):.3f}"
            axes.plot(100 * curve.p_fa, 100 - 100 * curve.p_miss, label=label, **style)
        axes.set(title="ROC", xlabel=FALSE_ALARMS, aspect="equal")
        axes.set_ylabel("Same speaker accepted (%)")
        axes.set(xlim=(-1, 101), ylim=(-1, 101))


def plot_det(curves, path):
    """Draw DET curves: misses against false alarms on probit axes.

    Parameters
    ----------
    curves : dict of str to DetCurve
        Name -> error rates, drawn and listed in this order, each with its EER, which
        is where the curve meets the diagonal.
    path : str or Path
        Where to write, without suffix.

    Raises
    ------
    ValueError
        If there are no curves, or one has rates outside 0..1.

    References
    ----------
    Martin et al. (1997). The DET curve in assessment of detection task performance.
    Eurospeech.
    """
    _check_curves(curves)
    with drawing(path, (5.6, 6.2)) as axes:
        limits = ndtri(DET_RANGE)
        axes.plot(
            limits, limits, color=GREY, linewidth=1, label="misses = false alarms"
        )
        for (name, curve), style in zip(curves.items(), line_styles(), strict=False):
            rate = eer(curve)
            label = f"{name}, EER {100 * rate:.2f} %"
            axes.plot(probit(curve.p_fa), probit(curve.p_miss), label=label, **style)
            axes.plot(probit(rate), probit(rate), "o", color=style["color"])
        labels = [f"{100 * rate:g}" for rate in DET_TICKS]
        labels[0] = f"≤{labels[0]}"
        axes.set_xticks(probit(DET_TICKS), labels)
        axes.set_yticks(probit(DET_TICKS), labels)
        axes.set(xlim=limits, ylim=limits, aspect="equal", title="DET")
        axes.set(xlabel=FALSE_ALARMS, ylabel="Misses: same speaker rejected (%)")


def plot_score_histogram(tar, non, thresholds, path, title):
    """Draw how the scores of the same and of different speakers are spread.

    Parameters
    ----------
    tar, non : ndarray, (n_tar,) and (n_non,)
        Scores of target and of nontarget trials.
    thresholds : dict of str to float
        Name -> score from which on a trial is accepted, each drawn as a line.
    path : str or Path
        Where to write, without suffix.
    title : str
        Title of the figure.

    Raises
    ------
    ValueError
        If a class has no score, or a score is not finite.
    """
    sides = {"same speaker": np.asarray(tar), "different speakers": np.asarray(non)}
    for name, scores in sides.items():
        if not scores.size or not np.isfinite(scores).all():
            n_bad = int((~np.isfinite(scores)).sum())
            raise ValueError(
                f"{name}: expected finite scores, got {scores.size}, {n_bad} not finite"
            )
    edges = np.histogram_bin_edges(np.concatenate(list(sides.values())), bins=60)
    with drawing(path, (6.4, 4)) as axes:
        for (name, scores), colour in zip(sides.items(), (BLUE, ORANGE), strict=True):
            share = 100 * np.histogram(scores, edges)[0] / scores.size
            label = f"{name}, {scores.size:,} trials"
            axes.stairs(share, edges, color=colour, linewidth=1.5, label=label)
            axes.stairs(share, edges, color=colour, alpha=0.3, fill=True)
        for (name, threshold), line in zip(
            thresholds.items(), cycle(LINES[1:]), strict=False
        ):
            style = {"color": "black", "linestyle": line, "linewidth": 1.2}
            axes.axvline(threshold, label=f"{name} {threshold:.3f}", **style)
        axes.set(title=title, xlabel="Score (higher = more alike)")
        axes.set(ylabel="Share of the trials per bin (%)", ylim=(0, None))


def plot_training_curve(log_rows, path, size=(6.4, 4)):
    """Draw training loss, and validation R-precision and EER, over the epochs.

    Parameters
    ----------
    log_rows : list of dict
        As from `read_training_log`. Rows without an epoch are left out; an epoch
        that was run again after an interruption counts as it was run last.
    path, size : str or Path, (float, float)
        Where to write, without suffix; inches.

    Raises
    ------
    ValueError
        If no row has an epoch.
    """
    epochs = {row["epoch"]: row for row in log_rows if "epoch" in row}
    if not epochs:
        raise ValueError(f"none of {len(log_rows)} log rows has an epoch to draw")
    with drawing(path, size) as axes:
        percent = axes.twinx()
        percent.grid(False)
        for side, key, label, style in (
            (axes, "train loss", "training loss (left)", ("black", "-", ".")),
            (percent, "valid r_precision", "R-precision (right)", (BLUE, "-", "o")),
            (percent, "valid eer", "EER (right)", (ORANGE, "--", "s")),
        ):
            points = [(n, row[key]) for n, row in sorted(epochs.items()) if key in row]
            colour, line, marker = style
            x, y = np.array(points, dtype=float).reshape(-1, 2).T
            y = y if side is axes else 100 * y
            side.plot(x, y, line, color=colour, marker=marker, label=label)
        axes.set(title="Training", xlabel="Epoch", ylabel="Training loss")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        percent.set(ylabel="Validation (%)", ylim=(0, 100))
        percent.spines.right.set_visible(True)


def read_training_log(path):
    """Read the log that SpeechBrain's FileTrainLogger writes.

    Parameters
    ----------
    path : str or Path
        Lines such as ``epoch: 3, lr: 8.00e-04 - train loss: 1.92 - valid eer: 0.08``.

    Returns
    -------
    rows : list of dict of str to int or float
        One per epoch; keys as written, such as ``train loss``. A training that went
        back, by a new start, overrides what it had logged of the later epochs.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If a line holds something other than ``key: number`` pairs.
    """
    rows = []
    lines = Path(path).read_text(encoding="utf-8", errors="replace").splitlines()
    for number, line in enumerate(lines, start=1):
        try:
            pairs = [pair.split(": ") for pair in re.split(", | - ", line)]
            row = {key: _number(value) for key, value in pairs}
        except ValueError:
            raise ValueError(
                f"{path}, line {number}: expected 'epoch: 3, lr: 8e-4 - train loss:"
                f" 1.9 - valid eer: 0.08', got {line!r}"
            ) from None
        epoch = row.get("epoch", np.inf)
        rows = [old for old in rows if old.get("epoch", np.inf) < epoch] + [row]
    return rows


def _number(text):
    """Read a count as int, all else as float."""
    return int(text) if text.isdigit() else float(text)


def _check_curves(curves):
    """Refuse what would be drawn as an empty or misleading figure."""
    if not curves:
        raise ValueError("expected at least one curve to draw, got none")
    for name, curve in curves.items():
        rates = np.concatenate([curve.p_miss, curve.p_fa])
        if not ((rates >= 0) & (rates <= 1)).all():
            raise ValueError(
                f"{name}: expected rates in 0..1, got {rates.min()} to {rates.max()};"
                " are they in percent?"
            )


def line_styles():
    """Yield colours and line styles, all different for the first 30 curves."""
    for colour, line in zip(cycle(COLOURS), cycle(LINES), strict=False):
        yield {"color": colour, "linestyle": line}


def probit(rates):
    """Map rates to normal quantiles, held within the floor at both ends."""
    return ndtri(np.clip(rates, DET_FLOOR, 1 - DET_FLOOR))


@contextmanager
def drawing(path, size, n_panels=1, n_rows=1, **legend):
    """Lend the axes of a figure, or of its panels, and save it after the block.

    Parameters
    ----------
    path : str or Path
        Where to write, without suffix.
    size, n_panels, n_rows : (float, float), int, int
        Inches; panels side by side; rows of them.
    **legend
        Other settings of its legend than those here.

    Yields
    ------
    axes : Axes or ndarray of Axes, (n_panels,) or (n_rows, n_panels)
        To draw on; of one panel, itself.
    """
    with rc_context(STYLE):
        figure = Figure(figsize=size)
        FigureCanvasAgg(figure)
        yield figure.subplots(n_rows, n_panels)
        if any(axes.get_legend_handles_labels()[0] for axes in figure.axes):
            # Below the axes, where no curve can run through it.
            figure.legend(**{"loc": "outside lower center", "ncols": 2} | legend)
        for suffix, metadata in ((".png", {}), (".svg", {"Date": None})):
            with replacing(f"{path}{suffix}") as temporary:
                figure.savefig(temporary, metadata=metadata)
