"""The files of the project and what they import, for the tests beside this file."""

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@cache
def list_files(*options):
    """Return the files git knows, or would add, as sorted paths from the root.

    ``options`` are those of ``git ls-files``. In a copy of the project that is no git
    checkout, all files count but hidden ones, data and the bulk of a run.
    """
    options = options or ("--cached", "--others", "--exclude-standard")
    command = ["git", "ls-files", "-z", *options]
    try:
        listing = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
        paths = map(Path, listing.stdout.decode().rstrip("\0").split("\0"))
    except (FileNotFoundError, subprocess.CalledProcessError):
        walk = (path.relative_to(ROOT) for path in ROOT.rglob("*"))
        paths = (path for path in walk if _is_source(path))
    # The index still names a file that was just deleted.
    return sorted({path for path in paths if _is_file_or_link(ROOT / path)})


def _is_file_or_link(path):
    """Tell whether a path is no folder, wherever a link may lead."""
    return path.is_file() or path.is_symlink()


def _is_source(path):
    """Tell a source file from what running the project leaves behind."""
    made = path.parts[0] == "data" or "__pycache__" in path.parts
    run = path.parts[0] == "results" and path.suffix not in (".md", ".json")
    return not (made or run or any(part.startswith(".") for part in path.parts))


def python_files():
    """Return the Python files of the tree but the tests."""
    files = (path for path in list_files() if path.suffix == ".py")
    return [path for path in files if path.parts[0] != "tests"]


@cache
def read(path):
    """Return the text of a file of the tree."""
    return (ROOT / path).read_text(encoding="utf-8")


@cache
def parse(path):
    """Return the syntax tree of a Python file of the tree."""
    return ast.parse(read(path), str(path))


def imported_names(path):
    """Yield the dotted name of everything a file imports."""
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            # A relative import keeps its dots.
            start = "." * node.level + (node.module or "")
            yield from (f"{start}.{alias.name}" for alias in node.names)


def module_file(name):
    """Return the file of the tree that a dotted name lies in, or None."""
    parts = name.split(".")
    for n in range(len(parts), 0, -1):
        stem = Path(*parts[:n])
        for path in (stem.with_suffix(".py"), stem / "__init__.py"):
            if (ROOT / path).is_file():
                return path
    return None


def is_script(path):
    """Tell whether a Python file can be run."""
    guards = (node.test for node in parse(path).body if isinstance(node, ast.If))
    return any("__name__" in ast.unparse(guard) for guard in guards)
