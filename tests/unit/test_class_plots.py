"""Confusions are drawn by row in percent, accuracies by system and split."""

import numpy as np
import pytest

from local.output.class_plots import NAMED, WRITTEN, plot_accuracies, plot_confusion

CONFUSION = np.array([[90, 10], [4, 4]])
ACCURACIES = {
    "SVM": {
        "chunk": {"mean": 0.9, "low": 0.8, "high": 0.95},
        "utterance": {"mean": 0.7, "low": 0.6, "high": 0.75},
    },
    "chance": {"chunk": {"mean": 0.5, "low": None, "high": None}},
}


def texts(axes):
    return [text.get_text() for text in axes.texts]


def labels(ticks):
    return [tick.get_text() for tick in ticks]


def test_the_same_input_gives_the_same_png(tmp_path):
    for name in "ab":
        plot_confusion(CONFUSION, ["F", "M"], tmp_path / f"confusion_{name}")
        plot_accuracies(ACCURACIES, tmp_path / f"accuracies_{name}", 0.5)
    for figure in ("confusion", "accuracies"):
        first, second = (tmp_path / f"{figure}_{name}.png" for name in "ab")
        assert first.read_bytes().startswith(b"\x89PNG")
        assert first.read_bytes() == second.read_bytes()


def test_a_confusion_is_drawn_as_shares_of_its_rows_with_counts(tmp_path, drawn):
    plot_confusion(CONFUSION, ["F", "M"], tmp_path / "confusion")
    axes = drawn[0].axes[0]
    np.testing.assert_allclose(axes.images[0].get_array(), [[90, 10], [50, 50]])
    assert texts(axes) == ["90\n90 %", "10\n10 %", "4\n50 %", "4\n50 %"]
    assert labels(axes.get_yticklabels()) == labels(axes.get_xticklabels())
    assert labels(axes.get_yticklabels()) == ["F", "M"]


def test_a_class_without_items_is_drawn_empty(tmp_path, drawn):
    plot_confusion([[3, 0], [0, 0]], ["F", "M"], tmp_path / "confusion")
    shares = drawn[0].axes[0].images[0].get_array()
    np.testing.assert_allclose(shares, [[100, 0], [0, 0]])


@pytest.mark.parametrize(
    ("n", "written", "named"),
    [(WRITTEN, True, True), (NAMED, False, True), (NAMED + 1, False, False)],
)
def test_what_has_no_room_is_left_out(n, written, named, tmp_path, drawn):
    names = [f"class {number}" for number in range(n)]
    plot_confusion(np.eye(n, dtype=int), names, tmp_path / "confusion")
    axes = drawn[0].axes[0]
    assert len(texts(axes)) == (n * n if written else 0)
    shown = [tick.label1.get_visible() for tick in axes.yaxis.get_major_ticks()]
    assert all(shown) if named else not any(shown)


@pytest.mark.parametrize("names", [["F"], [], ["F", "M", "?"]])
def test_a_confusion_without_its_names_is_refused(names, tmp_path):
    with pytest.raises(ValueError, match=f"a row for each of {len(names)} classes"):
        plot_confusion(CONFUSION, names, tmp_path / "confusion")


def test_accuracies_are_drawn_in_percent_with_intervals_a_look_a_split(tmp_path, drawn):
    plot_accuracies(ACCURACIES, tmp_path / "accuracies", 0.25)
    axes = drawn[0].axes[0]
    means = {bar.get_label(): bar[0].get_xdata() for bar in axes.containers}
    np.testing.assert_allclose(means["chunk"], [90, 50])
    np.testing.assert_allclose(means["utterance"], [70])
    (bars,) = axes.containers[1][2]
    np.testing.assert_allclose(bars.get_segments()[0][:, 0], [60, 75])
    styles = {(bar[0].get_color(), bar[0].get_marker()) for bar in axes.containers}
    assert len(styles) == 2
    assert labels(axes.get_yticklabels()) == ["SVM", "chance"]
    guessing = next(x for x in axes.get_lines() if x.get_label() == "guessing")
    assert guessing.get_xdata()[0] == 25


def test_splits_of_a_system_do_not_hide_each_other(tmp_path, drawn):
    plot_accuracies(ACCURACIES, tmp_path / "accuracies")
    first, second = (bar[0].get_ydata()[0] for bar in drawn[0].axes[0].containers)
    assert first < 0 < second


@pytest.mark.parametrize("accuracies", [{}, {"SVM": {}}])
def test_no_accuracy_at_all_is_refused(accuracies, tmp_path):
    with pytest.raises(ValueError, match="expected accuracies to draw"):
        plot_accuracies(accuracies, tmp_path / "accuracies")
