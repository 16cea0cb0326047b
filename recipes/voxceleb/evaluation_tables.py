"""What `recipes/voxceleb/evaluate.py` wrote, read, checked and laid out as tables."""

from pathlib import Path

from local.output.json_form import (
    ANYTHING,
    EACH,
    NEEDED,
    NUMBER,
    SHARE,
    TEXT,
    read_form,
)
from local.output.metrics import figures_of
from local.output.tables import dig, markdown_table, show, show_figure

FILE = "evaluation.json"
FIGURE = {
    NEEDED: ("value",),
    **dict.fromkeys(("value", "low", "high"), NUMBER),
}
RATE = {NEEDED: ("value",), **dict.fromkeys(("value", "low", "high"), SHARE)}
COUNTS = ("n_segments", "n_speakers", "n_target_trials", "n_nontarget_trials")
LIST = {NEEDED: COUNTS, EACH: NUMBER}
DECISION = {
    "threshold": NUMBER,
    "p_miss": RATE,
    "p_fa": RATE,
    "cost": FIGURE,
    "min_cost": NUMBER,
}
SYSTEM = {
    NEEDED: ("dev", "decisions"),
    "dev": {NEEDED: ("eer", "auc"), EACH: FIGURE},
    "test": {NEEDED: ("eer", "auc"), EACH: FIGURE},
    "decisions": {EACH: DECISION},
}
FORM = {
    NEEDED: ("data", "list", "experiment", "seed", "trials", "systems", "scenarios"),
    "data": {NEEDED: ("dev",), EACH: TEXT},
    "list": TEXT,
    "experiment": TEXT,
    "seed": NUMBER,
    "model": ANYTHING,
    "digests": {NEEDED: ("model",), EACH: TEXT},
    "scenarios": {EACH: {NEEDED: ("p_target", "c_miss", "c_fa"), EACH: NUMBER}},
    "trials": {NEEDED: ("dev",), EACH: LIST},
    "systems": {EACH: SYSTEM},
}


def read_evaluation(path):
    """Read and check the figures of a run.

    Parameters
    ----------
    path : str or Path
        ``evaluation.json``.

    Returns
    -------
    found : dict
        What the file holds, without what is null in it.

    Raises
    ------
    ValueError
        If it is malformed; the message names the place.
    """
    return read_form(Path(path), FORM, "evaluate again")


def evaluation_tables(folders):
    """Lay out the figures of runs: for each list its systems, then its decisions.

    Parameters
    ----------
    folders : sequence of str or Path
        Each with an ``evaluation.json``.

    Returns
    -------
    parts : list of str
        Markdown, headed by what the data are and the name of the list. Where there was
        no test, figures are of the development trials.

    Raises
    ------
    ValueError
        If a file is malformed.
    """
    groups = {}
    for folder in folders:
        run = read_evaluation(Path(folder) / FILE)
        part = "test" if "test" in run["trials"] else "dev"
        groups.setdefault((run["data"][part], run["list"], part), []).append(run)
    return [
        f"### {data}: {name}\n\n{table(runs, part)}"
        for (data, name, part), runs in groups.items()
        for table in (_systems, _decisions)
    ]


def _trials(runs):
    """Say how many trials there are of each kind, by list."""
    texts = {
        f"{part}: {count['n_target_trials']:,} target and"
        f" {count['n_nontarget_trials']:,} nontarget trials of"
        f" {count['n_segments']:,} utterances of {count['n_speakers']} speakers"
        f" ({run['data'][part]})": None
        for run in runs
        for part, count in run["trials"].items()
    }
    return "; ".join(texts) + "."


def _name(run, runs):
    """Name a run by its experiment, and by its seed where there are several."""
    twice = sum(run["experiment"] == other["experiment"] for other in runs) > 1
    return f"{run['experiment']}, seed {run['seed']}" if twice else run["experiment"]


def _systems(runs, part):
    """Lay out the trials, and the figures of all systems of the runs of a list."""
    figures = figures_of(
        [{"systems": {n: s[part] for n, s in run["systems"].items()}} for run in runs]
    )
    chosen_on = ["dev EER %"] if part == "test" else []
    headings = ["Model", "System", *chosen_on]
    headings += [f"{part} {figure.heading}" for figure in figures]
    rows = [
        [
            _name(run, runs),
            name,
            *(show(system["dev"]["eer"]["value"], ".2f", 100) for _ in chosen_on),
            *(show_figure(system[part].get(f.key, {}), *_look(f)) for f in figures),
        ]
        for run in runs
        for name, system in run["systems"].items()
    ]
    return f"{_trials(runs)}\n\n{markdown_table(headings, rows, n_texts=2)}"


def _look(figure):
    """Return format and scale of a figure."""
    return (".2f", 100) if figure.percent else (".3f", 1)


def _decisions(runs, part):
    """Lay out the thresholds chosen on dev, and what they do on the test."""
    headings = ["Model", "System", "Scenario", "Threshold", "Misses %"]
    headings += ["False alarms %", "Cost", "Least cost"]
    shown = slice(len(headings) if part == "test" else 4)
    rows = [
        [_name(run, runs), name, scenario, *_decision(found)][shown]
        for run in runs
        for name, system in run["systems"].items()
        for scenario, found in system["decisions"].items()
    ]
    scenarios = {
        f"{name}: {1000 * costs['p_target']:g} of 1,000 trials are of one speaker, a"
        f" miss costs {costs['c_miss']:g}, a false alarm {costs['c_fa']:g}": None
        for run in runs
        for name, costs in run["scenarios"].items()
    }
    text = (
        "Each threshold is that of least cost on the development trials; a dash accepts"
        " none. A cost of 1 is that of decisions without listening."
        f" {'; '.join(scenarios).capitalize()}.\n\n"
    )
    return text + markdown_table(headings[shown], rows, n_texts=3)


def _decision(found):
    """Return the cells of a decision."""
    rates = [show_figure(found.get(key, {}), ".2f", 100) for key in ("p_miss", "p_fa")]
    return [
        show(found.get("threshold"), ".3f"),
        *rates,
        show_figure(found.get("cost", {}), ".3f"),
        show(dig(found, "min_cost"), ".3f"),
    ]
