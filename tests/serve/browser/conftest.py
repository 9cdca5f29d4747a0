"""A real browser on the real service. Without a browser these tests are skipped and say so."""

import os
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


@pytest.fixture
def page(browser_context):
    return browser_context().new_page()


def photo(seed=0, brightness=1.0, size=(640, 320), kind="JPEG", take=0):
    """A photo that passes every check unless it is made dark: large patches with sharp edges, and some noise.

    take: photos of one seed show the same, each with noise of its own.
    """
    patches = np.random.default_rng(seed).integers(40, 216, (8, 16, 3)).repeat(size[1] // 8, 0).repeat(size[0] // 16, 1)
    noise = np.random.default_rng((seed, take)).integers(-20, 21, patches.shape)
    file = BytesIO()
    Image.fromarray(((patches + noise) * brightness).clip(0, 255).astype(np.uint8)).save(file, kind)
    return file.getvalue()


def upload(name="car.jpg", **options):
    """A photo as playwright's set_input_files takes it."""
    return {"name": name, "mimeType": "image/jpeg", "buffer": photo(**options)}
