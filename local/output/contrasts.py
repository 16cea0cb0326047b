"""What a change costs or gives: other devices, one choice less, a corpus unheard.

Of every experiment the last system that sees one pair at a time stands for all; all
figures are R-precisions.
"""

from local.output.comparison import DEVICE, collect_rows, find_test_sets, last_inductive
from local.output.tables import DASH, markdown_table, mean, show

KEY = "r_precision"
CLEAN = "dev_"
WITHOUT = "_without_"  # between the name of an experiment and the corpus left out


def format_devices(rows):
    """Lay out what systems lose on simulated devices, a table for each kind of these.

    Parameters
    ----------
    rows : list of Row
        As from `local.output.comparison.collect_rows`.

    Returns
    -------
    parts : list of str
        For each kind a sentence and a table; nothing if nothing was tested on both
        ``dev_<corpus>`` and ``device_<corpus>`` or ``device_<kind>_<corpus>``.
    """
    kinds = {}
    for clean, device in device_pairs(find_test_sets(rows)):
        kind = device.removesuffix(clean.removeprefix("dev"))
        kinds.setdefault(kind, []).append((clean, device))
    compared = [row for row in rows if row.kind == "MFCC"] + last_inductive(rows)
    parts = []
    for kind, pairs in kinds.items():
        lines = [
            [row.title, row.system, *(_loss(row, *pair) for pair in pairs)]
            for row in compared
        ]
        lines = [line for line in lines if set(line[2:]) != {DASH}]
        headings = ["Experiment", "System", *(clean for clean, _ in pairs)]
        parts += [
            f"Clean (`{CLEAN}*`) → simulated (`{kind}_*`), and the share lost.\n",
            markdown_table(headings, lines, n_texts=2),
        ]
    return parts


def device_pairs(test_sets):
    """Return the pairs of a clean test set and the same on simulated devices.

    Examples
    --------
    >>> device_pairs(["dev_ls", "device_ls", "device_mild_ls", "device_gsc"])
    [('dev_ls', 'device_ls'), ('dev_ls', 'device_mild_ls')]
    """
    return [
        (clean, device)
        for device in test_sets
        for clean in test_sets
        if device.startswith(DEVICE) and clean.startswith(CLEAN)
        if device.endswith(clean.removeprefix("dev"))
    ]


def _loss(row, clean, device):
    """Show a row's R-precision on both sides, over the same seeds, and what is lost."""
    before, after = row.values(clean, KEY), row.values(device, KEY)
    both = before.keys() & after.keys()
    before, after = (mean(found[run] for run in both) for found in (before, after))
    if not before:
        return DASH
    shown = f"{show(before, '.1f', 100)} → {show(after, '.1f', 100)}"
    return f"{shown} ({show(after / before - 1, '+.0f', 100)} %)"


def format_ablations(runs):
    """Lay out configurations that differ by one choice, a table for each reference.

    Parameters
    ----------
    runs : iterable of dict
        As from `local.output.metrics.read_metrics`.

    Returns
    -------
    parts : list of str
        For each reference, the configuration whose name begins the others', a table
        with the reference first and the mean difference to it, in points.
    """
    rows = last_inductive(collect_rows(runs))
    test_sets = [name for name in find_test_sets(rows) if name.startswith(CLEAN)]
    families = {}
    for row in sorted(rows, key=lambda row: row.experiment):
        reference = find_reference(row.experiment, [row.experiment for row in rows])
        families.setdefault(reference, []).append(row)
    headings = ["Configuration", *test_sets, "Difference", "Parameters", "Training s"]
    parts = []
    for first, *others in families.values():
        lines = [
            [row.title, *(row.cell(name, KEY) for name in test_sets)]
            + [DASH if row is first else _difference(row, first, test_sets)]
            + [row.fact("n_parameters", ",.0f"), row.fact("train_seconds", ",.0f")]
            for row in (first, *others)
        ]
        parts += [_scored_by([first, *others])]
        parts += [markdown_table(headings, lines, n_texts=1)]
    return parts


def find_reference(name, names):
    """Return the shortest of the names that another begins with, or the name itself.

    Examples
    --------
    >>> find_reference("ecapa_no_masks", ["ecapa", "ecapa_no_masks", "eca"])
    'ecapa'
    """
    return min([n for n in names if name.startswith(f"{n}_")], key=len, default=name)


def _difference(row, first, test_sets):
    """Show the mean gain in points over the test sets that both rows have."""
    pairs = [(row.mean(name, KEY), first.mean(name, KEY)) for name in test_sets]
    gains = [new - old for new, old in pairs if None not in (new, old)]
    return show(mean(gains), "+.1f", 100)


def _scored_by(rows):
    """Tell what the figures of some rows are."""
    systems = ", ".join(dict.fromkeys(row.system for row in rows))
    return f"R-precision %, scored by {systems}.\n"


def format_left_out(runs, others):
    """Lay out corpora that a model was tested on and not trained on.

    Parameters
    ----------
    runs : iterable of dict
        As from `local.output.metrics.read_metrics`: experiments named
        ``<experiment>_without_<corpus>``, and perhaps ``<experiment>`` itself.
    others : iterable of dict
        More runs, among them ``<experiment>`` if the first have it not.

    Returns
    -------
    table : str
        One row an experiment and corpus: its figure on ``dev_<corpus>`` with and
        without that corpus in training, and how many speakers were trained on.
    """
    rows = collect_rows(runs)
    trained = rows + collect_rows(others)
    lines = []
    for row in last_inductive(rows):
        name, without, corpus = row.experiment.rpartition(WITHOUT)
        if not without:
            continue
        same = [r for r in trained if (r.experiment, r.system) == (name, row.system)]
        lines.append(_left_out_line(row, same[0] if same else None, name, corpus))
    headings = ["Left out", "Experiment", "System", "Speakers", "without it"]
    headings += ["R-precision %", "without it", "Difference"]
    return markdown_table(headings, lines, n_texts=3)


def _left_out_line(row, whole, name, corpus):
    """Return the cells of one corpus left out; ``whole`` is trained on all, or None."""
    test_set, key = f"{CLEAN}{corpus}", "n_train_speakers"
    return [
        corpus,
        name,
        row.system,
        whole.fact(key, ",.0f") if whole else DASH,
        row.fact(key, ",.0f"),
        whole.cell(test_set, KEY) if whole else DASH,
        row.cell(test_set, KEY),
        _difference(row, whole, [test_set]) if whole else DASH,
    ]
