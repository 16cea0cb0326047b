"""A command -> an animated picture (SVG) of the terminal it ran in.

    python -m local.output.terminal_picture results/demo.svg -- make demo

The lines come as they came, in a window of its own colours that goes with light and
dark pages; pauses are shortened, and if that is not enough, all of it. The last screen
stays for a while, and is all there is for those who want no motion. Needs ``pip install
-r requirements-pictures.txt``, and Linux or macOS.
"""

import argparse
import re
import socket
import sys
from html import escape
from pathlib import Path

from local.files import replacing
from local.output.terminal_session import record, replay, shorten, type_command

MAX_BYTES = 400_000
FRAME_S = 0.1
LAST_S = 10  # the last screen stays
CELL_WIDTH, CELL_HEIGHT, FONT_SIZE = 8, 18, 13.2
PAD, BAR_HEIGHT = 14, 32  # of the window; of the bar above it
BASELINE = 13  # below the top of a line
# Of a dark terminal; the names are pyte's. Its others are of six hexadecimal digits.
COLOURS = {
    "default": "#d0d7de",
    "black": "#484f58",
    "red": "#ff7b72",
    "green": "#4ac26b",
    "brown": "#d29922",
    "blue": "#58a6ff",
    "magenta": "#d2a8ff",
    "cyan": "#39c5cf",
    "white": "#d0d7de",
    "brightblack": "#8b949e",
}
BACK = "#0d1117"
FONT = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace"
# A drawing that is not animated shows the last screen: .b is what was replaced.
STYLE = """
text{{font:{size}px {font};fill:{text};white-space:pre}}
.a,.b,.s{{animation:{seconds:g}s step-end infinite}}
.b{{visibility:hidden}}
.s{{animation-name:s;transform:translateY({last}px)}}
@media (prefers-reduced-motion:reduce){{.a,.b,.s{{animation:none}}}}
"""
WINDOW = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" \
height="{height}" role="img" aria-label="{label}">
<style>{style}</style>
<rect x=".5" y=".5" width="{inner}" height="{deep}" rx="9" fill="{back}" \
stroke="#8b949e" stroke-opacity=".5"/>
<circle cx="20" cy="17" r="5.5" fill="#ff5f57"/>
<circle cx="39" cy="17" r="5.5" fill="#febc2e"/>
<circle cx="58" cy="17" r="5.5" fill="#28c840"/>
<text x="{middle}" y="21" text-anchor="middle" style="fill:#8b949e">{label}</text>
<svg x="{pad}" y="{bar}" width="{text_width}" height="{text_height}">
<g class="s" xml:space="preserve">
{lines}
</g>
</svg>
</svg>
"""


def draw(recording, command, columns, rows, max_pause, seconds):
    """Draw a recording.

    Parameters
    ----------
    recording : list of (float, bytes)
        As from `local.output.terminal_session.record`.
    command : list of str
        What was recorded, typed at the beginning.
    columns, rows : int
        Size of the terminal, in characters.
    max_pause, seconds : float
        As of `local.output.terminal_session.shorten`.

    Returns
    -------
    picture : str
        SVG, the same for the same recording.
    """
    typed = type_command(command, shorten(recording, max_pause, seconds))
    session = replay(typed, columns, rows, FRAME_S)
    n_frames = session.n_frames + round(LAST_S / FRAME_S)
    width, height = columns * CELL_WIDTH, rows * CELL_HEIGHT
    took = f"{recording[-1][0]:.0f} s" if recording else "no output"
    return WINDOW.format(
        width=width + 2 * PAD,
        height=height + BAR_HEIGHT + PAD,
        inner=width + 2 * PAD - 1,
        deep=height + BAR_HEIGHT + PAD - 1,
        middle=width // 2 + PAD,
        back=BACK,
        pad=PAD,
        bar=BAR_HEIGHT,
        text_width=width,
        text_height=height,
        label=escape(f"{' '.join(command)} ({took}, pauses shortened)"),
        style=_draw_style(session, n_frames),
        lines="\n".join(draw_line(line) for line in session.lines),
    )


def _draw_style(session, n_frames):
    """Return the style sheet: when lines come and go, and how far they are scrolled."""

    def at(frame):
        return f"{100 * frame / n_frames:.2f}".rstrip("0").rstrip(".") + "%"

    def up(number):
        return f"{{transform:translateY({-number * CELL_HEIGHT}px)}}"

    style = STYLE.format(
        size=FONT_SIZE,
        font=FONT,
        text=COLOURS["default"],
        seconds=n_frames * FRAME_S,
        last=-session.scrolled[-1][1] * CELL_HEIGHT,
    )
    steps = "".join(at(frame) + up(number) for frame, number in session.scrolled)
    rules = [f"@keyframes s{{{steps}}}"]
    # Lines that come and go in the same frames share a rule.
    for start, end in sorted({(x.start, x.end or n_frames) for x in session.lines}):
        come = f"{at(start)}{{visibility:visible}}"
        if end == n_frames:
            rule = "0%{visibility:hidden}" * (start > 0) + come
        else:
            rule = f"{come}{at(end)}{{visibility:hidden}}"
        rules.append(f"@keyframes {_name_rule(start, end, n_frames)}{{{rule}}}")
    return style + "\n".join(rules) + "\n"


def _name_rule(start, end, n_frames):
    """Name the rule of lines from one frame to another."""
    return f"k{start}" if end in (None, n_frames) else f"k{start}-{end}"


def draw_line(line):
    """Return a line as SVG, as wide as its cells are in whatever font.

    Examples
    --------
    >>> from local.output.terminal_session import Line
    >>> line = Line(2, (("a<b", "default", False, 3),), start=5, end=None)
    >>> draw_line(line).split("lengthAdjust")[0]
    '<text class="a" style="animation-name:k5" y="49" textLength="24" '
    """
    kind = "a" if line.end is None else "b"
    name = _name_rule(line.start, line.end, None)
    width = CELL_WIDTH * sum(n_cells for *_, n_cells in line.runs)
    spans = "".join(_draw_run(text, *look) for text, *look, _ in line.runs)
    return (
        f'<text class="{kind}" style="animation-name:{name}"'
        f' y="{line.number * CELL_HEIGHT + BASELINE}" textLength="{width}"'
        f' lengthAdjust="spacingAndGlyphs">{spans}</text>'
    )


def _draw_run(text, colour, bold):
    """Return text of one look; that of a plain one is the text itself.

    Examples
    --------
    >>> _draw_run("&", "red", True)
    '<tspan fill="#ff7b72" font-weight="bold">&amp;</tspan>'
    """
    text, marks = escape(text, quote=False), ""
    if colour != "default":
        name = colour if colour in COLOURS else colour.removeprefix("bright")
        marks = f' fill="{COLOURS.get(name) or f"#{name}"}"'
    if bold:
        marks += ' font-weight="bold"'
    return f"<tspan{marks}>{text}</tspan>" if marks else text


def refuse_private(recording):
    """Refuse a recording that tells of the machine.

    Parameters
    ----------
    recording : list of (float, bytes)
        As from `local.output.terminal_session.record`.

    Raises
    ------
    ValueError
        If it holds the home, the working or Python's folder, or the machine's name.
    """
    # Of the bytes, not of the lines: there a long path may be broken in two.
    text = b"".join(chunk for _, chunk in recording).decode(errors="replace")
    folders = [Path.home(), Path.cwd(), Path.cwd().resolve(), Path(sys.prefix)]
    found = [str(folder) for folder in folders if folder.name and str(folder) in text]
    host = socket.gethostname()
    if host != "localhost" and re.search(rf"\b{re.escape(host)}\b", text):
        found.append(host)
    if found:
        raise ValueError(f"the command told of {found[0]}, which is of this machine")


def picture(path, command, columns, rows, max_pause, seconds):
    """Run a command and draw its terminal.

    Parameters
    ----------
    path : Path
        Where to write.
    command, columns, rows, max_pause, seconds
        As of `draw`.

    Returns
    -------
    path : Path
        The picture.

    Raises
    ------
    ValueError
        If the command fails, tells of this machine, or the picture is too large; what
        stood at ``path`` is kept then.
    """
    recording = record(command, columns, rows)
    refuse_private(recording)
    drawn = draw(recording, command, columns, rows, max_pause, seconds).encode()
    if len(drawn) > MAX_BYTES:
        raise ValueError(
            f"the picture has {len(drawn):,} bytes, {MAX_BYTES:,} are allowed; give"
            " fewer --seconds, or a smaller --columns"
        )
    with replacing(path) as temporary:
        temporary.write_bytes(drawn)
    return path


def main(arguments=None):
    """Run `picture` from the command line.

    Parameters
    ----------
    arguments : list of str, optional
        By default those the program was started with.
    """
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("path", type=Path, help="the picture, .svg")
    parser.add_argument("command", nargs="+", help="after --")
    for name, default, what in (
        ("columns", 132, "characters in a line"),
        ("rows", 36, "lines"),
        ("max_pause", 1.0, "seconds that a pause is shortened to"),
        ("seconds", 40.0, "all of it is shortened to"),
    ):
        told = f"{what}, {default:g} by default"
        parser.add_argument(f"--{name}", type=type(default), default=default, help=told)
    options = parser.parse_args(arguments)
    try:
        path = picture(**vars(options))
    except (ValueError, OSError) as error:
        parser.exit(1, f"error: {error}\n")
    print(f"{path}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
