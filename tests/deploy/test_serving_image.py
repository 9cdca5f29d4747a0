"""What the serving image holds, installed by the script that the Dockerfile runs, on a folder laid out like /opt/ml."""

import json
import os
import socket
import subprocess
import time
import urllib.request
import venv
from contextlib import suppress
from pathlib import Path

import pytest

from crumple.deploy.package.package import make_package, photo_to_ask, unpack
from crumple.detect.released import released_model

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "src/crumple/deploy/container/install.sh"


def install(target, folder):
    """The environment of one image; the PATH that finds its entry points first."""
    venv.create(folder, with_pip=True)
    began = time.monotonic()
    quicker = os.environ | {"PIP_COMPILE": "0"}  # Python compiles what it imports
    subprocess.run(["sh", str(SCRIPT), target, str(ROOT), str(folder / "bin/python")], check=True, env=quicker)
    print(f"{target}: installed in {time.monotonic() - began:.0f} s")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    return kept | {"PATH": f"{folder}/bin:/usr/bin:/bin", "CRUMPLE_CACHE": str(folder / "cache")}


@pytest.fixture(scope="module")
def serving(tmp_path_factory):
    return install("serve", tmp_path_factory.mktemp("serve"))


def check_serving(environment, root):
    """`serve` with the released model in root/model: ping, a photo, the answer of the package."""
    photo = photo_to_ask(None)
    expected = make_package(released_model(), root / "model.tar.gz", photo)
    (root / "model").mkdir()
    unpack(root / "model.tar.gz", root / "model")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    variables = environment | {"CRUMPLE_SERVE_ML_ROOT": str(root), "SAGEMAKER_BIND_TO_PORT": str(port)}
    process = subprocess.Popen(["serve"], env=variables, cwd=root)
    url, end = f"http://127.0.0.1:{port}", time.monotonic() + 120
    try:
        while True:
            assert process.poll() is None and time.monotonic() < end
            with suppress(OSError), urllib.request.urlopen(f"{url}/ping", timeout=2) as answer:
                assert answer.status == 200
                break
            time.sleep(0.1)
        request = urllib.request.Request(f"{url}/invocations", photo, {"Content-Type": "image/jpeg"})
        found = json.loads(urllib.request.urlopen(request, timeout=60).read())
        assert [part["label"] for part in found["parts"]] == [part.label for part in expected.parts]
        parameters = json.loads(urllib.request.urlopen(f"{url}/execution-parameters", timeout=10).read())
        assert parameters["BatchStrategy"] == "SINGLE_RECORD"
    finally:
        process.terminate()
        assert process.wait(60) == 0


@pytest.mark.slow
def test_the_serving_image_serves(serving, tmp_path):
    check_serving(serving, tmp_path)


@pytest.mark.slow
def test_the_serving_image_has_no_train(serving):
    done = subprocess.run(["sh", "-c", "command -v train"], env=serving, capture_output=True, check=False)
    assert done.returncode
