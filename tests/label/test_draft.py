"""The model's draft, here and as CVAT's auto-annotation function."""

import subprocess
import sys
from pathlib import Path

import cv2
import cvat_sdk.auto_annotation as cvataa
import numpy as np
import pytest
from cvat_sdk.core.client import Client, Config

from crumple.errors import CrumpleError
from crumple.label import cvat_function
from crumple.label.cvat_function import DraftFunction
from crumple.label.shapes import iou
from tests.fakes import MASK, Thing, save_model
from tests.label.cvat.cvat_project import DENT, HOOD, drafter, push_all, shapes, write_photos
from tests.label.cvat.fake_cvat import FakeCvat

RGB = np.zeros((100, 200, 3), np.uint8)


def rough():
    """A mask with a wavy edge and a loose piece."""
    rows, columns = np.indices((MASK, MASK)) - 12.0
    wave = 9 + 1.5 * np.sin(5 * np.arctan2(rows, columns))
    grid = (np.hypot(rows, columns) < wave).astype(np.float32)
    grid[24:, 24:] = 1
    return grid


def test_parts_and_damage_with_scores():
    objects = drafter()(RGB)
    assert [(one.label, one.attributes) for one in objects] == [("hood", {"score": 0.9}), ("dent", {"score": 0.7})]
    assert objects[0].shape.box == (10, 10, 60, 60)


@pytest.mark.parametrize(("tolerance", "least"), [(0, 0.97), (1.5, 0.95), (4, 0.85)])
def test_polygons_stay_within_their_tolerance(tolerance, least):
    thing = Thing("damage", "dent", (20, 10, 120, 90), 0.9, rough())
    exact = drafter([thing], shape="mask")(RGB)[0].shape
    drawn = drafter([thing], tolerance=tolerance)(RGB)[0].shape
    assert iou(exact.patch(100, 200), drawn.patch(100, 200)) >= least
    assert len(drawn.polygons) == 2
    edge = cv2.findContours(
        exact.patch(100, 200).on_photo(100, 200).view(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
    )[0]
    for x, y in np.concatenate(edge)[:, 0]:
        away = min(
            abs(cv2.pointPolygonTest(p.astype(np.float32), (float(x) + 0.5, float(y) + 0.5), True))
            for p in drawn.polygons
        )
        assert away <= tolerance + 0.75  # a pixel's centre lies half a diagonal from the edge


def test_fewer_points_with_more_tolerance():
    thing = Thing("damage", "dent", (20, 10, 120, 90), 0.9, rough())
    counts = [len(drafter([thing], tolerance=tolerance)(RGB)[0].shape.polygons[0]) for tolerance in (0, 1.5, 4)]
    assert counts[0] > counts[1] > counts[2]


def test_thresholds():
    low = Thing("damage", "dent", (20, 20, 40, 40), 0.35)
    unsure = Thing("damage", "dent", (60, 20, 90, 40), 0.2)
    assert [one.attributes["score"] for one in drafter([low, unsure])(RGB)] == [0.35]  # the model's own is 0.3
    assert len(drafter([low, unsure], threshold=0.1)(RGB)) == 2
    assert drafter([low, unsure], threshold=0.5)(RGB) == []


def test_a_part_found_twice_is_drafted_once():
    twice = [HOOD, Thing("parts", "front_left_door", (11, 10, 60, 60), 0.8)]
    assert [one.label for one in drafter(twice)(RGB)] == ["hood"]


@pytest.mark.parametrize("options", [{"shape": "circle"}, {"tolerance": -1}, {"threshold": 2}])
def test_bad_settings(options):
    with pytest.raises(CrumpleError, match=next(iter(options))):
        drafter(**options)


@pytest.fixture
def task(tmp_path):
    """A server with a task of two photos without drafts, and a client of the SDK as anybody has it."""
    with FakeCvat() as fake:
        push_all(fake, write_photos(tmp_path / "p", 3), draft=False)
        with Client(fake.url, config=Config(cache_dir=tmp_path / "cache", status_check_period=0.01)) as client:
            client.login(("annie", "secret-of-annie"))
            yield fake, client, fake.state.tasks[0]["id"]


@pytest.mark.parametrize("shape", ["polygon", "mask"])
def test_the_sdk_annotates_a_task_with_our_function(task, shape):
    fake, client, number = task
    cvataa.annotate_task(
        client, number, DraftFunction(drafter([HOOD, DENT], shape=shape)), allow_unmatched_labels=False
    )
    drawn = shapes(fake)
    assert [(one["type"], one["frame"]) for one in drawn] == [(shape, 0), (shape, 0), (shape, 1), (shape, 1)]
    names = {label["id"]: label["name"] for label in fake.state.labels}
    assert [names[one["label_id"]] for one in drawn] == ["hood", "dent"] * 2
    scores = [next(a["value"] for a in one["attributes"] if a["value"].isdigit()) for one in drawn]
    assert scores == ["90", "70"] * 2


def test_the_sdks_own_threshold_and_shape_win(task):
    fake, client, number = task
    function = DraftFunction(drafter([HOOD, DENT], shape="mask", threshold=0.1))
    cvataa.annotate_task(client, number, function, conf_threshold=0.8, conv_mask_to_poly=True)
    assert [one["type"] for one in shapes(fake)] == ["polygon", "polygon"]


@pytest.mark.slow
def test_cvat_cli_runs_the_module_as_a_file(task, tmp_path):
    """The whole way as a user has it, with an exported model and parameters."""
    fake, _, number = task
    (tmp_path / "model").mkdir()
    model = save_model(tmp_path / "model")
    command = [
        str(Path(sys.executable).with_name("cvat-cli")),
        "--server-host",
        fake.url,
        "--auth",
        "annie:secret-of-annie",
    ]
    command += ["task", "auto-annotate", str(number), "--function-file", cvat_function.__file__]
    command += ["-p", f"model=str:{model}", "-p", "shape=str:mask", "-p", "threshold=float:0.01"]
    subprocess.run(command, check=True, timeout=300, env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"})
    assert {one["type"] for one in shapes(fake)} == {"mask"}
