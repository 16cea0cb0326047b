"""Every figure of every run, one section per test set."""

from local.output.comparison import UNTRAINED, kind_of
from local.output.metrics import TRIALS, figures_of
from local.output.tables import DASH, markdown_table, show, show_figure

DETAILS = """\
# Every figure of every run

Generated with [README.md](README.md), which tells what intervals are; edit nothing
here. One section per test set, one row per system of each run, experiment/seed.

| Figure | What it tells | Good |
| --- | --- | --- |
| R-precision | of the R segments nearest to a segment, the share by its speaker, where R is how many others there are by that speaker | high |
| CMC@k | how often one of the k nearest segments is by the same speaker | high |
| mAP | average precision of the ranking of all other segments | high |
| EER | miss rate and false-alarm rate where the two are equal | low |
| minDCF(p) | detection cost at the best threshold, if a share p of trials is by one speaker; 1 = no better than a fixed answer | low |
| AUC | how often a same-speaker pair scores above a different-speaker pair; 0.5 = guessing | high |
| Cllr | cost of the likelihood ratios in bits; 1 = they tell nothing | low |
| actDCF(p) | detection cost at the threshold that follows from p; above minDCF by what calibration lacks | low |
"""  # noqa: E501
RETRIEVAL = ("r_precision", "cmc", "map", "map_top")  # families of figures, one table
WITH_INTERVAL = ("r_precision", "eer")


def format_details(runs):
    """Lay out every figure of every run, in Markdown.

    Parameters
    ----------
    runs : sequence of dict
        As from `read_metrics`.

    Returns
    -------
    page : str
        The trainings, then two tables per test set, of retrieval and of decisions.
    """
    runs = sorted(runs, key=lambda run: (run["experiment"], run["seed"]))
    figures = figures_of(runs)
    retrieval = [f for f in figures if f.key.split("@")[0] in RETRIEVAL]
    decisions = [f for f in figures if f not in retrieval]
    parts = [DETAILS, "## Trainings\n", _training_table(runs)]
    for test_set in sorted({run["test_set"] for run in runs}):
        there = [run for run in runs if run["test_set"] == test_set]
        trials = "\n".join(dict.fromkeys(describe_trials(run) for run in there))
        tables = [_system_table(there, some) for some in (retrieval, decisions)]
        parts += [f"## {test_set}\n", trials + "\n", *tables]
    return "\n".join(parts)


def _training_table(runs):
    """Lay out one row per training, however many test sets its model was tested on."""
    numbers = ("n_train_segments", "n_train_speakers", "epochs", "train_seconds")
    rows = [
        (run["experiment"], str(run["seed"]), run["model"]["device"] or DASH)
        + tuple(show(run["model"][key], ",.0f") for key in numbers)
        for run in runs
    ]
    headings = ["Experiment", "Seed", "Device", "Segments", "Speakers", "Epochs"]
    return markdown_table([*headings, "Training s"], dict.fromkeys(rows), n_texts=3)


def _system_table(runs, figures):
    """Lay out one row per system; what no training changes has one in all."""
    rows = [
        (_made_by(run, name), name, *(figure_cell(found, f) for f in figures))
        for run in runs
        for name, found in run["systems"].items()
    ]
    rows = sorted(dict.fromkeys(rows), key=lambda row: row[0] != DASH)
    headings = ["Run", "System", *(figure.heading for figure in figures)]
    return markdown_table(headings, rows, n_texts=2)


def _made_by(run, system):
    """Return the experiment and seed that a system's figures depend on."""
    untrained = kind_of(run, system) in UNTRAINED
    return DASH if untrained else f"{run['experiment']}/{run['seed']}"


def figure_cell(found, figure, intervals=WITH_INTERVAL):
    """Show one figure of one system, with its interval if it is one of these keys."""
    spec, scale = (".2f", 100) if figure.percent else (".3f", 1)
    found = found.get(figure.key, {})
    if figure.key in intervals:
        return show_figure(found, spec, scale)
    return show(found.get("value"), spec, scale)


def describe_trials(metrics):
    """Say in one line how much was tested and how intervals were made."""
    counts = {key: show(metrics["trials"][key], ",") for key in TRIALS}
    bootstrap = metrics["bootstrap"]
    return (
        "{n_segments} segments of {n_speakers} speakers, {n_target_trials} target and"
        " {n_nontarget_trials} nontarget trials;".format(**counts)
        + f" {show(bootstrap['confidence'], 'g', 100)} % intervals from"
        f" {show(bootstrap['n'], ',')} bootstrap draws over {bootstrap['over']}."
    )
