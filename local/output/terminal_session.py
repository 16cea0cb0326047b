"""A command run in a terminal: what it wrote and when, and the lines that made.

A recording is a list of (seconds, bytes). Lines are counted from the first the terminal
ever showed, so that one that has scrolled away keeps its number.
"""

import fcntl
import os
import signal
import struct
import subprocess
import sys
import termios
import time
from itertools import groupby
from typing import NamedTuple

import numpy as np

from local.optional import import_optional

TYPING_S = 0.08  # a letter of the command
BEFORE_S, AFTER_S = 0.8, 0.6  # the typing
AT_ONCE = 65536  # bytes
# Of make, as if it had started this: its children would tell of folders they enter.
NOT_PASSED_ON = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "COLUMNS", "LINES")


class Line(NamedTuple):
    """What stood in a line for a while.

    Attributes
    ----------
    number : int
        Of the line.
    runs : tuple of (str, str, bool, int)
        Text, its colour as pyte names it, whether it is bold, cells it takes.
    start : int
        Frame from which on it stood there.
    end : int or None
        Frame that replaced it.
    """

    number: int
    runs: tuple
    start: int
    end: int | None


class Session(NamedTuple):
    """A recording as a terminal showed it.

    Attributes
    ----------
    lines : list of Line
        All that ever stood there, but empty lines.
    scrolled : list of (int, int)
        Frame, and the number of the line that is the uppermost from then on.
    n_frames : int
        The last frame is the one before.
    """

    lines: list
    scrolled: list
    n_frames: int


def record(command, columns, rows):
    """Run a command in a terminal of its own, and show it in this one, too.

    Parameters
    ----------
    command : list of str
        The command.
    columns, rows : int
        Size of the terminal, in characters.

    Returns
    -------
    recording : list of (float, bytes)
        Seconds since the start, and what was written then.

    Raises
    ------
    FileNotFoundError
        If there is no such command.
    ValueError
        If the command failed.
    """
    ours, its = os.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    passed_on = {key: x for key, x in os.environ.items() if key not in NOT_PASSED_ON}
    ends = {"stdin": subprocess.DEVNULL, "stdout": its, "stderr": its}
    env = passed_on | {"TERM": "xterm-256color"}
    start = time.monotonic()
    with os.fdopen(ours, "rb", buffering=0) as stream:
        try:
            process = subprocess.Popen(command, env=env, start_new_session=True, **ends)
        finally:
            os.close(its)  # else the end of the command would not end the stream
        try:
            recording = [(time.monotonic() - start, x) for x in _follow(stream)]
        except KeyboardInterrupt:
            os.killpg(process.pid, signal.SIGINT)  # it is in a session of its own
            raise
    if process.wait():
        raise ValueError(f"{' '.join(command)}: failed with {process.returncode}")
    return recording


def _follow(stream):
    """Yield what a terminal writes, and pass it on."""
    while True:
        try:
            chunk = stream.read(AT_ONCE)
        except OSError:  # so Linux tells that all who wrote are gone
            return
        if not chunk:
            return
        sys.stdout.buffer.write(chunk)
        sys.stdout.flush()
        yield chunk


def shorten(recording, max_pause, seconds):
    r"""Shorten the pauses of a recording, and hurry its progress bars.

    Parameters
    ----------
    recording : list of (float, bytes)
        As from `record`.
    max_pause : float
        Seconds without output that are kept.
    seconds : float
        All may last, if hurrying what ends no line is enough for that: lines keep
        their time to be read.

    Returns
    -------
    shorter : list of (float, bytes)
        The same bytes.

    Examples
    --------
    >>> shorten([(9.0, b"a\n"), (9.5, b"10 %"), (10.0, b"20 %")], 0.5, seconds=0.75)
    [(0.5, b'a\n'), (0.625, b'10 %'), (0.75, b'20 %')]
    """
    times = np.array([0, *(then for then, _ in recording)], dtype=float)
    pauses = np.minimum(np.diff(times), max_pause)
    redrawn = np.array([b"\n" not in chunk for _, chunk in recording], dtype=bool)
    left = max(seconds - pauses[~redrawn].sum(), 0)
    pauses[redrawn] *= min(1, left / max(pauses[redrawn].sum(), 1e-9))
    now = np.cumsum(pauses).tolist()
    return [(then, chunk) for then, (_, chunk) in zip(now, recording, strict=True)]


def type_command(command, recording):
    r"""Put a prompt and the typing of the command before a recording.

    Examples
    --------
    >>> typed = type_command(["ls"], [(0.0, b"a.txt")])
    >>> [chunk for _, chunk in typed][1:]
    [b'l', b's', b'\r\n', b'a.txt']
    """
    letters = [letter.encode() for letter in " ".join(command)]
    typed = [(0.0, b"\x1b[1;32m$\x1b[0m ")]
    typed += [(BEFORE_S + TYPING_S * n, letter) for n, letter in enumerate(letters)]
    start = typed[-1][0] + AFTER_S
    later = [(start + then, chunk) for then, chunk in recording]
    return [*typed, (start, b"\r\n"), *later]


def replay(recording, columns, rows, frame_s):
    """Show a recording to a terminal without a window, and note what stands there.

    Parameters
    ----------
    recording : list of (float, bytes)
        Seconds and bytes.
    columns, rows : int
        Size of the terminal it was recorded in.
    frame_s : float
        Seconds from one look at the screen to the next.

    Returns
    -------
    session : Session
        The same for the same recording.

    Raises
    ------
    ValueError
        If pyte is not installed.
    """
    screen = make_screen(columns, rows)
    stream = import_optional("pyte", "pictures").ByteStream(screen)
    standing, lines, scrolled, frame = {}, [], [], 0
    for frame, chunks in groupby(recording, lambda item: int(item[0] / frame_s)):
        stream.feed(b"".join(chunk for _, chunk in chunks))
        if not scrolled or scrolled[-1][1] != screen.n_gone:
            scrolled.append((frame, screen.n_gone))
        shown = {screen.n_gone + row: _read_runs(screen, row) for row in range(rows)}
        for number, runs in shown.items():
            start, old = standing.get(number, (frame, ()))
            if runs != old:
                lines += [Line(number, old, start, frame)] if old else []
                standing[number] = frame, runs
    lines += [Line(n, runs, start, None) for n, (start, runs) in standing.items()]
    return Session([line for line in lines if line.runs], scrolled, frame + 1)


def make_screen(columns, rows):
    """Return a screen of pyte that counts, in ``n_gone``, the lines scrolled away."""

    class Screen(import_optional("pyte", "pictures").Screen):
        n_gone = 0

        def index(self):
            self.n_gone += self.cursor.y == self.lines - 1
            super().index()

    return Screen(columns, rows)


def _read_runs(screen, row):
    """Return a row as runs of one look, without the blanks at its end."""
    cells = [screen.buffer[row][column] for column in range(screen.columns)]
    while cells and cells[-1].data == " ":
        cells.pop()
    runs = []
    for (colour, bold), same in groupby(cells, lambda cell: (cell.fg, cell.bold)):
        texts = [cell.data for cell in same]  # beside a wide letter, an empty one
        runs.append(("".join(texts), colour, bold, len(texts)))
    return tuple(runs)
