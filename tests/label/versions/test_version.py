"""The version folder: written once, read back the same, and ready to train on."""

import json
import signal
import subprocess
import sys

import cv2
import numpy as np
import pytest

from crumple.dataset.sets import read_data
from crumple.detect.masks import Patch
from crumple.errors import DataError
from crumple.folder_lock import only_process
from crumple.label.annotations import AnnotationSet, LabelledObject, VersionPhoto
from crumple.label.shapes import Shape, rectangle
from crumple.label.versions.version import read_version, write_version
from crumple.taxonomy import DAMAGES, PARTS

HOOD = LabelledObject("hood", Shape((rectangle(5, 5, 40.5, 30),)), {"occluded": True, "truncated": False})
DENT_RUNS = Patch.from_bitmap(np.ones((4, 6), bool), 10, 20).rle(50, 60)
DENT = LabelledObject("dent", Shape(runs=DENT_RUNS), {"severity": "minor", "score": 0.42})


def photo(name, *sets, **known):
    return VersionPhoto(name, 60, 50, tuple(sets) or (AnnotationSet((HOOD, DENT), "ann", 3),), **known)


@pytest.fixture
def clean(tmp_path):
    folder = tmp_path / "clean"
    (folder / "train").mkdir(parents=True)
    for name in ("train/a.jpg", "b.jpg"):
        cv2.imwrite(str(folder / name), np.full((50, 60, 3), 90, np.uint8))
    return folder


PHOTOS = [
    photo("train/a.jpg", sha256="a" * 64, group="claim 1", split="train", licence=("CC-BY-4.0", "https://cc/by/4.0")),
    photo("b.jpg", AnnotationSet((HOOD,), "ann", 3), AnnotationSet((DENT,), "bob", 4), split="val"),
]


def test_a_version_is_read_back_as_it_was_written(tmp_path, clean):
    write_version(tmp_path / "v1", PHOTOS, {"server": "http://cvat"}, images=str(clean))
    version = read_version(tmp_path / "v1")
    for was, now in zip(PHOTOS, version.photos, strict=True):
        for name in ("file_name", "sha256", "group", "split", "licence", "width", "height"):
            assert getattr(was, name) == getattr(now, name)
        assert [(s.annotator, s.job) for s in was.sets] == [(s.annotator, s.job) for s in now.sets]
        for one, other in zip(was.sets, now.sets, strict=True):
            for a, b in zip(one.objects, other.objects, strict=True):
                assert (a.label, dict(a.attributes)) == (b.label, b.attributes) and a.shape.same(b.shape)
    assert version.manifest["server"] == "http://cvat"
    assert version.images == str(clean)
    assert {"crumple"} <= version.manifest["tools"].keys()


def test_what_is_trained_on_has_each_photo_once(tmp_path, clean):
    write_version(tmp_path / "v1", PHOTOS, {}, images=str(clean))
    first = json.loads((tmp_path / "v1" / "annotations.json").read_text())
    second = json.loads((tmp_path / "v1" / "second.json").read_text())
    assert [(a["image_id"], a["annotator"]) for a in first["annotations"]] == [(1, "ann"), (1, "ann"), (2, "ann")]
    assert [(a["image_id"], a["annotator"], a["job"]) for a in second["annotations"]] == [(2, "bob", 4)]
    ids = [a["id"] for a in first["annotations"] + second["annotations"]]
    assert len(set(ids)) == 4
    assert first["info"]["year"] >= 2026
    assert [(one["id"], one["name"]) for one in first["licenses"]] == [(0, "unknown"), (1, "CC-BY-4.0")]
    assert [image["license"] for image in first["images"]] == [1, 0]


def categories(folder):
    return {one["name"]: one["id"] for one in json.loads((folder / "annotations.json").read_text())["categories"]}


def test_every_name_has_one_category_id_for_all_time(tmp_path):
    ids = categories(write_version(tmp_path / "v1", PHOTOS, {}))
    assert ids.keys() == {*PARTS, *DAMAGES} and sorted(ids.values()) == list(range(1, 35))
    # Those of the first versions, and the parts that were named later behind them.
    assert (ids["back_bumper"], ids["wheel"], ids["scratch"], ids["hood_damage"]) == (1, 18, 19, 26)
    assert (ids["grille"], ids["roof"]) == (27, 34)


def test_the_categories_are_what_could_be_drawn(tmp_path):
    drawn = write_version(tmp_path / "v1", PHOTOS, {}, names=["wheel", "hood"])
    assert list(categories(drawn)) == ["hood", "wheel", "dent"], "what is drawn is among them in any case"
    assert read_version(drawn).names == {"hood", "wheel", "dent"}


@pytest.mark.parametrize("copy", [False, True])
def test_data_yaml_can_be_trained_on(tmp_path, clean, copy):
    write_version(tmp_path / "deep" / "v1", PHOTOS, {}, images=str(clean), copy_images=copy)
    sets = {one.branch: one for one in read_data(tmp_path / "deep" / "v1" / "data.yaml").sets}
    parts = sets["parts"].read("train", check_sizes=True) + sets["parts"].read("val", check_sizes=True)
    damage = sets["damage"].read("train") + sets["damage"].read("val")
    assert [[i.label for i in p.instances] for p in parts] == [["hood"], ["hood"]]
    assert [[i.label for i in p.instances] for p in damage] == [["dent"], []]
    assert parts[0].group == "claim 1"


def test_a_branch_without_labels_gets_no_set(tmp_path, clean):
    write_version(tmp_path / "v1", [photo("b.jpg", AnnotationSet((HOOD,)))], {}, images=str(clean))
    assert [one.branch for one in read_data(tmp_path / "v1" / "data.yaml").sets] == ["parts"]
    write_version(tmp_path / "v2", [photo("b.jpg", AnnotationSet(()))], {}, images=str(clean))
    assert not (tmp_path / "v2" / "data.yaml").exists()
    assert read_version(tmp_path / "v2").photos[0].sets[0].objects == ()


def test_a_version_is_never_written_over(tmp_path):
    write_version(tmp_path / "v1", PHOTOS, {})
    before = {path.name: path.read_bytes() for path in (tmp_path / "v1").iterdir()}
    with pytest.raises(DataError, match="never changed"):
        write_version(tmp_path / "v1", PHOTOS[:1], {})
    assert {path.name: path.read_bytes() for path in (tmp_path / "v1").iterdir()} == before
    assert not any(path.stat().st_mode & 0o222 for path in (tmp_path / "v1").iterdir())


def test_a_change_is_noticed(tmp_path):
    write_version(tmp_path / "v1", PHOTOS, {})
    path = tmp_path / "v1" / "annotations.json"
    path.chmod(0o644)
    path.write_text(path.read_text().replace('"hood"', '"wood"'))
    with pytest.raises(DataError, match=r"annotations.json: is missing or was changed"):
        read_version(tmp_path / "v1")


def test_a_missing_photo_leaves_nothing(tmp_path, clean):
    (clean / "b.jpg").unlink()
    with pytest.raises(DataError, match=r"b.jpg: cannot be copied"):
        write_version(tmp_path / "v1", PHOTOS, {}, images=str(clean), copy_images=True)
    assert [path.name for path in tmp_path.iterdir()] == ["clean"]


def test_what_a_killed_process_left_goes_with_the_next_try(tmp_path, clean):
    write = (
        "from tests.label.versions.test_version import *; import os, sys; import crumple.label.versions.version as v; "
    )
    write += "v._dump = lambda *_: os.kill(os.getpid(), 9); v.write_version(sys.argv[1], PHOTOS, {}, "
    write += "images=sys.argv[2], copy_images=True)"
    killed = subprocess.run([sys.executable, "-c", write, str(tmp_path / "v1"), str(clean)], check=False, timeout=300)
    assert killed.returncode == -signal.SIGKILL
    assert sorted(path.name for path in (tmp_path / ".v1.unfinished" / "images").iterdir()) == ["b.jpg", "train"]
    write_version(tmp_path / "v1", PHOTOS, {}, images=str(clean))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clean", "v1"]
    assert not (tmp_path / "v1" / "images").exists()


def test_two_processes_do_not_write_one_version(tmp_path):
    with (
        only_process(tmp_path / ".v1.unfinished", "writes"),
        pytest.raises(DataError, match="another process writes this version; wait for it, or give another --out"),
    ):
        write_version(tmp_path / "v1", PHOTOS, {})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("names", "wrong"), [(["../a.jpg"], "leads out"), (["/a.jpg"], "leads out"), (["a.jpg", "a.jpg"], "there twice")]
)
def test_names_are_checked(tmp_path, names, wrong):
    with pytest.raises(DataError, match=wrong):
        write_version(tmp_path / "v1", [photo(name) for name in names], {})


@pytest.mark.parametrize(
    ("content", "wrong"), [(None, "cannot be read"), ("{", "is not JSON"), ("[]", "object"), ("{}", "no manifest")]
)
def test_what_is_no_version_says_so(tmp_path, content, wrong):
    if content is not None:
        (tmp_path / "manifest.json").write_text(content)
    with pytest.raises(DataError, match=wrong):
        read_version(tmp_path)
