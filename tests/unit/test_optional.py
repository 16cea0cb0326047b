"""Tests of local.optional."""

from pathlib import Path

import pytest

from local.optional import import_optional


def test_a_module_is_imported():
    assert import_optional("os.path", "app").basename("a/b") == "b"


def test_what_is_missing_is_named_with_what_installs_it():
    with pytest.raises(ValueError, match=r"^no wombat: pip .* requirements-app\.txt$"):
        import_optional("wombat.burrow", "app")


@pytest.mark.parametrize("purpose", ["app", "listen", "pictures", "report", "siamese"])
def test_every_requirements_file_is_there(purpose):
    assert Path(f"requirements-{purpose}.txt").is_file()
