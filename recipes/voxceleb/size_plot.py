"""Picture: EER against parameters, a line for what the networks were trained on."""

from local.output.plots import drawing, line_styles

MARKERS = ("o", "^", "s", "D", "v")  # of each depth


def plot_sizes(grid, path):
    """Draw the EER of each size of a network by what it was trained on.

    Networks of one depth are joined by a line.

    Parameters
    ----------
    grid : dict
        From `recipes.voxceleb.comparison_tables.sizes`.
    path : str or Path
        Where to write, without suffix.

    Raises
    ------
    ValueError
        If there is no run.
    """
    if not grid:
        raise ValueError("expected runs of several sizes to draw, got none")
    data = sorted({of for runs in grid.values() for of in runs})
    depths = sorted({depth for depth, *_ in grid})
    with drawing(path, (6.8, 4.6)) as axes:
        for of, style in zip(data, line_styles(), strict=False):
            label = None
            for depth, marker in zip(depths, MARKERS, strict=False):
                runs = [r[of] for (d, *_), r in grid.items() if d == depth and of in r]
                if runs:
                    label = _draw_runs(axes, runs, label, marker=marker, **style)
        axes.set_xscale("log")
        axes.set_xticks(
            [n for *_, n in grid],
            [f"{depth}, {width}\n{n / 1e6:.2g} M" for depth, width, n in grid],
        )
        axes.minorticks_off()
        axes.set(xlabel="Depth, width and parameters of the network", ylabel="EER (%)")


def _draw_runs(axes, runs, label, **style):
    """Draw figures and intervals of runs, in the legend unless there is a label."""
    n_parameters = [run["n_parameters"] for run in runs]
    value, low, high = (
        [100 * run["eer"][key] for run in runs] for key in ("value", "low", "high")
    )
    first = f"{runs[0]['n_train_speakers']:,} speakers, {runs[0]['epochs']} epochs"
    axes.plot(n_parameters, value, **style, label=None if label else first)
    for bound, other in ((low, value), (high, value)):
        axes.vlines(n_parameters, bound, other, color=style["color"], linewidth=1)
    return first
