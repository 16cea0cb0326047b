"""The figures of the siamese recipe show what they are given."""

import numpy as np
import pytest

from recipes.siamese.plots import (
    plot_k_way,
    plot_pairs,
    plot_steps,
    plot_validation,
    running_mean,
)

CURVE = {
    "10": {"mean": 0.6, "low": 0.5, "high": 0.7},
    "2": {"mean": 0.9, "low": 0.8, "high": 1.0},
}
LOG = [
    {"epoch": 1, "valid accuracy": 0.25},
    {"epoch": 2, "valid accuracy": 0.75},
    {"Epoch loaded": 2},
]


def draw_steps(path):
    plot_steps(np.arange(1, 301), np.ones(300), np.full(300, 0.5), path)


def draw_validation(path):
    plot_validation(LOG, "valid accuracy", 4, path)


def draw_k_way(path):
    plot_k_way({"mfcc": CURVE, "knn": CURVE}, path)


def draw_pairs(path):
    images = [(np.eye(4), np.ones((4, 4)))] * 2
    plot_pairs(images, [True, False], [0.4, 0.4], 0.5, path)


every_figure = pytest.mark.parametrize(
    "draw", [draw_steps, draw_validation, draw_k_way, draw_pairs]
)


def lines(figure):
    """Return label -> (n_points, 2) of the labelled lines of all axes."""
    every = [line for axes in figure.axes for line in axes.get_lines()]
    return {line.get_label(): line.get_xydata() for line in every}


@every_figure
def test_the_same_input_gives_the_same_png(draw, tmp_path):
    draw(tmp_path / "a")
    draw(tmp_path / "b")
    first, second = ((tmp_path / f"{name}.png").read_bytes() for name in "ab")
    assert first.startswith(b"\x89PNG")
    assert first == second


def test_the_running_mean_is_of_the_last_n():
    values = np.random.default_rng(0).normal(size=30)
    slow = [values[max(0, i - 9) : i + 1].mean() for i in range(30)]
    np.testing.assert_allclose(running_mean(values, 10), slow)


def test_training_is_drawn_with_means_of_100_steps(tmp_path, drawn):
    ramp = np.arange(300) / 300
    plot_steps(np.arange(300), 1 - ramp, ramp, tmp_path / "steps")
    accuracy, loss = drawn[0].axes
    mean = accuracy.get_lines()[1].get_ydata()[-1]
    assert mean == pytest.approx(100 * ramp[200:].mean())
    assert loss.get_lines()[1].get_ydata()[-1] == pytest.approx(1 - ramp[200:].mean())
    names = [text.get_text() for text in drawn[0].legends[0].get_texts()]
    assert names == ["every step", "mean of 100 steps"]


def test_validation_is_drawn_in_percent_beside_guessing(tmp_path, drawn):
    draw_validation(tmp_path / "valid")
    found = lines(drawn[0])
    np.testing.assert_allclose(found["every epoch"], [[1, 25], [2, 75]])
    np.testing.assert_allclose(found["mean of 10 epochs"], [[1, 25], [2, 50]])
    assert found["guessing"][0, 1] == 25


def test_a_log_without_the_accuracy_is_refused(tmp_path):
    with pytest.raises(ValueError, match="none of 3 log rows has an epoch and 'valid"):
        plot_validation(LOG, "valid eer", 4, tmp_path / "valid")


def test_k_way_curves_rise_with_k_and_chance_is_1_of_k(tmp_path, drawn):
    draw_k_way(tmp_path / "k_way")
    found = lines(drawn[0])
    np.testing.assert_allclose(found["mfcc"], [[2, 90], [10, 60]])
    np.testing.assert_allclose(found["guessing"], [[2, 50], [10, 10]])


@pytest.mark.parametrize(("bands", "n"), [(True, 2), (False, 0)])
def test_k_way_intervals_are_drawn_if_wanted(bands, n, tmp_path, drawn):
    plot_k_way({"mfcc": CURVE, "knn": CURVE}, tmp_path / "k_way", bands)
    shades = drawn[0].axes[0].collections
    assert len(shades) == n
    for shade in shades:
        y = shade.get_paths()[0].vertices[:, 1]
        assert (y.min(), y.max()) == (50, 100)


@pytest.mark.parametrize("curves", [{}, {"mfcc": {}}])
def test_no_curve_at_all_is_refused(curves, tmp_path):
    with pytest.raises(ValueError, match="expected curves with points"):
        plot_k_way(curves, tmp_path / "k_way")


def test_pairs_tell_truth_score_and_verdict(tmp_path, drawn):
    waves = [(np.zeros(9), np.ones(9))] * 4
    scores = [0.5, 0.4, 0.6, 0.4]
    plot_pairs(waves, [True, True, False, False], scores, 0.5, tmp_path / "pairs")
    titles = [axes.get_title("left") for axes in drawn[0].axes[:4]]
    assert titles == [
        "same\n0.500: right",
        "same\n0.400: wrong",
        "different\n0.600: wrong",
        "different\n0.400: right",
    ]


def test_a_pair_stands_above_each_other(tmp_path, drawn):
    left, right = np.zeros((2, 3)), np.ones((2, 3))
    plot_pairs([(left, right)], [True], [1.0], 0.5, tmp_path / "pairs")
    shown = [axes.images[0].get_array() for axes in drawn[0].axes]
    np.testing.assert_array_equal(shown, [left, right])


@pytest.mark.parametrize("n", [0, 2])
def test_pairs_without_as_many_truths_are_refused(n, tmp_path):
    pairs = [(np.zeros(4), np.zeros(4))] * n
    truths = [True] * (n // 2)
    with pytest.raises(ValueError, match=f"as many pairs as truths.* got {n}"):
        plot_pairs(pairs, truths, [0.5] * n, 0.5, tmp_path / "pairs")
