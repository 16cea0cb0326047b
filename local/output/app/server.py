"""Gradio kept to this machine: no other host is asked or answered, nothing stays."""

import ipaddress
import os
import shutil
import signal
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from threading import Event

from local.optional import import_optional

# Gradio's own ways to be served elsewhere or to tell of itself, all shut.
SHUT = {
    "share": False,
    "pwa": False,
    "mcp_server": False,
    "enable_monitoring": False,
    "run_history": False,  # which would keep uploads in the browser
    "ssr_mode": False,
    "footer_links": [],
}
HERE = Path(__file__).parent


def check_loopback(host):
    """Refuse to be reached from elsewhere.

    Parameters
    ----------
    host : str
        Address to serve at.

    Raises
    ------
    ValueError
        If it is no loopback address.

    Examples
    --------
    >>> check_loopback("0.0.0.0")
    Traceback (most recent call last):
    ...
    ValueError: --host 0.0.0.0: voices stay on this machine; give 127.0.0.1
    """
    try:
        is_loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_loopback = False
    if not is_loopback:
        raise ValueError(
            f"--host {host}: voices stay on this machine; give 127.0.0.1"
        ) from None


@contextmanager
def private_gradio():
    """Lend the gradio module, its files in a folder that goes when the block ends.

    Yields
    ------
    gradio : module
        Telling nobody that it runs.

    Raises
    ------
    ValueError
        If it is not installed.
    """
    folder = tempfile.mkdtemp(prefix="voice-reid-")
    # Read while it is imported, and before each file is written.
    os.environ |= {"GRADIO_TEMP_DIR": folder, "GRADIO_ANALYTICS_ENABLED": "False"}
    # A proxy of the machine would be asked whether the page is there.
    os.environ |= dict.fromkeys(("NO_PROXY", "no_proxy"), "localhost,127.0.0.0/8,::1")
    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield import_optional("gradio", "app")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        signal.signal(signal.SIGTERM, before)


def leave(*_):
    """End the process in order at the first SIGTERM; a second one waits for that."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit()


def serve(gradio, page, host, port, max_file_mb, close_after_s):
    """Serve a page until it is interrupted.

    Parameters
    ----------
    gradio : module
        As from `private_gradio`.
    page : gradio.Blocks
        As from `local.output.app.page.build_page`.
    host : str
        A loopback address.
    port : int or None
        By default a free one.
    max_file_mb : float
        Of an upload, MiB.
    close_after_s : float or None
        By default never.

    Raises
    ------
    OSError
        If the port is taken.
    """
    # Fonts by name: Gradio's own themes may fetch theirs.
    theme = gradio.themes.Default(
        primary_hue="blue",
        neutral_hue="gray",
        font=["system-ui", "sans-serif"],
        font_mono=["ui-monospace", "monospace"],
    )
    try:
        _, url, _ = page.launch(
            server_name=host,
            server_port=port,
            max_file_size=int(max_file_mb * 2**20),
            theme=theme,
            css_paths=HERE / "page.css",
            quiet=True,
            prevent_thread_lock=True,
            **SHUT,
        )
    except OSError as error:
        raise OSError(f"--port {port}: taken; give another, or none") from error
    print(f"{url} is open on this machine alone; Ctrl-C closes it", flush=True)
    try:
        Event().wait(close_after_s)
    except KeyboardInterrupt:
        print()
    finally:
        page.close(verbose=False)
