"""What `classification.json` files tell of gender, laid out as sections of Markdown.

All take runs, name -> run, with the systems of each from best to worst (`ranked`).
"""

from local.output.classification_tables import difference, pick, table_of_runs
from local.output.tables import DASH, dig, percent, show

NEW_READERS = {"split": "speaker", "labels": "corrected", "readers": "all"}
OWN = ("own", "mean")  # at its own level, or from there by the mean posterior
CLASSES = ("woman", "man")
N_BEST = 3  # systems with a confusion matrix
N_JUDGES, N_ERRORS = 5, 15  # systems and readers in the table of errors
HALF = 0.5
RESULTS = """\
No reader is both in training and in test. One decision an *utterance*: of what hears
chunks or frames the mean of their posteriors, or their *vote*. In brackets behind the
accuracy: readers drawn again and again (bootstrap); behind the mean over folds: as the
folds differ (Student's t, which may pass 100). *Never heard*: the accuracy on those
readers only whom the main job's model was not trained on. Precision, recall and F1 are
means over women and men. The rows in *italics* are published, from other readers; each
is the mean of five folds.
"""
LEAK = """\
The same systems, where a reader may be in training and in test: utterances are dealt at
random, those of readers with a single one in chunks (decisions about utterances so
divided are not compared, and what hears whole ones is left out there). What is gained
is no knowledge of voices of women and men, but of these readers.
"""
CONFUSION = """\
Of the best systems; how many utterances of women and men are called what.
"""
ERRORS = """\
Share of a reader's chunks (or frames, or utterances: what a system hears) that are
called wrong, of the readers on whom one of the best {n_judges} systems is wrong at
least half of the time{cut}.
"""
FEWER = ": the {n} worst of {n_all}"
GIVEN = """\
SPEAKERS.TXT of LibriSpeech gives these readers a gender that is taken to be wrong:
{who}. *As given* trains and tests on what stands there.
"""
NONE_RELABELLED = """\
SPEAKERS.TXT of LibriSpeech gives some readers a gender that is taken to be wrong:
{who}. None of them is in the corpus here, so labels as given and labels corrected are
the same.
"""
NO_ERRORS = "None of the best {n_judges} systems is wrong that often on any reader.\n"


def ranked(run):
    """Return a run with its systems from best to worst, on new readers' utterances."""

    def accuracy(system):
        found = on_utterances(run, system)
        return dig(found, "accuracy", "mean") or 0

    return run | {
        "systems": {
            system: run["systems"][system]
            for system in sorted(run["systems"], key=accuracy, reverse=True)
        }
    }


def on_utterances(run, system, **wanted):
    """Return the result of a system on utterances of new readers, or None."""
    return pick(
        run, system=system, level="utterance", **NEW_READERS | OWN_RULE | wanted
    )


OWN_RULE = {"rule": OWN}


def format_results(runs, original):
    """Lay out how often each system is right on readers that it never heard.

    Parameters
    ----------
    runs : dict of str to dict
        Name -> run.
    original : dict of str to dict
        System -> what it hears and its accuracy.
    """
    rows = [
        (name, [system, *_result_cells(run, system)])
        for name, run in runs.items()
        for system in run["systems"]
    ]
    rows += [
        (
            "*published*",
            [f"*{system}*", found["hears"], DASH, percent(found["accuracy"])],
        )
        for system, found in original.items()
    ]
    headings = ["system", "hears", "utterances right", "mean over folds"]
    headings += ["precision", "recall", "F1", "by vote", "its own level", "never heard"]
    rows = [
        (name, cells + [DASH] * (len(headings) - len(cells))) for name, cells in rows
    ]
    table = table_of_runs(runs, headings, rows, n_texts=2)
    return "\n".join(["### Readers never met (%)\n", RESULTS, table])


def _result_cells(run, system):
    """Show all figures of a system on new readers."""
    found = on_utterances(run, system) or {}
    hears = dig(run["systems"], system, "hears")
    own = pick(run, system=system, level=hears, **NEW_READERS | OWN_RULE)
    figures = [found.get(key) for key in ("accuracy", "folds", "precision", "recall")]
    others = (
        on_utterances(run, system, rule="vote"),
        own if hears != "utterance" else None,
        on_utterances(run, system, readers="never_heard"),
    )
    figures += [found.get("f1"), *(dig(other, "accuracy") for other in others)]
    return [hears or DASH, *map(percent, figures)]


def format_leak(runs):
    """Lay out what it is worth to have met the readers, or nothing if not measured."""
    rows = []
    for name, run in runs.items():
        for system, found in run["systems"].items():
            for level in dict.fromkeys((found.get("hears"), "utterance")):
                wanted = {"system": system, "level": level} | NEW_READERS | OWN_RULE
                apart, random = (
                    pick(run, **wanted | {"split": split})
                    for split in ("speaker", "random")
                )
                # Of an utterance that the split divides there are several, of less.
                if apart and random and apart.get("n") == random.get("n"):
                    rows.append((name, [system, level, *_compare(apart, random)]))
    headings = [
        "system",
        "one decision a",
        "readers apart",
        "at random",
        "points gained",
    ]
    table = table_of_runs(runs, headings, rows, n_texts=2)
    return "\n".join(["### The leak (%)\n", LEAK, table]) if rows else ""


def _compare(result, other):
    """Show two accuracies and how much higher the second is."""
    gain = show(difference(other, result), "+.1f", 100)
    return [percent(dig(found, "accuracy")) for found in (result, other)] + [gain]


def format_confusion(runs):
    """Lay out what the best systems call women and men, or nothing if not counted."""
    rows = []
    for name, run in runs.items():
        for system in list(run["systems"])[:N_BEST]:
            counts = dig(on_utterances(run, system), "confusion") or []
            for n, (right, row) in enumerate(zip(CLASSES, counts, strict=False)):
                cells = [f"{count:,}" for count in row]
                share = percent(row[n] / sum(row) if sum(row) else None)
                rows.append((name, [system, right, *cells, share]))
    headings = ["system", "is a", *(f"called a {name}" for name in CLASSES), "right %"]
    table = table_of_runs(runs, headings, rows, n_texts=2)
    return "\n".join(["### Confusion\n", CONFUSION, table]) if rows else ""


def format_errors(runs):
    """Lay out the readers that the best systems get wrong, a table a run."""
    parts = []
    for name, run in runs.items():
        if "errors" in run:
            parts += [f"{name}:\n"] if len(runs) > 1 else []
            parts.append(_errors_of(run))
    return "\n".join(["### Readers called wrong (%)\n", *parts]) if parts else ""


def _errors_of(run):
    """Lay out the readers that the best systems of a run get wrong."""
    judges = list(run["systems"])[:N_JUDGES]
    shares = [
        (error, [error["systems"].get(judge) for judge in judges])
        for error in run["errors"]
    ]
    shares = [(error, row) for error, row in shares if max(_there(row)) >= HALF]
    if not shares:
        return NO_ERRORS.format(n_judges=len(judges))
    shares.sort(key=lambda found: -sum(_there(found[1])))
    cut = FEWER.format(n=N_ERRORS, n_all=len(shares)) if len(shares) > N_ERRORS else ""
    rows = [
        ("", [error["speaker"], error["label"], *map(percent, row)])
        for error, row in shares[:N_ERRORS]
    ]
    table = table_of_runs({"": run}, ["reader", "gender", *judges], rows, n_texts=2)
    return f"{ERRORS.format(n_judges=len(judges), cut=cut)}\n{table}"


def _there(shares):
    """Return shares with 0 for those that are missing."""
    return [share or 0 for share in shares]


def format_labels(runs):
    """Lay out what two readings of the labels come to, where they differ."""
    known = {
        reader["speaker"]: reader
        for run in runs.values()
        for reader in run.get("relabelled", ())
    }
    if not known:
        return ""
    who = ", ".join(
        f"{name} ({reader['given']} for {reader['corrected']})"
        for name, reader in sorted(known.items())
    )
    rows = []
    for name, run in runs.items():
        if any(reader.get("in_corpus") for reader in run.get("relabelled", ())):
            for system in run["systems"]:
                given = on_utterances(run, system, labels="as_given")
                cells = _compare(given, on_utterances(run, system))
                rows.append((name, [system, *cells]))
    headings = ["system", "as given", "corrected", "points gained"]
    table = table_of_runs(runs, headings, rows, n_texts=1) if rows else ""
    words = (GIVEN if rows else NONE_RELABELLED).format(who=who)
    return f"### Labels as given and corrected (%)\n\n{words}" + f"\n{table}" * bool(
        rows
    )
