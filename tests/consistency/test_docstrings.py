"""Docstrings tell what the signatures and bodies do.

Everything public has one (ruff). For functions, classes and methods alike, a section
that is there is complete: ``Parameters`` (or ``Attributes``, of a class without
``__init__``) names what the signature names. What must be there:

- ``Raises`` in a public function that raises;
- ``Parameters``, and ``Returns`` or ``Yields``, in a public function of a library
  (``local``, ``data_prep``) with more than ``SHORT`` statements: a line is enough for
  less, and for the steps of a script;
- ``Parameters`` in a public class of a library whose ``__init__`` takes more than two.
"""

import ast
import inspect

import pytest
from source_tree import parse, python_files

SHORT = 6
LIBRARIES = ("local", "data_prep")


def sections(docstring):
    """Return the sections of a NumPy-style docstring, heading to lines."""
    found, heading = {}, None
    lines = inspect.cleandoc(docstring or "").splitlines()
    for line, below in zip(lines, [*lines[1:], ""], strict=False):
        if line and set(below) == {"-"}:
            heading = line
            found[heading] = []
        elif heading and set(line) != {"-"}:
            found[heading].append(line)
    return found


def constructor(cls):
    """Return the __init__ of a class, or None."""
    methods = (node for node in cls.body if isinstance(node, ast.FunctionDef))
    return next((node for node in methods if node.name == "__init__"), None)


def documented_names(node):
    """Return the names that the docstring of a function or class describes, or None."""
    parts = sections(ast.get_docstring(node))
    is_record = isinstance(node, ast.ClassDef) and constructor(node) is None
    lines = parts.get("Parameters", parts.get("Attributes") if is_record else None)
    if lines is None:
        return None
    names = (line.split(" : ")[0] for line in lines if line and line[0] != " ")
    return {name.strip(" *") for part in names for name in part.split(",")}


def signature(node):
    """Return the names of what a function takes, or of what makes up a class."""
    if isinstance(node, ast.ClassDef) and constructor(node) is None:
        fields = (part for part in node.body if isinstance(part, ast.AnnAssign))
        return {field.target.id for field in fields}
    function = constructor(node) if isinstance(node, ast.ClassDef) else node
    args = function.args
    named = [*args.posonlyargs, *args.args, args.vararg, *args.kwonlyargs, args.kwarg]
    return {arg.arg for arg in named if arg} - {"self", "cls"}


def body_nodes(function):
    """Yield the nodes of a body, without those of functions defined in it."""
    waiting = list(function.body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda):
            waiting += ast.iter_child_nodes(node)


def required_sections(node, strict):
    """Yield the sections that a public function or class needs, as alternatives."""
    if isinstance(node, ast.ClassDef):
        if strict and constructor(node) and len(signature(node)) > 2:
            yield {"Parameters"}
        return
    body = list(body_nodes(node))
    if any(isinstance(part, ast.Raise) and part.exc for part in body):
        yield {"Raises"}
    n_statements = sum(isinstance(part, ast.stmt) for part in body) - 1  # docstring
    if strict and n_statements > SHORT:
        if signature(node):
            yield {"Parameters"}
        if any(isinstance(part, ast.Return) and part.value for part in body):
            yield {"Returns"}
        if any(isinstance(part, ast.Yield | ast.YieldFrom) for part in body):
            yield {"Yields", "Returns"}


def problems(tree, strict):
    """Yield what the docstrings of a module lack; ``strict``: it is a library's."""
    for node in tree.body:
        if getattr(node, "name", "_").startswith("_"):
            continue
        for wanted in required_sections(node, strict):
            if not wanted & sections(ast.get_docstring(node)).keys():
                yield f"{node.name}: no section {' or '.join(sorted(wanted))}"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            told = documented_names(node)
            if told is not None and told != signature(node):
                yield f"{node.name}: signature and docstring: {told ^ signature(node)}"


def test_docstrings_fit_the_code():
    wrong = [
        f"{path}: {problem}"
        for path in python_files()
        for problem in problems(parse(path), strict=path.parts[0] in LIBRARIES)
    ]
    assert not wrong, "\n".join(wrong)


LONG = "x += 1\n    " * (SHORT + 1)
PARAMETERS = """Do.

    Parameters
    ----------
    x, y : float
        Numbers.
    """


@pytest.mark.parametrize(
    ("head", "docstring", "body", "problem"),
    [
        ("def f(x):", "Do.", "raise ValueError(x)", "no section Raises"),
        ("def f(x):", "Do.", LONG, "no section Parameters"),
        ("def f(x, y):", PARAMETERS, LONG + "return x", "no section Returns"),
        ("def f(x):", PARAMETERS, "pass", "signature and docstring: {'y'}"),
        ("def _f(y):", PARAMETERS, "pass", "signature and docstring: {'x'}"),
        ("class C:", PARAMETERS, "x: int", "signature and docstring: {'y'}"),
        ("class C:", "Do.", "def __init__(self, x, y, z): pass", "no section"),
    ],
)
def test_a_gap_is_found(head, docstring, body, problem):
    code = f'{head}\n    """{docstring}"""\n    {body}'
    assert problem in "".join(problems(ast.parse(code), strict=True))


@pytest.mark.parametrize(
    ("head", "docstring", "body"),
    [
        ("def f(x):", "Do.", "return x"),
        ("def _f(x):", "Do.", LONG),
        ("def f(x, y):", PARAMETERS, LONG),
        ("def f(self, x, *, y):", PARAMETERS, "pass"),
        ("class C:", PARAMETERS, "x: int; y: int"),
        ("class C:", "Do.", "x: int; y: int; z: int"),
    ],
)
def test_a_full_docstring_is_not_found_fault_with(head, docstring, body):
    code = f'{head}\n    """{docstring}"""\n    {body}'
    assert not list(problems(ast.parse(code), strict=True))
