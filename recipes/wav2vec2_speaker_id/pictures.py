"""The pictures of a run of classifiers."""

from local.output.class_plots import plot_accuracies, plot_confusion
from local.output.plots import BLUE, drawing

SPLIT_NAMES = {
    "chunk": "chunks at random (leak)",
    "block": "blocks of time",
    "utterance": "utterances apart",
    "chapter": "chapters apart",
}


def draw_pictures(figures, output):
    """Draw accuracies by split, of chunks and of utterances, and by layer.

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
    if "layers" in figures:
        draw_layers(figures["layers"], output / "layers")


def draw_confusion(confusions, speakers, path):
    """Draw which speakers the best system takes for which.

    Parameters
    ----------
    confusions : dict of str to ndarray of int, (n_speakers, n_speakers)
        Of each system.
    speakers : list of str, (n_speakers,)
        In that order.
    path : Path
        Without suffix.
    """
    best = max(confusions, key=lambda name: confusions[name].trace())
    plot_confusion(confusions[best], speakers, path, title=f"{best}, chunks")


def draw_layers(swept, path):
    """Draw the accuracy of each layer, as from `sweep_layers`."""
    shares = [
        [found[k] for found in swept["accuracy"]] for k in ("mean", "low", "high")
    ]
    mean, low, high = ([100 * share for share in one] for one in shares)
    with drawing(path, (6.4, 4)) as axes:
        axes.plot(range(len(mean)), mean, "o-", color=BLUE)
        axes.fill_between(range(len(mean)), low, high, color=BLUE, alpha=0.15)
        axes.set(xlabel="Layer", ylabel=f"Chunks right, split by {swept['split']} (%)")
        axes.locator_params(axis="x", integer=True)
