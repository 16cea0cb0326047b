"""A run's file is read if its form is right; what all recipes show looks alike."""

import pytest
from made_up import cells
from made_up_runs import (
    made_up_result,
    made_up_run,
    made_up_system,
    share,
    write_run,
)

from local.output.classification_tables import (
    difference,
    format_data,
    format_systems,
    pick,
    read_classification,
)

RESULT = made_up_result("svm", 0.9, "speaker", "chunk")
RUN = made_up_run("gender", {"svm": made_up_system()}, [RESULT])


def test_a_run_is_read_without_its_nulls(tmp_path):
    alone = RESULT | {"folds": {"mean": 0.9, "low": None, "high": None, "each": [0.9]}}
    found = read_classification(write_run(tmp_path, RUN | {"results": [alone]}))
    assert found["results"][0]["folds"] == {"mean": 0.9, "each": [0.9]}
    assert "n_parameters" not in found["systems"]["svm"]


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ({"results": None}, "expected an object with run and seed and systems and re"),
        ({"seed": "x"}, "seed: expected a number, got 'x'"),
        ({"systems": {"svm": 3}}, "systems.svm: expected an object, got 3"),
        ({"systems": {"svm": {"hears": 3}}}, "systems.svm.hears: expected a text"),
        (
            {"results": [RESULT | {"accuracy": 0.9}]},
            "results.0.accuracy: expected mean",
        ),
        (
            {"results": [RESULT | {"f1": share(90.0)}]},
            "results.0.f1: expected mean, low",
        ),
        ({"results": [RESULT | {"level": None}]}, "results.0: expected an object with"),
        (
            {"results": [RESULT | {"confusion": [["x"]]}]},
            "confusion.0.0: expected a nu",
        ),
        (
            {"errors": [{"speaker": "1"}]},
            "errors.0: expected an object with speaker an",
        ),
        (
            {"data": {"n_speakers": "many"}},
            "data.n_speakers: expected a number, got 'm",
        ),
    ],
)
def test_a_malformed_run_is_refused_with_the_place(part, message, tmp_path):
    path = write_run(tmp_path, RUN | part)
    path = path.rename(tmp_path / "classification.json")
    with pytest.raises(ValueError, match=f"classification.json: .*{message}") as caught:
        read_classification(path)
    assert str(caught.value).endswith("; classify again")


def test_what_was_left_out_may_be_a_reason_or_a_count(tmp_path):
    data = {"left_out": {"utterance": "all have one", "chapter": 9}}
    assert (
        read_classification(write_run(tmp_path, RUN | {"data": data}))["data"] == data
    )


def test_a_result_is_picked_by_all_that_is_wanted():
    assert pick(RUN, system="svm", level="chunk", rule=("own", "mean")) is RESULT
    assert pick(RUN, system="svm", level="utterance") is None
    assert pick(RUN, system="mlp", level="chunk") is None


def test_a_difference_needs_both_sides():
    better = made_up_result("svm", 0.95, "random", "chunk")
    assert difference(better, RESULT) == pytest.approx(0.05)
    assert difference(better, None) is None


def test_each_run_is_named_only_if_there_are_several():
    other = made_up_run("big", {"mlp": made_up_system(n_parameters=1234)}, [])
    (headings, row) = cells(format_systems({"gender": RUN}))
    assert headings[:2] == ["system", "what it is"]
    assert row[:4] == ["svm", "made up", "mfcc", "chunk"]
    assert row[4:] == ["–", "40", "–", "12.3", "CPU"]
    rows = cells(format_systems({"gender": RUN, "big": other}))
    assert [row[:2] for row in rows[1:]] == [["gender", "svm"], ["big", "mlp"]]
    assert rows[2][7] == "1,234"


def test_data_that_no_run_tells_have_no_column():
    other = made_up_run("big", {}, [], data={"n_speakers": 251, "n_female": 125})
    rows = cells(format_data({"gender": RUN, "big": other}))
    assert rows[0] == ["run", "corpus", "readers", "women", "utterances", "chunks"] + [
        *("chunk s", "hours", "folds", "readers of one utterance %")
    ]
    assert rows[1][1:5] == ["LibriSpeech dev-clean", "40", "–", "2,703"]
    assert rows[2] == ["big", "–", "251", "125", *"––––––"]
