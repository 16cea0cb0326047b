"""The pages of results are what their generators make of the figures committed."""

import json
import shutil
from pathlib import Path

import pytest
from source_tree import ROOT, list_files

from benchmarks.page import format_page
from local.output.generated import replace_generated
from local.output.pictures import MAX_BYTES
from local.output.report import write_report
from recipes.gender import report as gender
from recipes.siamese import report as siamese
from recipes.voxceleb import report as voxceleb
from recipes.wav2vec2_speaker_id import report as wav2vec2_speaker_id

PAGES = (Path("results/README.md"), Path("results/details.md"))
REPORTS = [
    (siamese, ["results/siamese_*/*/*.json"]),
    (gender, ["results/gender*/*/*.json"]),
    (wav2vec2_speaker_id, ["results/speaker_id_*/*/*.json"]),
    (voxceleb, ["voxceleb_*/comparison.json", "voxceleb_*/*/*/evaluation.json"]),
]


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


@pytest.mark.parametrize(("report", "patterns"), REPORTS)
def test_figures_of_a_recipe_are_made_of_the_committed_runs(report, patterns, tmp_path):
    folder = report.FOLDER
    committed = (folder / "README.md").read_text(encoding="utf-8")
    readme = tmp_path / "README.md"
    readme.write_text(replace_generated(committed, ""), encoding="utf-8")
    if (folder / "figures").is_dir():  # of these the report knows only the copies
        shutil.copytree(folder / "figures", tmp_path / "figures")
    runs = [p for p in list_files("--cached") if any(map(p.match, patterns))]
    for path in runs:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, tmp_path / path)
    if runs:
        report.write_report(tmp_path / "results", readme)
    assert committed == readme.read_text(encoding="utf-8"), f"run {report.__name__}"
    pictures = pictures_of(folder)
    assert pictures == pictures_of(tmp_path)
    assert all((folder / name).stat().st_size < MAX_BYTES for name in pictures)


def pictures_of(folder):
    """Return the names of the pictures beside a README."""
    paths = [*folder.glob("*.png"), *folder.glob("figures/*.png")]
    return sorted(str(path.relative_to(folder)) for path in paths)
