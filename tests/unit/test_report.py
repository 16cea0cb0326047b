"""The page shows the numbers of the metrics files, and nothing else."""

import json
import sys

import pytest

from local.output.report import (
    FIGURES,
    format_table,
    main,
    read_metrics,
    write_report,
)


def figure(value, spread=0.01):
    return {"value": value, "low": value - spread, "high": value + spread}


def made_up_metrics(experiment="ecapa", seed=1, test_set="dev", r_precision=0.8448):
    """Return metrics in which every figure of every system has its own value."""
    cosine = {f.key: figure(0.1 + n / 64) for n, f in enumerate(FIGURES)}
    cosine["r_precision"] = figure(r_precision)
    return {
        "test_set": test_set,
        "experiment": experiment,
        "seed": seed,
        "model": {
            "name": "ECAPA-TDNN",
            "n_parameters": 6194000,
            "train_seconds": 1234.5,
            "train_clips_per_second": 2100.7,
            "device": "NVIDIA H100",
            "n_train_segments": 9600,
            "n_train_speakers": 600,
            "epochs": 30,
        },
        "trials": {
            "n_segments": 320,
            "n_speakers": 20,
            "n_target_trials": 2400,
            "n_nontarget_trials": 48640,
        },
        "bootstrap": {"n": 1000, "confidence": 0.95, "over": "speakers"},
        "systems": {
            "cosine": cosine,
            "chance": {"r_precision": {"value": 0.047}, "eer": {"value": 0.5}},
        },
    }


def write_metrics(results, metrics):
    keys = ("experiment", "seed", "test_set")
    path = results.joinpath(*(str(metrics[key]) for key in keys), "metrics.json")
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(metrics), encoding="utf-8")
    return path


def page_of(results):
    return write_report(results).read_text(encoding="utf-8")


def rows_of(page, section):
    """Return the cells of the table under a heading, the heading row first."""
    lines = page.split(f"## {section}\n")[1].split("\n## ")[0].splitlines()
    return [
        [cell.strip() for cell in line[1:-1].split(" | ")]
        for line in lines
        if line.startswith("|") and "---" not in line
    ]


def test_the_numbers_of_the_page_are_those_of_the_file(tmp_path):
    metrics = made_up_metrics()
    write_metrics(tmp_path, metrics)
    headings, cosine, _ = rows_of(page_of(tmp_path), "dev")
    shown = dict(zip(headings, cosine, strict=True))
    for f in FIGURES:
        value = metrics["systems"]["cosine"][f.key]["value"]
        scale, half_a_digit = (100, 0.00501) if f.percent else (1, 0.000501)
        number = float(shown[f.heading].split(" [")[0])
        assert number == pytest.approx(scale * value, abs=half_a_digit)


def test_r_precision_and_eer_have_their_intervals(tmp_path):
    write_metrics(tmp_path, made_up_metrics())
    headings, cosine, _ = rows_of(page_of(tmp_path), "dev")
    shown = dict(zip(headings, cosine, strict=True))
    assert shown["R-precision %"] == "84.48 [83.48, 85.48]"
    # The EER is the seventh figure: 0.1 + 6 / 64 = 0.19375.
    assert shown["EER %"] == "19.38 [18.38, 20.38]"


def test_figures_a_system_lacks_are_dashes(tmp_path):
    write_metrics(tmp_path, made_up_metrics())
    headings, _, chance = rows_of(page_of(tmp_path), "dev")
    shown = dict(zip(headings, chance, strict=True))
    assert (shown["R-precision %"], shown["EER %"]) == ("4.70", "50.00")
    assert (shown["Cllr"], shown["CMC@1 %"]) == ("–", "–")


@pytest.mark.parametrize("number", [None, float("nan")])
def test_a_figure_without_a_number_is_a_dash(number, tmp_path):
    metrics = made_up_metrics()
    metrics["systems"]["cosine"]["cllr"] = {"value": number, "low": 0, "high": 1}
    write_metrics(tmp_path, metrics)
    headings, cosine, _ = rows_of(page_of(tmp_path), "dev")
    assert dict(zip(headings, cosine, strict=True))["Cllr"] == "–"


def test_a_model_has_one_row_whatever_the_number_of_test_sets(tmp_path):
    for test_set in ("dev", "other"):
        write_metrics(tmp_path, made_up_metrics(test_set=test_set))
    _, *models = rows_of(page_of(tmp_path), "Models")
    assert models == [
        ["ecapa", "1", "ECAPA-TDNN", "NVIDIA H100"]
        + ["6,194,000", "9,600", "600", "30", "1,234", "2,101"]
    ]


def test_test_sets_experiments_and_seeds_are_in_order(tmp_path):
    for experiment, seed, test_set in [
        ("xvector", 1, "a"),
        ("ecapa", 10, "a"),
        ("ecapa", 9, "b"),
        ("ecapa", 9, "a"),
    ]:
        write_metrics(tmp_path, made_up_metrics(experiment, seed, test_set))
    page = page_of(tmp_path)
    assert page.index("## Models") < page.index("## a") < page.index("## b")
    assert [row[:3] for row in rows_of(page, "a")[1:]] == [
        ["ecapa", "9", "cosine"],
        ["ecapa", "9", "chance"],
        ["ecapa", "10", "cosine"],
        ["ecapa", "10", "chance"],
        ["xvector", "1", "cosine"],
        ["xvector", "1", "chance"],
    ]


def test_the_page_tells_what_was_tested_and_how_to_make_it_again(tmp_path):
    write_metrics(tmp_path, made_up_metrics())
    page = page_of(tmp_path)
    assert "`python -m local.output.report`" in page
    assert (
        "320 segments of 20 speakers, 2,400 target and 48,640 nontarget trials;"
        " 95 % intervals from 1,000 bootstrap draws over speakers." in page
    )


def test_a_second_run_gives_the_same_bytes_and_no_other_file(tmp_path):
    write_metrics(tmp_path, made_up_metrics())
    first = write_report(tmp_path).read_bytes()
    assert write_report(tmp_path).read_bytes() == first
    assert sorted(path.name for path in tmp_path.iterdir()) == ["README.md", "ecapa"]


def test_a_bar_in_a_name_does_not_make_a_column(tmp_path):
    metrics = made_up_metrics()
    metrics["systems"]["a|b"] = metrics["systems"].pop("chance")
    write_metrics(tmp_path, metrics)
    headings, _, row = rows_of(page_of(tmp_path), "dev")
    assert row[2] == r"a\|b"
    assert len(row) == len(headings)


def test_no_metrics_at_all_is_answered_with_what_to_do(tmp_path):
    message = "no <experiment>/<seed>/<test_set>/metrics.json in .*verify.py first"
    with pytest.raises(FileNotFoundError, match=message):
        write_report(tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("place", "message"),
    [
        (("systems",), "missing key systems"),
        (("model", "epochs"), "missing key model.epochs"),
        (("trials", "n_speakers"), "missing key trials.n_speakers"),
        (("bootstrap", "over"), "missing key bootstrap.over"),
        (("systems", "cosine", "eer", "value"), "key systems.cosine.eer.value"),
    ],
)
def test_a_missing_key_is_named_with_its_file(place, message, tmp_path):
    metrics = made_up_metrics()
    part = metrics
    for key in place[:-1]:
        part = part[key]
    del part[place[-1]]
    path = tmp_path / "metrics.json"
    path.write_text(json.dumps(metrics), encoding="utf-8")
    with pytest.raises(ValueError, match=f"metrics.json: .*{message}"):
        read_metrics(path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": None}, "model is not an object: None"),
        ({"systems": {"cosine": 0.8}}, "systems.cosine is not an object: 0.8"),
        (
            {"systems": {"cosine": {"eer": {"value": "3 %"}}}},
            "systems.cosine.eer.value: expected a number, got '3 %'",
        ),
    ],
)
def test_a_wrong_kind_of_value_is_named(changes, message, tmp_path):
    path = tmp_path / "metrics.json"
    path.write_text(json.dumps(made_up_metrics() | changes), encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        read_metrics(path)


def test_a_malformed_file_keeps_the_page_of_before(tmp_path):
    path = write_metrics(tmp_path, made_up_metrics())
    before = page_of(tmp_path)
    path.write_text('{"test_set": "dev",', encoding="utf-8")
    with pytest.raises(ValueError, match="metrics.json: not JSON"):
        write_report(tmp_path)
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == before


def test_the_table_on_screen_is_aligned():
    title, trials, empty, *table = format_table(made_up_metrics()).splitlines()
    assert title == "ecapa, seed 1, on dev"
    assert trials.startswith("320 segments of 20 speakers")
    assert not empty
    assert len({len(line) for line in table}) == 1
    assert table[0].split() == ["cosine", "chance"]


def test_the_table_on_screen_has_every_interval_there_is():
    lines = format_table(made_up_metrics()).splitlines()
    assert "R-precision %  84.48 [83.48, 85.48]    4.70" in lines
    # The tenth figure: 0.1 + 9 / 64 = 0.240625.
    assert "AUC            0.241 [0.231, 0.251]       –" in lines


def test_command_line_ends_with_a_sentence_not_a_traceback(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(sys, "argv", ["report", "--results_folder", str(tmp_path)])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 1
    assert "error: no <experiment>" in capsys.readouterr().err
