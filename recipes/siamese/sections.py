"""What `one_shot.json` files tell, laid out as sections of Markdown.

All take the runs in the order in which they are to be listed. Fractions become percent;
whatever a run has not measured is a dash.
"""

from local.output.tables import dig, markdown_table, mean, percent, show, show_setting

COLUMNS = (("2", "3", "4", "5", "6", "8", "10"), ("15", "20", "30", "39", "40", "mean"))
MEAN_KS = [str(k) for k in range(2, 40)]  # as the original's mean
CLASSES_KS = ("5", "20")
FEWER = """\
The original trained on {times} times as much speech: that makes it harder here.
"""
ONE_UTTERANCE = """\
Of a reader with one utterance, query and right answer are other seconds of the same
recording, without overlap: microphone and room help to tell readers apart, which makes
it easier here. In the original they were any two of a reader's
fragments, of many utterances.
"""
ONE_SHOT = """\
A query, one example of each of k readers who were not in training, and the question
whose voice it is. Readers, fragments and order are drawn anew for every task; a tie
counts as a guess among those tied. *Mean* is that of k = 2 to 39. Longer fragments make
it easier: their lengths stand under *Data*.
"""
ORIGINAL = """\
The rows in *italics* are of the original, from 200 tasks each: one standard error is up
to 3.5 points, so most of its differences are chance. A tie counted as right there, and
the checkpoint, unless it is the last, was the best on the readers of the test.
"""
SHOTS = """\
n examples of each of k readers. *nearest*: whose single example is most alike;
*prototype*: whose mean embedding is.
"""
CLASSES = """\
The same question about the last seconds of readers: *unseen*, of test readers; *seen*,
of readers whose earlier speech was trained on; *fine-tuned*, of the test readers after
training went on with their earlier speech. Systems that were not trained here have no
*seen* readers, though those of the main job may have heard some of these.
"""
SEARCH = """\
Settings that Optuna drew for `{experiment}`,
the best five of {n} short trainings ({common}), by the accuracy on validation readers;
the test was not looked at.
"""


def curve_mean(run):
    """Return the mean of the accuracies at k = 2 to 39, or None if one lacks."""
    accuracies = [dig(run, "curve", "unseen", k, "mean") for k in MEAN_KS]
    return None if None in accuracies else mean(accuracies)


def format_runs(runs):
    """Lay out what was trained, a row a run."""
    numbers = ("n_parameters", "epochs", "steps", "train_seconds")
    rows = [
        [name, dig(run, "model", "note") or "–"]
        + [show(dig(run, "model", key), ",.0f") for key in numbers]
        + [dig(run, "model", "device") or "–", show(run.get("n_tasks"), ",")]
        for name, run in runs.items()
    ]
    headings = ["run", "input and network", "parameters", "epochs", "steps"]
    headings += ["training s", "device", "tasks for each k"]
    return "### Runs\n\n" + markdown_table(headings, rows, n_texts=2)


def format_data(runs, original):
    """Lay out the data, a row for all runs that share them, beside the original's.

    Parameters
    ----------
    runs : dict of str to dict
        Name -> run.
    original : dict
        The data of the original, with the keys of a run's.

    Returns
    -------
    section : str
        A table, and in words what is easier and what is harder here.
    """
    names = {}
    for name, run in runs.items():
        names.setdefault(_data_cells(run.get("data") or {}), []).append(name)
    rows = [["*the original*", *_data_cells(original)]]
    rows += [[", ".join(some), *cells] for cells, some in names.items()]
    headings = ["runs", "corpus", "fragment s", "training hours", "training readers"]
    headings += ["training fragments", "test readers", "test fragments"]
    headings += ["readers of one utterance %"]
    parts = ["### Data\n", markdown_table(headings, rows, n_texts=2)]
    hours = [n for run in runs.values() if (n := dig(run, "data", "train_hours"))]
    times = [original["train_hours"] / n for n in hours]
    if times and max(times) > 1.5:
        parts.append(FEWER.format(times=_from_to(min(times), max(times))))
    if any(dig(run, "data", "one_utterance_speakers") for run in runs.values()):
        parts.append(ONE_UTTERANCE)
    return "\n".join(parts)


def _data_cells(data):
    """Show the data of a run."""
    roles = ("n_train_speakers", "n_train_fragments", "n_test_speakers")
    return (
        data.get("corpus") or "–",
        show(data.get("fragment_seconds"), "g"),
        show(data.get("train_hours"), ".2f"),
        *(show(data.get(key), ",") for key in (*roles, "n_test_fragments")),
        show(data.get("one_utterance_speakers"), ".0f", 100),
    )


def _from_to(low, high):
    """Show a range of counts, or one if they are the same."""
    low, high = f"{low:.0f}", f"{high:.0f}"
    return low if low == high else f"{low} to {high}"


def format_one_shot(runs, original):
    """Lay out the 1-shot k-way accuracy of the unseen, beside chance and the original.

    Parameters
    ----------
    runs : dict of str to dict
        Name -> run.
    original : dict of str to dict of int or str to float
        Network -> k, or ``mean`` -> accuracy.

    Returns
    -------
    section : str
        Two tables, of few and of many readers.
    """
    rows = {"chance": {k: 1 / int(k) for k in [*MEAN_KS, "40"]}}
    rows["chance"]["mean"] = mean(rows["chance"][k] for k in MEAN_KS)
    for name, run in runs.items():
        curve = dig(run, "curve", "unseen") or {}
        rows[name] = curve | {"mean": curve_mean(run)}
    for name, accuracies in original.items():
        rows[f"*{name}*"] = {str(k): value for k, value in accuracies.items()}
    drawn = any(dig(run, "curve", "unseen") for run in runs.values())
    picture = ["![k-way accuracy](k_way.png)\n"] if drawn else []
    tables = [_k_way_table(rows, columns) for columns in COLUMNS]
    parts = ["### One example, k readers (%)\n", ONE_SHOT, *picture, *tables, ORIGINAL]
    return "\n".join(parts)


def _k_way_table(rows, columns):
    """Lay out accuracies, name -> k -> share, at some k."""
    cells = [
        [name, *(percent(row.get(k)) for k in columns)] for name, row in rows.items()
    ]
    return markdown_table(["k", *columns], cells, n_texts=1)


def format_shots(runs):
    """Lay out the accuracy with n examples a reader."""
    found = [
        (name, k, method, accuracies)
        for name, run in runs.items()
        for method, ks in (run.get("shots") or {}).items()
        for k, accuracies in ks.items()
    ]
    ns = sorted({n for *_, accuracies in found for n in accuracies}, key=int)
    found.sort(key=lambda row: (list(runs).index(row[0]), int(row[1])))
    rows = [
        [*texts, *(percent(accuracies.get(n)) for n in ns)]
        for *texts, accuracies in found
    ]
    table = markdown_table(
        ["run", "k", "rule", *(f"n = {n}" for n in ns)], rows, n_texts=3
    )
    return "\n".join(["### n examples (%)\n", SHOTS, table]) if rows else ""


def format_classes(runs):
    """Lay out the accuracy on readers unseen, seen and learned afterwards."""
    rows = [
        [name, k]
        + [
            percent(dig(run, "classes", kind, k))
            for kind in ("unseen", "seen", "fine_tuned")
        ]
        + [show(seen_minus_unseen(run, k), "+.1f", 100)]
        for name, run in runs.items()
        for k in CLASSES_KS
        if any(dig(run, "classes", kind, k) for kind in run.get("classes") or {})
    ]
    headings = ["run", "k", "unseen", "seen", "fine-tuned", "seen − unseen"]
    table = markdown_table(headings, rows, n_texts=1)
    return (
        "\n".join(["### Readers seen and unseen (%)\n", CLASSES, table]) if rows else ""
    )


def seen_minus_unseen(run, k):
    """Return by how much a run does better on readers of its training, or None."""
    seen, unseen = (dig(run, "classes", kind, k, "mean") for kind in ("seen", "unseen"))
    return None if None in (seen, unseen) else seen - unseen


def format_search(search):
    """Lay out the best trials of a search, or nothing without one.

    Parameters
    ----------
    search : dict or None
        As of `recipes.siamese.search.write_trials`.
    """
    if not search:
        return ""
    trials = search["trials"][:5]
    names = [key for key in trials[0] if key not in ("number", "accuracy")]
    rows = [
        [
            f"{trial['number']}",
            percent(trial["accuracy"]),
            *(show_setting(trial.get(name)) for name in names),
        ]
        for trial in trials
    ]
    steps = search["common"].get("n_epochs")
    intro = SEARCH.format(
        experiment=search["experiment"],
        n=len(search["trials"]),
        common=f"{steps} epochs",
    )
    headings = ["trial", "accuracy %", *names]
    return f"### Search\n\n{intro}\n{markdown_table(headings, rows, n_texts=1)}"
