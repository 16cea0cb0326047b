"""A run moves: its places are replaced, each named once."""

import pytest
from hyperpyyaml import load_hyperpyyaml
from ruamel.yaml import YAML

from local.output.hand_in.relocation import relocate

KEPT = """\
# Generated 2026-01-31 from:
# /mine/hparams/a.yaml
# yamllint disable
output_folder: /mine/run
save_folder: /mine/run/save
data: /mine/run.pkl
part: &id001 !name:builtins.dict
  path: /mine/run
again: *id001
"""


def test_paths_below_a_folder_follow_it_and_others_do_not():
    text = relocate(YAML().load(KEPT), {"output_folder": "out", "data": "a.pkl"})
    assert "/mine" not in text
    assert "Generated" not in text
    moved = load_hyperpyyaml(text, {"output_folder": "elsewhere"})
    assert moved["save_folder"] == "elsewhere/save"
    assert moved["data"] == "a.pkl"
    assert moved["part"]() == moved["again"]() == {"path": "elsewhere"}


def test_a_place_of_this_machine_is_refused():
    with pytest.raises(ValueError, match="this machine alone: /mine/run.pkl"):
        relocate(YAML().load(KEPT), {"output_folder": "out"})
