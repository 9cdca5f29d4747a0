import json

import cv2
import pytest

from crumple.dataset.leaks import audit_leaks
from crumple.dataset.sets import read_data
from tests.prepare.copies.test_hashes import distance
from tests.prepare.pictures import blobs, scene


def write_photo(path, rgb):
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), rgb[..., ::-1])


def write_data(folder, sets):
    """sets: by name, by split, a list of (photo (H, W, 3), group or None). Photos are named split-number.jpg."""
    entries = []
    for name, splits in sets.items():
        entry = {"name": name, "branch": "damage", "labels": "crumple"}
        for split, photos in splits.items():
            images = []
            for number, (rgb, group) in enumerate(photos):
                file_name = f"{split}-{number}.jpg"
                write_photo(folder / name / file_name, rgb)
                size = {"width": rgb.shape[1], "height": rgb.shape[0]}
                images.append({"id": number, "file_name": file_name, "group": group, **size})
            labels = folder / f"{name}-{split}.json"
            labels.write_text(json.dumps({"images": images, "annotations": [], "categories": []}))
            entry[split] = {"annotations": labels.name, "images": name}
        entries.append(entry)
    (folder / "data.yaml").write_text(json.dumps({"sets": entries}))
    return read_data(folder / "data.yaml")


def scenes(*seeds, group=None):
    return [(scene(seed), group) for seed in seeds]


def told(leak):
    return leak.kind, leak.earlier.file_name, leak.later.file_name, leak.mirrored


def test_splits_with_nothing_in_common(tmp_path):
    audit = audit_leaks(write_data(tmp_path, {"a": {"train": scenes(0, 1), "val": scenes(2)}, "b": {"val": scenes(3)}}))
    assert audit.splits == {"train": 2, "val": 2}
    assert audit.leaks == () and audit.claims == ()
    assert audit.verdict == "no photo of val is in train, as a copy, as another shot or by its claim"


def test_the_same_file_in_two_sets(tmp_path):
    data = write_data(tmp_path, {"a": {"train": scenes(0, 1)}, "b": {"val": scenes(5, 1)}})
    audit = audit_leaks(data)
    (leak,) = audit.leaks
    assert told(leak) == ("exact", "train-1.jpg", "val-1.jpg", False)
    assert (leak.earlier.set, leak.later.set, leak.distance, leak.landmarks) == ("a", "b", 0, None)
    assert audit.verdict == "1 of 2 val photos has a copy or another shot in train"


@pytest.mark.parametrize("change", ["cropped", "small", "mirrored", "dark"])
def test_a_changed_copy_is_near(tmp_path, change):
    photo = scene(1)
    copy = {
        "cropped": lambda: photo[15:465, 20:620],
        "small": lambda: cv2.resize(photo, (320, 240), interpolation=cv2.INTER_AREA),
        "mirrored": lambda: photo[:, ::-1],
        "dark": lambda: photo // 2,
    }[change]()
    audit = audit_leaks(write_data(tmp_path, {"a": {"train": scenes(0, 1), "val": [(copy, None), (scene(7), None)]}}))
    assert [told(leak) for leak in audit.leaks] == [("near", "train-1.jpg", "val-0.jpg", change == "mirrored")]
    assert audit.leaks[0].landmarks >= 65
    assert (audit.pairs[0].exact, audit.pairs[0].near, audit.pairs[0].touched) == (0, 1, 1)


def test_photos_that_only_look_alike_from_afar_are_not_near(tmp_path):
    """The same coarse shapes under different details: the hashes are near, the landmarks are not."""
    photos = [(blobs(0, (480, 640)) // 4 * 3 + scene(seed) // 4, None) for seed in (1, 2)]
    assert distance(*(photo for photo, _ in photos)) <= 20
    assert audit_leaks(write_data(tmp_path, {"a": {"train": photos[:1], "val": photos[1:]}})).leaks == ()


def test_a_copy_of_a_smooth_panel_is_near_without_landmarks_and_flat_photos_are_not(tmp_path):
    panel = blobs(0, (480, 640))
    train, val = [(panel, None), (panel * 0 + 90, None)], [(panel // 2, None), (panel * 0 + 200, None)]
    audit = audit_leaks(write_data(tmp_path, {"a": {"train": train, "val": val}}))
    assert [told(leak) for leak in audit.leaks] == [("near", "train-0.jpg", "val-0.jpg", False)]
    assert audit.leaks[0].landmarks == 0


def test_claims_on_both_sides_are_listed_and_reach_all_their_photos(tmp_path):
    data = write_data(
        tmp_path,
        {
            "a": {
                "train": [(scene(0), "c1"), (scene(1), "c2")],
                "val": [(scene(2), "c1"), (scene(3), "c3"), (scene(1), "c4"), (scene(4), "c4"), (scene(5), None)],
            },
            "b": {"val": [(scene(6), "c2")]},  # an id of another source says nothing
        },
    )
    audit = audit_leaks(data)
    (claim,) = audit.claims
    assert (claim.set, claim.group) == ("a", "c1")
    assert claim.photos == {"train": ("train-0.jpg",), "val": ("val-0.jpg",)}
    (pair,) = audit.pairs
    assert (pair.photos, pair.exact, pair.near, pair.claims, pair.touched) == (6, 1, 0, 1, 3)
    assert audit.verdict == (
        "1 of 6 val photos has a copy or another shot in train; 1 of 6 val photos shares a claim with train; "
        "with the other photos of their claims, 3"
    )


def test_three_splits_are_compared_two_by_two_in_the_order_a_model_meets_them(tmp_path):
    data = write_data(tmp_path, {"a": {"test": scenes(0, 9), "val": scenes(0), "train": scenes(4)}})
    audit = audit_leaks(data)
    assert [(pair.earlier, pair.later, pair.touched) for pair in audit.pairs] == [
        ("train", "val", 0),
        ("train", "test", 0),
        ("val", "test", 1),
    ]
    assert audit.verdict.startswith("no photo of val is in train") and audit.verdict.endswith(
        "1 of 2 test photos has a copy or another shot in val"
    )


def test_one_split_or_an_empty_one(tmp_path):
    audit = audit_leaks(write_data(tmp_path, {"a": {"val": scenes(0)}}))
    assert audit.pairs == () and audit.verdict == "one split only: whether a model has seen it cannot be told"
    audit = audit_leaks(write_data(tmp_path, {"a": {"val": scenes(0), "train": []}}))
    assert audit.splits == {"val": 1} and audit.leaks == ()


def test_a_photo_that_two_sets_label_counts_once(tmp_path):
    data = write_data(tmp_path, {"a": {"train": scenes(0, 1), "val": scenes(2)}})
    twice = json.loads((tmp_path / "data.yaml").read_text())["sets"]
    (tmp_path / "data.yaml").write_text(json.dumps({"sets": [*twice, {**twice[0], "name": "b"}]}))
    assert audit_leaks(read_data(tmp_path / "data.yaml")).splits == audit_leaks(data).splits == {"train": 2, "val": 1}


def test_progress_ends_at_its_total(tmp_path):
    steps = []
    data = write_data(tmp_path, {"a": {"train": scenes(0, 1, 2), "val": [(scene(1)[10:], None)]}})
    audit_leaks(data, lambda done, total: steps.append((done, total)))
    assert steps[:4] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert steps[4:] == [(done, 9) for done in range(5, 10)]  # one val photo, three of train, and the comparison


def test_a_second_audit_decodes_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("CRUMPLE_CACHE", str(tmp_path / "cache"))
    data = write_data(tmp_path, {"a": {"train": scenes(0, 1), "val": [(scene(1)[10:], None)]}})
    first = audit_leaks(data)
    assert len(first.leaks) == 1

    def decode(*args, **kwargs):
        raise AssertionError("decoded again")

    for module in ("near_photos", "fingerprints"):
        monkeypatch.setattr(f"crumple.dataset.{module}.decode_photo", decode)
    assert audit_leaks(data) == first
    with pytest.raises(AssertionError, match="decoded again"):  # one photo more: everything is compared anew
        audit_leaks(write_data(tmp_path, {"a": {"train": scenes(0, 1, 2), "val": [(scene(1)[10:], None)]}}))


def test_a_split_that_is_not_here_is_named_and_the_others_are_searched(tmp_path):
    data = write_data(tmp_path, {"a": {"train": scenes(0), "val": scenes(1), "test": scenes(1)}})
    (tmp_path / "a-train.json").unlink()
    audit = audit_leaks(data)
    assert audit.missing == ("train of a",) and audit.splits == {"val": 1, "test": 1}
    assert audit.verdict.startswith("1 of 1 test photos has a copy or another shot in val. ")
    assert audit.verdict.endswith("Not here, and so not searched: train of a")
