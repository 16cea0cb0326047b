"""What differs from a form is told with its place; what is null is missing."""

import json

import pytest

from local.output.json_form import (
    EACH,
    EACH_NUMBER,
    INTERVAL,
    NEEDED,
    NUMBER,
    SHARE,
    TEXT,
    TRUTH,
    problems,
    read_form,
)

FORM = {
    NEEDED: ("run",),
    "run": TEXT,
    "share": SHARE,
    "there": TRUTH,
    "curve": {EACH_NUMBER: INTERVAL},
    "counts": {EACH: NUMBER},
    "rows": [{NEEDED: ("n", "name"), "n": NUMBER}],
}
RIGHT = {
    "run": "a",
    "share": 0.5,
    "there": True,
    "curve": {"2": {"mean": 0.5, "low": 0, "high": 1}},
    "counts": {"any": 7},
    "rows": [{"n": 1, "name": "x"}],
    "remark": [{}],
}


def test_what_fits_has_no_problems():
    assert not list(problems(RIGHT, FORM))
    assert not list(problems({"run": "a"}, FORM))


@pytest.mark.parametrize(
    ("part", "problem"),
    [
        ({"share": 50}, "share: expected a number in 0..1, got 50"),
        ({"share": True}, "share: expected a number in 0..1, got True"),
        ({"there": 1}, "there: expected true or false, got 1"),
        ({"curve": {"two": {}}}, "curve: expected whole numbers as names, got 'two'"),
        ({"curve": {"2": {"mean": 0.5}}}, "curve.2: expected mean, low, high in 0..1"),
        ({"counts": {"any": "x"}}, "counts.any: expected a number, got 'x'"),
        ({"counts": [1]}, "counts: expected an object, got [1]"),
        ({"rows": {}}, "rows: expected a list, got {}"),
        ({"rows": [{"n": 1, "name": "x"}, {"n": 1}]}, "rows.1: expected an object w"),
        ({"rows": [{"n": "x", "name": "x"}]}, "rows.0.n: expected a number, got 'x'"),
    ],
)
def test_a_wrong_part_is_told_with_its_place(part, problem):
    assert next(problems(RIGHT | part, FORM)).startswith(problem)


def test_a_long_part_is_told_in_short():
    (problem,) = problems(list(range(10_000)), FORM)
    assert problem == "expected an object with run, got [0, 1, 2, 3, 4, 5, ...]"


def test_a_file_is_read_without_its_nulls_or_refused_in_one_line(tmp_path):
    path = tmp_path / "a.json"
    path.write_text(json.dumps(RIGHT | {"share": None}), encoding="utf-8")
    assert read_form(path, FORM, "run it") == {
        key: value for key, value in RIGHT.items() if key != "share"
    }
    for text in ("{", "[]", '{"run": null}', '{"run": 1}'):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(ValueError, match=r"a\.json: .*; run it$") as caught:
            read_form(path, FORM, "run it")
        assert "\n" not in str(caught.value)
