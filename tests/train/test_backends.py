"""Training on JAX, on one device and on two, and in bfloat16: each in a process of its own."""

import json
import os
import subprocess
import sys

import pytest

from tests.small_data import write_small_data

RUN = """
import sys
from pathlib import Path
import keras
import numpy as np
from crumple.dataset.affine import Augmentation
from crumple.model.network import KerasNetwork
from crumple.train.loop import train
from crumple.train.recipe import Optimisation, Recipe, SetShare
from tests.train.test_loop import MODEL, SAMPLING

recipe = Recipe(
    name="tiny", data=Path(sys.argv[1]), batch={"parts_set": SetShare(1, negatives=1), "damage_set": SetShare(1)},
    steps=4, epoch_steps=2, model=MODEL, sampling=SAMPLING, augmentation=Augmentation(flip=0.5),
    optimisation=Optimisation(learning_rate=1e-3, warmup_steps=1), validate_epochs=2,
    bfloat16=sys.argv[3] == "bfloat16",
)

def validate(model):
    policy = keras.mixed_precision.dtype_policy()
    print(keras.backend.backend(), policy.compute_dtype, keras.distribution.distribution())
    KerasNetwork(model)(np.zeros((1, *model.config.input_size, 3), np.uint8))  # as every validation does
    return {}

train(recipe, Path(sys.argv[2]), validate)
"""


def run(tmp_path, precision="float32", **environment):
    data = write_small_data(tmp_path / "data")
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(data), str(tmp_path / "run"), precision],
        env={**os.environ, "JAX_PLATFORMS": "cpu", **environment},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    assert [row["step"] for row in rows] == [2, 4]
    return done.stdout, [row["loss"] for row in rows]


@pytest.mark.slow
def test_jax_on_two_devices_trains_as_on_one(tmp_path):
    said, one = run(tmp_path / "one", KERAS_BACKEND="jax")
    assert said.startswith("jax float32 None")
    said, two = run(tmp_path / "two", KERAS_BACKEND="jax", XLA_FLAGS="--xla_force_host_platform_device_count=2")
    assert "DataParallel" in said
    assert two == pytest.approx(one, rel=1e-2)


@pytest.mark.slow
def test_bfloat16_trains_close_to_float32(tmp_path):
    said, half = run(tmp_path / "half", "bfloat16")
    assert "bfloat16" in said
    _, full = run(tmp_path / "full")
    assert half == pytest.approx(full, rel=0.1)
