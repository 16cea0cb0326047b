"""Tests of local.output.scaling."""

import pytest
from matplotlib.figure import Figure

from local.output.scaling import plot_scaling

PANELS = {
    "Time (s)": {"exact": [[10, 0.1], [100, 10]], "approximate": [[10, 0.2]]},
    "Memory (GB)": {"exact": [[10, 1], [100, 2]], "approximate": [[10, 1]]},
}


def test_every_panel_has_its_lines_on_logarithmic_axes(tmp_path, monkeypatch):
    figures, save = [], Figure.savefig
    monkeypatch.setattr(
        Figure,
        "savefig",
        lambda self, *a, **k: (figures.append(self), save(self, *a, **k)),
    )
    plot_scaling(PANELS, tmp_path / "plot", "Segments")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["plot.png", "plot.svg"]
    for axes, (label, lines) in zip(figures[0].axes, PANELS.items(), strict=True):
        assert (axes.get_ylabel(), axes.get_xlabel()) == (label, "Segments")
        assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
        assert [line.get_xydata().tolist() for line in axes.lines] == list(
            lines.values()
        )
    names = [text.get_text() for text in figures[0].legends[0].get_texts()]
    assert names == ["exact", "approximate"]


@pytest.mark.parametrize("panels", [{}, {"a": {"x": []}, "b": {"x": [[1, 1]]}}])
def test_nothing_to_draw_is_refused(panels, tmp_path):
    with pytest.raises(ValueError, match="two panels or more, with points"):
        plot_scaling(panels, tmp_path / "plot", "Segments")
