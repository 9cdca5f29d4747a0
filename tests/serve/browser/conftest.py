"""A real browser on the real service. Without a browser these tests are skipped and say so."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

PATIENCE = 30_000  # ms; the machine may be busy
CAMERA = (
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
)  # a picture that moves; nobody is asked
NAMES = ("chromium", "chromium-browser", "google-chrome")


class Served:
    """The service as a process of its own, which can be killed and started again on the same port."""

    def __init__(self, data: Path, **variables: str) -> None:
        self.data, self.variables = data, variables
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        script = Path(__file__).with_name("served.py")
        command = [sys.executable, str(script), str(self.port), str(self.data)]
        self.process = subprocess.Popen(command, env=os.environ | self.variables)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.url}/healthz", timeout=5):
                    return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError("the service did not start")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()
            raise


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    service = Served(tmp_path_factory.mktemp("served") / "data")
    yield service
    service.stop()


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


@pytest.fixture
def page(browser_context):
    return browser_context().new_page()


def photo(seed=0, brightness=1.0, size=(640, 320), kind="JPEG"):
    """A photo that passes every check unless it is made dark: large patches with sharp edges, and some noise."""
    random = np.random.default_rng(seed)
    patches = random.integers(40, 216, (8, 16, 3)).repeat(size[1] // 8, 0).repeat(size[0] // 16, 1)
    noise = random.integers(-20, 21, patches.shape)
    file = BytesIO()
    Image.fromarray(((patches + noise) * brightness).clip(0, 255).astype(np.uint8)).save(file, kind)
    return file.getvalue()


def upload(name="car.jpg", **options):
    """A photo as playwright's set_input_files takes it."""
    return {"name": name, "mimeType": "image/jpeg", "buffer": photo(**options)}
