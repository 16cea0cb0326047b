"""The tree stays small, holds everything once, and hides no error."""

import ast
from collections import defaultdict

from source_tree import ROOT, list_files, parse, python_files

MAX_FILE_LINES = 300
MAX_BODY_LINES = 40
CODE = [path for path in list_files() if path.suffix in (".py", ".yaml")]


def nodes(path, kind):
    """Return all nodes of a kind in a Python file."""
    return [node for node in ast.walk(parse(path)) if isinstance(node, kind)]


def n_body_lines(function):
    """Count the lines of a body without its docstring."""
    body = function.body[ast.get_docstring(function) is not None :]
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def test_the_tree_is_found():
    assert {"Makefile", "verify.py", "hparams/ecapa.yaml"} <= set(
        map(str, list_files())
    )


def test_files_are_short():
    sizes = {str(path): len((ROOT / path).read_bytes().splitlines()) for path in CODE}
    assert not {path: n for path, n in sizes.items() if n > MAX_FILE_LINES}


def test_function_bodies_are_short():
    sizes = {
        f"{path}:{function.name}": n_body_lines(function)
        for path in CODE
        if path.suffix == ".py"
        for function in nodes(path, ast.FunctionDef)
    }
    assert not {name: n for name, n in sizes.items() if n > MAX_BODY_LINES}


def test_body_lines_leave_out_the_docstring():
    code = 'def f():\n    """Do.\n\n    Well.\n    """\n    x = 1\n\n    return x'
    assert n_body_lines(ast.parse(code).body[0]) == 3


def test_assert_is_for_tests():
    # python -O leaves assert out: a check of data has to raise.
    asserts = {str(path): nodes(path, ast.Assert) for path in python_files()}
    assert not [path for path, found in asserts.items() if found]


def test_no_except_catches_everything():
    bare = [
        f"{path}:{handler.lineno}"
        for path in python_files()
        for handler in nodes(path, ast.ExceptHandler)
        if handler.type is None
    ]
    assert not bare


def test_no_file_is_a_copy_of_another():
    copies = defaultdict(list)
    for path in list_files():
        copies[(ROOT / path).read_bytes()].append(str(path))
    copies.pop(b"", None)
    assert not [paths for paths in copies.values() if len(paths) > 1]


def test_no_file_is_a_link():
    assert not [path for path in list_files() if (ROOT / path).is_symlink()]
