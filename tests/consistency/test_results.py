"""The page of results is what its generator makes of the figures committed with it."""

import json
import shutil
from pathlib import Path

from source_tree import ROOT, list_files

from benchmarks.page import format_page
from local.output.report import write_report

PAGE = Path("results/README.md")


def test_page_is_generated_from_the_committed_metrics(tmp_path):
    metrics = [
        p for p in list_files("--cached") if p.match("results/*/*/*/metrics.json")
    ]
    for path in metrics:
        (tmp_path / path).parent.mkdir(parents=True)
        shutil.copy(ROOT / path, tmp_path / path)
    if metrics:
        expected = write_report(tmp_path / "results").read_bytes()
        assert (ROOT / PAGE).read_bytes() == expected
    else:
        assert not (ROOT / PAGE).exists(), f"{PAGE}: figures without metrics.json"


def test_page_of_benchmarks_is_made_of_the_committed_figures():
    figures, page = ROOT / "results/benchmarks.json", ROOT / "results/benchmarks.md"
    assert figures.is_file() == page.is_file()
    if figures.is_file():
        made = format_page(json.loads(figures.read_text(encoding="utf-8")))
        assert page.read_text(encoding="utf-8") == made
