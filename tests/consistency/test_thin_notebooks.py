"""Notebooks are thin, hold no outputs, and are all in the registry of the smoke test.

``tests/notebooks.csv`` has a row a notebook, with the settings that make it small, as
``tests/recipes.csv`` has for experiments.
"""

import ast
import csv
import subprocess
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from source_tree import ROOT, list_files

MAX_CELL_LINES = 20
MAX_DEFINITION_LINES = 5
NOTEBOOKS = [path for path in list_files() if path.suffix == ".ipynb"]


def thick_cells(notebook):
    """Yield what is too long in the code of a notebook: it belongs into a module."""
    for n, cell in enumerate(notebook.cells):
        if cell.cell_type != "code":
            continue
        lines = [line for line in cell.source.splitlines() if line[:1] not in "%!"]
        if len(lines) > MAX_CELL_LINES:
            yield f"cell {n}: {len(lines)} lines"
        for node in ast.walk(ast.parse("\n".join(lines))):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                size = node.end_lineno - node.lineno + 1
                if size > MAX_DEFINITION_LINES:
                    yield f"cell {n}: {node.name} has {size} lines"


def is_stripped(path):
    """Tell whether a notebook has no outputs and no execution counts."""
    command = [sys.executable, "-m", "nbstripout", "--verify", str(path)]
    return subprocess.run(command, capture_output=True).returncode == 0


@pytest.mark.parametrize("path", NOTEBOOKS, ids=str)
def test_a_notebook_is_thin_and_stripped(path):
    notebook = nbformat.read(ROOT / path, as_version=4)
    nbformat.validate(notebook)
    assert not list(thick_cells(notebook))
    assert is_stripped(ROOT / path), f"nbstripout {path}"


def test_registry_lists_every_notebook_once():
    with open(ROOT / "tests/notebooks.csv", encoding="utf-8", newline="") as stream:
        listed = [row["notebook"] for row in csv.DictReader(stream)]
    assert sorted(listed) == sorted(map(str, NOTEBOOKS))


@pytest.mark.parametrize(
    ("source", "n_thick"),
    [
        ("%matplotlib inline\nx = 1", 0),
        ("def f(x):\n    return x", 0),
        ("def f(x):\n" + "    x += 1\n" * 5, 1),
        ("class A:\n" + "    x = 1\n" * 25, 2),
        ("x = 1\n" * 21, 1),
    ],
)
def test_long_code_is_found(source, n_thick):
    cells = [new_code_cell(source)]
    assert len(list(thick_cells(new_notebook(cells=cells)))) == n_thick


def test_outputs_and_counts_are_found(tmp_path):
    cell = new_code_cell("1", id="0")
    path = tmp_path / "a.ipynb"
    nbformat.write(new_notebook(cells=[cell]), path)
    assert is_stripped(path)
    cell.outputs = [new_output("stream", text="1")]
    nbformat.write(new_notebook(cells=[cell]), path)
    assert not is_stripped(path)
    counted = new_code_cell("1", id="0", execution_count=1)
    nbformat.write(new_notebook(cells=[counted]), path)
    assert not is_stripped(path)
