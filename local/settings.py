"""A YAML as it is written: its values, and what its comments say of its keys.

A comment at the end of a key's line explains the key; without one, the first sentence
of the comment right above it does. A comment after an empty line heads a section.
"""

import re
from contextlib import contextmanager
from typing import NamedTuple

from hyperpyyaml import resolve_references
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import CollectionNode, MappingNode

EXPECTED = "expected keys with values, as `seed: 1986`"
HOW_TO_WRITE = (
    "write `key: value`, with a space after the colon, and indent by spaces, not tabs"
)
_ERRORS = (KeyError, TypeError, ValueError, ArithmeticError, ImportError, YAMLError)


class Section(NamedTuple):
    """Keys of a YAML that stand together."""

    heading: str
    explanations: dict  # key -> what it is, "" where no comment says so


@contextmanager
def yaml_errors(path):
    """Turn what libraries say of a wrong YAML into a plain error that names it.

    Raises
    ------
    ValueError
        Instead of the errors of ruamel.yaml, HyperPyYAML and the classes it makes.
    """
    try:
        yield
    except MarkedYAMLError as error:
        raise ValueError(f"{path}: {_place(error)}; {HOW_TO_WRITE}") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: no text in UTF-8; save it as such") from error
    except _ERRORS as error:
        reason = ": ".join(map(str, error.args))  # HyperPyYAML gives two
        raise ValueError(f"{path}: {' '.join(reason.split())}") from error


def _place(error):
    """Return what is wrong with the form of a YAML, and in which lines."""
    parts = (error.context, error.context_mark), (error.problem, error.problem_mark)
    return ", ".join(
        f"{what} (line {mark.line + 1})" if mark else what
        for what, mark in parts
        if what
    )


def read_values(path, overrides=None):
    """Read the values of a YAML, references resolved, nothing constructed.

    Parameters
    ----------
    path : str or Path
    overrides : dict, optional
        Changes to it.

    Returns
    -------
    values : dict
        ruamel.yaml's values, tags included, by key.

    Raises
    ------
    ValueError
        If there are no keys in it.
    """
    with open(path, encoding="utf-8") as stream:
        text = stream.read()
    if not isinstance(YAML().compose(text), MappingNode):
        raise ValueError(EXPECTED)
    return YAML().load(resolve_references(text, overrides))


def read_sections(path):
    """Read what the comments of a YAML say.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    description : str
        First sentence of the comment the file begins with.
    sections : list of Section
        In the order of the file.

    Raises
    ------
    ValueError
        If there are no keys in it.
    """
    with open(path, encoding="utf-8") as stream:
        text = stream.read()
    root = YAML().compose(text)
    if not isinstance(root, MappingNode):
        raise ValueError(EXPECTED)
    lines = text.splitlines()
    sections = []
    for key, value in root.value:
        comment, begins_section = _comment_above(lines, key.start_mark.line)
        if begins_section or not sections:
            sections.append(Section(comment, {}))
            comment = ""
        explanation = _comment_beside(lines, key, value) or _phrase(comment)
        sections[-1].explanations[key.value] = explanation
    n_header = next(i for i, line in enumerate(lines) if not line.startswith("#"))
    return _first_sentence(_joined(lines[:n_header])), sections


def _comment_above(lines, end):
    """Return the comment that ends above a line, and whether a section begins there."""
    begin = end
    while begin and lines[begin - 1].startswith("#"):
        begin -= 1
    return _joined(lines[begin:end]), begin == 0 or not lines[begin - 1].strip()


def _comment_beside(lines, key, value):
    """Return the comment at the end of a key's line, or of its value if flat."""
    is_collection = isinstance(value, CollectionNode)
    is_block = not value.flow_style if is_collection else value.style in ("|", ">")
    # The mark of an empty value stands anywhere before the next key, that of an alias
    # where its anchor is.
    is_elsewhere = value.value == "" or value.start_mark.line < key.end_mark.line
    end = key.end_mark if is_block or is_elsewhere else value.end_mark
    rest = lines[end.line][end.column :]
    found = re.search(r"(?:^|\s)#\s*(.*)", rest)
    return found[1].strip() if found else ""


def _joined(comment_lines):
    return " ".join(line.lstrip("#").strip() for line in comment_lines).strip()


def _first_sentence(comment):
    return comment.partition(". ")[0].removesuffix(".")


def _phrase(comment):
    """Return a first sentence as comments beside a key are written: in lower case."""
    sentence = _first_sentence(comment)
    is_name = sentence[1:2].isupper()  # as MFCCs
    return sentence if is_name else sentence[:1].lower() + sentence[1:]
