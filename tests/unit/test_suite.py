"""Tests of recipes.suite: the runner, on runs that are not what they seem."""

import sys
from pathlib import Path

import pytest

from recipes.suite import __main__ as suite
from recipes.suite.plan import Run

WRITE = "import sys; open(sys.argv[1], 'w').write('done')"
FAIL = "import sys; print('on the way'); sys.exit('error: no GPU is visible')"


@pytest.fixture
def runs(tmp_path, monkeypatch):
    """Three runs whose plans are a good step, a bad one and then a good one."""
    runs = [Run(name, 1, "x.yaml", {}) for name in ("good", "bad", "late")]
    (tmp_path / "test_data.pkl").touch()
    monkeypatch.setattr(suite, "read_suite", lambda path: ({}, runs))
    monkeypatch.setattr(suite, "find_test_sets", lambda folder: [])

    def plan(run, settings, test_sets):
        made = Path(settings["results_folder"], f"{run.name}.txt")
        write = [sys.executable, "-c", WRITE, str(made)]
        fail = {"train": [sys.executable, "-c", FAIL]} if run.name == "bad" else {}
        return {} if made.exists() else fail | {"dev": write}

    monkeypatch.setattr(suite, "plan", plan)
    return runs


@pytest.fixture
def settings(tmp_path):
    folder = str(tmp_path)
    return {"data_pickle": "d", "test_folder": "t", "results_folder": folder}


def test_a_failed_run_is_named_with_its_last_line_and_the_rest_is_made(
    runs, settings, tmp_path, capsys
):
    (failure,) = suite.run_suite("suite.yaml", None, settings)
    assert "bad, seed 1: train: exit status 1: error: no GPU is visible" in failure
    assert "[3/3] late, seed 1: 1 steps to do" in capsys.readouterr().out
    assert sorted(path.stem for path in tmp_path.glob("*.txt")) == ["good", "late"]
    log = (tmp_path / "bad" / "1" / "suite_log.txt").read_text(encoding="utf-8")
    assert "on the way" in log


def test_the_same_command_again_does_only_what_is_left(runs, settings, capsys):
    suite.run_suite("suite.yaml", None, settings)
    capsys.readouterr()
    suite.run_suite("suite.yaml", None, settings)
    assert "good, seed 1: 0 steps to do" in capsys.readouterr().out


def test_only_makes_the_named_runs(runs, settings, tmp_path):
    assert suite.run_suite("suite.yaml", ["late"], settings) == []
    assert [path.stem for path in tmp_path.glob("*.txt")] == ["late"]


@pytest.mark.parametrize(
    ("only", "missing", "message"),
    [(["no"], None, r"no \['no'\]"), (None, "data_pickle", r"no \['data_pickle'\]")],
)
def test_what_is_not_there_is_told(only, missing, message, runs, settings):
    settings.pop(missing, None)
    with pytest.raises(ValueError, match=message):
        suite.run_suite("suite.yaml", only, settings)


def test_failures_end_in_exit_status_1(runs, settings, monkeypatch, capsys):
    words = ["suite", "suite.yaml"]
    words += [word for key, value in settings.items() for word in (f"--{key}", value)]
    monkeypatch.setattr(sys, "argv", words)
    monkeypatch.setattr(suite.signal, "signal", lambda *_: None)
    with pytest.raises(SystemExit, match="1"):
        suite.main()
    assert "failed:\n  bad, seed 1" in capsys.readouterr().err
