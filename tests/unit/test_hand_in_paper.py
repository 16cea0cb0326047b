"""The report is one page of content, the same bytes each time, all letters shown."""

import sys

import numpy as np
import pytest

from local.output.hand_in.paper import check_length, write_paper

PAGE = {"fonts": ["Libertinus Serif"], "font_folders": [], "font_size": 9}
CURVE = np.array([0.9, 0.4]), np.array([0.1, 0.5])
LOG = [{"epoch": n, "train loss": 3 / n, "valid r_precision": 0.5} for n in (1, 2)]
CONTENT = {
    "title": "Voices * and # no markup",
    "authors": ["Ada Łovelace (0123)"],
    "group": "Group 7",
    "account": "Codalab account: ada",
    "date": [2026, 1, 31],
    "summary": "",
    "blocks": [
        {"name": "segment", "kind": "", "shape": "11,025", "size": "", "sources": []},
        {"name": "a", "kind": "A", "shape": "4", "size": "20", "sources": [0]},
        {"name": "b", "kind": "B", "shape": "4", "size": "", "sources": [0, 1]},
    ],
    "experiments": [["Network", "small"], ["Data", "12 clips"]],
    "measured_on": "test: 4 segments",
    "results": [["System", "EER %"], ["cosine", "5.0 [4.0, 6.0]"]],
    "curve_of": "net",
    "discussion": ["A point.", "Another."],
    "references": ["A paper."],
    "appendix": [["System", "EER %"], ["cosine", "5.0 [4.0, 6.0]"]],
}


@pytest.fixture
def report(tmp_path):
    """Return the path of a report, and a function that writes it."""
    pytest.importorskip("typst", reason="pip install -r requirements-report.txt")
    path = tmp_path / "report.pdf"

    def write(page=PAGE, **changes):
        write_paper(path, CONTENT | changes, page, CURVE, LOG)
        return path.read_bytes()

    return path, write


def test_the_same_content_gives_the_same_bytes_and_other_content_others(report):
    _, write = report
    first = write()
    assert first.startswith(b"%PDF")
    assert write() == first
    assert write(title="Other") != first


@pytest.mark.parametrize(
    ("page", "changes", "message"),
    [
        ({"fonts": ["No Such Font"]}, {}, "unknown font family: no such font; see"),
        ({}, {"summary": "名"}, "could not be displayed.*; name a font that has it"),
        ({}, {"summary": "word " * 2000}, r"cm over its one page: shorten title"),
    ],
)
def test_what_cannot_be_shown_is_refused_and_nothing_written(
    page, changes, message, report
):
    path, write = report
    with pytest.raises(ValueError, match=message):
        write(PAGE | page, **changes)
    assert not path.exists()


def test_what_runs_over_is_told_in_centimetres():
    end = {"page": 2, "cm": 4.35, "height": 29.7}
    with pytest.raises(ValueError, match=r"runs 3\.0 cm over.*longest: 'A point.'"):
        check_length(end, CONTENT)


def test_without_typst_the_error_tells_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(ValueError, match="pip install -r requirements-report.txt"):
        write_paper(tmp_path / "a.pdf", CONTENT, PAGE, CURVE, LOG)
