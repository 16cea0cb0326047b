"""The estimate reckons as one would by hand."""

import json
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from benchmarks.estimate import (
    check_rows,
    classifier_gflops,
    format_estimate,
    gpu_row,
    shard_bytes,
)

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
    assert gpu_row("search", 0.5e6, "search", ASSUMED)[2] == "1 GPU seconds"


def test_a_class_costs_a_product_with_its_weights():
    assert classifier_gflops(1e6, ASSUMED) == pytest.approx(0.4)


def test_two_points_give_the_linear_and_the_square_part():
    exact = {n: 3e-5 * n + 4e-9 * n * n for n in (1000, 5000, 50_000)}
    exact[100_000] = 86.0  # the prediction is 43
    memory = {n: 0.5 + 6e-6 * n for n in exact}
    rows = list(check_rows(exact, memory))
    assert "| 0.034 s | 0.034 s | +0 % | 0.51 GB | 0.51 GB | +0 % |" in rows[0]
    assert "| 43 s | 86 s | -50 % | 1.10 GB | 1.10 GB | +0 % |" in rows[3]


def test_a_second_of_16_bits_fills_whole_blocks_of_a_tar():
    assert shard_bytes(11025) == 512 + 44 * 512  # 22,094 bytes of WAV


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
