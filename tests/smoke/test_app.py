"""The page of app.py in a real browser, by the model that ships and synthetic readers.

What is not clicked is tested in tests/unit.
"""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from data_prep.safe_pickle import load_pickle
from data_prep.synthetic_readers import make_synthetic_readers
from verify import main as verify_main

pytest.importorskip("gradio", exc_type=ImportError)
PATIENCE_S = 180  # a machine may be busy
ZOE, BOB = 0, 2  # two of the readers who do not sound alike
# Runs a script and tells of every host it asks that is not this machine.
WATCHED = """
import runpy, sys
def tell(event, args):
    asked = {"socket.connect": args[1:], "socket.getaddrinfo": args}.get(event)
    host = asked[0][0] if asked and isinstance(asked[0], tuple) else asked and asked[0]
    if host and not str(host).startswith(("127.", "::1", "localhost", "/")):
        print("asked for", host, file=sys.stderr, flush=True)
sys.addaudithook(tell)
del sys.argv[0]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    """Return a function that writes three seconds of a reader, the first or others."""
    pytest.importorskip("espeakng_loader", exc_type=ImportError)
    folder = tmp_path_factory.mktemp("clips")
    make_synthetic_readers(folder, 1, 4, n_segments=6)
    (data,) = load_pickle(folder / "test_data.pkl")
    labels = np.load(folder / "test_labels.npy")

    def clip(reader, number):
        rows = np.flatnonzero(labels == np.unique(labels)[reader])
        path = folder / f"{reader}-{number}.wav"
        wav = data[rows[3 * number : 3 * number + 3]].ravel()
        soundfile.write(path, wav, 11025, subtype="FLOAT")
        return path

    return clip


@pytest.fixture
def start(tmp_path):
    """Return a function that starts the app and gives its address, when it is open."""
    started = []
    environment = {"OMP_NUM_THREADS": "1", "TMPDIR": str(tmp_path), "PYTHONPATH": "."}

    def open_app():
        words = [sys.executable, "-c", WATCHED, "app.py", "--device", "cpu"]
        process = subprocess.Popen(
            [*words, "--enrolled_folder", tmp_path / "enrolled"],
            stdout=subprocess.PIPE,
            stderr=open(tmp_path / f"said-{len(started)}.txt", "w"),
            text=True,
            env=os.environ | environment,
        )
        started.append(process)
        line = process.stdout.readline()
        said = (tmp_path / f"said-{len(started) - 1}.txt").read_text()
        assert "is open on this machine alone" in line, said
        return line.split()[0]

    yield open_app
    for number, process in enumerate(started):
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_S)
        said = (tmp_path / f"said-{number}.txt").read_text()
        assert "asked for" not in said and "Traceback" not in said
    assert not list(tmp_path.glob("voice-reid-*")), "recordings are left"


@pytest.fixture
def visit(watch):
    """Return a function that opens the page at an address."""

    def open_page(address, may_say=("warning",), **options):
        # Gradio's player warns of what the headless browser has not.
        page = watch(address, (address, "data:", "blob:"), may_say, **options)
        page.wait_for_selector("#first-clip")
        return page

    return open_page


def give(page, field, path):
    """Put a clip into a field, in place of what is there, and wait for its picture."""
    clear = page.locator(f"#{field}").get_by_label("Clear")
    picture = page.locator(f"#{field}-picture figure, #{field}-picture .problem")
    if clear.count():
        clear.click()
        picture.wait_for(state="detached")
    page.locator(f"#{field} input[type=file]").set_input_files(path)
    picture.wait_for()


def read(page, selector, expected):
    """Wait for a text, a pattern, in the visible one of the selected; return it."""
    shown = page.locator(f"{selector}:visible").filter(has_text=re.compile(expected))
    shown.first.wait_for()
    return shown.first.inner_text()


def figures(text):
    """Return probability and score that a text tells."""
    probability = re.search(r"Probability of one speaker: (\d\.\d+)", text)[1]
    return probability, re.search(r"Score: (-?\d+\.\d+)", text)[1]


def test_two_clips_get_the_verdict_of_verify(start, visit, clips, capsys):
    page = visit(start())
    give(page, "first-clip", clips(ZOE, 0))
    for reader, answer in ((ZOE, "One speaker"), (BOB, "Two speakers")):
        give(page, "second-clip", clips(reader, 1))
        page.get_by_role("button", name="Compare").click()
        told = read(page, ".card", answer)
        pair = [str(clips(ZOE, 0)), str(clips(reader, 1))]
        capsys.readouterr()
        verify_main(["hparams/verify.yaml", "--device", "cpu", "--pair", *pair])
        assert figures(told) == figures(capsys.readouterr().out)
        assert re.search(r"Balanced: .* \d+\.\d+ % of one speaker are missed", told)
    page.get_by_label("Operating point").click()
    page.get_by_role("option", name="Few false acceptances, 1 %").click()
    read(page, ".card", "Few false acceptances, 1 %: ")


def test_an_enrolled_voice_is_recognised_after_a_restart(start, visit, clips):
    page = visit(start())
    page.get_by_role("tab", name="Whose voice").click()
    for name, reader in (("Zoë O'Hara", ZOE), ("Bob", BOB)):
        page.get_by_label("Name").fill(name)
        give(page, "clip-of-this-voice", clips(reader, 0))
        page.get_by_role("button", name="Enrol", exact=True).click()
        read(page, ".note", f"{name}: enrolled with 1 clip, 3 one-second views")
    page = visit(start())
    page.get_by_role("tab", name="Whose voice").click()
    read(page, ".told", "Bob.*Zoë O'Hara")
    for reader, answer in ((ZOE, "This is Zoë O'Hara"), (BOB, "This is Bob")):
        give(page, "clip-of-somebody", clips(reader, 1))
        page.get_by_role("button", name="Who is it?").click()
        read(page, ".card", answer)
    page.get_by_label("Enrolled voice").click()
    page.get_by_role("option", name="Bob").click()
    page.get_by_role("button", name="Remove").click()
    read(page, ".note", "Bob: removed")
    page.get_by_role("button", name="Who is it?").click()
    read(page, ".card", "None of them")


def test_what_is_no_audio_is_one_line(start, visit, tmp_path):
    (tmp_path / "note.wav").write_text("no audio")
    page = visit(start(), may_say=("warning", "error"))  # the player cannot play it
    give(page, "first-clip", tmp_path / "note.wav")
    told = read(page, ".problem", "First clip: cannot be read")
    assert "expected WAV, FLAC, OGG or MP3" in told and str(Path.home()) not in told
    page.get_by_role("tab", name="Whose voice").click()
    page.get_by_label("Name").fill("<img src=x onerror=alert(1)>")
    page.get_by_role("button", name="Enrol", exact=True).click()
    read(page, ".problem", "none yet; record or upload one|a name begins with")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_it_within_its_width(start, visit, clips, scheme):
    phone = {"viewport": {"width": 390, "height": 844}, "is_mobile": True}
    page = visit(start(), color_scheme=scheme, **phone)
    for field in ("first-clip", "second-clip"):
        give(page, field, clips(ZOE, 0))
    page.get_by_role("button", name="Compare").click()
    read(page, ".card", "One speaker")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    is_dark = sum(map(int, re.findall(r"\d+", colour)[:3])) < 3 * 128
    assert is_dark == (scheme == "dark")
