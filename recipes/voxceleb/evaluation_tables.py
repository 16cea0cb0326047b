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
        Markdown, headed by what the data are and the name of the list.

    Raises
    ------
    ValueError
        If a file is malformed.
    """
    groups = {}
    for folder in folders:
        run = read_evaluation(Path(folder) / FILE)
        groups.setdefault((run["data"][_part(run)], run["list"]), []).append(run)
    return [
        f"### {data}: {name}\n\n{_trials(runs)}\n\n{table(runs)}"
        for (data, name), runs in groups.items()
        for table in (_systems, _decisions)
    ]


def _part(run):
    """Return which list the figures of a run are told of."""
    return "test" if "test" in run["trials"] else "dev"


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


def _systems(runs):
    """Lay out the figures of all systems of the runs of a list."""
    shown = [
        {"systems": {name: s[_part(run)] for name, s in run["systems"].items()}}
        for run in runs
    ]
    figures = figures_of(shown)
    headings = ["Model", "System", "dev EER %", *(figure.heading for figure in figures)]
    rows = [
        [
            _name(run, runs),
            name,
            show(system["dev"]["eer"]["value"], ".2f", 100),
            *(
                show_figure(system[_part(run)].get(figure.key, {}), *_look(figure))
                for figure in figures
            ),
        ]
        for run in runs
        for name, system in run["systems"].items()
    ]
    return markdown_table(headings, rows, n_texts=2)


def _look(figure):
    """Return format and scale of a figure."""
    return (".2f", 100) if figure.percent else (".3f", 1)


def _decisions(runs):
    """Lay out what the thresholds chosen on the development trials do on the test."""
    headings = ["Model", "System", "Scenario", "Threshold", "Misses %"]
    headings += ["False alarms %", "Cost", "Least cost"]
    rows = [
        [_name(run, runs), name, scenario, *_decision(found)]
        for run in runs
        for name, system in run["systems"].items()
        for scenario, found in system["decisions"].items()
    ]
    scenarios = {
        f"{name}: {costs['p_target']:g} of the trials are of one speaker, a miss costs"
        f" {costs['c_miss']:g}, a false alarm {costs['c_fa']:g}": None
        for run in runs
        for name, costs in run["scenarios"].items()
    }
    said = "; ".join(scenarios)
    text = (
        "Thresholds are those of least cost on the development trials; the cost is that"
        f" on the test, 1 = useless. A dash as threshold: none is accepted. {said}.\n\n"
    )
    return text + markdown_table(headings, rows, n_texts=3)


def _decision(found):
    """Return the cells of a decision."""
    rates = [show_figure(found.get(key, {}), ".2f", 100) for key in ("p_miss", "p_fa")]
    return [
        show(found.get("threshold"), ".3f"),
        *rates,
        show_figure(found.get("cost", {}), ".3f"),
        show(dig(found, "min_cost"), ".3f"),
    ]
