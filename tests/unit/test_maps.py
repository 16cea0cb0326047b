"""Maps keep speakers together and tell them apart by their looks."""

import numpy as np
import pytest

from local.output.maps import IN_LEGEND, embed_in_plane, plot_map, plot_points

N_EACH = 4
SPEAKERS = [str(n) for n in range(100, 110)]


def made_up_embeddings():
    """Return embeddings of ten speakers, those of each close together."""
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(10, 1, 8))
    embeddings = centres + 0.1 * rng.normal(size=(10, N_EACH, 8))
    return embeddings.reshape(-1, 8), np.repeat(SPEAKERS, N_EACH)


def looks(figure):
    """Return colour and marker of every group of points."""
    return [
        (tuple(points.get_facecolor()[0]), points.get_paths()[0].vertices.tobytes())
        for points in figure.axes[0].collections
    ]


def draw_many(n, path):
    """Draw three points of each of n speakers."""
    names = np.repeat([f"s{number}" for number in range(n)], 3)
    plot_points(np.arange(6 * n).reshape(-1, 2), names, path, "PC")


def test_a_map_keeps_speakers_together_and_apart_by_colour_and_marker(tmp_path, drawn):
    plot_map(*made_up_embeddings(), 1986, tmp_path / "map")
    shown = drawn[0].axes[0].collections
    assert [points.get_label() for points in shown] == SPEAKERS
    colours, markers = zip(*looks(drawn[0]), strict=True)
    assert len(set(colours)) == len(set(markers)) == 10
    points = np.concatenate([group.get_offsets() for group in shown])
    gaps = np.linalg.norm(points[:, None] - points, axis=2)
    np.fill_diagonal(gaps, np.inf)
    nearest = gaps.argmin(axis=1)
    np.testing.assert_array_equal(nearest // N_EACH, np.arange(10 * N_EACH) // N_EACH)


def test_the_same_map_gives_the_same_png(tmp_path):
    for name in "ab":
        plot_map(*made_up_embeddings(), 1986, tmp_path / name)
    first, second = ((tmp_path / f"{name}.png").read_bytes() for name in "ab")
    assert first.startswith(b"\x89PNG")
    assert first == second


def test_a_map_depends_on_the_seed_alone():
    embeddings, _ = made_up_embeddings()
    first, again, other = (embed_in_plane(embeddings, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, other)


@pytest.mark.parametrize("embeddings", [np.zeros((9, 3)), np.eye(4), np.eye(9)[:, :1]])
def test_a_map_is_drawn_of_collapsed_few_or_flat_embeddings(embeddings):
    assert np.isfinite(embed_in_plane(embeddings, 0)).all()


def test_no_two_of_a_hundred_speakers_look_alike(tmp_path, drawn):
    draw_many(100, tmp_path / "map")
    assert len(set(looks(drawn[0]))) == 100


@pytest.mark.parametrize(("n", "listed"), [(IN_LEGEND, True), (IN_LEGEND + 1, False)])
def test_speakers_are_listed_if_they_are_few(n, listed, tmp_path, drawn):
    draw_many(n, tmp_path / "map")
    assert bool(drawn[0].legends) == listed


def test_a_crowd_is_listed_in_points_large_enough_to_see(tmp_path, drawn):
    plot_points(np.zeros((5000, 2)), ["a", "b"] * 2500, tmp_path / "map", "PC")
    shown = drawn[0].axes[0].collections[0].get_sizes()[0]
    listed = drawn[0].legends[0].legend_handles[0].get_sizes()[0]
    assert shown < 10 < 40 < listed


def test_points_lie_where_they_are_told(tmp_path, drawn):
    points, names = np.array([[0, 1], [2, 3], [4, 5]]), ["a", "b", "a"]
    plot_points(points, names, tmp_path / "map", ("F0 (Hz)", "c1"), "Two")
    axes = drawn[0].axes[0]
    shown = {group.get_label(): group.get_offsets() for group in axes.collections}
    np.testing.assert_array_equal(shown["a"], [[0, 1], [4, 5]])
    np.testing.assert_array_equal(shown["b"], [[2, 3]])
    assert (axes.get_xlabel(), axes.get_title("left")) == ("F0 (Hz)", "Two")


@pytest.mark.parametrize("points", [np.zeros((3, 2)), np.zeros((2, 3)), np.zeros(2)])
def test_points_that_do_not_fit_the_names_are_refused(points, tmp_path):
    with pytest.raises(ValueError, match="a point .x, y. for each of 2 names, got"):
        plot_points(points, ["a", "b"], tmp_path / "map", "PC")


def test_a_star_leads_each_point_to_the_middle_of_its_speaker(tmp_path, drawn):
    points = np.array([[0, 0], [2, 1], [10, 2], [7, 7]])
    names = ["a", "a", "a", "b"]
    plot_points(points, names, tmp_path / "map", "PC", stars=True)
    ends = [line.get_xydata().tolist() for line in drawn[0].axes[0].lines]
    middles = [[2, 1], [2, 1], [2, 1], [7, 7]]
    assert ends == [list(pair) for pair in zip(points.tolist(), middles, strict=True)]
