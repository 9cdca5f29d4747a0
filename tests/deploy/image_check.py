"""The same for the training image: `make image-check` runs it. It downloads gigabytes, so `make test` does not."""

import subprocess

import pytest

from tests.deploy.container.test_train import lay_out
from tests.deploy.test_serving_image import check_serving, install


@pytest.fixture(scope="module")
def training(tmp_path_factory):
    return install("train", tmp_path_factory.mktemp("train"))


def test_the_training_image_trains(training, tmp_path):
    root = lay_out(tmp_path / "ml")
    done = subprocess.run(["train", str(root)], env=training, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (root / "model" / "checkpoint" / "weights.npz").is_file() and not (root / "output" / "failure").exists()
    assert (root / "checkpoints" / "run" / "state.npz").is_file()


def test_the_training_image_serves_too(training, tmp_path):
    check_serving(training, tmp_path)
