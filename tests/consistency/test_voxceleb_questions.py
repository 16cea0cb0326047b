"""The lab's questions about the code, in the README, quote lines that are there."""

import re

import pytest
from source_tree import ROOT, read

README = ROOT / "recipes/voxceleb/README.md"
SECTION = "## Nine questions about the code"
SPAN = r"\s*`([^`]+)`\s*"


def questions():
    """Return the rows of the table: question, answer, line and file."""
    section = read(README).partition(SECTION)[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| ")]
    cells = [re.split(r"(?<!\\)\|", row)[1:-1] for row in rows]
    return cells[2:]  # below the head and its rule


def test_there_are_nine_of_four_cells_each():
    assert [len(row) for row in questions()] == [4] * 9


@pytest.mark.parametrize("row", questions(), ids=lambda row: row[0].strip())
def test_the_line_quoted_stands_in_the_file_named(row):
    line, file = (re.fullmatch(SPAN, cell).group(1) for cell in row[2:])
    # Without the comments beside the lines.
    lines = [
        re.split(r"\s+#", found)[0].strip() for found in read(ROOT / file).splitlines()
    ]
    assert line.replace("\\|", "|") in lines, f"{file} has no line {line}"
