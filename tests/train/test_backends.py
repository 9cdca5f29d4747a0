"""Training on JAX, on one device and on two, each in a process of its own; and in bfloat16."""

import json
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from crumple.dataset.affine import Augmentation
from crumple.model.network import KerasNetwork
from crumple.train.loop import train
from crumple.train.recipe import Optimisation, Recipe, SetShare
from tests.small_data import write_small_data
from tests.train.test_loop import MODEL, SAMPLING

pytestmark = pytest.mark.slow

QUICK = "--xla_backend_optimization_level=0"  # XLA compiles for longer than the run takes
RUN = "import json, sys; from tests.train.test_backends import run; print(json.dumps(run(sys.argv[1])))"


BOTH = {"parts_set": SetShare(1, negatives=1), "damage_set": SetShare(1)}
ONE = {"damage_set": SetShare(2)}  # takes half as long to trace


def run(folder, batch=BOTH, bfloat16=False):
    """A short run: backend, compute type and distribution as its validation saw them, and the losses."""
    recipe = Recipe(
        name="tiny",
        data=write_small_data(Path(folder) / "data"),
        batch=batch,
        steps=4,
        epoch_steps=2,
        model=MODEL,
        sampling=SAMPLING,
        augmentation=Augmentation(flip=0.5),
        optimisation=Optimisation(learning_rate=1e-3, warmup_steps=1),
        validate_epochs=2,
        bfloat16=bfloat16,
    )
    seen = []

    def validate(model):
        policy = keras.mixed_precision.dtype_policy()
        seen[:] = keras.backend.backend(), policy.compute_dtype, str(keras.distribution.distribution())
        KerasNetwork(model)(np.zeros((1, *model.config.input_size, 3), np.uint8))  # as every validation does
        return {}

    train(recipe, Path(folder) / "run", validate)
    rows = [json.loads(line) for line in (Path(folder) / "run" / "log.jsonl").read_text().splitlines()]
    assert [row["step"] for row in rows] == [2, 4]
    return seen, [row["loss"] for row in rows]


def run_on_jax(folder, flags=""):
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(folder)],
        env={**os.environ, "KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu", "XLA_FLAGS": f"{QUICK} {flags}"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_jax_on_two_devices_trains_as_on_one(tmp_path):
    seen, one = run_on_jax(tmp_path / "one")
    assert seen == ["jax", "float32", "None"]
    seen, two = run_on_jax(tmp_path / "two", flags="--xla_force_host_platform_device_count=2")
    assert "DataParallel" in seen[2]
    assert two == pytest.approx(one, rel=1e-2)


def test_bfloat16_trains_close_to_float32(tmp_path):
    seen, half = run(tmp_path / "half", ONE, bfloat16=True)
    assert seen[1] == "bfloat16"
    seen, full = run(tmp_path / "full", ONE)
    assert seen[1] == "float32"
    assert half == pytest.approx(full, rel=0.1)
