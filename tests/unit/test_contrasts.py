"""What a change costs or gives is told beside what it is compared with."""

import pytest
from made_up import cells, made_up_metrics, with_systems

from local.output.comparison import collect_rows
from local.output.contrasts import (
    find_reference,
    format_ablations,
    format_devices,
    format_left_out,
)


def on_sets(experiment, **r_precisions):
    return [
        made_up_metrics(experiment, test_set=test_set, r_precision=value)
        for test_set, value in r_precisions.items()
    ]


def test_devices_are_told_beside_the_clean_set_with_the_share_lost():
    runs = on_sets("net", dev_a=0.8, device_a=0.6, dev_b=0.5)
    sentence, table = format_devices(collect_rows(runs))
    assert "`device_*`" in sentence
    headings, row = cells(table)
    assert headings == ["Experiment", "System", "dev_a"]
    assert row == ["net", "cosine", "80.0 → 60.0 (-25 %)"]


def test_seeds_that_were_not_tested_on_devices_do_not_count():
    runs = on_sets("net", dev_a=0.8, device_a=0.6)
    runs += [made_up_metrics("net", seed=2, r_precision=0.9)]
    _, table = format_devices(collect_rows(runs))
    assert cells(table)[1][2] == "80.0 → 60.0 (-25 %)"


def test_each_kind_of_device_has_its_table():
    runs = on_sets("net", dev_a=0.8, device_a=0.4, device_mild_a=0.6)
    _, severe, sentence, mild = format_devices(collect_rows(runs))
    assert "(-50 %)" in severe
    assert "`device_mild_*`" in sentence
    assert "(-25 %)" in mild


def test_without_devices_there_is_nothing_to_tell():
    runs = on_sets("net", dev_a=0.8) + on_sets("other", device_b=0.8)
    assert format_devices(collect_rows(runs)) == []


def test_mfcc_means_lose_too_and_chance_is_not_asked():
    runs = on_sets("net", dev_a=0.8, device_a=0.6)
    for run, value in zip(runs, (0.5, 0.1), strict=True):
        with_systems(run, **{"MFCC nearest neighbour": value})
    _, table = format_devices(collect_rows(runs))
    _, mfcc, net = cells(table)
    assert mfcc == ["–", "MFCC nearest neighbour", "50.0 → 10.0 (-80 %)"]
    assert net[0] == "net"


@pytest.mark.parametrize(("clean", "device"), [(None, 0.5), (0.0, 0.5), (0.5, None)])
def test_a_share_that_cannot_be_told_is_no_row(clean, device):
    runs = on_sets("net", dev_a=0.5, device_a=0.5)
    for run, value in zip(runs, (clean, device), strict=True):
        run["systems"]["cosine"]["r_precision"]["value"] = value
    _, table = format_devices(collect_rows(runs))
    assert len(cells(table)) == 1


def test_ablations_are_compared_with_the_configuration_they_are_named_after():
    runs = on_sets("net_narrow", dev_a=0.7, dev_b=0.5)
    runs += on_sets("net", dev_a=0.8, dev_b=0.6) + on_sets("net_loud", dev_a=0.83)
    sentence, table = format_ablations(runs)
    assert sentence == "R-precision %, scored by cosine.\n"
    headings, *rows = cells(table)
    costs = ["6,194,000", "1,234"]
    assert headings == ["Configuration", "dev_a", "dev_b"] + [
        "Difference",
        "Parameters",
        "Training s",
    ]
    first = ["net", "80.0 [79.0, 81.0]", "60.0 [59.0, 61.0]", "–"]
    assert rows[0] == [*first, *costs]
    # Over the test sets that both have.
    assert rows[1] == ["net_loud", "83.0 [82.0, 84.0]", "–", "+3.0", *costs]
    assert rows[2][0] == "net_narrow"
    assert rows[2][3] == "-10.0"


def test_each_reference_has_its_table():
    names = ("ecapa", "ecapa_wide", "statistics", "statistics_rank_300")
    runs = [made_up_metrics(name) for name in names]
    _, first, _, second = format_ablations(runs)
    assert [row[0] for row in cells(first)[1:]] == ["ecapa", "ecapa_wide"]
    assert [row[0] for row in cells(second)[1:]] == [
        "statistics",
        "statistics_rank_300",
    ]


@pytest.mark.parametrize(
    ("name", "reference"),
    [("net", "net"), ("net_a", "net"), ("net_a_b", "net"), ("nets", "nets")],
)
def test_the_reference_begins_the_name(name, reference):
    assert find_reference(name, ["net", "net_a", "net_a_b", "nets"]) == reference


def test_ablations_are_scored_by_the_last_inductive_system():
    run = with_systems(made_up_metrics(), **{"as-norm": 0.9, "x (transductive)": 0.95})
    sentence, table = format_ablations([run])
    assert sentence == "R-precision %, scored by as-norm.\n"
    assert cells(table)[1][1] == "90.0 [89.0, 91.0]"


def test_a_corpus_left_out_is_told_by_its_own_test_set_alone():
    runs = on_sets("net_without_ls", dev_ls=0.4, dev_gsc=0.9)
    for run in runs:
        run["model"]["n_train_speakers"] = 430
    _, row = cells(format_left_out(runs, on_sets("net", dev_ls=0.7, dev_gsc=0.9)))
    assert row == ["ls", "net", "cosine", "600", "430"] + [
        "70.0 [69.0, 71.0]",
        "40.0 [39.0, 41.0]",
        "-30.0",
    ]


def test_the_run_on_all_corpora_that_lies_beside_goes_before_others():
    runs = on_sets("net_without_ls", dev_ls=0.4) + on_sets("net", dev_ls=0.5)
    _, row = cells(format_left_out(runs, on_sets("net", dev_ls=0.7)))
    assert row[-1] == "-10.0"


def test_without_a_run_on_all_corpora_the_comparison_is_dashes():
    runs = on_sets("net_without_ls", dev_ls=0.4)
    _, row = cells(format_left_out(runs, on_sets("other", dev_ls=0.7)))
    assert row == ["ls", "net", "cosine", "–", "600", "–", "40.0 [39.0, 41.0]", "–"]


def test_a_test_set_that_is_missing_is_a_dash_and_not_a_missing_row():
    runs = on_sets("net_without_ls", dev_gsc=0.4)
    _, row = cells(format_left_out(runs, on_sets("net", dev_ls=0.7)))
    assert row[-3:] == ["70.0 [69.0, 71.0]", "–", "–"]
