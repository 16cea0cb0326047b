"""The benchmarks run, on tiny sizes, and write what they find."""

import json
from functools import partial

import pytest

from benchmarks import scoring
from benchmarks.__main__ import NAMES, main
from benchmarks.page import format_page
from local.scoring.normalization import normalize_scores


def test_quick_benchmarks_write_figures_and_their_page(tmp_path):
    main(["--quick", "--results_folder", str(tmp_path)])
    figures = json.loads((tmp_path / "benchmarks.json").read_text(encoding="utf-8"))
    page = (tmp_path / "benchmarks.md").read_text(encoding="utf-8")
    assert page == format_page(figures)
    assert list(figures) == list(NAMES)
    for result in figures.values():
        assert result["machine"]["CPU"] in page
        ratios = [ratio["value"] for ratio in result["ratios"].values()]
        assert min([*result["seconds"].values(), *ratios]) > 0


def test_scoring_is_not_timed_if_the_loop_finds_other_scores(monkeypatch):
    s_norm = partial(normalize_scores, "s")
    monkeypatch.setattr(scoring, "normalize_scores", lambda _, *data: s_norm(*data))
    with pytest.raises(ValueError, match="differ by"):
        scoring.run(quick=True)
