"""What a `classification.json` tells: its form, and the tables all recipes share.

All take runs, name -> what `read_classification` returned. Fractions become percent.
"""

from collections import Counter

from local.output.json_form import (
    ANYTHING,
    EACH,
    INTERVAL,
    NEEDED,
    NUMBER,
    SHARE,
    TEXT,
    TRUTH,
    read_form,
)
from local.output.tables import DASH, dig, markdown_table, percent, show, show_setting

RESULT = {
    NEEDED: ("system", "split", "level", "rule"),
    **dict.fromkeys(("system", "split", "labels", "level", "rule", "readers"), TEXT),
    **dict.fromkeys(("accuracy", "precision", "recall", "f1"), INTERVAL),
    "n": NUMBER,
    "folds": {"mean": SHARE, "low": NUMBER, "high": NUMBER, "each": [SHARE]},
    "confusion": [[NUMBER]],
}
SYSTEM = {
    **dict.fromkeys(("note", "feats", "hears"), TEXT),
    **dict.fromkeys(("n_inputs", "n_parameters", "seconds"), NUMBER),
    "chosen": [{}],
}
FORM = {
    NEEDED: ("run", "seed", "systems", "results"),
    "run": TEXT,
    "seed": NUMBER,
    "device": TEXT,
    "data": {"corpus": TEXT, "left_out": {EACH: ANYTHING}, EACH: NUMBER},
    "systems": {EACH: SYSTEM},
    "results": [RESULT],
    "layers": {
        NEEDED: ("split", "accuracy"),
        **dict.fromkeys(("feats", "split"), TEXT),
        "accuracy": [INTERVAL],
    },
    "errors": [
        {
            NEEDED: ("speaker", "label", "systems"),
            "speaker": TEXT,
            "label": TEXT,
            "systems": {EACH: SHARE},
        }
    ],
    "relabelled": [
        {NEEDED: ("speaker", "given", "corrected"), "in_corpus": TRUTH, EACH: TEXT}
    ],
}
DATA = {  # column -> key and format
    "readers": ("n_speakers", ","),
    "women": ("n_female", ","),
    "men": ("n_male", ","),
    "never heard": ("n_never_heard", ","),
    "utterances": ("n_utterances", ","),
    "chunks": ("n_chunks", ","),
    "chunk s": ("chunk_seconds", "g"),
    "hours": ("hours", ".2f"),
    "folds": ("n_folds", ","),
}


def read_classification(path):
    """Read one `classification.json`; whatever is null is missing.

    Parameters
    ----------
    path : Path
        File to read.

    Returns
    -------
    run : dict
        With ``run``, ``seed``, ``systems`` and ``results``; all else may be missing.
    """
    return read_form(path, FORM, "classify again")


def pick(run, **wanted):
    """Return the first result that has what is wanted, or None.

    Parameters
    ----------
    run : dict
        As from `read_classification`.
    wanted : str or tuple of str
        Key -> value, or several that will do; a key that a result lacks is no matter.

    Returns
    -------
    result : dict or None
        One of the ``results``.

    Examples
    --------
    >>> run = {"results": [{"level": "chunk"}, {"level": "utterance", "rule": "own"}]}
    >>> pick(run, level="utterance", rule=("own", "mean"), readers="all")
    {'level': 'utterance', 'rule': 'own'}
    """
    wanted = {
        key: value if isinstance(value, tuple) else (value,)
        for key, value in wanted.items()
    }
    for result in run["results"]:
        if all(result.get(key, values[0]) in values for key, values in wanted.items()):
            return result
    return None


def difference(result, other):
    """Return by how much the accuracy of a result is above that of another, or None.

    Examples
    --------
    >>> difference({"accuracy": {"mean": 0.75}}, {"accuracy": {"mean": 0.5}})
    0.25
    """
    first, second = (dig(found, "accuracy", "mean") for found in (result, other))
    return None if None in (first, second) else first - second


def table_of_runs(runs, headings, rows, n_texts):
    """Lay out a table; rows begin with the run's name only if there are several runs.

    Parameters
    ----------
    runs : dict of str to dict
        Name -> run.
    headings : list of str
        Without that of the names.
    rows : iterable of (str, list of str)
        Name of the run, and the other cells.
    n_texts : int
        How many columns of ``headings`` are texts.

    Returns
    -------
    table : str
        Markdown.
    """
    named = len(runs) > 1
    rows = [[name, *cells] if named else cells for name, cells in rows]
    headings = ["run", *headings] if named else headings
    return markdown_table(headings, rows, n_texts + named)


def format_data(runs):
    """Lay out the data of all runs; columns that none of them has are left out."""
    columns = {
        column: where
        for column, where in DATA.items()
        if any(dig(run, "data", where[0]) is not None for run in runs.values())
    }
    rows = [
        (
            name,
            [dig(run, "data", "corpus") or DASH]
            + [show(dig(run, "data", key), spec) for key, spec in columns.values()]
            + [percent(dig(run, "data", "one_utterance_speakers"))],
        )
        for name, run in runs.items()
    ]
    headings = ["corpus", *columns, "readers of one utterance %"]
    return "### Data\n\n" + table_of_runs(runs, headings, rows, n_texts=1)


def format_systems(runs):
    """Lay out what each system is, takes and costs, a row a system."""
    rows = [
        (
            name,
            [system, found.get("note") or DASH, found.get("feats") or DASH]
            + [found.get("hears") or DASH, show_chosen(found.get("chosen"))]
            + [show(found.get(key), ",") for key in ("n_inputs", "n_parameters")]
            + [show(found.get("seconds"), ",.1f"), run.get("device") or DASH],
        )
        for name, run in runs.items()
        for system, found in run["systems"].items()
    ]
    headings = ["system", "what it is", "features", "hears", "chosen in the folds"]
    headings += ["inputs", "parameters", "seconds", "device"]
    return "### Runs\n\n" + table_of_runs(runs, headings, rows, n_texts=5)


def show_chosen(chosen):
    """Show which settings the folds chose, and how many of them each.

    Examples
    --------
    >>> show_chosen([{"svc__C": 1.0}, {"svc__C": 10.0}, {"svc__C": 1.0}])
    'C 1 (2 of 3), 10 (1 of 3)'
    >>> show_chosen([{"k": 5}, {"k": 5}]), show_chosen([{}]), show_chosen(None)
    ('k 5', '–', '–')
    """
    chosen = chosen or []
    names = dict.fromkeys(name for settings in chosen for name in settings)
    return "; ".join(_show_choice(name, chosen) for name in names) or DASH


def _show_choice(name, chosen):
    """Show one setting of all folds, the most frequent value first."""
    values = [show_setting(fold.get(name, DASH)) for fold in chosen]
    counts = Counter(values).most_common()
    shown = ", ".join(f"{value} ({n} of {len(values)})" for value, n in counts)
    return f"{name.split('__')[-1]} {shown if len(counts) > 1 else values[0]}"
