"""A score among those of the validation speakers, drawn as SVG."""

import numpy as np

WIDTH, HEIGHT = 600, 90
N_BINS = 60


def draw_scores(yardstick, score, threshold):
    """Draw where a score lies.

    Parameters
    ----------
    yardstick : local.output.judge.Yardstick
        Scores of one and of two speakers, each drawn to the height of its peak.
    score, threshold : float
        Marked by a line each; a threshold of infinity by none.

    Returns
    -------
    html : str
        Picture and legend.
    """
    sides = {"same": yardstick.tar, "different": yardstick.non}
    ends = [score, *(end(side) for side in sides.values() for end in (np.min, np.max))]
    edges = np.linspace(min(ends), max(ends), N_BINS + 1)
    if edges[0] == edges[-1]:  # a score alone has no width to be drawn in
        edges = np.linspace(score - 1, score + 1, N_BINS + 1)
    shapes = "".join(
        f'<path class="{name}" d="{outline(np.histogram(side, edges)[0])}"/>'
        for name, side in sides.items()
    )
    lines = "".join(
        f'<path class="{name}" d="M{x:.1f} 0V{HEIGHT}"/>'
        for name, value in (("threshold", threshold), ("score", score))
        if edges[0] <= value <= edges[-1]
        for x in [WIDTH * (value - edges[0]) / (edges[-1] - edges[0])]
    )
    keys = "".join(
        f'<span><i class="{name}"></i>{text}</span>'
        for name, text in (
            ("different", "two speakers"),
            ("same", "one speaker"),
            ("threshold", "needed here"),
            ("score", "this score"),
        )
    )
    return (
        f'<svg class="scores" viewBox="0 0 {WIDTH} {HEIGHT}" aria-hidden="true"'
        f' preserveAspectRatio="none">{shapes}{lines}</svg><p class="key">{keys}</p>'
    )


def outline(counts):
    """Return stairs as high as the counts, as an SVG path.

    Examples
    --------
    >>> outline(np.array([1, 2]))
    'M0 90V46.0H300.0V2.0H600.0V90Z'
    """
    tops = HEIGHT - (HEIGHT - 2) * counts / max(counts.max(), 1)
    step = WIDTH / len(counts)
    stairs = (f"V{top:.1f}H{step * (n + 1):.1f}" for n, top in enumerate(tops))
    return f"M0 {HEIGHT}{''.join(stairs)}V{HEIGHT}Z"
