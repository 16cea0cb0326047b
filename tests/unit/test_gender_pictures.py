"""What is drawn of a run: accuracies by system and split, and one confusion."""

import numpy as np

from recipes.gender.pictures import SPLIT_NAMES, draw_pictures


def record(system, accuracy, split="speaker", level="utterance", rule="mean", **other):
    """Return a record of all readers by corrected labels, or as others have it."""
    share = {"mean": accuracy, "low": accuracy - 0.1, "high": accuracy}
    place = {"system": system, "split": split, "level": level, "rule": rule}
    readers = {"labels": "corrected", "readers": "all", "confusion": [[1, 0], [0, 1]]}
    return place | readers | {"accuracy": share} | other


def drawn_of(records, folder, figures):
    """Draw, and return the file names and the figures."""
    draw_pictures({"results": records}, folder)
    names = [path.stem for path in sorted(folder.glob("*.png"))]
    return names, figures[::2]  # each is written in two formats


def points(figure):
    """Return the shares drawn of each split, by its name."""
    axes = figure.axes[0]
    return {
        drawn.get_label(): drawn[0].get_xdata().round().tolist()
        for drawn in axes.containers
    }


def rows(figure):
    return [tick.get_text() for tick in figure.axes[0].get_yticklabels()]


def test_the_best_on_new_readers_stands_first_and_is_looked_into(tmp_path, drawn):
    counts = [[7, 3], [0, 10]]
    records = [
        record("knn", 0.7),
        record("svm", 0.9, rule="own", confusion=counts),
        record("svm", 0.95, rule="vote"),
        record("knn", 1.0, "random"),
        record("svm", 0.92, "random", rule="own"),
        record("knn", 0.99, labels="as_given"),
        record("knn", 0.98, readers="never_heard"),
        record("knn", 0.6, level="chunk", rule="own"),
    ]
    names, figures = drawn_of(records, tmp_path, drawn)
    assert names == ["accuracies_chunk", "accuracies_utterance", "confusion"]
    utterances, chunks, confusion = figures
    assert rows(utterances) == ["svm", "knn"]
    assert points(utterances) == {
        SPLIT_NAMES["speaker"]: [90, 70],
        SPLIT_NAMES["random"]: [92, 100],
    }
    assert points(chunks) == {SPLIT_NAMES["speaker"]: [60]}
    axes = confusion.axes[0]
    assert axes.get_title("left") == "svm, new readers"
    np.testing.assert_allclose(axes.images[0].get_array(), [[70, 30], [0, 100]])
    assert rows(confusion) == ["F", "M"]


def test_the_leak_is_named_as_one(tmp_path, drawn):
    names, (figure,) = drawn_of([record("svm", 1, "random")], tmp_path, drawn)
    assert names == ["accuracies_utterance"]  # and no confusion of known readers
    (split,) = points(figure)
    assert "leak" in split


def test_a_run_of_nothing_draws_nothing(tmp_path, drawn):
    assert drawn_of([], tmp_path, drawn) == ([], [])
