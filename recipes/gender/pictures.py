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

    Of utterances that a split at random divides only part is heard: they are not drawn.

    Parameters
    ----------
    figures : dict
        As in ``classification.json``.
    output : Path
        Folder.
    """
    whole = not figures["data"]["one_utterance_speakers"]
    for level, fits in (
        ("utterance", {} if whole else {"split": "speaker"}),
        ("chunk", {}),
    ):
        records = of_rule(figures, level=level, **fits)
        if records:
            path = output / f"accuracies_{level}"
            title = f"Woman or man, one decision a {level}"
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
    accuracies = {}
    for record in records:
        split = SPLIT_NAMES[record["split"]]
        accuracies.setdefault(record["system"], {})[split] = record["accuracy"]
    honest = SPLIT_NAMES["speaker"]

    def rank(system):
        return -accuracies[system].get(honest, {"mean": 0})["mean"]

    return {system: accuracies[system] for system in sorted(accuracies, key=rank)}
