import itertools
import json
import os

import numpy as np
import pytest

from crumple.dataset.affine import Augmentation
from crumple.dataset.loader import Loader, Source
from crumple.dataset.sets import read_data
from crumple.errors import DataError, PhotoError
from tests.small_data import COLOURS, write_small_data

CLASSES = {"parts": ("hood", "wheel"), "damage": ("scratch", "dent")}
AUGMENTATION = Augmentation((0.7, 1.5), 1.2, 0.5, 0.1, 0.1, 0.1, 5)


def make_loader(path, seed=0, classes=CLASSES):
    data = read_data(path)
    parts, damage = data.sets
    sources = [Source(parts, parts.read("train"), 2, negatives=1), Source(damage, damage.read("train"), 3)]
    return Loader(sources, classes, (128, 192), AUGMENTATION, slots=5, seed=seed)


def same(a, b):
    if isinstance(a, dict):
        return all(same(a[key], b[key]) for key in a)
    return np.array_equal(a, b)


def test_batch_contract(tmp_path):
    batch = make_loader(write_small_data(tmp_path)).batch(0)
    assert batch["images"].shape == (5, 128, 192, 3) and batch["images"].dtype == np.float32
    assert batch["images"].min() >= 0 and batch["images"].max() <= 255
    for name in CLASSES:
        assert batch[name]["boxes"].shape == (5, 5, 4) and batch[name]["boxes"].dtype == np.float32
        assert batch[name]["labels"].shape == (5, 5) and batch[name]["labels"].dtype == np.int32
        assert batch[name]["masks"].shape == (5, 5, 112, 112) and batch[name]["masks"].dtype == np.uint8
    # Two parts photos, of which the first is also a negative for damage, then three damage photos.
    assert batch["parts"]["labelled"].tolist() == [True, True, False, False, False]
    assert batch["damage"]["labelled"].tolist() == [True, False, True, True, True]
    assert (batch["damage"]["labels"][:2] == -1).all() and (batch["parts"]["labels"][2:] == -1).all()
    assert (batch["damage"]["labels"][2:, 0] >= 0).any()


def test_labelled_images_agree_with_the_batches(tmp_path):
    loader = make_loader(write_small_data(tmp_path))
    batch = loader.batch(3)
    assert loader.labelled_images() == {name: int(batch[name]["labelled"].sum()) for name in CLASSES}
    assert loader.batch_size == len(batch["images"])


def test_same_seed_and_step_give_the_same_batch(tmp_path):
    path = write_small_data(tmp_path)
    assert same(make_loader(path).batch(7), make_loader(path).batch(7))
    assert not same(make_loader(path).batch(7), make_loader(path).batch(8))
    assert not same(make_loader(path).batch(7), make_loader(path, seed=1).batch(7))


def test_a_stream_gives_the_batches_in_order(tmp_path):
    loader = make_loader(write_small_data(tmp_path))
    for step, batch in zip(range(4, 8), loader.stream(start=4, workers=3), strict=False):
        assert same(batch, loader.batch(step))


def test_every_photo_is_seen_once_before_any_is_seen_twice(tmp_path):
    loader = make_loader(write_small_data(tmp_path, photos=6))
    drawn = itertools.chain.from_iterable(loader._draw(1, step) for step in range(4))
    names = [photo.file_name for photo in drawn]
    assert sorted(names[:6]) == sorted(names[6:]) == sorted(set(names))
    assert names[:6] != names[6:]


def test_a_broken_photo_ends_the_stream_with_its_name(tmp_path):
    path = write_small_data(tmp_path, photos=1)
    os.truncate(tmp_path / "damage0.png", 60)
    with pytest.raises(PhotoError, match=r"damage0\.png"):
        next(make_loader(path).stream())


def test_a_branch_that_the_model_lacks_is_named(tmp_path):
    with pytest.raises(DataError, match="set 'damage_set' teaches 'damage', which the model lacks"):
        make_loader(write_small_data(tmp_path), classes={"parts": CLASSES["parts"]})


def one_set(path, name, classes=CLASSES, **shares):
    """A loader of two photos of one set a step, unscaled, with the other set there to take damage from."""
    data = read_data(path)
    sources = [Source(s, s.read("train"), 2, **(shares if s.name == name else {})) for s in data.sets]
    return Loader(sources, classes, (128, 128), Augmentation(), slots=8)


def test_a_mosaic_shows_four_photos_with_what_is_left_of_their_objects(tmp_path):
    batch = one_set(write_small_data(tmp_path), "damage_set", mosaic=1.0).batch(0)
    image, damage = batch["images"][2], {key: values[2] for key, values in batch["damage"].items()}
    valid = damage["labels"] >= 0
    assert valid.sum() > 2  # one photo has two objects
    assert (damage["boxes"][valid] >= 0).all() and (damage["boxes"][valid] <= 128).all()
    assert (damage["boxes"][~valid] == 0).all()
    for box, label, mask in zip(damage["boxes"][valid], damage["labels"][valid], damage["masks"][valid], strict=True):
        x, y = ((box[:2] + box[2:]) / 2).astype(int)
        assert np.abs(image[y, x] - COLOURS[CLASSES["damage"][label]]).max() < 3
        assert mask[56, 56] == 1


def test_pasted_damage_lies_on_a_panel_and_is_all_the_damage_there_is(tmp_path):
    path = write_small_data(tmp_path)
    plain, pasted = one_set(path, "parts_set", negatives=2), one_set(path, "parts_set", negatives=2, pasted=1.0)
    found = 0
    for step in range(4):
        before, after = plain.batch(step), pasted.batch(step)
        assert after["damage"]["labelled"].all() and after["parts"]["labelled"][:2].all()
        assert same(before["parts"]["boxes"][:2], after["parts"]["boxes"][:2])
        for i in range(2):
            labels = after["damage"]["labels"][i]
            changed = np.abs(before["images"][i] - after["images"][i]).max(axis=2) > 8
            assert changed.any() == (labels[0] >= 0) and (labels[1:] == -1).all()
            if labels[0] < 0:
                continue
            found += 1
            hoods = after["parts"]["boxes"][i][after["parts"]["labels"][i] == 0]
            box = after["damage"]["boxes"][i][0]
            assert any((box[:2] >= hood[:2] - 1).all() and (box[2:] <= hood[2:] + 1).all() for hood in hoods)
            rows, columns = np.nonzero(changed)
            assert columns.min() >= box[0] - 6 and rows.max() <= box[3] + 6
    assert found


def test_a_set_of_undamaged_photos_teaches_that_there_is_no_damage(tmp_path):
    path = write_small_data(tmp_path)
    clean = {"images": json.loads((tmp_path / "parts.json").read_text())["images"], "categories": [], "annotations": []}
    (tmp_path / "clean.json").write_text(json.dumps(clean))
    files = "{annotations: clean.json, images: .}"
    with path.open("a") as data:
        data.write(f"  - {{name: clean, branch: damage, labels: crumple, undamaged: true, train: {files}}}\n")
    loader = one_set(path, "clean", mosaic=0.5)
    batch = loader.batch(0)
    assert loader.labelled_images() == {"parts": 2, "damage": 4}
    assert batch["parts"]["labelled"].tolist() == [True, True, False, False, False, False]
    assert batch["damage"]["labelled"].tolist() == [False, False, True, True, True, True]
    assert (batch["damage"]["labels"][2:4, 0] >= 0).all() and (batch["damage"]["labels"][4:] == -1).all()


def test_damage_to_paste_needs_a_set_that_has_some(tmp_path):
    parts, _ = read_data(write_small_data(tmp_path)).sets
    with pytest.raises(DataError, match="pasted damage comes from a set that teaches it; add one to the batch"):
        Loader([Source(parts, parts.read("train"), 1, 1, pasted=0.5)], CLASSES, (128, 128), Augmentation())
