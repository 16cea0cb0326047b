"""How time and memory grow with size, as a figure."""

from local.output.plots import drawing, line_styles


def plot_scaling(panels, path, xlabel):
    """Draw figures against size, both on logarithmic axes, in panels side by side.

    Parameters
    ----------
    panels : dict of str to dict of str to list of (number, number)
        Label of the vertical axis -> name -> size and figure, all above 0; the names
        are those of the first panel.
    path : str or Path
        Where to write a PNG and an SVG, without suffix.
    xlabel : str
        What is counted by size.

    Raises
    ------
    ValueError
        If there are fewer than two panels, or one has no points.
    """
    if len(panels) < 2 or not all(all(lines.values()) for lines in panels.values()):
        raise ValueError("expected two panels or more, with points of every name")
    with drawing(path, (9, 4.2), len(panels)) as axes:
        for panel, (label, lines) in zip(axes, panels.items(), strict=True):
            for (name, points), style in zip(
                lines.items(), line_styles(), strict=False
            ):
                shown = name if panel is axes[0] else None  # once in the legend
                sizes, figures = zip(*points, strict=True)
                panel.loglog(sizes, figures, marker="o", label=shown, **style)
            panel.set(xlabel=xlabel, ylabel=label)
