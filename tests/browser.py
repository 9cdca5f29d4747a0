"""A real browser: one for all tests of a worker, since Playwright takes no second one in a process."""

import os
import shutil

import pytest

PATIENCE = 30_000  # ms; the machine may be busy
CAMERA = (
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
)  # a picture that moves; nobody is asked
NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def chromium():
    path = os.environ.get("CRUMPLE_BROWSER") or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip("no Chromium here: the page is not tested; apt-get install chromium")
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-quic", *CAMERA])
        yield browser
        browser.close()


@pytest.fixture
def browser_context(chromium):
    """Makes contexts, each a visitor of its own; at the end no page may have had an error."""
    made, errors = [], []

    def make(policed=True, **options):
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 800}} | options)
        context.set_default_timeout(PATIENCE)
        # An edit asks for a name once; the tests have given it, but for the one about it.
        context.add_init_script("""if (location.protocol === "http:") localStorage["crumple.author"] ??= '"Ada"'""")
        context.on("weberror", lambda error: errors.append(str(error.error)))
        if policed:
            context.on("console", lambda one: errors.append(one.text) if "Content Security" in one.text else None)
        made.append(context)
        return context

    yield make
    for context in made:
        context.close()
    assert not errors
