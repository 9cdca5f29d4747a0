"""A second label file about a set's photos, and what is on them though nobody drew it."""

import json

import numpy as np
import pytest
from PIL import Image

from crumple.dataset.affine import Augmentation, PhotoAffine
from crumple.dataset.loader import Loader, Source
from crumple.dataset.sets import read_data
from crumple.dataset.targets import make_targets
from crumple.errors import DataError

CLASSES = ("hood", "left_fender", "right_fender")


def coco(category, box, **image):
    x0, y0, x1, y1 = box
    return {
        "images": [{"id": 1, "file_name": "car.png", "width": 80, "height": 40} | image],
        "categories": [{"id": 1, "name": category}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "segmentation": [[x0, y0, x1, y0, x1, y1, x0, y1]]}],
    }


def data_file(folder, first, second=None, branch="parts"):
    Image.new("RGB", (80, 40), "grey").save(folder / "car.png")
    (folder / "first.json").write_text(json.dumps(first))
    more = ""
    if second:
        (folder / "second.json").write_text(json.dumps(second))
        more = ", more: second.json"
    path = folder / "data.yaml"
    path.write_text(
        f"sets:\n  - name: cars\n    branch: {branch}\n    labels: crumple\n"
        f"    train: {{annotations: first.json, images: .{more}}}\n"
    )
    (data,) = read_data(path).sets
    return data


def test_both_files_draw_on_one_photo(tmp_path):
    second = coco("left_fender", (40, 0, 60, 20), undrawn=["right_fender"])
    (photo,) = data_file(tmp_path, coco("hood", (0, 0, 30, 30)), second).read("train")
    assert [one.label for one in photo.instances] == ["hood", "left_fender"]
    assert photo.undrawn == ("right_fender",)
    # Mirrored, what nobody drew is on the other side.
    targets = make_targets(photo, PhotoAffine((80, 40), (80, 40), True, (0, 0)), (40, 80), CLASSES, 4)
    assert targets.undrawn.tolist() == [False, True, False]


def test_photos_of_its_own_and_names_of_no_label_are_refused(tmp_path):
    data = data_file(tmp_path, coco("hood", (0, 0, 30, 30)), coco("left_fender", (40, 0, 60, 20), file_name="b.png"))
    Image.new("RGB", (80, 40)).save(tmp_path / "b.png")
    with pytest.raises(DataError, match=r"second\.json: b\.png is not among the set's photos"):
        data.read("train")
    data = data_file(tmp_path, coco("hood", (0, 0, 30, 30), undrawn=["spoiler"]))
    with pytest.raises(DataError, match="field undrawn: 'spoiler' is not in the label map"):
        data.read("train")


def test_views_without_damage_show_none(tmp_path):
    data = data_file(tmp_path, coco("dent", (0, 0, 20, 40)), branch="damage")
    source = Source(data, data.read("train"), 2, undamaged_views=1.0)
    loader = Loader([source], {"damage": ("dent", "scratch")}, (64, 64), Augmentation(), slots=4)
    assert loader.labelled_images() == {"damage": 2}
    assert all((loader.batch(step)["damage"]["labels"] == -1).all() for step in range(4))
    assert np.unique(loader.batch(0)["damage"]["labelled"]).tolist() == [True]
