"""The pictures of a run of classifiers."""

from local.output.class_plots import plot_accuracies

SPLIT_NAMES = {
    "chunk": "chunks at random (leak)",
    "block": "blocks of time",
    "utterance": "utterances apart",
    "chapter": "chapters apart",
}


def draw_pictures(figures, output):
    """Draw accuracies by split, of chunks and of utterances.

    Parameters
    ----------
    figures : dict
        As in ``classification.json``.
    output : Path
        Folder.
    """
    chance = 1 / figures["data"]["n_speakers"]
    for level in ("chunk", "utterance"):
        accuracies = {}
        for record in figures["results"]:
            if record["level"] == level and record["rule"] != "vote":
                split = SPLIT_NAMES[record["split"]]
                accuracies.setdefault(record["system"], {})[split] = record["accuracy"]
        title = f"Which of {figures['data']['n_speakers']} readers, by {level}"
        plot_accuracies(accuracies, output / f"accuracies_{level}", chance, title)
