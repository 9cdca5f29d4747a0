"""Classes that are not crumple's: imported for a named branch, and trained on as the version's data.yaml has them."""

import json

import numpy as np
import pytest
from PIL import Image

from crumple.dataset.labels import LabelMap
from crumple.dataset.sets import read_data
from crumple.errors import DataError
from crumple.label.formats.importer import import_labels
from crumple.label.versions.version import read_version


@pytest.fixture
def source(tmp_path):
    """A COCO file with a dent, a rusty spot and a kerb rash on each of ten photos."""
    folder = tmp_path / "photos"
    folder.mkdir()
    names = ["dent", "Rost", "kerb rash"]
    images, annotations = [], []
    for number in range(1, 11):
        pixels = np.random.default_rng(number).integers(0, 255, (60, 80, 3), np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.jpg")
        images.append({"id": number, "file_name": f"{number}.jpg", "width": 80, "height": 60})
        for kind, left in enumerate((0, 20, 40), start=1):
            square = [left, 0, left + 10, 0, left + 10, 10, left, 10]
            annotations.append(
                {"id": len(annotations) + 1, "image_id": number, "category_id": kind, "segmentation": [square]}
            )
    categories = [{"id": kind, "name": name} for kind, name in enumerate(names, start=1)]
    content = {"images": images, "annotations": annotations, "categories": categories}
    (folder / "labels.json").write_text(json.dumps(content))
    return folder / "labels.json"


def read_back(version):
    """Of each branch of data.yaml: its classes, and the labels of all its photos."""
    data = read_data(version / "data.yaml")
    return {
        one.branch: (
            data.classes(one.branch),
            {i.label for split in one.splits for photo in one.read(split) for i in photo.instances},
        )
        for one in data.sets
    }


def test_own_names_join_the_branch_that_is_named(source, tmp_path):
    names = LabelMap("mine", {"dent": "dent", "Rost": "rust", "kerb rash": None})
    import_labels(source, tmp_path / "v1", names, branch="damage")
    assert read_back(tmp_path / "v1") == {"damage": (("dent", "rust"), {"dent", "rust"})}
    photo = read_version(tmp_path / "v1").photos[0]
    assert sorted(one.label for one in photo.objects) == ["dent", "rust"]


def test_a_branch_of_another_name_stands_beside_damage(source, tmp_path):
    names = LabelMap("mine", {"dent": "dent", "Rost": None, "kerb rash": "kerb_rash"})
    import_labels(source, tmp_path / "v1", names, branch="rims")
    found = read_back(tmp_path / "v1")
    assert found["rims"] == (("kerb_rash",), {"kerb_rash"})
    assert found["damage"][1] == {"dent"} and len(found["damage"][0]) == 8, "crumple's own classes stay as they are"


def test_without_a_label_map_every_class_keeps_its_name(source, tmp_path):
    import_labels(source, tmp_path / "v1", branch="damage")
    assert read_back(tmp_path / "v1")["damage"] == (("dent", "Rost", "kerb rash"), {"dent", "Rost", "kerb rash"})


def test_own_names_without_a_branch_are_refused(source, tmp_path):
    names = LabelMap("mine", {"dent": "dent", "Rost": "rust", "kerb rash": None})
    with pytest.raises(DataError, match=r"'rust' is not one of crumple's names .* give the --branch"):
        import_labels(source, tmp_path / "v1", names)
    with pytest.raises(DataError, match=r"give --labels, or the --branch"):
        import_labels(source, tmp_path / "v1")
    assert not (tmp_path / "v1").exists()
