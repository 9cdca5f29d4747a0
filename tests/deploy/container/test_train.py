"""`train` as SageMaker starts it: a process of its own, on a folder laid out like /opt/ml."""

import json
import os
import re
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import yaml

from crumple.assessment.pipeline import Assessor
from crumple.deploy.container.job_files import JobFiles
from crumple.deploy.container.train import deliver, main
from crumple.deploy.errors import DeployError
from crumple.deploy.jobs import METRICS
from crumple.deploy.package.package import photo_to_ask
from crumple.deploy.recipe_bundle import bundle
from crumple.detect.detector import load_detector
from crumple.errors import DataError
from crumple.weights import CHECKPOINT
from tests.cli.test_train import RECIPE
from tests.small_data import write_small_data

pytestmark = pytest.mark.slow

ENVIRONMENT = {**os.environ, "TF_DETERMINISTIC_OPS": "1", "TF_CPP_MIN_LOG_LEVEL": "2"}


def lay_out(folder, hyperparameters=None, photos=2, **changes):
    """A root like /opt/ml for a job on the small data set, its recipe bundled as `crumple deploy train` does it."""
    data = folder / "input" / "data" / "data"
    write_small_data(data, photos=photos)
    (folder / "source").mkdir()
    (data / "data.yaml").rename(folder / "source" / "data.yaml")
    recipe = folder / "source" / "mine.yaml"
    recipe.write_text(yaml.safe_dump({**RECIPE, "steps": 3, "epoch_steps": 3, "validate_epochs": 1, **changes}))
    channel = folder / "input" / "data" / "recipe"
    with bundle(recipe) as files:
        for name, path in files.items():
            (channel / name).parent.mkdir(parents=True, exist_ok=True)
            (channel / name).write_bytes(path.read_bytes())
    config = folder / "input" / "config"
    config.mkdir()
    channels = {"recipe": {"TrainingInputMode": "File"}, "data": {"TrainingInputMode": "File"}}
    (config / "hyperparameters.json").write_text(json.dumps(hyperparameters or {}))
    (config / "inputdataconfig.json").write_text(json.dumps(channels))
    (config / "resourceconfig.json").write_text(json.dumps({"current_host": "algo-1", "hosts": ["algo-1"]}))
    return folder


def start(root):
    command = [sys.executable, "-m", "crumple.deploy.container.train", str(root)]
    return subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def run(root):
    process = start(root)
    said, complaint = process.communicate(timeout=900)
    return process.returncode, said, complaint


@pytest.fixture
def here(capsys):
    """The same in this process, for jobs that end before anything is trained: exit code and stderr."""
    before = signal.getsignal(signal.SIGTERM)
    yield lambda root: (main([str(root)]), capsys.readouterr().err)
    signal.signal(signal.SIGTERM, before)


def test_a_job_that_spot_takes_away_goes_on_and_delivers_what_can_be_deployed(tmp_path):
    """From the released weights, so that the model sees something; small photos, so that it is quick.

    That going on leads to the same numbers is tested in tests/train/test_loop.py.
    """
    optimisation = RECIPE["optimisation"] | {"learning_rate": 1e-7}
    tuned = {"init": str(CHECKPOINT), "model": {"input_size": [128, 128], "places": []}, "optimisation": optimisation}
    root = lay_out(tmp_path / "ml", **tuned)
    process = start(root)
    end = time.monotonic() + 300
    while not (root / "checkpoints").is_dir():  # made once the process listens to signals
        assert time.monotonic() < end and process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    said, complaint = process.communicate(timeout=900)
    assert process.returncode == 143, complaint
    assert said == "stopped: the state is saved, the next start goes on from it\n"
    assert not (root / "output" / "failure").exists()
    assert progress(root) == (0, 1, 1)

    code, said, complaint = run(root)
    assert code == 0, complaint
    assert progress(root) == (1, 0, 3)  # no step is done twice
    model = root / "model"
    assert (model / "model.json").is_file(), said
    assert Assessor(load_detector(model))(photo_to_ask(None)).parts
    assert (model / "checkpoint" / "config.json").is_file() and not (root / "output" / "failure").exists()
    # CloudWatch finds in what was printed what was logged.
    [logged] = map(json.loads, (model / "log.jsonl").read_text().splitlines())
    found = {name: re.findall(regex, said, re.MULTILINE) for name, regex in METRICS.items()}
    assert float(found["loss"][-1]) == pytest.approx(logged["loss"], abs=1e-3)
    assert float(found["parts_mask_ap"][-1]) == pytest.approx(100 * logged["val/parts/mask_ap"], abs=0.1)
    assert all(found.values())


def progress(root):
    """Epochs, steps of the next one, and steps that the optimiser has done in all."""
    with np.load(root / "checkpoints" / "run" / "state.npz") as state:
        return int(state["epoch"]), int(state["steps"]), int(state["optimizer/0"])


def test_a_model_that_cannot_be_exported_is_still_worth_its_checkpoint(tmp_path, capsys):
    checkpoint, run, model = tmp_path / "best", tmp_path / "run", tmp_path / "model"
    for folder in (checkpoint, run):
        folder.mkdir()
    (checkpoint / "weights.npz").write_text("a broken one")
    (run / "log.jsonl").write_text("{}\n")
    deliver("cars", checkpoint, run, model)
    first, last = capsys.readouterr().out.splitlines()
    assert first.startswith("only the checkpoint is delivered, it was not exported: error: ")
    assert last == "cars: done, checkpoint, log.jsonl"


@pytest.mark.parametrize(
    ("hyperparameters", "reason"),
    [
        ({"stepz": "3"}, "recipe.yaml: stepz: is not known; check its spelling"),
        ({"steps": "many"}, "recipe.yaml: steps: Input should be a valid integer"),
        ({"steps": "[1"}, "hyperparameters.json: not valid YAML"),
    ],
)
def test_a_job_that_cannot_run_says_why_in_the_failure_file(hyperparameters, reason, here, tmp_path):
    root = lay_out(tmp_path / "ml", hyperparameters)
    code, complaint = here(root)
    assert code == 1 and reason in (root / "output" / "failure").read_text() and "Traceback" not in complaint
    assert complaint.startswith("error: ") and not list((root / "model").iterdir())


def test_a_job_without_its_channel_says_which_it_has(here, tmp_path):
    root = lay_out(tmp_path / "ml")
    (root / "input" / "data" / "data").rename(root / "elsewhere")
    assert here(root)[0] == 1
    assert (root / "output" / "failure").read_text() == "the job has no channel 'data'; its channels: data, recipe"


def test_a_broken_photo_is_the_failure(here, tmp_path):
    root = lay_out(tmp_path / "ml")
    photo = root / "input" / "data" / "data" / "damage0.png"
    photo.write_bytes(photo.read_bytes()[:20])  # too short to have a size: told before the model is built
    assert here(root)[0] == 1 and "damage0.png" in (root / "output" / "failure").read_text()


def test_hyperparameters_are_text_and_mean_what_yaml_says(tmp_path):
    config = tmp_path / "input" / "config"
    config.mkdir(parents=True)
    given = {"steps": "3", "bfloat16": "true", "augmentation.scale": "[0.7, 1.5]", "sagemaker_program": "x"}
    (config / "hyperparameters.json").write_text(json.dumps(given))
    files = JobFiles(tmp_path)
    assert files.hyperparameters() == {"steps": 3, "bfloat16": True, "augmentation.scale": [0.7, 1.5]}
    (config / "resourceconfig.json").write_text(json.dumps({"current_host": "algo-2", "hosts": ["algo-2", "algo-1"]}))
    assert files.hosts() == (1, ["algo-1", "algo-2"])
    (config / "hyperparameters.json").write_text("[1]")
    with pytest.raises(DeployError, match="must be a JSON object"):
        files.hyperparameters()


def test_folders_that_are_closed_are_told_at_once(tmp_path, monkeypatch):
    (tmp_path / "checkpoints").write_text("a file in the way")
    with pytest.raises(DeployError, match=r"checkpoints: cannot be made: File exists; build the image with --root"):
        JobFiles(tmp_path).check()
    monkeypatch.setattr(os, "access", lambda path, mode: "output" not in str(path))  # the tests' user may be root
    (tmp_path / "checkpoints").unlink()
    with pytest.raises(DeployError, match=r"output: cannot be written by this user; build the image with --root"):
        JobFiles(tmp_path).check()


def test_a_bundle_has_all_that_the_recipe_names_and_runs_elsewhere(tmp_path):
    write_small_data(tmp_path)
    (tmp_path / "words.yaml").write_text("names: {hood: hood, wheel: wheel}")
    text = (tmp_path / "data.yaml").read_text().replace("labels: crumple", "labels: words.yaml", 1)
    (tmp_path / "data.yaml").write_text(f"root: /nowhere\n{text}")
    (tmp_path / "start").mkdir()
    for name in ("config.json", "weights.npz"):
        (tmp_path / "start" / name).write_text(name)
    recipe = tmp_path / "mine.yaml"
    recipe.write_text(yaml.safe_dump({**RECIPE, "init": "start"}))
    with bundle(recipe) as files:
        assert set(files) == {"recipe.yaml", "data.yaml", "labels-0.yaml", "init/config.json", "init/weights.npz"}
        assert yaml.safe_load(files["recipe.yaml"].read_text())["init"] == "init"
        data = yaml.safe_load(files["data.yaml"].read_text())
        assert "root" not in data and data["sets"][0]["labels"] == "labels-0.yaml"
    (tmp_path / "start" / "weights.npz").unlink()
    with pytest.raises(DataError, match=r"mine\.yaml: names .*weights\.npz, and there is no such file"), bundle(recipe):
        pass
