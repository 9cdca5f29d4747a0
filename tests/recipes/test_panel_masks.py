"""The rules for the new panels on a made-up car, and the label files that they made."""

import json

import cv2
import numpy as np
import panel_masks
import pytest
from panel_geometry import Scene, edge, facing, lower_edge, smooth, tidy
from panels import panels
from silhouette import silhouette

from crumple.taxonomy import PARTS

SIZE = (300, 430)
# A car seen from its right side, the front to the right of the picture.
POLYGONS = {
    "front_right_door": [(200, 90), (250, 90), (285, 130), (290, 200), (200, 200)],
    "back_right_door": [(120, 90), (200, 90), (200, 200), (140, 200), (120, 150)],
    "front_right_light": [(370, 140), (390, 140), (392, 160), (365, 158)],
    "front_bumper": [(364, 163), (395, 163), (395, 225), (364, 225)],
    "back_right_light": [(40, 130), (55, 130), (55, 155), (40, 155)],
    "back_bumper": [(35, 163), (60, 163), (60, 225), (35, 225)],
}
WHEELS = [(95, 205), (330, 205)]
VEHICLE = [(35, 236), (35, 122), (80, 118), (118, 78), (252, 78), (292, 122), (395, 138), (395, 236)]
TRUNK = [(40, 120), (116, 120), (116, 160), (40, 160)]


def filled(polygon):
    canvas = np.zeros(SIZE, np.uint8)
    cv2.fillPoly(canvas, [np.array(polygon)], 1)
    return canvas > 0


def wheel(middle):
    canvas = np.zeros(SIZE, np.uint8)
    cv2.circle(canvas, middle, 32, 1, -1)
    return canvas > 0


def car(**more):
    parts = {name: [filled(polygon)] for name, polygon in {**POLYGONS, **more}.items()}
    return Scene({**parts, "wheel": [wheel(middle) for middle in WHEELS]}, filled(VEHICLE))


def without(scene, *names):
    return Scene({name: masks for name, masks in scene.parts.items() if name not in names}, scene.vehicle)


@pytest.mark.parametrize(
    ("name", "inside", "outside"),
    [
        # door, tyre, bumper, sky
        ("right_fender", [(325, 150), (300, 150), (355, 155)], [(270, 150), (330, 195), (380, 190), (330, 90)]),
        # door, tyre, bumper, air behind the rear window
        ("right_quarter_panel", [(90, 150), (105, 110), (65, 140)], [(160, 150), (95, 200), (45, 200), (60, 80)]),
        ("right_sill", [(200, 207), (150, 207), (280, 207)], [(200, 190), (200, 225), (95, 207), (350, 207)]),
        ("roof", [(150, 84), (240, 84)], [(180, 100), (180, 70), (60, 115)]),
    ],
)
def test_a_panel_is_where_the_parts_round_it_leave_it(name, inside, outside):
    mask = panels(car())[name]
    assert all(mask[y, x] for x, y in inside)
    assert not any(mask[y, x] for x, y in outside)


def test_panels_keep_off_each_other_and_off_what_is_drawn():
    scene = car()
    found = panels(scene)
    assert set(found) == {"right_fender", "right_quarter_panel", "right_sill", "roof"}
    assert not any((mask & scene.drawn()).any() for mask in found.values())
    assert np.sum(list(found.values()), axis=0).max() == 1


def test_left_panels_are_the_right_ones_in_the_mirror():
    right, left = panels(car()), panels(car().mirrored())
    for name in ("fender", "quarter_panel", "sill"):
        np.testing.assert_array_equal(left[f"left_{name}"][:, ::-1], right[f"right_{name}"])


def test_a_bed_side_leaves_no_quarter_panel():
    pickup = car(trunk=TRUNK)
    assert "right_quarter_panel" not in panels(pickup)
    assert "right_quarter_panel" not in panel_masks.maybe_visible(pickup)


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("right_fender", ["front_right_door"]),
        ("right_fender", ["wheel"]),
        ("right_fender", ["front_right_light", "front_bumper"]),
        ("right_quarter_panel", ["back_right_light", "back_bumper"]),
        ("right_sill", ["wheel"]),
        ("roof", ["front_right_door", "back_right_door"]),
    ],
)
def test_no_panel_without_the_parts_that_bound_it(name, missing):
    assert name not in panels(without(car(), *missing))


def test_a_two_door_car_has_its_quarter_panel_behind_the_front_door():
    mask = panels(without(car(), "back_right_door"))["right_quarter_panel"]
    assert mask[150, 90] and mask[150, 160]


def test_a_torn_silhouette_gives_no_roof():
    scene = car()
    torn = scene.vehicle.copy()
    torn[:90, 120:190] = False
    assert "roof" not in panels(Scene(scene.parts, torn))


def test_a_tree_over_the_roof_is_cut_off():
    scene = car()
    joined = scene.vehicle.copy()
    joined[20:80, 150:170] = True
    mask = panels(Scene(scene.parts, joined))["roof"]
    assert mask[84, 160] and not mask[:74].any()


def test_what_may_be_seen_without_a_mask():
    assert panel_masks.maybe_visible(car()) == {
        "grille",
        "roof",
        "right_fender",
        "right_sill",
        "right_quarter_panel",
    }
    front_view = Scene(
        {name: [filled(POLYGONS["front_bumper"])] for name in ("front_left_light", "hood")}, filled(VEHICLE)
    )
    assert panel_masks.maybe_visible(front_view) == {"grille", "left_fender"}


def test_edges():
    door = filled(POLYGONS["front_right_door"])
    front = edge(door, front=True)
    assert front[0].tolist() == [250, 90] and front[-1].tolist() == [290, 200]
    left, right = lower_edge(door)
    assert (left.tolist(), right.tolist()) == ([200, 200], [290, 200])


def test_rays_stop_at_what_is_taken():
    wall, screen = np.zeros(SIZE, np.bool_), np.zeros(SIZE, np.bool_)
    wall[:, 300] = True
    screen[100:150, 250] = True
    seen = facing(np.array([200.0, 125.0]), wall, wall | screen)
    assert set(seen[:, 0]) == {300.0}
    assert not ((seen[:, 1] > 80) & (seen[:, 1] < 170)).any()


def test_smooth_leaves_bumps_out_and_gives_up_on_noise():
    xs = np.arange(100)
    arch = np.round((xs - 50) ** 2 / 100).astype(int)
    bumpy = arch - np.where((xs > 20) & (xs < 35), 30, 0)
    assert np.abs(np.polyval(smooth(xs, bumpy), xs) - arch).max() < 2
    assert smooth(xs, np.random.default_rng(1).integers(0, 60, 100)) is None


def test_tidy_keeps_the_piece_with_the_seed():
    region = np.zeros(SIZE, np.bool_)
    region[100:130, 50:80] = True
    region[100:200, 200:300] = True
    region[115, 80:200] = True  # a bridge one pixel wide
    kept = tidy(region, np.array([60.0, 110.0]), 60)
    assert kept[110, 60] and not kept[150, 250] and not kept[115, 140]
    assert tidy(np.zeros(SIZE, np.bool_), np.array([60.0, 110.0]), 60) is None


def test_the_silhouette_is_the_vehicle_not_only_the_drawn_parts():
    photo = np.full((*SIZE, 3), (60, 120, 60), np.uint8)
    vehicle = filled(VEHICLE)
    photo[vehicle] = (40, 40, 200)
    photo = np.clip(photo + np.random.default_rng(1).normal(0, 4, photo.shape), 0, 255).astype(np.uint8)
    drawn = Scene({name: [filled(polygon)] for name, polygon in POLYGONS.items()}, vehicle).drawn()
    found = silhouette(photo, drawn)
    assert (found & vehicle).sum() / (found | vehicle).sum() > 0.95


def test_an_outline_keeps_its_shape_in_few_points():
    mask = wheel((95, 205))
    polygon = panel_masks.simplified(mask)
    assert len(polygon) <= panel_masks.MOST_POINTS
    again = filled(np.floor(polygon).astype(int))
    assert (again & mask).sum() / (again | mask).sum() > 0.95


def test_rejected_lines(tmp_path):
    (tmp_path / "rejected.txt").write_text(
        "# why\ntrain1 roof the tailgate's spoiler\n\ntrain2 left_sill a piece of it\n"
    )
    assert panel_masks.read_rejected(tmp_path / "rejected.txt") == {("train1", "roof"), ("train2", "left_sill")}


def test_labels_of_a_folder(tmp_path):
    photo = np.full((*SIZE, 3), (60, 120, 60), np.uint8)
    photo[filled(VEHICLE)] = (40, 40, 200)
    (tmp_path / "images").mkdir()
    cv2.imwrite(str(tmp_path / "images" / "car.png"), photo)
    circles = [cv2.ellipse2Poly(middle, (32, 32), 0, 0, 360, 10) for middle in WHEELS]
    drawn = {**{name: [polygon] for name, polygon in POLYGONS.items()}, "wheel": circles}
    ids = {name: index for index, name in enumerate(drawn, start=1)}
    source = {
        "images": [{"id": 7, "file_name": "car.png", "width": SIZE[1], "height": SIZE[0], "licence": 0}],
        "categories": [{"id": index, "name": name} for name, index in ids.items()],
        "annotations": [
            {"image_id": 7, "category_id": ids[name], "segmentation": [np.ravel(p).tolist() for p in polygons]}
            for name, polygons in drawn.items()
        ],
    }
    (tmp_path / "train.json").write_text(json.dumps(source))
    rejected = {("car", "roof"), ("other", "roof")}
    made = panel_masks.labels(tmp_path, "train", rejected)
    assert rejected == {("other", "roof")}
    names = {category["id"]: category["name"] for category in made["categories"]}
    found = [names[entry["category_id"]] for entry in made["annotations"]]
    assert found == ["right_fender", "right_quarter_panel", "right_sill"]
    size = {"width": SIZE[1], "height": SIZE[0]}
    assert made["images"] == [{"id": 7, "file_name": "car.png", **size, "undrawn": ["grille", "roof"]}]
    assert json.loads(panel_masks.as_text(made)) == made


@pytest.mark.parametrize(("split", "photos"), [("train", 340), ("val", 60)])
def test_the_files_in_the_repository(split, photos):
    made = json.loads((panel_masks.LABELS / f"parts_dsmlr_panels_{split}.json").read_text(encoding="utf-8"))
    names = {category["id"]: category["name"] for category in made["categories"]}
    assert tuple(names.values()) == panel_masks.NAMES and set(panel_masks.NAMES) < set(PARTS)
    assert len(made["images"]) == photos
    masked = {image["id"]: set() for image in made["images"]}
    for entry in made["annotations"]:
        (polygon,) = entry["segmentation"]
        assert 3 <= len(polygon) // 2 <= panel_masks.MOST_POINTS
        assert min(polygon) >= 0 and max(polygon) <= 512
        assert names[entry["category_id"]] not in masked[entry["image_id"]]
        masked[entry["image_id"]].add(names[entry["category_id"]])
    assert all(set(image["undrawn"]).isdisjoint(masked[image["id"]]) for image in made["images"])
    assert all(set(image["undrawn"]) <= {*panel_masks.NAMES, "grille"} for image in made["images"])
