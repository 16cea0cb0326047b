"""The files of this project that a script needs: what it imports, and they in turn."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
TARGET = re.compile(r"!(?:new|name|apply|applyref):([\w.]+)")


def needed_files(scripts, yamls, root=ROOT):
    """Return the Python files that scripts and YAMLs need, of those below a folder.

    Parameters
    ----------
    scripts : iterable of str
        Scripts of the root.
    yamls : iterable of str
        Texts of YAMLs that they are given.
    root : Path
        The folder the imports start from.

    Returns
    -------
    paths : list of Path
        From the root, sorted, with the ``__init__.py`` of all packages on the way.

    Raises
    ------
    FileNotFoundError
        If there is no such script.
    """
    waiting = [Path(script) for script in scripts]
    for script in waiting:
        if not (root / script).is_file():
            raise FileNotFoundError(f"{root / script}: no such script")
    targets = {name for text in yamls for name in TARGET.findall(text)}
    waiting += module_files(targets, root)
    found = set()
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += module_files(imported_names(root / path), root)
    return sorted(found)


def imported_names(path):
    """Return the dotted names of all that a Python file imports, wherever in it.

    Parameters
    ----------
    path : Path
        The file; its imports are absolute.

    Returns
    -------
    names : set of str
        Modules, or what is taken from them.
    """
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def module_files(names, root):
    """Return the files below a folder that dotted names lead through.

    Parameters
    ----------
    names : iterable of str
        Of packages, modules or what is in them.
    root : Path
        The folder they start from.

    Returns
    -------
    paths : set of Path
        From the root; none for names of other projects.
    """
    stems = {
        Path(*name.split(".")[:n])
        for name in names
        for n in range(1, name.count(".") + 2)
    }
    paths = {p for s in stems for p in (s.with_suffix(".py"), s / "__init__.py")}
    return {path for path in paths if (root / path).is_file()}
