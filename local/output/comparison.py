"""Systems side by side: one row each, over its test sets and seeds.

What tells nothing of a model, chance and MFCC means, is found again in every run and
has one row in all. Systems that see the whole gallery at once, which the name of a
system tells, stand in tables of their own.
"""

from typing import NamedTuple

from local.output.tables import (
    DASH,
    is_number,
    markdown_table,
    mean,
    show_figure,
    show_spread,
)

KINDS = ("chance", "MFCC", "baseline", "stock recipe", "ours", "fusion")
UNTRAINED = ("chance", "MFCC")
# Runs of recipes/baselines/suite.yaml; those named stock_ are the stock recipe.
BASELINES = ("nearest_neighbour", "pair_mlp", "cnn1d", "xvector", "resnet")
TRANSDUCTIVE = "(transductive)"
DEVICE = "device_"  # begins the name of a test set on simulated devices


class Row(NamedTuple):
    """One system of one experiment: its figures and its models, one a seed."""

    kind: str
    experiment: str
    system: str
    figures: dict  # test set -> (experiment, seed) -> figures
    models: dict  # (experiment, seed) -> facts

    @property
    def transductive(self):
        """Whether the system sees the whole gallery at once."""
        return TRANSDUCTIVE in self.system

    @property
    def title(self):
        """The experiment and how many seeds it had, if several."""
        several = self.kind not in UNTRAINED and len(self.models) > 1
        return self.experiment + (f" ({len(self.models)} seeds)" if several else "")

    def values(self, test_set, key):
        """Return a figure on a test set: (experiment, seed) to number."""
        runs = self.figures.get(test_set, {})
        found = {run: f.get(key, {}).get("value") for run, f in runs.items()}
        return {run: value for run, value in found.items() if is_number(value)}

    def mean(self, test_set, key):
        """Return the mean of a figure over the seeds, or None."""
        return mean(self.values(test_set, key).values())

    def cell(self, test_set, key):
        """Show a figure in percent: of one seed with its interval, or of several."""
        runs = self.figures.get(test_set, {}).values()
        shown = {show_figure(run.get(key, {}), ".1f", 100) for run in runs} - {DASH}
        if len(shown) == 1:
            return shown.pop()
        return show_spread(self.values(test_set, key).values(), ".1f", 100)

    def fact(self, key, spec, scale=1):
        """Show what the models say of themselves: text, or mean over the seeds."""
        facts = [model.get(key) for model in self.models.values()]
        texts = dict.fromkeys(fact for fact in facts if isinstance(fact, str))
        return ", ".join(texts) or show_spread(facts, spec, scale)


def collect_rows(runs):
    """Return a row for every system of every experiment.

    Parameters
    ----------
    runs : iterable of dict
        As from `local.output.metrics.read_metrics`.

    Returns
    -------
    rows : list of Row
        By kind, then by experiment, the systems in the order of the metrics.
    """
    rows = {}
    for run in sorted(runs, key=lambda run: (run["experiment"], run["seed"])):
        made_by = run["experiment"], run["seed"]
        for system, figures in run["systems"].items():
            kind = kind_of(run, system)
            experiment = DASH if kind in UNTRAINED else run["experiment"]
            new = Row(kind, experiment, system, {}, {})
            row = rows.setdefault((kind, experiment, system), new)
            row.figures.setdefault(run["test_set"], {})[made_by] = figures
            row.models[made_by] = run["model"]
    return sorted(rows.values(), key=lambda r: (KINDS.index(r.kind), r.experiment))


def kind_of(run, system):
    """Return what a system of a run is.

    Parameters
    ----------
    run : dict
        As from `local.output.metrics.read_metrics`.
    system : str
        Name of the system.

    Returns
    -------
    kind : str
        One of `KINDS`.

    Examples
    --------
    >>> run = {"experiment": "stock_ecapa", "model": {}}
    >>> kind_of(run, "cosine"), kind_of(run, "MFCC nearest neighbour")
    ('stock recipe', 'MFCC')
    """
    begin = system.partition(" ")[0]
    if begin in UNTRAINED:
        return begin
    if "members" in run["model"]:
        return "fusion"
    if run["experiment"].startswith("stock_"):
        return "stock recipe"
    return "baseline" if run["experiment"] in BASELINES else "ours"


def last_inductive(rows):
    """Return the last system of each experiment that sees one pair at a time."""
    trained = (row for row in rows if row.kind not in UNTRAINED)
    return list({r.experiment: r for r in trained if not r.transductive}.values())


def find_test_sets(rows):
    """Return the names of all test sets, sorted."""
    return sorted({test_set for row in rows for test_set in row.figures})


def format_comparison(rows, key):
    """Lay out a figure in percent: the systems by the test sets.

    Parameters
    ----------
    rows : list of Row
        As from `collect_rows`.
    key : str
        Of the figure.

    Returns
    -------
    parts : list of str
        A table of the systems that see one pair at a time, and, if there are any, a
        sentence and a table of those that see the whole gallery.
    """
    test_sets = [name for name in find_test_sets(rows) if not name.startswith(DEVICE)]
    headings = ["Kind", "Experiment", "System", *test_sets]

    def table(rows):
        cells = ([row.cell(name, key) for name in test_sets] for row in rows)
        texts = ([row.kind, row.title, row.system] for row in rows)
        lines = (t + c for t, c in zip(texts, cells, strict=True) if set(c) != {DASH})
        return markdown_table(headings, lines, n_texts=3)

    apart = [row for row in rows if row.transductive]
    parts = [table([row for row in rows if not row.transductive])]
    if apart:
        parts += [
            "Transductive: scored by looking at all segments of the test set at once,"
            " which the systems above do not; compare these with each other.\n",
            table(apart),
        ]
    return parts


def format_models(rows):
    """Lay out what each model is and what it took to train it.

    Parameters
    ----------
    rows : list of Row
        As from `collect_rows`.

    Returns
    -------
    table : str
        One row an experiment, in the order of the rows.
    """
    models = {row.experiment: row for row in rows if row.kind not in UNTRAINED}
    lines = [
        [
            row.title,
            row.fact("name", ""),
            row.fact("n_parameters", ",.0f"),
            row.fact("n_flops", ",.1f", 1e-6),
            row.fact("train_seconds", ",.0f"),
            row.fact("train_clips_per_second", ",.0f"),
            row.fact("device", ""),
        ]
        for row in models.values()
    ]
    headings = ["Experiment", "Model", "Parameters", "MFLOP a clip", "Training s"]
    return markdown_table([*headings, "Clips/s", "Device"], lines, n_texts=2)
