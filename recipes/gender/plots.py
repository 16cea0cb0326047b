"""Figures of the analysis: women in orange with circles, men in blue with triangles.

Every function takes a path without suffix, as those of `local.output.plots` do, which
lends the axes. Shares come in as fractions and are drawn in percent.
"""

import numpy as np
from sklearn.base import clone

from local.output.plots import BLUE, GREEN, GREY, ORANGE, drawing
from recipes.gender.outliers import distance_limit

LOOKS = (("women", ORANGE, "o"), ("men", BLUE, "^"))
N_COLUMNS = 8  # of small multiples
N_BINS = 24


def draw_analysis(figures, arrays, hparams, output):
    """Draw all figures of an analysis.

    Parameters
    ----------
    figures, arrays : dict
        As of `recipes.gender.analysis`.
    hparams : dict
        The constructed YAML.
    output : Path
        Folder for the pictures.
    """
    genders, means = arrays["genders"], arrays["means"]
    plot_distributions(means, genders, output / "distributions")
    rows = figures["coefficients"], figures["deviations"]
    plot_correlations(*rows, hparams["confidence"], output / "correlations")
    limit = figures["outliers"]["limit"]
    plot_outliers(arrays, limit, output / "outliers")
    found = figures["normalisations"]
    plot_normalisations(means, hparams["scalers"], found, output / "normalisations")
    plot_planes(arrays, figures["pca"], output / "planes")
    plot_components(figures["pca"], output / "components")
    threshold = figures["pitch"]["threshold"]
    plot_pitch(arrays["hz"], genders, threshold, output / "pitch")


def by_gender(genders):
    """Yield name, colour, marker and rows of women and of men."""
    for sex, look in enumerate(LOOKS):
        yield *look, genders == sex


def plot_distributions(means, genders, path):
    """Draw a histogram of each coefficient, of women and of men.

    Parameters
    ----------
    means : ndarray, (n, n_coefficients)
        Of utterances.
    genders : ndarray of int, (n,)
        0 = F, 1 = M.
    path : str or Path
        Where to write, without suffix.
    """
    n_coefficients = means.shape[1]
    n_columns = min(N_COLUMNS, n_coefficients)
    n_rows = -(-n_coefficients // n_columns)
    size = (1.5 * n_columns, 1.25 * n_rows + 0.5)
    with drawing(path, size, n_columns, n_rows) as panels:
        panels = np.ravel(panels)
        for i, axes in enumerate(panels[:n_coefficients]):
            edges = np.histogram_bin_edges(means[:, i], N_BINS)
            draw_histograms(axes, means[:, i], genders, edges, in_legend=i == 0)
            axes.set_title(f"c{i}", fontsize=9)
            axes.tick_params(labelleft=False, length=0, labelsize=7)
            axes.locator_params(axis="x", nbins=3)
            axes.grid(axis="y", visible=False)
        for axes in panels[n_coefficients:]:
            axes.set_axis_off()


def draw_histograms(axes, values, genders, edges, in_legend):
    """Draw shares of women and of men in each bin, in percent."""
    for name, colour, _, rows in by_gender(genders):
        share = 100 * np.histogram(values[rows], edges)[0] / rows.sum()
        label = f"{name}, {rows.sum():,}" if in_legend else None
        axes.stairs(share, edges, color=colour, linewidth=1.2, label=label)
        axes.stairs(share, edges, color=colour, alpha=0.25, fill=True)


def plot_correlations(means, deviations, confidence, path):
    """Draw the correlation of each coefficient with gender, and its interval.

    Parameters
    ----------
    means, deviations : list of dict
        As from `recipes.gender.distributions.describe`, with ``name``.
    confidence : float
        Of the intervals; where Holm's p is below the rest, a point is filled.
    path : str or Path
        Where to write, without suffix.
    """
    height = 1.4 + 0.17 * len(means)
    with drawing(path, (8, height), n_panels=2) as panels:
        titles = ("Mean over frames", "Deviation over frames")
        for axes, rows, title in zip(panels, (means, deviations), titles, strict=True):
            draw_correlations(axes, rows, 1 - confidence, axes is panels[0])
            axes.set(title=title, xlim=(-1, 1), xticks=(-1, -0.5, 0, 0.5, 1))
            axes.set_xlabel("higher for women   r   higher for men")


def draw_correlations(axes, rows, alpha, in_legend):
    """Draw dots with intervals from top to bottom; filled, those that are certain."""
    heights = np.arange(len(rows))
    r = np.array([[row["r"][key] for key in ("mean", "low", "high")] for row in rows])
    certain = np.array([row["p_adjusted"] < alpha for row in rows])
    axes.axvline(0, color=GREY, linewidth=1)
    axes.hlines(heights, r[:, 1], r[:, 2], color=BLUE, linewidth=1.2)
    for kind, fill in ((certain, BLUE), (~certain, "white")):
        name = f"Holm's p {'<' if fill == BLUE else '≥'} {alpha:.2g}"
        axes.plot(
            *(r[kind, 0], heights[kind], "o"),
            color=BLUE,
            markerfacecolor=fill,
            markersize=4,
            label=name if in_legend else None,
        )
    names = [row["name"] for row in rows]
    axes.set_yticks(heights, names, fontsize=7)
    axes.set_ylim(len(rows) - 0.5, -0.5)


def plot_outliers(arrays, limit, path):
    """Draw Mahalanobis' distances against those to be expected of normal data.

    Parameters
    ----------
    arrays : dict
        ``distances``, squared, ``means`` and ``genders`` of utterances.
    limit : float
        Squared distance beyond which an utterance is an outlier.
    path : str or Path
        Where to write, without suffix.
    """
    distances = np.sqrt(arrays["distances"])
    n, n_coefficients = arrays["means"].shape
    order = np.argsort(distances)
    expected = np.empty(n)
    shares = (np.arange(n) + 0.5) / n
    expected[order] = np.sqrt(distance_limit(n, n_coefficients, shares))
    with drawing(path, (6.4, 5.2)) as axes:
        ends = [expected.min(), expected.max()]
        axes.plot(ends, ends, color=GREY, linewidth=1, label="as normal data")
        for name, colour, marker, rows in by_gender(arrays["genders"]):
            style = {"color": colour, "s": 22, "alpha": 0.8, "linewidths": 0}
            points = expected[rows], distances[rows]
            axes.scatter(*points, marker=marker, label=name, **style)
        label = f"limit {limit**0.5:.1f}"
        axes.axhline(limit**0.5, color="black", linestyle="--", label=label)
        axes.set_xlabel("Distance of as many normal utterances")
        axes.set_ylabel("Mahalanobis distance from the mean")


def plot_normalisations(means, scalers, figures, path):
    """Draw each coefficient as a box, as it is and after each scaler.

    Parameters
    ----------
    means : ndarray, (n, n_coefficients)
        Of utterances.
    scalers : dict of str to transformer of scikit-learn
        By name; ``"passthrough"`` scales nothing.
    figures : dict of str to dict
        As from `recipes.gender.normalisations.compare_normalisations`.
    path : str or Path
        Where to write, without suffix.
    """
    n = means.shape[1]
    with drawing(path, (8, 1.9 * len(scalers) + 0.4), 1, len(scalers)) as panels:
        for axes, (name, scaler) in zip(np.ravel(panels), scalers.items(), strict=True):
            untouched = isinstance(scaler, str)
            scaled = means if untouched else clone(scaler).fit_transform(means)
            axes.boxplot(
                scaled,
                positions=range(n),
                flierprops={"marker": ".", "markersize": 3, "markeredgecolor": GREY},
                widths=0.6,
                medianprops={"color": ORANGE, "linewidth": 1.2},
                boxprops={"color": BLUE},
                whiskerprops={"color": BLUE},
                showcaps=False,
            )
            share = 100 * figures[name]["accuracy"]
            axes.set_title(
                f"{name}: the nearest other reader is right in {share:.1f} %"
            )
            ticks = range(0, n, max(1, n // 10))
            axes.set_xticks(ticks, [f"c{i}" for i in ticks])
            axes.grid(axis="x", visible=False)


def plot_planes(arrays, pca, path):
    """Draw utterances on principal components and on the t-SNE map.

    Parameters
    ----------
    arrays : dict
        ``components``, ``map`` and ``genders``.
    pca : dict
        As from `recipes.gender.projections.project`; the component along which genders
        differ most is drawn across the one of most variance else.
    path : str or Path
        Where to write, without suffix.
    """
    first = pca["gender_component"]
    second = 0 if first else 1
    with drawing(path, (9.5, 5.2), n_panels=2) as panels:
        planes = arrays["components"][:, [first, second]], arrays["map"]
        for axes, points in zip(panels, planes, strict=True):
            for name, colour, marker, rows in by_gender(arrays["genders"]):
                style = {"color": colour, "s": 22, "alpha": 0.8, "linewidths": 0}
                label = name if axes is panels[0] else None
                axes.scatter(*points[rows].T, marker=marker, label=label, **style)
        for side, number in (("x", first), ("y", second)):
            share = 100 * pca["explained"][number]
            text = f"Component {number + 1}, {share:.1f} % of the variance"
            panels[0].set(**{f"{side}label": text})
        panels[0].set_title("Principal components")
        panels[1].set(title="t-SNE", xlabel="t-SNE 1", ylabel="t-SNE 2")
        panels[1].tick_params(labelbottom=False, labelleft=False, length=0)


def plot_components(pca, path):
    """Draw how much components explain, and what they tell of gender.

    Parameters
    ----------
    pca : dict
        As from `recipes.gender.projections.project`.
    path : str or Path
        Where to write, without suffix.
    """
    numbers = np.arange(len(pca["explained"])) + 1
    with drawing(path, (6.4, 4.2)) as axes:
        total = 100 * np.cumsum(pca["explained"])
        axes.plot(numbers, total, ".-", color=BLUE, label="variance explained, in all")
        label = "difference of the genders along each"
        axes.bar(numbers, 100 * np.array(pca["gender"]), color=GREEN, label=label)
        n_for, share = pca["n_for"], 100 * pca["share"]
        name = f"{share:g} %: {n_for} components"
        axes.hlines(share, 0, n_for, color=GREY, linestyle="--", label=name)
        axes.vlines(n_for, 0, share, color=GREY, linestyle="--")
        axes.set(xlabel="Principal component", ylabel="Share (%)", ylim=(0, 101))
        axes.set_xlim(0, numbers[-1] + 1)


def plot_pitch(hz, genders, threshold, path):
    """Draw a histogram of pitches of women and of men, on a scale of octaves.

    Parameters
    ----------
    hz : ndarray, (n,)
        Median pitches of utterances; 0, unvoiced, is left out.
    genders : ndarray of int, (n,)
        0 = F, 1 = M.
    threshold : float
        Hz, drawn as a line.
    path : str or Path
        Where to write, without suffix.
    """
    voiced = hz > 0
    octaves = np.log2(hz[voiced])
    edges = 2 ** np.histogram_bin_edges(octaves, N_BINS)
    with drawing(path, (6.4, 4)) as axes:
        draw_histograms(axes, hz[voiced], genders[voiced], edges, in_legend=True)
        label = f"best threshold, {threshold:.0f} Hz"
        axes.axvline(threshold, color="black", linestyle="--", label=label)
        axes.set_xscale("log", base=2)
        ticks = (60, 80, 100, 120, 150, 200, 250, 300, 400)
        axes.set_xticks(ticks, ticks)
        axes.minorticks_off()
        axes.set_xlim(edges[0], edges[-1])
        axes.set(xlabel="Median pitch of an utterance (Hz)")
        axes.set_ylabel("Share of the gender per bin (%)")
