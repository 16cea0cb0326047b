"""The figures of the analysis by gender show what they are given."""

import numpy as np
import pytest
from made_up_readers import make_readers
from sklearn.preprocessing import StandardScaler

from recipes.gender.analysis import analyse
from recipes.gender.outliers import distance_limit
from recipes.gender.plots import (
    draw_analysis,
    plot_components,
    plot_correlations,
    plot_distributions,
    plot_normalisations,
    plot_outliers,
    plot_pitch,
    plot_planes,
)

HPARAMS = {
    "n_bootstrap": 20,
    "confidence": 0.95,
    "seed": 0,
    "outliers": {"z": 3.0, "iqr": 1.5, "quantile": 0.999},
    "scalers": {"none": "passthrough", "z": StandardScaler()},
    "explained_share": 0.85,
}
PICTURES = (
    "distributions correlations outliers normalisations planes components pitch".split()
)


@pytest.fixture(scope="module")
def analysed():
    return analyse(make_readers(n_readers=20, n_each=1), HPARAMS)


def test_every_figure_is_drawn_the_same_each_time(analysed, tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        draw_analysis(*analysed, HPARAMS, tmp_path / folder)
    for name in PICTURES:
        first, second = (
            (tmp_path / folder / f"{name}.png").read_bytes() for folder in ("a", "b")
        )
        assert first.startswith(b"\x89PNG")
        assert first == second


@pytest.mark.parametrize(("n", "n_panels"), [(1, 1), (8, 8), (13, 16)])
def test_each_coefficient_has_a_panel(n, n_panels, tmp_path, drawn, rng):
    genders = np.repeat([0, 1], 10)
    plot_distributions(rng.normal(size=(20, n)), genders, tmp_path / "d")
    assert len(drawn[0].axes) == n_panels
    assert sum(axes.axison for axes in drawn[0].axes) == n
    names = [text.get_text() for text in drawn[0].legends[0].get_texts()]
    assert names == ["women, 10", "men, 10"]


def test_histograms_are_shares_of_each_gender(tmp_path, drawn):
    genders = np.array([0] * 30 + [1] * 10)
    values = np.where(genders, 5.0, -5.0)[:, np.newaxis]
    plot_distributions(values, genders, tmp_path / "d")
    heights = [patch.get_data().values for patch in drawn[0].axes[0].patches]
    assert [height.max() for height in heights] == [100] * 4
    assert heights[0].argmax() < heights[2].argmax()


def correlation(r, p):
    return {
        "name": "c0",
        "r": {"mean": r, "low": r - 0.1, "high": r + 0.2},
        "p_adjusted": p,
    }


def test_correlations_are_filled_where_they_are_certain(tmp_path, drawn):
    rows = [correlation(0.5, 0.01), correlation(0.1, 0.2)]
    plot_correlations(rows, rows, 0.95, tmp_path / "r")
    certain, other = drawn[0].axes[0].get_lines()[1:]
    np.testing.assert_allclose(certain.get_xydata(), [[0.5, 0]])
    np.testing.assert_allclose(other.get_xydata(), [[0.1, 1]])
    assert other.get_markerfacecolor() == "white" != certain.get_markerfacecolor()
    bars = drawn[0].axes[0].collections[0].get_segments()
    np.testing.assert_allclose(bars[0], [[0.4, 0], [0.7, 0]])


def test_normal_data_lie_on_the_line_and_outliers_above_the_limit(tmp_path, drawn):
    readers = make_readers(n_readers=400, n_each=1, apart=0)
    readers.means[7] += 20
    _, arrays = analyse(readers, HPARAMS)
    limit = distance_limit(400, 6, 0.999)
    plot_outliers(arrays, limit, tmp_path / "o")
    shown = drawn[0].axes[0].collections
    points = np.concatenate([group.get_offsets() for group in shown])
    above = points[:, 1] > limit**0.5
    assert above.sum() == 1
    middle = ~above & (points[:, 0] < np.quantile(points[:, 0], 0.9))
    np.testing.assert_allclose(*points[middle].T, atol=0.3)


def test_boxes_are_of_scaled_coefficients(analysed, tmp_path, drawn):
    figures, arrays = analysed
    found = figures["normalisations"]
    plot_normalisations(arrays["means"], HPARAMS["scalers"], found, tmp_path / "n")
    titles = [axes.get_title("left") for axes in drawn[0].axes]
    assert [title.split(":")[0] for title in titles] == ["none", "z"]
    share = 100 * found["z"]["accuracy"]
    assert f"{share:.1f} %" in titles[1]
    axes = drawn[0].axes[1]
    medians = [line for line in axes.get_lines() if line.get_color() == "#D55E00"]
    scaled = StandardScaler().fit_transform(arrays["means"])
    drawn_at = [line.get_ydata()[0] for line in medians]
    np.testing.assert_allclose(drawn_at, np.median(scaled, axis=0))


def test_planes_show_each_utterance_by_gender(analysed, tmp_path, drawn):
    figures, arrays = analysed
    plot_planes(arrays, figures["pca"], tmp_path / "p")
    for axes, points in zip(
        drawn[0].axes, (arrays["components"], arrays["map"]), strict=True
    ):
        women, men = axes.collections
        assert women.get_label() != men.get_label() or axes is drawn[0].axes[1]
        assert len(women.get_offsets()) == len(men.get_offsets()) == 10
        assert tuple(women.get_facecolor()[0]) != tuple(men.get_facecolor()[0])
        assert len(women.get_paths()[0]) != len(men.get_paths()[0])
        assert points.shape[0] == 20


def test_components_are_drawn_as_their_sum(tmp_path, drawn):
    pca = {"explained": [0.6, 0.3, 0.1], "gender": [0.2, 0.8, 0.0]}
    plot_components(pca | {"share": 0.85, "n_for": 2}, tmp_path / "c")
    axes = drawn[0].axes[0]
    np.testing.assert_allclose(axes.get_lines()[0].get_ydata(), [60, 90, 100])
    assert [bar.get_height() for bar in axes.patches] == [20, 80, 0]


def test_unvoiced_utterances_have_no_pitch_to_draw(tmp_path, drawn):
    hz, genders = np.array([200.0, 210, 0, 100, 110, 0]), np.array([0, 0, 0, 1, 1, 1])
    plot_pitch(hz, genders, 150.0, tmp_path / "p")
    names = [text.get_text() for text in drawn[0].legends[0].get_texts()]
    assert names == ["women, 2", "men, 2", "best threshold, 150 Hz"]
    assert drawn[0].axes[0].get_xlim()[0] == pytest.approx(100)
