"""Tests of local.progress."""

import io
from contextlib import redirect_stderr

from local import progress
from local.progress import inner_steps, named_steps


class Terminal(io.StringIO):
    """Keeps what is written as if it were shown."""

    def isatty(self):
        return True


def test_a_named_step_is_on_the_screen_while_it_is_at_work():
    seen = []
    with redirect_stderr(Terminal()) as screen:
        for name, part in named_steps({"cosine": 1, "as-norm": 2}, "score", "system"):
            seen.append((name, part))
            assert screen.getvalue().rstrip().endswith(f"{name}]")
    assert seen == [("cosine", 1), ("as-norm", 2)]
    assert "score: 100%" in screen.getvalue()


def test_inner_steps_leave_no_trace(monkeypatch):
    monkeypatch.setattr(progress, "PATIENCE_S", 0)
    with redirect_stderr(Terminal()) as screen:
        assert list(inner_steps(range(3), "bootstrap", "draw")) == [0, 1, 2]
    assert "bootstrap" in screen.getvalue()
    assert screen.getvalue().split("\r")[-2].strip() == ""


def test_what_takes_a_moment_shows_no_bar():
    with redirect_stderr(Terminal()) as screen:
        assert sum(inner_steps(range(1000), "bootstrap", "draw")) == 499500
    assert screen.getvalue().strip() == ""


def test_where_no_terminal_is_there_is_no_bar(capsys):
    list(named_steps({"cosine": 1}, "score", "system"))
    assert capsys.readouterr().err == ""
