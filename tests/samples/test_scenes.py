from dataclasses import replace

import cv2
import numpy as np
import pytest
from PIL import Image

from crumple.samples.scenes import BLURRED, CLEAN, CLOSE_UP, PHOTOS, SCENES, paint_scene, painted_photos, write_samples
from crumple.taxonomy import DAMAGES


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_painted_photos_carry_masks_of_known_damage_on_the_car(scene):
    painted = paint_scene(scene)
    clean = paint_scene(replace(scene, damages=())).image
    assert painted.image.shape == clean.shape
    changed = np.abs(painted.image.astype(int) - clean).max(axis=2) > 8
    every = np.zeros(clean.shape[:2], bool)
    for label, mask in painted.truth:
        assert label in DAMAGES
        assert mask.shape == clean.shape[:2] and 0.005 < mask.mean() < 0.1
        assert changed[mask].mean() > 0.25, f"{label} in {scene.name} can hardly be seen"
        every |= mask
    assert changed[~every].mean() < 0.015


def test_every_kind_of_damage_is_painted_somewhere():
    assert {label for photo in painted_photos() for label, _ in photo.truth} == {"scratch", "dent", "lamp_damage"}


def test_a_close_up_is_the_crop_enlarged():
    scene = next(scene for scene in SCENES if scene.crop)
    left, top, right, bottom = scene.crop
    whole = paint_scene(replace(scene, crop=None)).image[top:bottom, left:right]
    close = paint_scene(scene).image
    assert max(close.shape) == CLOSE_UP
    small = cv2.resize(close, (right - left, bottom - top), interpolation=cv2.INTER_AREA)
    assert np.abs(small.astype(int) - whole).mean() < 4


def test_write_samples_says_in_the_name_what_is_painted(tmp_path):
    written = write_samples(tmp_path / "photos")
    notices = {"README.md"} | {path.name for path in PHOTOS.glob("LICENSE.*")}
    assert len(notices) == 4
    assert {path.name for path in (tmp_path / "photos").iterdir()} == notices | {path.name for path in written}
    kinds = [path.name.split("_")[0] for path in written]
    assert kinds.count("painted") == len(painted_photos())
    assert kinds.count("clean") == len(CLEAN) and kinds.count("blurred") == len(BLURRED)
    for path in written:
        with Image.open(path) as image:
            assert min(image.size) > 300


def test_every_shipped_photo_has_its_licence_and_attribution_beside_it():
    readme = (PHOTOS / "README.md").read_text()
    for name in (*CLEAN, *BLURRED):
        line = next(line for line in readme.splitlines() if name in line)
        licence = line[line.index("LICENSE.") :].split()[0]
        assert (PHOTOS / licence).stat().st_size > 500
    assert sum(path.stat().st_size for path in PHOTOS.iterdir()) < 1_000_000
