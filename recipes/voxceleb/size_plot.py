"""Picture: EER against parameters, a line for each share of the data."""

from local.output.plots import drawing, line_styles


def plot_sizes(grid, path):
    """Draw the EER of each size of a network on each share of the training speakers.

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
    shares = sorted({share for runs in grid.values() for share in runs})
    with drawing(path, (6.8, 4.6)) as axes:
        for share, style in zip(shares, line_styles(), strict=False):
            found = [
                (n, runs[share]) for (*_, n), runs in grid.items() if share in runs
            ]
            n_parameters = [n for n, _ in found]
            value, low, high = (
                [100 * run["eer"][key] for _, run in found]
                for key in ("value", "low", "high")
            )
            label = f"{found[0][1]['n_train_speakers']:,} speakers"
            axes.plot(n_parameters, value, marker="o", **style, label=label)
            axes.fill_between(n_parameters, low, high, color=style["color"], alpha=0.12)
        axes.set_xscale("log")
        axes.set_xticks(
            [n for *_, n in grid],
            [f"{depth}, {width}\n{n / 1e6:.2g} M" for depth, width, n in grid],
        )
        axes.minorticks_off()
        axes.set(xlabel="Depth, width and parameters of the network", ylabel="EER (%)")
