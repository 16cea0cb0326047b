"""A report rewrites what stands between two marks of a page, and nothing else."""

import sys

import pytest

from local.output.generated import (
    END,
    START,
    find_runs,
    name_runs,
    replace_generated,
    rewrite,
    run_report,
)

PAGE = f"# Recipe\n\n{START}old\n{END}\n## References\n"


def test_only_what_is_between_the_marks_is_replaced(tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text(PAGE, encoding="utf-8")
    rewrite(readme, "new\n")
    assert readme.read_text(encoding="utf-8") == PAGE.replace("old", "new")
    assert list(tmp_path.iterdir()) == [readme]


@pytest.mark.parametrize("page", ["", START, END + START, PAGE + END, PAGE + PAGE])
def test_a_page_without_one_pair_of_marks_is_refused(page, tmp_path):
    with pytest.raises(ValueError, match="README: expected the line <!-- generated"):
        replace_generated(page, "new")
    readme = tmp_path / "README.md"
    readme.write_text(page, encoding="utf-8")
    with pytest.raises(ValueError, match="README"):
        rewrite(readme, "new")
    assert readme.read_text(encoding="utf-8") == page


def test_runs_are_found_in_the_order_of_their_names(tmp_path):
    for name in ("b", "a"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.json").touch()
    paths = find_runs(tmp_path, "*/x.json", "run it")
    assert [path.parent.name for path in paths] == ["a", "b"]
    with pytest.raises(FileNotFoundError, match=r"no \*/y\.json in .*; run it"):
        find_runs(tmp_path, "*/y.json", "run it")


@pytest.mark.parametrize("kind", [ValueError, OSError])
def test_a_report_that_fails_ends_in_one_line(kind, monkeypatch, capsys):
    def fail(folder):
        raise kind(f"nothing in {folder}")

    monkeypatch.setattr(sys, "argv", ["report", "--results_folder", "there"])
    with pytest.raises(SystemExit) as end:
        run_report(fail, "Report.")
    assert end.value.code == 1
    assert capsys.readouterr().err == "error: nothing in there\n"


def test_a_run_that_is_there_twice_is_refused():
    with pytest.raises(ValueError, match="two files of figures are of the run a, seed"):
        name_runs([{"run": "a", "seed": 1986}] * 2)
