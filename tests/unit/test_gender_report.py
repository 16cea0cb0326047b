"""The tables of the gender recipe are made of its runs and the published figures."""

import pytest
from made_up import cells
from made_up_runs import (
    headings,
    made_up_result,
    made_up_run,
    made_up_system,
    share,
    write_run,
)
from PIL import Image

from local.output.generated import END, START
from recipes.gender.report import write_report

PAGE = f"# Gender\n\n{START}old\n{END}\n## References\n"
ANALYSIS = {
    "coefficients": [
        {"name": "c0", "mean_f": -1.5, "mean_m": 2.25, "sd": 3.0}
        | {"r": {"mean": 0.25, "low": 0.1, "high": 0.4}, "p_adjusted": 0.00123},
        {"name": "c4", "mean_f": 1.0, "r": {"mean": -0.75, "low": -0.8, "high": -0.7}},
    ],
    "deviations": [{"name": "c0", "r": {"mean": 0.5, "low": 0.4, "high": 0.6}}],
    "outliers": {
        "z": {"n": 12, "share": 0.03, "expected_share": 0.1, "utterances": ["1-2-3"]},
        "limit": 32.8,
        "overlap": {"z & iqr": 7, "all": 5, "any": 20},
    },
    "normalisations": {
        "cmvn": {"sd_range": None, "fisher": 0.512, "accuracy": 0.75, "between": 0.25}
    },
    "pca": {"explained": [0.5, 0.2, 0.1, 0.05], "share": 0.85, "n_for": 4},
    "pitch": {"median_f": 201.4, "median_m": 112.0, "threshold": 160.0}
    | {"accuracy": 0.95, "wrong": {"19": 150.2}, "n_unvoiced": 0}
    | {"r": {"mean": -0.875, "low": -0.9, "high": -0.85}},
}


def result(system, accuracy, level="utterance", rule="mean", **changes):
    """Return a result on new readers with corrected labels, or what is changed."""
    changes = {"labels": "corrected", "split": "speaker"} | changes
    return made_up_result(system, accuracy, level=level, rule=rule, **changes)


def gender(**changes):
    """Return a run of three systems."""
    systems = {
        "pitch": made_up_system("pitch", "utterance"),
        "mlp": made_up_system(hears="frame"),
        "svm": made_up_system(chosen=[{"C": 1.0}, {"C": 10.0}]),
    }
    results = [
        result("pitch", 0.85, rule="own"),
        result("mlp", 0.8),
        result("mlp", 0.7, "frame", "own"),
        result("svm", 0.9, confusion=[[18, 2], [4, 16]]),
        result("svm", 0.92, rule="vote"),
        result("svm", 0.75, "chunk", "own"),
        result("svm", 0.5, readers="never_heard"),
        result("svm", 0.99, split="random"),
        result("svm", 0.97, "chunk", "own", split="random"),
        result("svm", 0.88, labels="as_given"),
    ]
    relabelled = [{"speaker": "2078", "given": "M", "corrected": "F"}]
    errors = [
        {"speaker": "19", "label": "F", "systems": {"svm": 0.6, "pitch": 1.0}},
        {
            "speaker": "26",
            "label": "M",
            "systems": {"svm": 0.9, "mlp": 0.8, "pitch": 1},
        },
        {"speaker": "27", "label": "M", "systems": {"svm": 0.4, "mlp": 0.3}},
    ]
    relabelled[0]["in_corpus"] = True
    parts = {"relabelled": relabelled, "errors": errors} | changes
    return made_up_run("gender", systems, results, **parts)


def report(tmp_path, *runs, analysis=None):
    """Return the page made of runs."""
    for run in runs:
        folder = tmp_path / "results" / run["run"]
        write_run(folder, run)
        if analysis:
            write_run(folder, analysis, "analysis.json")
    readme = tmp_path / "README.md"
    readme.write_text(PAGE, encoding="utf-8")
    write_report(tmp_path / "results", readme)
    return readme.read_text(encoding="utf-8")


def table(page, heading):
    """Return the rows of the table under a heading."""
    return cells(page.split(f"### {heading}\n")[1].split("\n### ")[0])


def test_systems_stand_from_best_to_worst_above_the_published(tmp_path):
    rows = table(report(tmp_path, gender()), "Readers never met (%)")
    assert [row[0] for row in rows[:4]] == ["system", "svm", "pitch", "mlp"]
    assert rows[1][1:4] == ["chunk", "90.0 [85.0, 95.0]", "90.0 [88.0, 92.0]"]
    assert rows[1][4:7] == [f"{n}.0 [{n - 5}.0, {n + 5}.0]" for n in (89, 88, 87)]
    own = [
        "92.0 [87.0, 97.0]",
        "75.0 [70.0, 80.0]",
        "50.0 [45.0, 55.0]",
    ]
    assert rows[1][7:] == own
    assert rows[2][1:3] == ["utterance", "85.0 [80.0, 90.0]"]
    assert rows[2][7:] == ["–", "–", "–"]
    assert rows[3][8] == "70.0 [65.0, 75.0]"
    assert rows[4] == ["*Morris, logistic regression*", "utterance", "–", "93.4"] + (
        ["–"] * 6
    )


def test_the_leak_is_told_at_each_level_in_points(tmp_path):
    rows = table(report(tmp_path, gender()), "The leak (%)")
    assert [row[:2] for row in rows[1:]] == [["svm", "chunk"], ["svm", "utterance"]]
    assert rows[1][-1] == "+22.0"
    assert rows[2][2:] == ["90.0 [85.0, 95.0]", "99.0 [94.0, 100.0]", "+9.0"]


def test_whole_utterances_are_not_compared_with_parts_of_them(tmp_path):
    run = gender()
    run["results"][7]["n"] += 1  # at random
    rows = table(report(tmp_path, run), "The leak (%)")
    assert [row[:2] for row in rows[1:]] == [["svm", "chunk"]]


def test_confusion_is_counted_by_class(tmp_path):
    rows = table(report(tmp_path, gender()), "Confusion")
    assert rows[0][1:] == ["is a", "called a woman", "called a man", "right %"]
    assert rows[1] == ["svm", "woman", "18", "2", "90.0"]
    assert rows[2] == ["svm", "man", "4", "16", "80.0"]


def test_readers_whom_the_best_systems_miss_are_listed_worst_first(tmp_path):
    rows = table(report(tmp_path, gender()), "Readers called wrong (%)")
    assert rows == [
        ["reader", "gender", "svm", "pitch", "mlp"],
        ["26", "M", "90.0", "100.0", "80.0"],
        ["19", "F", "60.0", "100.0", "–"],
    ]


def test_only_the_worst_readers_are_listed_and_it_is_said(tmp_path):
    errors = [
        {"speaker": f"{n}", "label": "F", "systems": {"svm": 1 - n / 100}}
        for n in range(20)
    ]
    page = report(tmp_path, gender(errors=errors))
    assert "half of the time: the 15 worst of 20." in page
    assert len(table(page, "Readers called wrong (%)")) == 1 + 15
    page = report(tmp_path, gender(errors=[]))
    assert "None of the best 3 systems is wrong that often" in page


def test_readings_of_the_labels_are_compared_only_where_they_differ(tmp_path):
    heading = "Labels as given and corrected (%)"
    page = report(tmp_path, gender())
    assert table(page, heading)[1] == ["svm"] + [
        *("88.0 [83.0, 93.0]", "90.0 [85.0, 95.0]", "+2.0")
    ]
    assert "2078 (M for F)" in page
    elsewhere = [
        {"speaker": "2078", "given": "M", "corrected": "F", "in_corpus": False}
    ]
    page = report(tmp_path, gender(relabelled=elsewhere))
    assert "None of them is in the corpus here" in page
    assert table(page, heading) == []


def test_the_analysis_of_a_run_is_laid_out(tmp_path):
    page = report(tmp_path, gender(), analysis=ANALYSIS)
    rows = table(page, "MFCCs and gender")
    assert [row[:2] for row in rows[1:]] == [
        ["mean of c4", "-0.75 [-0.80, -0.70]"],
        ["mean of c0", "+0.25 [+0.10, +0.40]"],
        ["deviation of c0", "+0.50 [+0.40, +0.60]"],
    ]
    assert rows[2][2:5] == ["-1.5", "2.25", "3"]
    assert (rows[1][-1], rows[2][-1]) == ("–", "0.00123")
    assert table(page, "Outliers")[1:] == [
        ["z", "12", "3.0", "10.0"],
        ["all of them", "5", "–", "–"],
    ]
    (row,) = table(page, "Normalisations")[1:]
    assert row == ["cmvn", "–", "–", "25.0", "0.512", "75.0"]
    (row,) = table(page, "Pitch")[1:]
    assert row[:4] == ["201", "112", "160", "95.0"]
    assert row[5] == "19 (150 Hz)"
    assert "80.0 % of the variance" in page
    assert "85 % take 4." in page


def test_several_runs_are_named(tmp_path):
    big = gender() | {"run": "gender_full"}
    page = report(tmp_path, gender(), big, analysis=ANALYSIS)
    rows = table(page, "Readers never met (%)")
    assert [row[:2] for row in rows[1:5]] == [
        ["gender", "svm"],
        ["gender", "pitch"],
        ["gender", "mlp"],
        ["gender_full", "svm"],
    ]
    assert rows[7][0] == "*published*"
    assert "gender_full: 80.0 % of the variance" in page


def test_a_run_of_nothing_has_few_sections(tmp_path):
    page = report(tmp_path, made_up_run("gender", {}, []))
    assert headings(page) == ["Readers never met (%)", "Data", "Runs"]


def test_pictures_of_runs_are_copied_small_and_shown(tmp_path):
    path = tmp_path / "results/gender/1/pitch.png"
    path.parent.mkdir(parents=True)
    Image.effect_noise((900, 600), 80).save(path)
    page = report(tmp_path, gender())
    assert "(figures/pitch.png)" in page
    assert "figures/planes.png" not in page
    assert (tmp_path / "figures/pitch.png").stat().st_size < 150_000
    path.unlink()  # as on a machine that has but the figures
    assert report(tmp_path, gender()) == page


def test_a_malformed_file_is_named_and_keeps_the_page_of_before(tmp_path):
    page = report(tmp_path, gender(), analysis=ANALYSIS)
    folder = tmp_path / "results/gender"
    write_run(folder, {"pca": {"explained": [5]}}, "analysis.json")
    with pytest.raises(
        ValueError, match=r"analysis\.json: pca\.explained\.0: expected"
    ):
        write_report(tmp_path / "results", tmp_path / "README.md")
    write_run(folder, gender() | {"results": [{"accuracy": share(0.5)}]})
    with pytest.raises(
        ValueError, match=r"1/classification\.json: results\.0: expected"
    ):
        write_report(tmp_path / "results", tmp_path / "README.md")
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == page


def test_no_run_at_all_is_answered_with_what_to_do(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"classification\.json in .*classify"):
        write_report(tmp_path, tmp_path / "README.md")
