"""What a script needs is what it imports, and no more."""

from pathlib import Path

import pytest

from local.output.hand_in.source_files import needed_files


def write(folder, **files):
    """Write Python files, ``__`` in a name for a slash."""
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")


def test_imports_are_followed_into_functions_and_yamls_and_no_further(tmp_path):
    write(
        tmp_path,
        run="import numpy\nfrom room.a import f",
        room__a="def f():\n    from room import b",
        room__b="",
        room__c="import room.d",
        room__d="",
        room__unused="",
    )
    (tmp_path / "room/__init__.py").touch()
    found = needed_files(["run.py"], ["x: !new:room.c.Net\n    n: 1"], tmp_path)
    names = ["__init__", *"abcd"]
    assert found == [*(Path(f"room/{name}.py") for name in names), Path("run.py")]


def test_a_script_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="run.py: no such script"):
        needed_files(["run.py"], [], tmp_path)
