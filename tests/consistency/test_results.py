"""The pages of results are what their generators make of the figures committed."""

import json
import shutil
from pathlib import Path

from source_tree import ROOT, list_files

from benchmarks.page import format_page
from local.output.report import write_report
from recipes.siamese import report as siamese

PAGES = (Path("results/README.md"), Path("results/details.md"))
MAX_PICTURE_BYTES = 150_000


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


def test_figures_of_the_siamese_recipe_are_made_of_the_committed_runs(tmp_path):
    folder = Path("recipes/siamese")
    committed = (ROOT / folder / "README.md").read_text(encoding="utf-8")
    empty = siamese.replace_generated(committed, "")
    runs = [p for p in list_files("--cached") if p.match("results/siamese_*/*/*.json")]
    for path in runs:
        (tmp_path / path).parent.mkdir(parents=True)
        shutil.copy(ROOT / path, tmp_path / path)
    readme = tmp_path / "README.md"
    readme.write_text(empty, encoding="utf-8")
    if runs:
        siamese.write_report(tmp_path / "results", readme)
    assert committed == readme.read_text(encoding="utf-8"), "run recipes.siamese.report"
    picture = ROOT / folder / "k_way.png"
    assert picture.is_file() == (tmp_path / "k_way.png").is_file()
    assert not picture.is_file() or picture.stat().st_size < MAX_PICTURE_BYTES
