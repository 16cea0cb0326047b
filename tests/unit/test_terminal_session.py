"""What a terminal showed is told line by line, each from frame to frame."""

import sys

import numpy as np
import pytest

from local.output.terminal_session import record, replay, shorten, type_command

FRAME_S = 0.1


def run_python(code, columns=40, rows=5):
    """Record a line of Python; return what it wrote."""
    recording = record([sys.executable, "-c", code], columns, rows)
    return b"".join(chunk for _, chunk in recording).decode()


def texts_at(session, frame, rows):
    """Return the rows of a screen at a frame."""
    top = [number for start, number in session.scrolled if start <= frame][-1]
    shown = [""] * rows
    for line in session.lines:
        there = line.start <= frame and (line.end is None or frame < line.end)
        if there and 0 <= line.number - top < rows:
            shown[line.number - top] = "".join(text for text, *_ in line.runs)
    return shown


def test_a_command_runs_in_a_terminal_of_the_size_asked_for():
    code = "import os, sys; print(sys.stderr.isatty(), *os.get_terminal_size())"
    assert run_python(code, columns=66, rows=7) == "True 66 7\r\n"


def test_what_is_recorded_is_shown_too_and_has_its_time(capfdbinary):
    code = "import time; print('é', flush=True); time.sleep(0.5); print('b')"
    recording = record([sys.executable, "-c", code], 40, 5)
    assert capfdbinary.readouterr().out == b"\xc3\xa9\r\nb\r\n"
    times = [then for then, _ in recording]
    assert times[-1] - times[0] >= 0.45


def test_what_make_tells_its_children_is_not_passed_on(monkeypatch):
    monkeypatch.setenv("MAKELEVEL", "1")
    monkeypatch.setenv("KEPT", "kept")
    code = "import os; print(os.environ.get('MAKELEVEL'), os.environ['KEPT'])"
    assert run_python(code) == "None kept\r\n"


def test_a_command_that_fails_or_does_not_exist_is_no_recording():
    with pytest.raises(ValueError, match="failed with 3"):
        run_python("raise SystemExit(3)")
    with pytest.raises(FileNotFoundError, match="no-such-command"):
        record(["no-such-command"], 40, 5)


def test_pauses_are_cut_and_bars_hurried_but_lines_keep_their_time():
    bars = [(20 + n / 10, b"\r%d" % n) for n in range(100)]
    recording = [(9.0, b"a\r\n"), (9.5, b"b\r\n"), *bars, (31.0, b"c\r\n")]
    shorter = shorten(recording, max_pause=1, seconds=5)
    assert [chunk for _, chunk in shorter] == [chunk for _, chunk in recording]
    times = np.array([then for then, _ in shorter])
    assert times[:2].tolist() == [1, 1.5]
    assert times[-1] == pytest.approx(5)
    assert times[-1] - times[-2] == pytest.approx(1)
    assert (np.diff(times) >= 0).all()


def test_nothing_is_hurried_that_is_short_and_nothing_at_all_is_no_error():
    recording = [(0.25, b"a"), (0.5, b"b\r\n")]
    assert shorten(recording, max_pause=1, seconds=5) == recording
    assert shorten([], max_pause=1, seconds=5) == []


def test_the_command_is_typed_before_its_output_comes():
    typed = type_command(["make", "demo"], [(0.0, b"done\r\n")])
    session = replay(typed, 40, 5, FRAME_S)
    first, last = (texts_at(session, n, 5) for n in (0, session.n_frames - 1))
    assert first == ["$", "", "", "", ""]
    assert last == ["$ make demo", "done", "", "", ""]
    assert "$ ma" in {texts_at(session, n, 5)[0] for n in range(session.n_frames)}


def test_a_bar_is_replaced_in_its_place_and_lines_scroll():
    bars = [(0.05 + n / 10, b"\rbar %d" % n) for n in range(5)]
    lines = [(1.05 + n / 10, b"\r\nline %d" % n) for n in range(5)]
    session = replay([*bars, *lines], 40, 3, FRAME_S)
    assert texts_at(session, 2, 3) == ["bar 2", "", ""]
    assert texts_at(session, 11, 3) == ["bar 4", "line 0", "line 1"]
    assert texts_at(session, 14, 3) == ["line 2", "line 3", "line 4"]
    assert session.scrolled == [(0, 0), (12, 1), (13, 2), (14, 3)]
    ended = [line.end for line in session.lines]
    assert sorted(end for end in ended if end) == [1, 2, 3, 4]


def test_nested_bars_go_up_and_down_without_a_new_line():
    up = b"outer 0\r\ninner 0\x1b[A\router 1\r\n\rinner 1"
    session = replay([(0, b"outer 0\r\ninner 0"), (1, up[16:])], 40, 3, FRAME_S)
    assert texts_at(session, 10, 3) == ["outer 1", "inner 1", ""]


def test_long_lines_are_broken_and_letters_of_two_bytes_are_not():
    recording = [(0, b"abcde\xc3"), (0.5, b"\xa9fg")]
    session = replay(recording, 4, 3, FRAME_S)
    assert texts_at(session, 5, 3) == ["abcd", "eéfg", ""]


def test_colours_weight_and_width_are_kept():
    text = "a\x1b[1;31mb\x1b[0m\x1b[38;2;1;2;3mc\x1b[0m 漢"
    session = replay([(0, text.encode())], 40, 3, FRAME_S)
    assert session.lines[0].runs == (
        ("a", "default", False, 1),
        ("b", "red", True, 1),
        ("c", "010203", False, 1),
        (" 漢", "default", False, 3),
    )


def test_without_the_emulator_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyte", None)
    with pytest.raises(ValueError, match="no pyte: pip install -r .*pictures.txt"):
        replay([(0, b"a")], 40, 5, FRAME_S)
