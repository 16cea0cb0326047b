"""Tests of local.output.app.server and of what app.py refuses to open."""

import os
import signal
import socket
import sys
import tempfile
from pathlib import Path

import pytest

from app import main
from local.output.app.server import check_loopback, private_gradio


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
