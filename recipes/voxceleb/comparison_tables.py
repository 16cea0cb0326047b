"""What ``comparison.json`` tells: sizes of a network by shares of the data; losses."""

from local.output.json_form import (
    ANYTHING,
    EACH,
    NEEDED,
    NUMBER,
    TEXT,
    read_form,
)
from local.output.tables import dig, markdown_table, show_figure
from recipes.voxceleb.verified_runs import data_of

FIGURE = {NEEDED: ("value", "low", "high"), EACH: NUMBER}
FORM = {
    NEEDED: ("data", "scores", "seeds", "test_sets", "bootstrap", "runs"),
    "data": TEXT,
    "scores": TEXT,
    "seeds": [NUMBER],
    "test_sets": {
        EACH: {NEEDED: ("n_speakers", "n_target_trials", "n_nontarget_trials")}
    },
    "bootstrap": {NEEDED: ("n", "confidence", "seed")},
    "runs": {
        EACH: {
            NEEDED: (
                *("n_parameters", "n_train_speakers", "n_train_segments", "epochs"),
                *("eer", "eer_of_seeds", "reference", "difference"),
            ),
            "eer": FIGURE,
            "difference": FIGURE,
            "eer_of_seeds": {EACH: NUMBER},
            "loss_name": TEXT,
            EACH: ANYTHING,
        }
    },
}
SIZES = """\
Data: {data}. Mean EER % of {trials}. Cosine of embeddings, without score normalisation.
{seeds} Intervals: speakers and seeds drawn again.
"""
DIFFERENCES = """\
The same runs less the largest network on the same data, in points of EER, of the same
speakers and seeds: **below 0 the smaller one is better**, and where the interval is,
not by chance.
"""
LOSSES = """\
One network, one sampler, one number of epochs; all that differs is `--loss_name`. Data:
{data}. EER % of {trials}, and their mean. Cosine of embeddings, without score
normalisation. {seeds} The difference is to *{reference}*, of the same speakers, in
points.
"""


def read_comparison(path):
    """Read a ``comparison.json``.

    Raises
    ------
    ValueError
        If it is malformed.
    """
    return read_form(path, FORM, "compare the runs again")


def sizes(comparison):
    """Return the sizes of the network: text for a table -> runs by share of the data.

    Parameters
    ----------
    comparison : dict
        From `read_comparison`, of runs with ``depth``, ``width`` and ``speaker_share``.

    Returns
    -------
    grid : dict of tuple to dict of tuple to dict
        (depth, width, parameters), the smallest first -> (share, epochs), ascending ->
        run.
    """
    grid = {}
    for run in comparison["runs"].values():
        size = run["depth"], run["width"], run["n_parameters"]
        grid.setdefault(size, {})[data_of(run)] = run
    ordered = sorted(grid.items(), key=lambda item: item[0][-1])
    return {size: dict(sorted(runs.items())) for size, runs in ordered}


def format_sizes(comparison, title):
    """Lay out the EER of each size on each share, and the differences.

    Parameters
    ----------
    comparison : dict
        As of `sizes`.
    title : str
        Of the section.

    Returns
    -------
    section : str
        Markdown.
    """
    grid = sizes(comparison)
    data = {of: run for runs in grid.values() for of, run in runs.items()}
    data = dict(sorted(data.items()))
    headings = ["Network", "Parameters", *map(_data_heading, data.values())]

    def table(key, spec):
        """Lay out one figure of all sizes and data."""
        rows = (
            [f"ResNet-{depth}, width {width}", f"{n_parameters:,}"]
            + [show_figure(dig(runs, of, key) or {}, spec, 100) for of in data]
            for (depth, width, n_parameters), runs in grid.items()
        )
        return markdown_table(headings, rows, n_texts=1)

    parts = [
        f"### {title}\n",
        SIZES.format(**_told(comparison)),
        table("eer", ".1f"),
        DIFFERENCES,
        table("difference", "+.1f"),
    ]
    return "\n".join(parts)


def _data_heading(run):
    return (
        f"{run['n_train_speakers']:,} speakers, {run['n_train_segments']:,} s,"
        f" {run['epochs']} epochs"
    )


def format_losses(comparison):
    """Lay out the EER of each loss, the best first.

    Parameters
    ----------
    comparison : dict
        From `read_comparison`, of runs with ``loss_name``.

    Returns
    -------
    section : str
        Markdown.
    """
    runs = sorted(comparison["runs"].values(), key=lambda run: run["eer"]["value"])
    sets = list(comparison["test_sets"])
    rows = (
        [run["loss_name"], show_figure(run["eer"], ".1f", 100)]
        + [show_figure(run["eer_of_test_sets"][name], ".1f", 100) for name in sets]
        + [show_figure(run["difference"], "+.1f", 100)]
        for run in runs
    )
    text = LOSSES.format(reference=runs[0]["reference"], **_told(comparison))
    table = markdown_table(["Loss", "EER %", *sets, "Difference"], rows, n_texts=1)
    return f"### Losses\n\n{text}\n{table}"


def _told(comparison):
    """Tell what was trained and tested on, and with which seeds."""
    trials = [
        f"`{name}` ({found['n_speakers']} speakers, {found['n_target_trials']:,} target"
        f" and {found['n_nontarget_trials']:,} nontarget trials)"
        for name, found in comparison["test_sets"].items()
    ]
    seeds = ", ".join(map(str, comparison["seeds"]))
    return {
        "data": comparison["data"],
        "trials": ", ".join(trials),
        "seeds": f"Seeds: {seeds}.",
    }
