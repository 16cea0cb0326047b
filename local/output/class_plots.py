"""What classifiers get right, and what they take for what.

Paths are without suffix, as those of `local.output.plots`, which lends the axes. Shares
come in as fractions and are drawn in percent.
"""

import numpy as np

from local.output.plots import COLOURS, GREY, drawing

WRITTEN = 12  # classes: of more, the counts are too small to read
NAMED = 45  # classes: of more, the names are
POINTS = ("o", "s", "^", "D", "v", "P")


def plot_confusion(confusion, names, path, axis=("said to be", "is"), title=None):
    """Draw what share of each class is taken for which.

    Parameters
    ----------
    confusion : ndarray of int, (n_rows, n_columns)
        Items by true class (rows) and by what they are said to be.
    names : sequence of str, (n_rows,)
        Of the classes; shown if there is room for them.
    path : str or Path
        Where to write, without suffix.
    axis : (str, str)
        What columns and rows are.
    title : str, optional
        Of the figure.

    Raises
    ------
    ValueError
        If there is not a name for each row, or there is no class.
    """
    confusion = np.asarray(confusion)
    if confusion.ndim != 2 or not len(names) or len(confusion) != len(names):
        raise ValueError(
            f"expected a table with a row for each of {len(names)} classes, got"
            f" {confusion.shape}"
        )
    shares = 100 * confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    side = 3.4 + 0.25 * min(len(names), 20)
    with drawing(path, (side + 0.6, side)) as axes:
        axes.grid(False)
        image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=100)
        bar = axes.figure.colorbar(image, ax=axes, shrink=0.8)
        bar.set_label(f"Share of the row (%): {axis[1]} …, {axis[0]} …")
        axes.set(xlabel=axis[0].capitalize(), ylabel=axis[1].capitalize())
        axes.set_title(title or "")
        _name_classes(axes, names, square=confusion.shape[0] == confusion.shape[1])
        if max(confusion.shape) <= WRITTEN:
            for row, column in np.ndindex(confusion.shape):
                colour = "white" if shares[row, column] > 60 else "black"
                text = f"{confusion[row, column]:,}\n{shares[row, column]:.0f} %"
                style = {"ha": "center", "va": "center", "color": colour, "fontsize": 8}
                axes.text(column, row, text, **style)


def _name_classes(axes, names, square):
    """Write the names of the classes beside the rows, and below, if there is room."""
    if len(names) > NAMED:
        axes.tick_params(labelbottom=False, labelleft=False, length=0)
        return
    size = 9 if len(names) <= 20 else 6
    axes.set_yticks(range(len(names)), names, fontsize=size)
    if square:
        turn = 90 if len(names) > 6 else 0
        axes.set_xticks(range(len(names)), names, fontsize=size, rotation=turn)
    else:
        axes.set_xticks([])


def plot_accuracies(accuracies, path, chance=None, title=None):
    """Draw accuracies and their intervals, a row a system and a look a split.

    Parameters
    ----------
    accuracies : dict of str to dict
        System -> split -> ``mean``, ``low`` and ``high``, as fractions; from top to
        bottom. Bounds may be None, and a system may lack a split.
    path : str or Path
        Where to write, without suffix.
    chance : float, optional
        Share that guessing gets right, drawn as a line.
    title : str, optional
        Of the figure.

    Raises
    ------
    ValueError
        If there is nothing to draw.
    """
    splits = list(dict.fromkeys(s for found in accuracies.values() for s in found))
    if not splits:
        raise ValueError(f"expected accuracies to draw, got {accuracies}")
    gap = 0.7 / len(splits)
    height = 1.6 + len(accuracies) * max(0.35, 0.16 * len(splits))
    with drawing(path, (6.8, height)) as axes:
        for number, split in enumerate(splits):
            points = _points(accuracies, split)
            offset = gap * (number - (len(splits) - 1) / 2)
            shares = 100 * points[:, 1:].T
            axes.errorbar(
                shares[0],
                points[:, 0] + offset,
                xerr=shares[1:],
                fmt=POINTS[number % len(POINTS)],
                color=COLOURS[number % len(COLOURS)],
                linewidth=1.2,
                capsize=2,
                label=split,
            )
        if chance is not None:
            axes.axvline(100 * chance, color=GREY, linestyle=":", label="guessing")
        axes.set_yticks(range(len(accuracies)), accuracies)
        axes.set(xlabel="Right (%)", ylim=(len(accuracies) - 0.5, -0.5))
        axes.set_title(title or "")


def _points(accuracies, split):
    """Return row, mean, and how far the interval reaches to both sides, of a split."""
    points = []
    for row, found in enumerate(accuracies.values()):
        if split in found:
            mean, low, high = (found[split][k] for k in ("mean", "low", "high"))
            low, high = (mean if bound is None else bound for bound in (low, high))
            points.append((row, mean, max(mean - low, 0), max(high - mean, 0)))
    return np.array(points, dtype=float)
