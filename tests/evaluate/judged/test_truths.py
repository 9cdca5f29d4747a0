"""What several sets say about the same photos is brought together."""

import json
from dataclasses import replace

import pytest
from PIL import Image

from crumple.dataset.leak_records import Leak, LeakAudit, SharedClaim, SplitPhoto
from crumple.dataset.sets import read_data
from crumple.errors import DataError
from crumple.evaluate.judged.judge import DetectorFinder, judge
from crumple.evaluate.judged.photos import JudgedPhoto, apart_sets, labelled_for, undamaged
from crumple.evaluate.judged.truths import read_truths, unseen
from crumple.taxonomy import DAMAGES, PARTS
from tests.evaluate.small_data import SIZE, KnowingDetector, polygon, write_data
from tests.evaluate.squares import region

BOTH = {"parts": PARTS, "damage": DAMAGES}


def data_file(folder, *sets):
    """Sets of the photos in one folder, each (name, branch, {file name: [(label, box)]}, other fields)."""
    (folder / "images").mkdir(parents=True)
    entries = []
    for name, branch, photos, fields in sets:
        images, annotations, categories = [], [], sorted({label for drawn in photos.values() for label, _ in drawn})
        for number, (file_name, drawn) in enumerate(photos.items()):
            Image.new("RGB", SIZE, (200 + ord(file_name[0]) % 50,) * 3).save(folder / "images" / file_name)
            group = fields.get("group")
            images.append({"id": number, "file_name": file_name, "width": SIZE[0], "height": SIZE[1], "group": group})
            annotations += [
                {"image_id": number, "category_id": categories.index(label), "segmentation": [polygon(box)]}
                for label, box in drawn
            ]
        content = {
            "images": images,
            "annotations": [{"id": i, **annotation} for i, annotation in enumerate(annotations, start=1)],
            "categories": [{"id": i, "name": label} for i, label in enumerate(categories)],
        }
        (folder / f"{name}.json").write_text(json.dumps(content))
        rest = {key: value for key, value in fields.items() if key != "group"}
        val = {"annotations": f"{name}.json", "images": "images"}
        entries.append({"name": name, "branch": branch, "labels": "crumple", "val": val} | rest)
    (folder / "data.yaml").write_text(json.dumps({"sets": entries}))
    return read_data(folder / "data.yaml")


HOOD, SCRATCH = ("hood", (10, 10, 100, 60)), ("scratch", (30, 30, 70, 60))


def test_a_photo_of_two_sets_is_one_photo_with_both_labels(tmp_path):
    data = data_file(
        tmp_path,
        ("p", "parts", {"a.png": [HOOD], "b.png": [HOOD]}, {}),
        ("d", "damage", {"c.png": [SCRATCH], "b.png": [SCRATCH]}, {"group": "claim 7"}),
    )
    truths = {truth.file_name: truth for truth in read_truths(data, "val", BOTH)}
    assert list(truths) == ["a.png", "b.png", "c.png"]
    both = truths["b.png"]
    assert both.sets == {"parts": "p", "damage": "d"} and both.group == "claim 7"
    assert [instance.label for branch in BOTH for instance in both.photos[branch].instances] == ["hood", "scratch"]
    assert truths["a.png"].sets == {"parts": "p"} and not both.undamaged


def test_what_one_set_says_of_a_photo_another_does_not_take_back(tmp_path):
    told = {"undamaged": True, "group": "claim 7"}
    data = data_file(
        tmp_path, ("p", "parts", {"a.png": [HOOD]}, told), ("d", "damage", {"a.png": [], "b.png": [SCRATCH]}, {})
    )
    truth, other = read_truths(data, "val", BOTH)
    assert (truth.undamaged, truth.group) == (True, "claim 7")
    assert (other.undamaged, other.group) == (False, None)


def test_two_sets_that_label_the_same_branch_of_a_photo_are_refused(tmp_path):
    sets = [(name, "damage", {"a.png": [SCRATCH]}, {}) for name in ("old", "new")]
    with pytest.raises(DataError, match=r"a\.png is in the sets 'old' and 'new', which both label damage: take it out"):
        read_truths(data_file(tmp_path, *sets), "val", BOTH)


def test_a_model_of_damage_alone_also_sees_the_undamaged_photos(tmp_path):
    sets = ("p", "parts", {"a.png": [HOOD]}, {"undamaged": True}), ("d", "damage", {"b.png": [SCRATCH]}, {})
    data = data_file(tmp_path, *sets)
    truths = read_truths(data, "val", {"damage": DAMAGES})
    assert [(truth.file_name, truth.undamaged) for truth in truths] == [("b.png", False), ("a.png", True)]
    assert [truth.file_name for truth in read_truths(data, "val", {"parts": PARTS})] == ["a.png"]
    photos = judge(DetectorFinder(KnowingDetector({"damage": DAMAGES})), truths)
    assert [photo.name for photo in undamaged(photos)] == ["p/a.png"]
    assert photos[1].drawn["damage"] == ()
    assert [photo.name for photo in labelled_for(photos, "damage")] == ["d/b.png"]


def test_a_set_of_undamaged_photos_without_a_label_counts_for_false_alarms_alone(tmp_path):
    data = data_file(
        tmp_path, ("d", "damage", {"b.png": [SCRATCH]}, {}), ("clean", "damage", {"c.png": []}, {"undamaged": True})
    )
    truths = read_truths(data, "val", BOTH)
    assert [(truth.file_name, truth.undamaged) for truth in truths] == [("b.png", False), ("c.png", True)]
    photos = judge(DetectorFinder(KnowingDetector()), truths)
    assert [photo.name for photo in labelled_for(photos, "damage")] == ["d/b.png"]
    assert [photo.name for photo in undamaged(photos)] == ["clean/c.png"]


def test_sets_without_the_split_are_passed_over(tmp_path):
    data_file(tmp_path, ("p", "parts", {"a.png": [HOOD]}, {}), ("d", "damage", {"b.png": [SCRATCH]}, {}))
    content = json.loads((tmp_path / "data.yaml").read_text())
    content["sets"][1]["train"] = content["sets"][1].pop("val")
    (tmp_path / "data.yaml").write_text(json.dumps(content))
    data = read_data(tmp_path / "data.yaml")
    assert [truth.file_name for truth in read_truths(data, "val", BOTH)] == ["a.png"]
    assert [truth.file_name for truth in read_truths(data, "train", BOTH)] == ["b.png"]
    with pytest.raises(DataError, match="no set that can be judged has a split 'test'; they have val, train"):
        read_truths(data, "test", BOTH)


def test_a_set_with_coarser_names_is_read_and_marked(tmp_path):
    (tmp_path / "coarse.yaml").write_text(json.dumps({"names": {"door": "door", "hood": "hood"}}))
    doors = {f"{row}_{side}_door": "door" for row in ("front", "back") for side in ("left", "right")}
    door = ("door", (10, 10, 60, 60))
    data = data_file(
        tmp_path,
        ("p", "parts", {"a.png": [door, HOOD]}, {"labels": "coarse.yaml", "coarser": doors}),
        ("d", "damage", {"a.png": [SCRATCH]}, {}),
    )
    (truth,) = read_truths(data, "val", BOTH)
    assert not truth.in_our_words("parts") and truth.in_our_words("damage")
    assert {instance.label for instance in truth.photos["parts"].instances} == {"door", "hood"}
    photos = judge(DetectorFinder(KnowingDetector()), [truth])
    assert labelled_for(photos, "parts") == [] and labelled_for(photos, "damage") == photos


def test_a_set_says_nothing_of_what_its_label_file_does_not_list(tmp_path):
    data = data_file(
        tmp_path,
        ("p", "parts", {"a.png": [HOOD]}, {"undamaged": True}),
        ("d", "damage", {"b.png": [SCRATCH]}, {"apart": True}),
        ("c", "damage", {"c.png": []}, {"undamaged": True}),
    )
    parts, damage, clean = read_truths(data, "val", BOTH)
    assert (parts.classes, damage.classes, clean.classes) == (
        {"parts": frozenset({"hood"})},
        {"damage": frozenset({"scratch"})},
        {},
    )
    assert (parts.apart, damage.apart) == (frozenset(), frozenset({"damage"}))
    assert [one.source for one in (parts, damage, clean)] == ["p", "d", "c"]
    dent, scratch = (region((0, 0, 10, 10), 0.9, label) for label in ("dent", "scratch"))
    for truth, seen in ((damage, (scratch,)), (clean, (dent, scratch))):
        photo = JudgedPhoto(truth, "", {"damage": ()}, {}, {"damage": (dent, scratch)})
        assert photo.regions("damage").found == seen
    photos = judge(DetectorFinder(KnowingDetector()), [parts, damage, clean])
    assert labelled_for(photos, "damage") == [] and labelled_for(photos, "damage", "d") == [photos[1]]
    assert apart_sets(photos, "damage") == ["d"] and apart_sets(photos, "parts") == []
    assert undamaged(photos) == [photos[0], photos[2]]


def test_a_label_that_may_be_there_undrawn_is_not_judged_on_that_photo(tmp_path):
    data = data_file(tmp_path, ("p", "parts", {"a.png": [HOOD], "b.png": [("roof", (10, 10, 60, 60))]}, {}))
    content = json.loads((tmp_path / "p.json").read_text())
    content["images"][0]["undrawn"] = ["roof"]
    (tmp_path / "p.json").write_text(json.dumps(content))
    assert [one.classes["parts"] for one in read_truths(data, "val", BOTH)] == [{"hood"}, {"hood", "roof"}]


def test_merged_objects_are_split_and_kept_as_given(tmp_path):
    first, *_ = read_truths(read_data(write_data(tmp_path)), "val", BOTH)
    assert (len(first.photos["parts"].instances), len(first.given["parts"].instances)) == (3, 2)


def test_limit_takes_photos_spread_over_each_set(tmp_path):
    photos = {f"{number}.png": [SCRATCH] for number in range(7)}
    data = data_file(tmp_path, ("d", "damage", photos, {}))
    assert [truth.file_name for truth in read_truths(data, "val", BOTH, limit=3)] == ["0.png", "3.png", "6.png"]
    assert len(read_truths(data, "val", BOTH, limit=100)) == 7


def leaks(copies=(), claims=()):
    """An audit with copies of these photos of d in the training split, and a claim in both of each of these."""
    at = {"kind": "exact", "mirrored": False, "distance": 0, "landmarks": None}
    pairs = [
        Leak(
            earlier=SplitPhoto(split="train", set="d", file_name="x.png"),
            later=SplitPhoto(split="val", set="d", file_name=name),
            **at,
        )
        for name in copies
    ]
    shared = [SharedClaim(set="d", group=name, photos={"train": ("y.png",), "val": (name,)}) for name in claims]
    return LeakAudit(splits={}, pairs=(), leaks=tuple(pairs), claims=tuple(shared), verdict="")


def test_unseen_photos_have_no_copy_and_no_claim_elsewhere(tmp_path):
    claims = {"a.png": "1", "b.png": "1", "c.png": "2", "d.png": None, "x.png": None}
    data = data_file(tmp_path, ("d", "damage", {name: [SCRATCH] for name in claims}, {}))
    truths = [replace(truth, group=claims[truth.file_name]) for truth in read_truths(data, "val", BOTH)]

    def left(audit, split="val"):
        return "".join(truth.file_name[0] for truth in unseen(truths, audit, data, split))

    assert left(leaks()) == "abcdx"
    assert left(leaks(["d.png"])) == "abcx"
    assert left(leaks(["a.png"])) == "cdx"  # with a goes the other photo of its claim
    assert left(leaks(claims=["c.png"])) == "abdx"
    assert left(leaks(["d.png"]), "test") == "abcdx"


def test_a_copy_that_the_audit_names_by_another_set_of_the_photo_is_left_out_too(tmp_path):
    data = data_file(tmp_path, ("d", "damage", {"a.png": [SCRATCH]}, {}), ("p", "parts", {"a.png": [HOOD]}, {}))
    truths = read_truths(data, "val", {"parts": PARTS})
    assert truths[0].sets == {"parts": "p"}
    assert unseen(truths, leaks(["a.png"]), data, "val") == []


def test_damage_on_a_photo_that_is_said_to_be_undamaged_is_refused(tmp_path):
    data = data_file(
        tmp_path, ("d", "damage", {"a.png": [SCRATCH]}, {}), ("p", "parts", {"a.png": [HOOD]}, {"undamaged": True})
    )
    with pytest.raises(DataError, match=r"a\.png has damage drawn on it in one set, and is in another .* undamaged"):
        read_truths(data, "val", BOTH)
