"""Systems stand side by side in the order in which they are to be read."""

from pathlib import Path

import pytest
from made_up import cells, made_up_metrics, with_systems
from ruamel.yaml import YAML

from local.output.comparison import (
    collect_rows,
    format_comparison,
    format_models,
    kind_of,
    last_inductive,
)

SUITE = Path(__file__).parents[2] / "recipes/baselines/suite.yaml"


def compared(runs, key="r_precision"):
    return [cells(part) for part in format_comparison(collect_rows(runs), key)]


def test_one_row_a_system_one_column_a_test_set():
    runs = [made_up_metrics(test_set="dev_b", r_precision=0.5), made_up_metrics()]
    ((headings, chance, cosine),) = compared(runs)
    assert headings == ["Kind", "Experiment", "System", "dev_a", "dev_b"]
    assert chance == ["chance", "–", "chance", "4.7", "4.7"]
    figures = ["84.5 [83.5, 85.5]", "50.0 [49.0, 51.0]"]
    assert cosine == ["ours", "ecapa", "cosine", *figures]


def test_the_floor_comes_first_and_the_fusion_last():
    fusion = made_up_metrics("a_fusion", members=[{}])
    names = ("a_net", "xvector", "stock_ecapa")
    runs = [fusion, *(made_up_metrics(name) for name in names)]
    runs[1]["systems"]["MFCC cosine"] = {"r_precision": {"value": 0.4}}
    ((_, *rows),) = compared(runs)
    assert [row[:2] for row in rows] == [
        ["chance", "–"],
        ["MFCC", "–"],
        ["baseline", "xvector"],
        ["stock recipe", "stock_ecapa"],
        ["ours", "a_net"],
        ["fusion", "a_fusion"],
    ]


def test_systems_of_an_experiment_stay_in_the_order_of_the_metrics():
    runs = [with_systems(made_up_metrics(), as_norm=0.9, a_third=0.8)]
    ((_, _, *rows),) = compared(runs)
    assert [row[2] for row in rows] == ["cosine", "as_norm", "a_third"]


def test_systems_that_see_the_whole_gallery_stand_apart():
    system = "query expansion (transductive)"
    runs = [with_systems(made_up_metrics(), **{system: 0.9})]
    above, sentence, (headings, *below) = compared(runs)
    assert system not in [row[2] for row in above]
    assert sentence == []
    assert headings == above[0]
    assert below == [["ours", "ecapa", system, "90.0 [89.0, 91.0]"]]


def test_chance_has_one_row_though_every_run_repeats_it():
    runs = [made_up_metrics(name, seed) for name in "ab" for seed in (1, 2)]
    ((_, *rows),) = compared(runs)
    assert [row[0] for row in rows] == ["chance", "ours", "ours"]


def test_a_floor_that_runs_disagree_on_is_shown_as_a_range():
    runs = [made_up_metrics("a"), made_up_metrics("b")]
    runs[1]["systems"]["chance"]["r_precision"]["value"] = 0.067
    ((_, chance, *_),) = compared(runs)
    assert chance[3] == "5.7 (4.7 to 6.7)"


def test_seeds_are_averaged_and_counted():
    runs = [made_up_metrics(seed=n, r_precision=v) for n, v in ((1, 0.7), (2, 0.74))]
    ((_, _, row),) = compared(runs)
    assert row == ["ours", "ecapa (2 seeds)", "cosine", "72.0 (70.0 to 74.0)"]


def test_a_test_set_that_one_seed_alone_has_keeps_its_interval():
    runs = [made_up_metrics(seed=1), made_up_metrics(seed=1, test_set="dev_b")]
    ((_, _, row),) = compared([*runs, made_up_metrics(seed=2, r_precision=0.8)])
    assert row[3:] == ["82.2 (80.0 to 84.5)", "84.5 [83.5, 85.5]"]


@pytest.mark.parametrize("number", [None, float("nan")])
def test_a_figure_without_a_number_is_a_dash(number):
    runs = [made_up_metrics(), made_up_metrics(test_set="dev_b")]
    figure = {"value": number, "low": 0, "high": 1}
    runs[0]["systems"]["cosine"]["r_precision"] = figure
    ((_, _, cosine),) = compared(runs)
    assert cosine[3:] == ["–", "84.5 [83.5, 85.5]"]


def test_simulated_devices_are_no_columns():
    runs = [made_up_metrics(), made_up_metrics(test_set="device_a")]
    ((headings, *_),) = compared(runs)
    assert headings[3:] == ["dev_a"]


def test_every_baseline_of_the_suite_is_known_as_one():
    suite = YAML(typ="safe").load(SUITE)
    kinds = {
        name: kind_of({"experiment": name, "model": {}}, "cosine")
        for name in suite["runs"]
    }
    assert "ours" not in kinds.values(), kinds


def test_a_model_has_one_row_with_its_costs():
    runs = [made_up_metrics(test_set=name, n_flops=135229440) for name in "ab"]
    headings, *models = cells(format_models(collect_rows(runs)))
    assert len(headings) <= 8
    assert models == [
        ["ecapa", "ECAPA-TDNN", "6,194,000", "135.2", "1,234", "2,101", "NVIDIA H100"]
    ]


def test_costs_of_several_seeds_are_averaged():
    runs = [made_up_metrics(seed=n, train_seconds=1000 * n) for n in (1, 3)]
    _, model = cells(format_models(collect_rows(runs)))
    assert model[0] == "ecapa (2 seeds)"
    assert model[4] == "2,000 (1,000 to 3,000)"


def test_the_last_system_that_sees_one_pair_at_a_time_stands_for_an_experiment():
    run = with_systems(made_up_metrics(), **{"as-norm": 0.9, "x (transductive)": 0.95})
    (row,) = last_inductive(collect_rows([run]))
    assert row.system == "as-norm"
