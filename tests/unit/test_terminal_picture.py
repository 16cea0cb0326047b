"""The picture of a terminal is small, moves, and tells nothing of the machine."""

import re
import socket
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from local.output.terminal_picture import draw, main, refuse_private

SVG = "{http://www.w3.org/2000/svg}"
RECORDING = [
    (0.1, b"<b>&amp;</b> \x1b[32mgreen\x1b[0m\r\n"),
    *((0.2 + n / 10, b"\r%3d %%" % n) for n in range(20)),
    (2.3, b"\r\n" + b"last\r\n" * 6),
]


def drawn(recording=RECORDING, **changes):
    size = {"columns": 40, "rows": 5, "max_pause": 1.0, "seconds": 40.0}
    return draw(recording, ["make", "<demo>"], **size | changes)


def write(folder, code, *options):
    """Run the command on a line of Python; return where the picture should be."""
    path = folder / "a.svg"
    main([str(path), *options, "--", sys.executable, "-c", code])
    return path


def texts_of(picture, kind):
    """Return the lines of a class: a stays, b is replaced."""
    texts = ElementTree.fromstring(picture).iter(f"{SVG}text")
    return ["".join(x.itertext()) for x in texts if x.get("class") == kind]


def test_text_is_text_and_no_markup():
    assert "<b>&amp;</b> green" in texts_of(drawn(), "a")
    titles = [x for x in ElementTree.fromstring(drawn()) if x.tag == f"{SVG}text"]
    assert titles[0].text == "make <demo> (2 s, pauses shortened)"


def test_the_same_recording_gives_the_same_bytes():
    assert drawn() == drawn()


def test_every_line_comes_by_a_rule_there_is():
    picture = drawn()
    used = set(re.findall(r"animation-name:([\w-]+)", picture))
    rules = set(re.findall(r"@keyframes ([\w-]+)", picture))
    assert used == rules


def test_a_bar_comes_and_goes_in_time():
    picture = drawn()
    assert "  5 %" in texts_of(picture, "b") and " 19 %" in texts_of(picture, "a")
    bar = re.search(r'animation-name:(k[\d-]+)"[^>]*>  5 %<', picture)[1]
    start, end = map(int, bar[1:].split("-"))
    seconds = float(re.search(r"animation:([\d.]+)s", picture)[1])
    shares = re.search(f"keyframes {bar}{{([\\d.]+)%.*?}}([\\d.]+)%", picture).groups()
    expected = [10 * frame / seconds for frame in (start, end)]
    assert [float(share) for share in shares] == pytest.approx(expected, abs=0.01)


def test_who_wants_no_motion_sees_the_last_screen():
    picture = drawn()
    still = re.search(r"prefers-reduced-motion:reduce\){(.*)}", picture)[1]
    assert still == ".a,.b,.s{animation:none}"
    last_step = re.findall(r"%{transform:(.*?)}", picture)[-1]
    assert f".s{{animation-name:s;transform:{last_step}}}" in picture


def test_every_name_of_a_colour_is_drawn_as_one():
    codes = [*range(30, 38), *range(90, 98)]
    lines = "".join(f"\x1b[{code}mx\x1b[0m\r\n" for code in codes)
    picture = drawn([(0, lines.encode())], rows=20)
    colours = re.findall(r'<tspan fill="(.*?)">x<', picture)
    assert len(colours) == len(codes)
    assert all(re.fullmatch("#[0-9a-f]{6}", colour) for colour in colours)


def test_a_command_becomes_a_picture(tmp_path, capfd):
    path = write(tmp_path, "print('hello')", "--columns", "66")
    assert "hello" in texts_of(path.read_text(encoding="utf-8"), "a")
    assert capfd.readouterr().out.endswith("kB\n")


@pytest.mark.parametrize(
    "secret", [Path.home(), Path.cwd(), Path(sys.prefix), socket.gethostname()]
)
def test_what_tells_of_the_machine_is_refused(secret):
    recording = [
        (0, b"at "),
        (1, f"{secret}"[:2].encode()),
        (2, f"{secret}"[2:].encode()),
    ]
    with pytest.raises(ValueError, match="of this machine"):
        refuse_private([*recording, (3, b"/a.txt")])


def test_what_is_refused_leaves_the_picture_of_before(tmp_path, capfd):
    path = write(tmp_path, "print('hello')")
    before = path.read_bytes()
    for code, reason in (
        ("import os; print(os.getcwd())", "told of"),
        ("raise SystemExit(2)", "failed with 2"),
        ("for n in range(40000): print(n, 'x' * 30)", "400,000 are allowed"),
    ):
        with pytest.raises(SystemExit) as end:
            write(tmp_path, code, "--rows", "9999")
        assert end.value.code == 1
        assert re.search(f"^error: .*{reason}", capfd.readouterr().err, re.MULTILINE)
        assert [x.name for x in tmp_path.iterdir()] == ["a.svg"]
        assert path.read_bytes() == before
