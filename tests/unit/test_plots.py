"""The figures are files that hold what they should, and the log is read as written."""

from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib import rcParams
from matplotlib.figure import Figure
from speechbrain.utils.train_logger import FileTrainLogger

from local.output.plots import (
    drawing,
    plot_det,
    plot_roc,
    plot_score_histogram,
    plot_training_curve,
    read_training_log,
)

PERFECT = SimpleNamespace(
    p_miss=np.array([0.0, 0.0, 0.5, 1.0]), p_fa=np.array([1.0, 0.0, 0.0, 0.0])
)
USUAL = SimpleNamespace(
    p_miss=np.array([0.0, 0.1, 0.4, 1.0]), p_fa=np.array([1.0, 0.3, 0.1, 0.0])
)
LOG = [
    {"epoch": 1, "train loss": 4.0, "valid eer": 0.3, "valid r_precision": 0.5},
    {"epoch": 2, "train loss": 2.0, "valid eer": 0.2, "valid r_precision": 0.7},
]


def draw_roc(path):
    plot_roc({"cosine": USUAL}, path)


def draw_det(path):
    plot_det({"cosine": USUAL}, path)


def draw_histogram(path):
    plot_score_histogram([0.6, 0.8], [0.1, 0.2, 0.3], {"EER": 0.4}, path, "Scores")


def draw_training(path):
    plot_training_curve(LOG, path)


every_figure = pytest.mark.parametrize(
    "draw", [draw_roc, draw_det, draw_histogram, draw_training]
)


def lines(figure):
    """Return label -> (n_points, 2) of the labelled lines of all axes."""
    every = [line for axes in figure.axes for line in axes.get_lines()]
    return {line.get_label(): line.get_xydata() for line in every}


def legend_texts(figure):
    return [text.get_text() for text in figure.legends[0].get_texts()]


@every_figure
def test_a_png_and_an_svg_are_written_and_nothing_else(draw, tmp_path):
    draw(tmp_path / "new" / "det_0.05")
    files = {path.name: path.read_bytes() for path in (tmp_path / "new").iterdir()}
    assert sorted(files) == ["det_0.05.png", "det_0.05.svg"]
    assert files["det_0.05.png"].startswith(b"\x89PNG")
    assert b"<svg" in files["det_0.05.svg"]


@every_figure
def test_the_same_input_gives_the_same_bytes(draw, tmp_path):
    draw(tmp_path / "a")
    draw(tmp_path / "b")
    for suffix in (".png", ".svg"):
        first, second = (tmp_path / f"{name}{suffix}" for name in "ab")
        assert first.read_bytes() == second.read_bytes()


@every_figure
def test_every_axis_is_labelled(draw, tmp_path, drawn):
    draw(tmp_path / "figure")
    for axes in drawn[0].axes:
        assert axes.get_ylabel()
    assert drawn[0].axes[0].get_xlabel()


def test_a_failed_save_keeps_the_figure_of_before(tmp_path, monkeypatch):
    draw_det(tmp_path / "det")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def fail(figure, path, **kwargs):
        path.write_bytes(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(Figure, "savefig", fail)
    with pytest.raises(OSError, match="disk full"):
        draw_det(tmp_path / "det")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_panels_come_in_rows_and_no_label_makes_no_legend(tmp_path, drawn):
    with drawing(tmp_path / "figure", (4, 2), n_panels=3, n_rows=2) as axes:
        assert axes.shape == (2, 3)
    assert not drawn[0].legends


@every_figure
def test_drawing_leaves_the_settings_of_matplotlib_alone(draw, tmp_path, drawn):
    before = dict(rcParams)
    draw(tmp_path / "figure")
    assert dict(rcParams) == before


def test_roc_shows_percent_accepted_and_the_auc(tmp_path, drawn):
    draw_roc(tmp_path / "roc")
    # Trapezes between (0.3, 0.9), (0.1, 0.6) and the corners:
    # 0.1 * 0.3 + 0.2 * 0.75 + 0.7 * 0.95 = 0.845
    points = lines(drawn[0])["cosine, AUC 0.845"]
    np.testing.assert_allclose(points, [[100, 100], [30, 90], [10, 60], [0, 0]])


def test_det_marks_the_eer_on_the_diagonal(tmp_path, drawn):
    draw_det(tmp_path / "det")
    # Between (0.1, 0.3) and (0.4, 0.1) p_miss = p_fa at 0.1 + 0.3 * 0.2 / 0.5 = 0.22.
    assert "cosine, EER 22.00 %" in legend_texts(drawn[0])
    dots = [line for line in drawn[0].axes[0].get_lines() if line.get_marker() == "o"]
    assert dots[0].get_xydata() == pytest.approx(np.full((1, 2), -0.7722), abs=1e-4)


def test_det_axes_are_probits(tmp_path, drawn):
    draw_det(tmp_path / "det")
    points = lines(drawn[0])["cosine, EER 22.00 %"]
    # The normal quantiles of 0.3 and 0.1 are -0.5244 and -1.2816.
    np.testing.assert_allclose(points[1], [-0.5244, -1.2816], atol=1e-4)


def test_det_draws_a_curve_without_errors_inside_the_frame(tmp_path, drawn):
    plot_det({"perfect": PERFECT}, tmp_path / "det")
    points = lines(drawn[0])["perfect, EER 0.00 %"]
    assert np.isfinite(points).all()
    assert points.min() > drawn[0].axes[0].get_xlim()[0]


def test_curves_keep_their_order_and_differ_in_colour_and_line(tmp_path, drawn):
    plot_roc(dict.fromkeys("zyx", USUAL), tmp_path / "roc")
    assert [text[0] for text in legend_texts(drawn[0])[1:]] == ["z", "y", "x"]
    curves = drawn[0].axes[0].get_lines()[1:]
    assert len({(line.get_color(), line.get_linestyle()) for line in curves}) == 3


@pytest.mark.parametrize("plot", [plot_roc, plot_det])
def test_no_curve_at_all_is_refused(plot, tmp_path):
    with pytest.raises(ValueError, match="at least one curve"):
        plot({}, tmp_path / "figure")


@pytest.mark.parametrize("plot", [plot_roc, plot_det])
def test_rates_in_percent_are_refused(plot, tmp_path):
    percent = SimpleNamespace(p_miss=100 * USUAL.p_miss, p_fa=100 * USUAL.p_fa)
    with pytest.raises(ValueError, match="cosine: expected rates in 0..1"):
        plot({"cosine": percent}, tmp_path / "figure")


def test_histogram_shares_add_up_to_100_percent_for_each_class(tmp_path, drawn):
    rng = np.random.default_rng(0)
    plot_score_histogram(
        rng.normal(size=30), rng.normal(size=700), {}, tmp_path / "scores", "Scores"
    )
    stairs = drawn[0].axes[0].patches
    for patch in stairs:
        assert patch.get_data().values.sum() == pytest.approx(100)
    assert "different speakers, 700 trials" in legend_texts(drawn[0])


def test_histogram_names_each_threshold_and_draws_them_differently(tmp_path, drawn):
    thresholds = {"EER point": 0.4, "strict": 0.7}
    plot_score_histogram([0.5, 1], [0, 0.6], thresholds, tmp_path / "scores", "Scores")
    marks = drawn[0].axes[0].get_lines()
    assert [line.get_xdata()[0] for line in marks] == [0.4, 0.7]
    assert marks[0].get_linestyle() != marks[1].get_linestyle()
    assert legend_texts(drawn[0])[-2:] == ["EER point 0.400", "strict 0.700"]


def test_histogram_of_equal_scores_is_drawn(tmp_path):
    plot_score_histogram([0.5], [0.5, 0.5], {}, tmp_path / "scores", "Collapsed")
    assert (tmp_path / "scores.png").exists()


@pytest.mark.parametrize("scores", [[], [0.1, np.nan]])
def test_histogram_refuses_scores_it_cannot_draw(scores, tmp_path):
    with pytest.raises(ValueError, match="different speakers: expected finite scores"):
        plot_score_histogram([0.5], scores, {}, tmp_path / "scores", "Scores")


def test_training_curve_takes_the_last_run_of_an_epoch(tmp_path, drawn):
    again = {**LOG[1], "train loss": 3.0}
    plot_training_curve([*LOG, again, {"Epoch loaded": 2}], tmp_path / "training")
    found = lines(drawn[0])
    np.testing.assert_allclose(found["training loss (left)"], [[1, 4.0], [2, 3.0]])
    np.testing.assert_allclose(found["EER (right)"], [[1, 30], [2, 20]])
    np.testing.assert_allclose(found["R-precision (right)"], [[1, 50], [2, 70]])


def test_training_curve_is_drawn_for_epochs_without_validation(tmp_path, drawn):
    plot_training_curve(
        [{"epoch": 1, "train loss": 4.0}, LOG[1]], tmp_path / "training"
    )
    np.testing.assert_allclose(lines(drawn[0])["EER (right)"], [[2, 20]])


def test_training_curve_without_an_epoch_is_refused(tmp_path):
    with pytest.raises(ValueError, match="none of 1 log rows has an epoch"):
        plot_training_curve([{"test eer": 0.1}], tmp_path / "training")


def test_the_log_is_read_as_speechbrain_writes_it(tmp_path):
    path = tmp_path / "train_log.txt"
    log = FileTrainLogger(path, precision=4)
    log.log_stats(
        {"epoch": 3, "lr": 8e-4, "steps": 300},
        train_stats={"loss": 1.9231},
        valid_stats={"eer": 0.081, "r_precision": -0.71234},
        verbose=False,
    )
    log.log_stats({"Epoch loaded": 3}, test_stats={"eer": np.nan}, verbose=False)
    first, second = read_training_log(path)
    assert first == {
        "epoch": 3,
        "lr": 8e-4,
        "steps": 300,
        "train loss": 1.9231,
        "valid eer": 0.081,
        "valid r_precision": -0.71234,
    }
    assert second["Epoch loaded"] == 3
    assert np.isnan(second["test eer"])


@pytest.mark.parametrize("line", ["epoch 3", "epoch: three", "epoch: 3, lr", ""])
def test_a_broken_line_of_the_log_is_named(line, tmp_path):
    path = tmp_path / "train_log.txt"
    path.write_text(f"epoch: 1 - train loss: 2.0\n{line}\n", encoding="utf-8")
    with pytest.raises(ValueError, match="train_log.txt, line 2: expected 'epoch: 3"):
        read_training_log(path)
