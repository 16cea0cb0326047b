"""A real browser, for the tests of what people look at: ``make browser`` installs one.

Without a browser its tests are skipped.
"""

import shutil

import pytest

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
PATIENCE_S = 180  # a machine may be busy
DESKTOP = {"viewport": {"width": 1280, "height": 900}}


@pytest.fixture(scope="session")
def browser():
    """Return headless Chromium."""
    sync_api = pytest.importorskip("playwright.sync_api", exc_type=ImportError)
    if not BROWSER:
        pytest.skip("no chromium: make browser")
    with sync_api.sync_playwright() as playwright:
        # A container's root has no sandbox.
        options = {"executable_path": BROWSER, "args": ["--no-sandbox"]}
        browser = playwright.chromium.launch(**options)
        yield browser
        browser.close()


@pytest.fixture
def watch(browser):
    """Return a function that opens a page, and after the test look for complaints.

    A request to elsewhere than ``may_ask``, starts of addresses, is one, and so is what
    the page says on the console, but for messages of the kinds in ``may_say``.
    """
    contexts, complaints = [], []

    def open_page(address, may_ask, may_say=(), **options):
        contexts.append(browser.new_context(**DESKTOP | options))
        contexts[-1].set_default_timeout(1000 * PATIENCE_S)
        page = contexts[-1].new_page()

        def hear(message):
            if message.type not in may_say:
                complaints.append(message.text)

        def see(request):
            if not request.url.startswith(may_ask):
                complaints.append(f"asked for {request.url}")

        page.on("console", hear)
        page.on("request", see)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not complaints
