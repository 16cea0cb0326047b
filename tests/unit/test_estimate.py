"""The estimate reckons as one would by hand."""

import json
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from benchmarks.estimate import check_rows, classifier_gflops, format_estimate, gpu_row

ASSUMED = {
    "emb_dim": 200,
    "gpu_peak_tflops": 1000,
    "gpu_share_search": 0.5,
    "gpu_hour": 2,
}


def test_an_hour_of_half_the_peak_is_an_hour():
    what, _, result = gpu_row("search", 0.5e6 * 3600, "search", ASSUMED)
    assert (what, result) == ("search", "1 GPU hours, 2 $")


def test_less_than_an_hour_is_told_in_seconds():
    assert gpu_row("search", 0.5e6, "search", ASSUMED)[2] == "1 s"


def test_a_class_costs_a_product_with_its_weights():
    assert classifier_gflops(1e6, ASSUMED) == pytest.approx(0.4)


def test_time_grows_with_the_square_and_memory_with_the_gallery():
    exact = {10_000: 2.0, 50_000: 25.0, 100_000: 200.0}
    memory = {10_000: 1.0, 50_000: 1.4, 100_000: 2.0}
    rows = list(check_rows(exact, memory))
    assert "| 1 s | 2 s | -50 % | 1.00 GB | 1.00 GB | +0 % |" in rows[0]
    assert "| 100 s | 200 s | -50 % | 1.90 GB | 2.00 GB | -5 % |" in rows[2]


def test_the_page_is_made_of_the_committed_figures():
    page = Path("results/scale.md")
    figures = Path("results/benchmarks.json")
    assert page.is_file() == figures.is_file()
    if page.is_file():
        made = format_estimate(
            json.loads(figures.read_text(encoding="utf-8")),
            YAML(typ="safe").load(Path("benchmarks/estimate.yaml")),
        )
        assert page.read_text(encoding="utf-8") == made
