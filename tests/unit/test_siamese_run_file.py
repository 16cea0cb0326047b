"""A file of figures is read if its form is right, and told apart if not, anywhere."""

import json

import pytest

from recipes.siamese.run_file import read_run, read_search

SHARE = {"mean": 0.5, "low": 0.4, "high": 0.6}


@pytest.fixture
def write(tmp_path):
    """Return a function that writes a run."""

    def write(**parts):
        path = tmp_path / "one_shot.json"
        path.write_text(json.dumps({"run": "a", "seed": 1, **parts}), encoding="utf-8")
        return path

    return write


def test_what_is_null_is_missing(write):
    found = read_run(write(n_tasks=None, classes={"seen": {"5": None, "2": SHARE}}))
    assert found == {"run": "a", "seed": 1, "classes": {"seen": {"2": SHARE}}}


def test_names_that_are_not_shown_may_hold_anything(write):
    assert read_run(write(remark=[1]))["remark"] == [1]


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ({"seed": "x"}, "seed: expected a number, got 'x'"),
        ({"n_tasks": True}, "n_tasks: expected a number, got True"),
        (
            {"data": {"n_train_speakers": "many"}},
            "data.n_train_speakers: expected a nu",
        ),
        ({"model": {"note": [1]}}, r"model.note: expected a text, got \[1\]"),
        ({"curve": {"unseen": [1]}}, r"curve.unseen: expected an object, got \[1\]"),
        ({"curve": {"unseen": {"two": SHARE}}}, "unseen: expected whole numbers as"),
        ({"curve": {"unseen": {"2": 0.5}}}, "unseen.2: expected mean, low, high in"),
        ({"shots": {"nearest": {"5": {"1": "x"}}}}, "nearest.5.1: expected mean"),
        ({"classes": {"seen": {"5": SHARE | {"low": "x"}}}}, "seen.5: expected mean"),
        ({"verification": {"eer": SHARE | {"mean": 50}}}, "eer: expected mean"),
        (
            {"verification": {"thresholds": {"x": {"threshold": 1}}}},
            "x: expected a thr",
        ),
    ],
)
def test_a_wrong_part_is_told_with_its_place(write, part, message):
    with pytest.raises(ValueError, match=f"one_shot.json: .*{message}") as caught:
        read_run(write(**part))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"trials": []}', '{"trials": [{"accuracy": 2}]}']
)
def test_a_broken_search_is_named(text, tmp_path):
    path = tmp_path / "search.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"search\.json: no.*search again"):
        read_search(path)
