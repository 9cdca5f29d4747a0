"""`crumple train` as a user runs it, in a process of its own."""

import signal
import subprocess
import sys

import pytest
import yaml

from crumple.cli.main import run
from tests.small_data import write_small_data

pytestmark = pytest.mark.slow

RECIPE = {
    "name": "tiny",
    "data": "data.yaml",
    "batch": {"parts_set": {"photos": 1, "negatives": 1}, "damage_set": 1},
    "steps": 2,
    "epoch_steps": 1,
    "validate_epochs": 2,
    "model": {"input_size": [128, 128], "pyramid_channels": 16, "box_units": 16, "mask_channels": 8, "mask_convs": 1},
    "optimisation": {"freeze_to_stride": 32},  # quicker to start
    "sampling": {"proposals": 32, "rois": 16, "positives": 8, "masks": 4},
}


def crumple(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "crumple", *map(str, arguments)], capture_output=True, text=True, check=False
    )


def write_recipe(folder, **changes):
    path = folder / "recipe.yaml"
    path.write_text(yaml.safe_dump({**RECIPE, **changes}))
    return path


def test_a_run_from_beginning_to_end(tmp_path):
    write_small_data(tmp_path, photos=2)
    done = crumple("train", write_recipe(tmp_path), "--out", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    assert "step 2  loss" in done.stdout and "parts/mask_ap" in done.stdout and "of the live weights" in done.stdout
    assert (tmp_path / "run" / "best" / "weights.npz").is_file()


@pytest.mark.parametrize(
    ("changes", "arguments", "complaint"),
    [
        ({"stepz": 1}, (), "recipe.yaml: stepz: is not known; check its spelling"),
        (
            {"steps": 4, "epoch_steps": 2},
            ("--steps", "3"),
            "--steps 3: steps (3) must be a multiple of epoch_steps (2)",
        ),
    ],
)
def test_bad_input_ends_before_anything_starts(tmp_path, changes, arguments, complaint):
    done = crumple("train", write_recipe(tmp_path, **changes), "--out", tmp_path / "run", *arguments)
    assert done.returncode == 2 and complaint in done.stderr
    assert "Traceback" not in done.stderr and not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("signals", "code", "words"),
    [
        ([signal.SIGINT], 130, "stopped: run it again to go on from this step"),
        ([signal.SIGINT, signal.SIGINT], 130, "ended: run it again to go on from what was last saved"),
        ([signal.SIGTERM], 143, "ended: run it again to go on from what was last saved"),
    ],
)
def test_who_ends_it_is_told_how_to_go_on(tmp_path, monkeypatch, capsys, signals, code, words):
    from crumple.train.callbacks import Stopped

    def training(settings, folder, validate, *, callbacks, stop, say):
        assert not stop()
        for number in signals:
            signal.raise_signal(number)
        assert stop()
        raise Stopped  # once the state is saved

    monkeypatch.setattr("crumple.train.loop.train", training)
    write_small_data(tmp_path, photos=1)
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(SystemExit) as end:
        run(["train", str(write_recipe(tmp_path)), "--out", str(tmp_path / "run")])
    assert end.value.code == code and signal.getsignal(signal.SIGINT) is before
    printed = capsys.readouterr().out
    assert printed.splitlines()[-1] == words
    assert ("stopping after this step; Ctrl-C again drops" in printed) == (signal.SIGINT in signals)
