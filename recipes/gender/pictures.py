"""The pictures of a run of classifiers."""

import numpy as np

from local.output.class_plots import plot_accuracies, plot_confusion
from recipes.gender.data import GENDERS

SPLIT_NAMES = {"speaker": "new readers", "random": "readers known from training (leak)"}


def of_rule(figures, **wanted):
    """Return the records of all readers with corrected labels that fit, but votes."""
    wanted = {"labels": "corrected", "readers": "all"} | wanted
    return [
        record
        for record in figures["results"]
        if record["rule"] != "vote"
        and all(record[key] == value for key, value in wanted.items())
    ]


def draw_pictures(figures, output):
    """Draw accuracies by split and level, and the confusions of the best system.

    Parameters
    ----------
    figures : dict
        As in ``classification.json``.
    output : Path
        Folder.
    """
    for level in ("utterance", "chunk"):
        records = of_rule(figures, level=level)
        if records:
            path = output / f"accuracies_{level}"
            title = f"Woman or man, decisions on {level}s"
            plot_accuracies(by_system(records), path, chance=0.5, title=title)
    records = of_rule(figures, level="utterance", split="speaker")
    if records:
        best = max(records, key=lambda record: record["accuracy"]["mean"])
        title = f"{best['system']}, new readers"
        plot_confusion(
            np.array(best["confusion"]), GENDERS, output / "confusion", title=title
        )


def by_system(records):
    """Return accuracies, system -> split -> mean, low, high, the best system first."""
    accuracies, n_decisions = {}, {}
    # Speakers first: an utterance that is dealt in parts is several decisions, which
    # are not compared.
    for record in sorted(records, key=lambda record: record["split"] != "speaker"):
        n = n_decisions.setdefault(record["system"], record.get("n"))
        if record.get("n") != n:
            continue
        split = SPLIT_NAMES[record["split"]]
        accuracies.setdefault(record["system"], {})[split] = record["accuracy"]
    honest = SPLIT_NAMES["speaker"]

    def rank(system):
        return -accuracies[system].get(honest, {"mean": 0})["mean"]

    return {system: accuracies[system] for system in sorted(accuracies, key=rank)}
