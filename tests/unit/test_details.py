"""The page of details holds every figure of every run."""

import pytest
from made_up import KEYS, cells, made_up_metrics, section

from local.output.details import format_details
from local.output.metrics import figures_of


def shown(page, test_set, system):
    """Return what is shown of a system: heading to cell, of both tables."""
    part = page.split(f"## {test_set}\n")[1].split("\n## ")[0]
    found = {}
    for table in part.split("\n\n"):
        rows = cells(table)
        for row in rows[1:]:
            if row[1] == system:
                found |= dict(zip(rows[0], row, strict=True))
    return found


def test_the_numbers_of_the_page_are_those_of_the_metrics():
    metrics = made_up_metrics()
    row = shown(format_details([metrics]), "dev_a", "cosine")
    for f in figures_of([metrics]):
        value = metrics["systems"]["cosine"][f.key]["value"]
        scale, half_a_digit = (100, 0.00501) if f.percent else (1, 0.000501)
        number = float(row[f.heading].split(" [")[0])
        assert number == pytest.approx(scale * value, abs=half_a_digit)
    assert len(row) == 2 + len(KEYS)


def test_r_precision_and_eer_have_their_intervals():
    row = shown(format_details([made_up_metrics()]), "dev_a", "cosine")
    assert row["R-precision %"] == "84.48 [83.48, 85.48]"
    # The EER is the seventh figure: 0.1 + 6 / 64 = 0.19375.
    assert row["EER %"] == "19.38 [18.38, 20.38]"
    assert "[" not in row["AUC"]


def test_figures_a_system_lacks_are_dashes():
    row = shown(format_details([made_up_metrics()]), "dev_a", "chance")
    assert (row["R-precision %"], row["EER %"]) == ("4.70", "50.00")
    assert (row["Cllr"], row["CMC@1 %"]) == ("–", "–")


def test_test_sets_experiments_and_seeds_are_in_order():
    runs = [
        made_up_metrics(*key)
        for key in [("xvector", 1, "a"), ("net", 10, "a"), ("net", 9, "b")]
        + [("net", 9, "a")]
    ]
    page = format_details(runs)
    assert page.index("## Trainings") < page.index("## a\n") < page.index("## b\n")
    rows = section(page, "a")
    table = rows[1 : rows.index(next(r for r in rows[1:] if r[0] == "Run"))]
    assert [row[:2] for row in table] == [
        ["–", "chance"],
        ["net/9", "cosine"],
        ["net/10", "cosine"],
        ["xvector/1", "cosine"],
    ]


def test_a_training_has_one_row_whatever_the_number_of_test_sets():
    runs = [made_up_metrics(test_set=test_set) for test_set in ("dev_a", "dev_b")]
    _, *trainings = section(format_details(runs), "Trainings")
    counts = ["9,600", "600", "30", "1,234"]
    assert trainings == [["ecapa", "1", "NVIDIA H100", *counts]]


def test_what_was_not_trained_has_dashes():
    nothing = dict.fromkeys(("device", "epochs", "train_seconds"))
    page = format_details([made_up_metrics(**nothing)])
    _, row = section(page, "Trainings")
    assert row == ["ecapa", "1", "–", "9,600", "600", "–", "–"]


def test_the_page_tells_what_was_tested():
    assert (
        "320 segments of 20 speakers, 2,400 target and 48,640 nontarget trials;"
        " 95 % intervals from 1,000 bootstrap draws over speakers."
    ) in format_details([made_up_metrics()])


def test_a_bar_in_a_name_does_not_make_a_column():
    metrics = made_up_metrics()
    metrics["systems"]["a|b"] = metrics["systems"].pop("cosine")
    row = shown(format_details([metrics]), "dev_a", r"a\|b")
    assert row["R-precision %"].startswith("84.48")
