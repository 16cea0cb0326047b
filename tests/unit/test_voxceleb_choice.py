"""Tests of recipes.voxceleb.choice."""

import pytest
from hyperpyyaml import load_hyperpyyaml

from recipes.voxceleb.choice import choose

TEXT = """
name: b
counts:
    a: !new:collections.Counter
        x: 1
    b: !new:collections.Counter
        x: 2
count: !applyref:recipes.voxceleb.choice.choose
    - !ref <counts>
    - !ref <name>
again: !ref <count>
"""


def test_in_a_yaml_the_choice_is_one_object_wherever_it_is_referred_to():
    hparams = load_hyperpyyaml(TEXT)
    assert hparams["count"]["x"] == 2
    assert hparams["count"] is hparams["counts"]["b"] is hparams["again"]
    hparams = load_hyperpyyaml(TEXT, {"name": "a", "counts": {"a": {"x": 5}}})
    assert hparams["again"]["x"] == 5


def test_another_name_is_refused_with_those_there_are():
    with pytest.raises(ValueError, match="'c' is none of a, b; give one of them"):
        choose({"a": 1, "b": 2}, "c")
