"""Tests of local.overrides."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.overrides import (
    LEAST,
    check_kinds,
    check_least,
    format_overrides,
    parse_overrides,
    refuse_unknown,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        ("-3", -3),
        ("0.5", 0.5),
        ("-1e-3", -0.001),
        ("1e-3", 0.001),
        ("1e5", 100000.0),
        ("null", None),
        ("", None),
        ("True", True),
        ("false", False),
        ("no", "no"),
        ("[1, 0.9]", [1, 0.9]),
        ("{a: 1}", {"a": 1}),
        ("a b", "a b"),
        ("/my data/raw.pkl", "/my data/raw.pkl"),
        ("/data/a=b", "/data/a=b"),
        ("a==b=", "a==b="),
        (r"C:\data", r"C:\data"),
        ("/data/take #2", "/data/take #2"),
        ("#2", "#2"),
        ("[1, 2", "[1, 2"),
        ("@home", "@home"),
        ("%d", "%d"),
        ("*", "*"),
        ("2024-13-45", "2024-13-45"),  # YAML takes it for a date
        ("'7'", "7"),
    ],
)
@pytest.mark.parametrize("form", ["--x value", "--x=value"])
def test_a_value_is_yaml_where_it_can_be_and_never_cut(form, text, value):
    arguments = ["--x", text] if form == "--x value" else [f"--x={text}"]
    found = parse_overrides(arguments)
    assert found == {"x": value}
    assert type(found["x"]) is type(value)


@settings(max_examples=50, deadline=None)
@given(st.text())
def test_no_text_breaks_the_parser(text):
    assert list(parse_overrides([f"--x={text}"])) == ["x"]


def test_several_keys_in_both_forms():
    arguments = ["--a", "1", "--b=2", "--c", "x y"]
    assert parse_overrides(arguments) == {"a": 1, "b": 2, "c": "x y"}


def test_the_last_of_equal_keys_wins():
    assert parse_overrides(["--a", "1", "--a", "2"]) == {"a": 2}


def test_no_arguments_are_no_overrides():
    assert parse_overrides([]) == {}


def test_the_arguments_stay_as_they_are():
    arguments = ["--a", "1"]
    parse_overrides(arguments)
    assert arguments == ["--a", "1"]


@pytest.mark.parametrize("arguments", [["--a"], ["--a", "--b", "1"], ["--b=1", "--a"]])
def test_a_missing_value_is_refused(arguments):
    with pytest.raises(ValueError, match="--a needs a value: --a <value>"):
        parse_overrides(arguments)


def test_a_pair_is_two_texts():
    arguments = ["--a", "1", "--pair", "7", "b=c.wav", "--d=2"]
    assert parse_overrides(arguments) == {"a": 1, "pair": ["7", "b=c.wav"], "d": 2}


@pytest.mark.parametrize("pair", [["a"], ["a", "--b", "c"], ["--b", "c"], []])
def test_half_a_pair_is_refused(pair):
    with pytest.raises(ValueError, match="--pair needs 2 values: --pair <value> <"):
        parse_overrides(["--pair", *pair])
    with pytest.raises(ValueError, match="--pair needs 2 values"):
        parse_overrides(["--pair=a"])


@pytest.mark.parametrize("stray", ["3", "-a", "a=1"])
def test_a_value_without_a_key_is_refused(stray):
    with pytest.raises(ValueError, match=f"expected --key value, got '{stray}'"):
        parse_overrides(["--b", "1", stray])


# The YAML


SETTINGS = {
    "flag": False,
    "top_n": 200,
    "rate": 0.5,
    "folder": "results",
    "ks": [1, 5],
    "loss": {"scale": 30},
    "labels": None,
}


@pytest.mark.parametrize(
    "change",
    [
        {"flag": True},
        {"top_n": 3},
        {"top_n": 0.5},  # whole numbers in a YAML need not mean them
        {"rate": 1},
        {"folder": "7"},
        {"ks": []},
        {"loss": {"scale": 20}},
        {"labels": None},
        {"labels": 3},
        {"labels": "a.npy"},
        {},
    ],
)
def test_a_change_of_the_same_kind_passes(change):
    check_kinds(change, SETTINGS)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"flag": 1}, "--flag: expected true or false, as False is, got 1"),
        ({"flag": "yes"}, "true or false"),
        ({"top_n": "abc"}, "--top_n: expected a number, as 200 is, got 'abc'"),
        ({"top_n": True}, "a number"),
        ({"top_n": None}, "a number.*None"),
        ({"folder": 7}, "a text.*as results is, got 7"),
        ({"labels": {"a": 1}}, "--labels: has no keys to change"),
        ({"ks": 5}, r"a list, like \[1, 5\]"),
        ({"ks": "1 5"}, "a list"),
        ({"loss": 20}, "--loss: expected its keys to change.*, got 20"),
        ({"loss": {"scale": "x"}}, "--loss.scale: expected a number, as 30 is"),
        ({"top_n": 3, "rate": "fast"}, "--rate"),
    ],
)
def test_a_change_of_another_kind_is_told(change, message):
    with pytest.raises(ValueError, match=message):
        check_kinds(change, SETTINGS)


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("epochs", "n_epochs"),
        ("n_epoch", "n_epochs"),
        ("outputfolder", "output_folder"),
        ("lr", "network_lr"),  # a part of it, though far by its letters
        ("Seed", "seed"),
    ],
)
def test_an_unknown_key_is_told_which_is_meant(key, meant):
    known = ["seed", "n_epochs", "output_folder", "network_lr"]
    with pytest.raises(ValueError, match=f"--{key}: .*did you mean --{meant}. --help"):
        refuse_unknown({"seed": 1, key: 3}, known)


def test_an_unknown_key_like_no_other_is_told_where_all_are():
    with pytest.raises(ValueError, match="--wombat: no such key; --help lists all"):
        refuse_unknown({"wombat": 3}, ["seed"])


def test_known_keys_pass():
    refuse_unknown({"seed": 3}, {"seed": 1, "rate": 2})


@pytest.mark.parametrize(
    "overrides",
    [
        {"seed": 7, "corpus": "a, b: c", "lr": 0.001, "sweep": None, "debug": True},
        {"svm": {"param_grid": {"svc__C": [1, 10]}}, "readers": "data/a b.txt"},
        {"librispeech_folder": "/data/take #2=b", "splits": ["chunk", "block"]},
    ],
)
def test_a_command_line_says_what_it_was_made_of(overrides):
    assert parse_overrides(format_overrides(overrides)) == overrides


@pytest.mark.parametrize("key", sorted(LEAST))
def test_a_count_below_its_least_is_told(key):
    check_least({key: LEAST[key]})
    with pytest.raises(ValueError, match=f"{key} must be at least {LEAST[key]}, got"):
        check_least({key: LEAST[key] - 1})
    if isinstance(LEAST[key], int):
        with pytest.raises(ValueError, match=f"{key}: expected a whole number, got"):
            check_least({key: LEAST[key] + 0.5})
