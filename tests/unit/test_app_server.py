"""Tests of local.output.app.server and of what app.py refuses to open."""

import os
import signal
import socket
import sys
import tempfile
from pathlib import Path

import pytest

from app import main
from local.output.app.server import (
    check_loopback,
    check_numbers,
    is_own,
    private_gradio,
)


@pytest.fixture(autouse=True)
def temporary(monkeypatch, tmp_path):
    """Keep what Gradio makes anew, of a folder it saw when imported, in the test's."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "localhost", "::1"])
def test_this_machine_is_served(host):
    check_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2", "example.org", ""])
def test_no_other_machine_is_served(host):
    with pytest.raises(ValueError, match="voices stay on this machine"):
        check_loopback(host)


def test_the_app_refuses_another_host_before_it_loads_anything():
    with pytest.raises(ValueError, match=r"--host 0\.0\.0\.0: voices stay"):
        main(["--host", "0.0.0.0", "--model", "nowhere"])


def test_gradio_that_is_missing_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "gradio", None)
    with (
        pytest.raises(ValueError, match=r"no gradio: pip install -r requirements-app"),
        private_gradio(),
    ):
        pass


@pytest.mark.parametrize("end", [KeyboardInterrupt, SystemExit, None])
def test_recordings_go_with_the_page_however_it_ends(end):
    pytest.importorskip("gradio", exc_type=ImportError)
    before = signal.getsignal(signal.SIGTERM)
    try:
        with private_gradio() as gradio:
            folder = Path(os.environ["GRADIO_TEMP_DIR"])
            (folder / "a.wav").write_text("a voice")
            assert gradio.Audio().GRADIO_CACHE == str(folder)
            if end is SystemExit:
                try:
                    os.kill(os.getpid(), signal.SIGTERM)
                finally:  # as `timeout` sends it twice
                    os.kill(os.getpid(), signal.SIGTERM)
            elif end:
                raise end
    except (KeyboardInterrupt, SystemExit) as error:
        assert type(error) is end
    assert not folder.exists()
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_port_that_is_taken_is_named(untrained_model, tmp_path):
    pytest.importorskip("gradio", exc_type=ImportError)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        words = ["--device", "cpu", "--model", str(untrained_model(1))]
        words += ["--enrolled_folder", str(tmp_path / "e"), "--port", str(port)]
        with pytest.raises(OSError, match=f"--port {port}: taken"):
            main(words)


@pytest.mark.parametrize("port", ["abc", 0, -1, 70000, 7.5, True])
def test_a_port_that_is_none_is_refused(port):
    with pytest.raises(ValueError, match=f"--port {port}: expected a whole number"):
        check_numbers(port)


@pytest.mark.parametrize(
    ("host", "origin", "is_ours"),
    [
        ("127.0.0.1:7860", None, True),
        ("localhost:7860", "http://localhost:7860", True),
        ("[::1]:7860", "http://[::1]:7860", True),
        ("example.org:7860", None, False),  # a name given this machine's address
        ("example.org:7860", "http://example.org:7860", False),
        ("127.0.0.1.example.org", None, False),
        ("127.0.0.1:7860", "http://localhost:9999", False),
        ("127.0.0.1:7860", "null", False),
        ("[", None, False),
        ("", None, False),
    ],
)
def test_pages_of_elsewhere_are_not_answered(host, origin, is_ours):
    headers = {b"host": host.encode()}
    if origin:
        headers[b"origin"] = origin.encode()
    assert is_own(headers) == is_ours
