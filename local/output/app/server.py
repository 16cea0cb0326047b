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
from urllib.parse import urlsplit

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
LARGEST = 1e9  # number that means anything here
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
    if not is_loopback(host):
        raise ValueError(f"--host {host}: voices stay on this machine; give 127.0.0.1")


def is_loopback(host):
    """Tell whether a host, a name or an address, is this machine to itself."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_numbers(port, **others):
    """Refuse numbers that a server cannot do with.

    Parameters
    ----------
    port : int or None
        As of `serve`.
    **others : float or None
        Sizes and times.

    Raises
    ------
    ValueError
        Names the first.

    Examples
    --------
    >>> check_numbers(7860, close_after_s=None)
    >>> check_numbers(7860, close_after_s=-1)
    Traceback (most recent call last):
    ...
    ValueError: --close_after_s -1: expected a number above 0
    """
    if port is not None and (type(port) is not int or not 0 < port < 2**16):
        raise ValueError(f"--port {port}: expected a whole number in 1..65535, or null")
    for key, number in others.items():
        if number is None:
            continue
        if not isinstance(number, int | float) or not 0 < number < LARGEST:
            raise ValueError(f"--{key} {number}: expected a number above 0")


def refuse_strangers(app):
    """Wrap the server so that it answers no page but its own.

    A page of elsewhere, open in the browser of this machine, could otherwise give
    itself a name of this machine's address, and ask in that name.

    Parameters
    ----------
    app : callable
        Of ASGI.

    Returns
    -------
    guarded : callable
        The same, for requests to a loopback address from a page of that address.
    """
    from starlette.responses import PlainTextResponse

    async def guarded(scope, receive, send):
        if scope["type"] != "lifespan" and not is_own(dict(scope["headers"])):
            refusal = PlainTextResponse("only for pages of this machine", 403)
            await refusal(scope, receive, send)
        else:
            await app(scope, receive, send)

    return guarded


def is_own(headers):
    """Tell whether a request is to this machine, and from a page of the same address.

    Examples
    --------
    >>> is_own({b"host": b"[::1]:7860", b"origin": b"http://[::1]:7860"})
    True
    >>> is_own({b"host": b"localhost:7860", b"origin": b"http://example.org"})
    False
    """
    host = headers.get(b"host", b"")
    try:
        name = urlsplit(b"//" + host).hostname or b""
    except ValueError:
        return False
    is_same = headers.get(b"origin") in (None, b"http://" + host)
    return is_loopback(name.decode("latin-1")) and is_same


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
    from starlette.middleware import Middleware

    try:
        _, url, _ = page.launch(
            server_name=f"[{host}]" if ":" in host else host,
            server_port=port,
            max_file_size=int(max_file_mb * 2**20),
            theme=theme,
            css_paths=HERE / "page.css",
            quiet=True,
            prevent_thread_lock=True,
            app_kwargs={"middleware": [Middleware(refuse_strangers)]},
            **SHUT,
        )
    except OSError as error:
        raise OSError(
            f"--port {port}: taken, or not allowed to you; give another, or null"
        ) from error
    print(f"{url} is open on this machine alone; Ctrl-C closes it", flush=True)
    try:
        Event().wait(close_after_s)
    except KeyboardInterrupt:
        print()
    finally:
        page.close(verbose=False)
