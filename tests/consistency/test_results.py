"""The page of results is what its generator makes of the figures committed with it."""

import json
import shutil
from pathlib import Path

from source_tree import ROOT, list_files

from benchmarks.page import format_page
from local.output.report import write_report

PAGES = (Path("results/README.md"), Path("results/details.md"))


def test_pages_are_generated_from_the_committed_metrics(tmp_path):
    metrics = [
        path
        for path in list_files("--cached")
        if path.parts[0] == "results" and path.name == "metrics.json"
    ]
    for path in metrics:
        (tmp_path / path).parent.mkdir(parents=True)
        shutil.copy(ROOT / path, tmp_path / path)
    if metrics:
        write_report(tmp_path / "results")
    for page in PAGES:
        expected = (tmp_path / page).read_bytes() if metrics else None
        committed = (ROOT / page).read_bytes() if (ROOT / page).is_file() else None
        assert committed == expected, f"{page}: not what the metrics.json make of it"


def test_page_of_benchmarks_is_made_of_the_committed_figures():
    figures, page = ROOT / "results/benchmarks.json", ROOT / "results/benchmarks.md"
    assert figures.is_file() == page.is_file()
    if figures.is_file():
        made = format_page(json.loads(figures.read_text(encoding="utf-8")))
        assert page.read_text(encoding="utf-8") == made
