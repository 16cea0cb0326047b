"""Tests of local.settings."""

import pytest
from ruamel.yaml.error import YAMLError

from local.settings import Section, read_sections, read_values, yaml_errors


@pytest.fixture
def read(tmp_path):
    """Return a function that writes a text and reads its sections."""

    def write_and_read(text):
        path = tmp_path / "x.yaml"
        path.write_text(text, encoding="utf-8")
        return read_sections(path)

    return write_and_read


def explanations(read, text):
    """Return what a text explains, under a heading."""
    _, [section] = read(f"# Heading\n{text}")
    return section.explanations


def test_description_headings_and_keys(read):
    text = """
# A model. By somebody (2020).
# Run: something

# Seed and paths
seed: 1 # of all

# Scores. Two lines
# of it.
top_n: 3
"""
    description, sections = read(text.lstrip())
    assert description == "A model"
    assert sections == [
        Section("Seed and paths", {"seed": "of all"}),
        Section("Scores. Two lines of it.", {"top_n": ""}),
    ]


def test_a_file_without_comments_has_one_section(read):
    assert read("a: 1\nb: 2\n") == ("", [Section("", {"a": "", "b": ""})])


@pytest.mark.parametrize(
    "text",
    [
        "a: 1 # why",
        "a: 1   #why  ",
        "a: # why",
        "a: # why\n    b: 2 # not this",
        "a: [1, 2] # why",
        "a: [1,\n    2] # why",
        "a: {b: 1} # why",
        "a: # why\n    - 1",
        "a: 'x # y' # why",
        "a: x#y # why",
        "a: null # why",
        "a: !new:collections.Counter # why",
        "a: !new:collections.Counter # why\n    b: 2",
        "a: !ref <b>/c # why",
        "a: !new:torch.nn.Linear [1, 2] # why",
        "a: | # why\n    text # not this",
        "z: &z 1 # not this\na: *z # why",
    ],
)
def test_a_comment_beside_a_key_explains_it(read, text):
    assert explanations(read, text)["a"] == "why"


@pytest.mark.parametrize(
    "text",
    [
        "a: 1",
        "a: 'x # y'",
        "a: x#y",
        "a:\n    b: 2 # why",
        "a:\n    - 2 # why",
        "a: !new:collections.Counter\n    b: 2 # why",
        "a: 1\n# of the next one",
        "a: |\n    text # no comment",
        "a: >\n    text\nb: 1 # of b",
    ],
)
def test_what_is_no_comment_of_a_key_does_not_explain_it(read, text):
    assert explanations(read, text)["a"] == ""


def test_the_first_sentence_of_a_comment_above_a_key_explains_it(read):
    text = """z: 1
# Share of the clips,
# 0.5 of them. A profile.
a: 1
# MFCCs alone.
b: 1
# Not this. Nor this.
c: 1 # this
"""
    found = explanations(read, text)
    assert found["a"] == "share of the clips, 0.5 of them"
    assert found["b"] == "MFCCs alone"
    assert found["c"] == "this"


def test_the_last_line_may_lack_its_end(read):
    assert explanations(read, "a: 1\nb: # why") == {"a": "", "b": "why"}
    assert explanations(read, "a: 1\nb:") == {"a": "", "b": ""}


@pytest.mark.parametrize("text", ["", "# nothing\n", "- a\n- b\n", "text"])
def test_a_file_without_keys_is_refused(read, text):
    with pytest.raises(ValueError, match="expected keys with values"):
        read(text)


def test_values_are_resolved_and_not_made(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_text("a: 1\nb: !ref x/<a>\nc: !new:no.such.Class\n    d: 2\n")
    values = read_values(path, {"a": 3})
    assert values["b"] == "x/3"
    assert values["c"] == {"d": 2} and values["c"].tag.value == "!new:no.such.Class"


@pytest.mark.parametrize("text", ["", "- a\n- b\n"])
def test_values_of_a_file_without_keys_are_refused(tmp_path, text):
    path = tmp_path / "x.yaml"
    path.write_text(text)
    with pytest.raises(ValueError, match="expected keys with values"):
        read_values(path)


@pytest.mark.parametrize(
    "error",
    [KeyError("why"), TypeError("why"), YAMLError("why"), ValueError("why")],
)
def test_errors_of_libraries_name_the_file(error):
    with pytest.raises(ValueError, match="^a.yaml: why$"), yaml_errors("a.yaml"):
        raise error


def test_a_yaml_in_another_encoding_is_told(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_text("# ü\na: 1\n", encoding="latin-1")
    message = r"x\.yaml: no text in UTF-8"
    with pytest.raises(ValueError, match=message), yaml_errors(path):
        read_values(path)
