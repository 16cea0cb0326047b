"""What `classification.json` files tell of speakers, laid out as sections of Markdown.

All take runs, name -> run, with the systems of each from best to worst (`ranked`).
"""

from local.output.classification_tables import difference, pick
from local.output.tables import DASH, dig, markdown_table, percent, show

SPLITS = {  # from the most leaking to the strictest
    "chunk": "chunks at random",
    "block": "blocks of time",
    "utterance": "utterances apart",
    "chapter": "chapters apart",
}
MAIN = ("utterance", "block", "chunk")  # the first of them that is possible
OWN = ("own", "mean")  # given for chunks, or the mean posterior of their frames
SPLIT = """\
How many *chunks* are given to the right one of the readers, by what training and test
share. *Chunks at random*: neighbours, of one breath. *Blocks of time*: one recording,
but other stretches of it. *Utterances apart*: one chapter, read in one sitting.
*Chapters apart*: a voice, and what else a reader takes along. *Inflation*: how many
points the random split is above the strictest one that was possible (which, in
brackets; of fewer readers where some had to be left out). In brackets behind a figure:
readers drawn again and again (bootstrap). The rows in *italics* are published, of 40
readers.
"""
LEFT_OUT = """\
- {name}, {split}: {what}
"""
SPEAKERS_LEFT = "{n} readers left out, who have too few"
DECISIONS = """\
One decision a chunk, or an utterance: of its chunks, the reader most of them were
given to (*vote*), or the mean of their posteriors; of an utterance that is divided,
what lies in one fold. The split is the strictest that all readers can be in: {splits}.
Precision, recall and F1 are means over readers; behind the
mean over folds: as the folds differ (Student's t, which may pass 100).
"""
LAYERS = """\
One classifier on each layer by itself; 0 is what enters the transformer. To choose the
best of these would be to choose on the test; the classifiers above choose their layer
by the training part of each fold.
"""
LEVELS = {
    "chunk": ("chunk", OWN),
    "utterance by vote": ("utterance", "vote"),
    "utterance by mean posterior": ("utterance", OWN),
}


def main_split(run):
    """Return the strictest split that all readers of a run can be in, or None."""
    there = {result["split"] for result in run["results"]}
    return next((split for split in MAIN if split in there), None)


def of_chunks(run, system, split):
    """Return the result of a system on chunks, or None."""
    return pick(run, system=system, split=split, level="chunk", rule=OWN)


def ranked(run):
    """Return a run with its systems from best to worst, on chunks of the main split."""
    split = main_split(run)

    def accuracy(system):
        return dig(of_chunks(run, system, split), "accuracy", "mean") or 0

    return run | {
        "systems": {
            system: run["systems"][system]
            for system in sorted(run["systems"], key=accuracy, reverse=True)
        }
    }


def format_splits(runs, original):
    """Lay out what each way to split leaks, and which ways were not possible.

    Parameters
    ----------
    runs : dict of str to dict
        Name -> run.
    original : dict of str to dict of str to float
        System -> split -> accuracy.
    """
    rows = []
    for name, run in runs.items():
        for system in run["systems"]:
            found = [of_chunks(run, system, split) for split in SPLITS]
            cells = [percent(dig(result, "accuracy")) for result in found]
            rows.append([name, system, *cells, show_inflation(found)])
    for system, shares in original.items():
        cells = [percent(shares.get(split)) for split in SPLITS]
        rows.append(["*published*", f"*{system}*", *cells, DASH])
    headings = ["features", "classifier", *SPLITS.values(), "inflation"]
    table = markdown_table(headings, rows, n_texts=2)
    return "\n".join(["### Ways to split (%)\n", SPLIT, table, *left_out(runs)])


def show_inflation(results):
    """Show by how much the first split flatters against the last that is there.

    Examples
    --------
    >>> apart = {"split": "utterance", "accuracy": {"mean": 0.75}}
    >>> random = {"split": "chunk", "accuracy": {"mean": 1.0}}
    >>> show_inflation([random, None, apart, None]), show_inflation([random, None])
    ('+25.0 (utterances apart)', '–')
    """
    random, *others = results
    strictest = next((result for result in reversed(others) if result), None)
    gap = difference(random, strictest)
    return DASH if gap is None else f"{100 * gap:+.1f} ({SPLITS[strictest['split']]})"


def left_out(runs):
    """Tell which ways to split were not possible, or not for all readers, and why."""
    lines = [
        LEFT_OUT.format(name=name, split=SPLITS.get(split, split), what=_reason(what))
        for name, run in runs.items()
        for split, what in (dig(run, "data", "left_out") or {}).items()
        if what
    ]
    return ["".join(lines)] if lines else []


def _reason(what):
    """Tell why, or for how many, a way to split is not possible."""
    return what if isinstance(what, str) else SPEAKERS_LEFT.format(n=what)


def format_decisions(runs):
    """Lay out decisions on chunks and on utterances, all figures, on the main split."""
    rows = []
    for name, run in runs.items():
        split = main_split(run)
        for system in run["systems"]:
            for label, (level, rule) in LEVELS.items():
                wanted = {"system": system, "split": split, "level": level}
                found = pick(run, **wanted, rule=rule)
                if found:
                    rows.append([name, system, label, *_figure_cells(found)])
    splits = {
        split: SPLITS[split] for run in runs.values() if (split := main_split(run))
    }
    intro = DECISIONS.format(splits=", ".join(splits.values()))
    headings = ["features", "classifier", "one decision a", "right", "mean over folds"]
    headings += ["precision", "recall", "F1", "decisions"]
    table = markdown_table(headings, rows, n_texts=3)
    return "\n".join(["### Chunks and utterances (%)\n", intro, table]) if rows else ""


def _figure_cells(result):
    """Show all figures of a result."""
    keys = ("accuracy", "folds", "precision", "recall", "f1")
    return [*(percent(result.get(key)) for key in keys), show(result.get("n"), ",")]


def format_layers(runs):
    """Lay out what each layer knows of who speaks, of runs whose features have some."""
    swept = {name: run["layers"] for name, run in runs.items() if "layers" in run}
    if not swept:
        return ""
    n_layers = max(len(found["accuracy"]) for found in swept.values())
    rows = [
        [name, SPLITS[found["split"]], *map(percent, found["accuracy"])]
        for name, found in swept.items()
    ]
    headings = ["features", "split", *map(str, range(n_layers))]
    table = markdown_table(headings, rows, n_texts=2)
    return "\n".join(["### Layers (chunks right, %)\n", LAYERS, table])
