"""Two looks at a canvas, the second at its mirror image."""

import numpy as np
import pytest

from crumple.detect.detector import Detector
from crumple.detect.mirrored import MirroredNetwork, Slots, average, mirrored, opposite
from crumple.detect.model_info import BranchInfo, ModelInfo
from tests.fakes import MASK, SIZE, FakeNetwork, Thing

WIDTH = SIZE[1]
PARTS = ("front_left_door", "hood", "front_right_door", "left_mirror")
INFO = ModelInfo(
    name="sided",
    version="1",
    input_size=SIZE,
    branches=(BranchInfo(name="parts", classes=PARTS), BranchInfo(name="damage", classes=("scratch", "dent"))),
)
CANVAS = np.random.default_rng(0).integers(0, 255, (1, *SIZE, 3), np.uint8)


class Looks:
    """A network that finds `straight` in the first canvas that it gets, and `flipped` in the second."""

    def __init__(self, straight, flipped, **options):
        self.networks = [FakeNetwork(INFO, things, **options) for things in (straight, flipped)]
        self.canvases = []

    def __call__(self, canvas):
        self.canvases.append(canvas)
        return self.networks[len(self.canvases) - 1](canvas)


def looked(straight, flipped, **options):
    """What both looks at a canvas add up to."""
    return MirroredNetwork(Looks(straight, flipped, **options), INFO.branches)(CANVAS)


def found(outputs, branch):
    """(label, score, box) of every slot that is not empty."""
    names = INFO.branch(branch).classes
    scores, labels, boxes = (outputs[f"{branch}_{kind}"][0] for kind in ("scores", "labels", "boxes"))
    return [(names[labels[i]], pytest.approx(float(scores[i])), boxes[i].tolist()) for i in np.flatnonzero(scores)]


def flip(box):
    return (WIDTH - box[2], box[1], WIDTH - box[0], box[3])


def test_the_second_look_is_at_the_mirror_image():
    network = Looks([], [])
    outputs = MirroredNetwork(network, INFO.branches)(CANVAS)
    assert [canvas.tolist() for canvas in network.canvases] == [CANVAS.tolist(), CANVAS[:, :, ::-1].tolist()]
    assert not any(outputs[f"{branch.name}_scores"].any() for branch in INFO.branches)


def test_what_both_looks_have_is_averaged_by_score():
    straight = Thing("damage", "dent", (20, 20, 60, 80), 0.8, np.ones((MASK, MASK), np.float32))
    flipped = Thing("damage", "dent", flip((26, 26, 66, 86)), 0.4, np.zeros((MASK, MASK), np.float32))
    outputs = looked([straight], [flipped])
    assert found(outputs, "damage") == [("dent", 0.6, pytest.approx([22, 22, 62, 82]))]
    assert outputs["damage_masks"][0, 0] == pytest.approx(np.full((MASK, MASK), 2 / 3))


def test_what_one_look_has_keeps_box_and_mask_and_gets_half_its_score():
    ramp = np.linspace(0, 1, MASK * MASK, dtype=np.float32).reshape(MASK, MASK)
    seen = Thing("damage", "dent", (20, 20, 60, 80), 0.8, ramp)
    outputs = looked([seen], [])
    assert found(outputs, "damage") == [("dent", 0.4, [20, 20, 60, 80])]
    assert (outputs["damage_masks"][0, 0] == ramp).all()
    outputs = looked([], [seen])
    assert found(outputs, "damage") == [("dent", 0.4, [140, 20, 180, 80])]
    assert (outputs["damage_masks"][0, 0] == ramp[:, ::-1]).all()


def test_left_and_right_change_places_in_a_mirror_where_both_are_classes():
    box = (20, 20, 60, 80)
    doors = looked([Thing("parts", "front_left_door", box)], [Thing("parts", "front_right_door", flip(box))])
    assert found(doors, "parts") == [("front_left_door", 0.9, list(box))]
    other = looked([], [Thing("parts", name, flip(box)) for name in ("front_left_door", "left_mirror", "hood")])
    names = {name for name, *_ in found(other, "parts")}
    assert names == {"front_right_door", "left_mirror", "hood"}


def test_other_classes_and_other_places_are_left_alone():
    box = (20, 20, 60, 80)
    straight = [Thing("damage", "dent", box, 0.8), Thing("damage", "scratch", (100, 20, 140, 80), 0.6)]
    flipped = [Thing("damage", "scratch", flip(box), 0.6), Thing("damage", "scratch", flip((125, 20, 165, 80)), 0.4)]
    boxes = [(name, box) for name, _, box in found(looked(straight, flipped), "damage")]
    assert boxes == [
        ("dent", [20, 20, 60, 80]),
        ("scratch", [100, 20, 140, 80]),
        ("scratch", [20, 20, 60, 80]),
        ("scratch", [125, 20, 165, 80]),
    ]


def test_a_partner_is_of_the_other_look_and_further_ones_are_dropped():
    box, beside = (20, 20, 60, 80), (20, 20, 62, 80)
    one_look = looked([Thing("damage", "dent", box, 0.8), Thing("damage", "dent", beside, 0.6)], [])
    assert found(one_look, "damage") == [("dent", 0.4, list(box))]
    straight = [Thing("damage", "dent", box, 0.8), Thing("damage", "dent", beside, 0.7)]
    flipped = [Thing("damage", "dent", flip(box), 0.6), Thing("damage", "dent", flip(beside), 0.5)]
    assert found(looked(straight, flipped), "damage") == [("dent", 0.7, pytest.approx(list(box)))]


def test_the_best_of_both_fill_the_slots_of_one_best_first():
    row = [(20 * i, 10, 20 * i + 15, 40) for i in range(6)]
    straight = [Thing("damage", "dent", box, 0.9 - 0.1 * i) for i, box in enumerate(row[:3])]
    flipped = [Thing("damage", "dent", flip(box), 0.85 - 0.1 * i) for i, box in enumerate(row[3:])]
    outputs = looked(straight, flipped, slots=4)
    one_look = FakeNetwork(INFO, straight, slots=4)(CANVAS)
    assert {name: (array.shape, array.dtype) for name, array in outputs.items()} == {
        name: (array.shape, array.dtype) for name, array in one_look.items()
    }
    assert [box for _, _, box in found(outputs, "damage")] == [list(row[i]) for i in (0, 3, 1, 4)]
    assert outputs["damage_scores"][0] == pytest.approx([0.45, 0.425, 0.4, 0.375])


class SeesPaint:
    """A network that finds the painted rectangle of each canvas of a batch, a door of the side that is brighter.

    It sees a mirror image as exactly the mirror image of what it sees.
    """

    def __call__(self, canvas):
        outputs = [self.one(image[..., 0]) for image in canvas]
        stacked = Slots(*map(np.stack, zip(*outputs, strict=True)))._asdict()
        stacked.pop("places"), stacked.pop("real")
        empty = {f"damage_{kind}": np.zeros_like(array) for kind, array in stacked.items()}
        return {f"parts_{kind}": array for kind, array in stacked.items()} | empty

    def one(self, image):
        rows, columns = np.nonzero(image)
        box = np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1])
        grid = image[box[1] : box[3], box[0] : box[2]].astype(np.float32) / 255
        left = grid[:, :2].sum() > grid[:, -2:].sum()
        return (
            np.stack([box, 0 * box]).astype(np.float32),
            np.array([0.7, 0], np.float32),
            np.array([PARTS.index("front_left_door" if left else "front_right_door"), 0]),
            np.stack([grid, 0 * grid]),
            np.zeros((2, 0), np.float32),
            np.zeros(2, np.float32),
        )


def test_a_network_to_which_a_mirror_makes_no_difference_finds_the_same_canvas_by_canvas():
    canvases = np.zeros((2, *SIZE, 3), np.uint8)
    shades = np.random.default_rng(1).integers(1, 200, (2, 4, 4, 1))
    shades[0, :, 0], shades[1, :, 3] = 255, 255
    canvases[0, 10:14, 30:34], canvases[1, 50:54, 180:184] = shades
    once, twice = SeesPaint()(canvases), MirroredNetwork(SeesPaint(), INFO.branches)(canvases)
    assert once["parts_labels"][:, 0].tolist() == [0, 2]
    assert once.keys() == twice.keys()
    for name in once:
        assert (once[name] == twice[name]).all(), name


def test_mirroring_is_its_own_inverse():
    rng = np.random.default_rng(2)
    corners = np.sort(rng.integers(0, 200, (2, 5, 2)), axis=0).astype(np.float32)
    boxes = np.concatenate([corners[0], corners[1]], axis=1)
    scores, masks, places, real = (rng.random(shape, np.float32) for shape in (5, (5, 4, 4), (5, 3), 5))
    seen = Slots(boxes, scores, np.array([0, 1, 2, 3, 2]), masks, places, real)
    swap = opposite(("front_left_door", "hood", "front_right_door"))
    once = mirrored(seen, WIDTH, PARTS, swap)
    assert once.labels.tolist() == [2, 1, 0, 3, 0] and (once.boxes[:, 0] == WIDTH - boxes[:, 2]).all()
    assert (once.places == places[:, [2, 1, 0]]).all()
    for before, after in zip(seen, mirrored(once, WIDTH, PARTS, swap), strict=True):
        assert (before == after).all()


def test_places_of_both_looks_are_averaged_with_sides_swapped():
    places = ("front_left_door", "hood", "front_right_door", "roof")
    info = ModelInfo(**INFO.model_dump() | {"places": places})
    box = (20, 20, 60, 80)
    left = {"front_left_door": 0.9, "front_right_door": 0.2, "hood": 0.4}
    right = {"front_right_door": 0.6, "front_left_door": 0.5, "hood": 0.1}
    straight = FakeNetwork(
        info, [Thing("damage", "dent", box, 0.8, places=left, real=0.9)], seen=left, damaged={"roof": 0.8}
    )
    flipped = FakeNetwork(info, [Thing("damage", "dent", flip(box), 0.4, places=right, real=0.3)], seen=right)
    looks = iter([straight, flipped])
    outputs = MirroredNetwork(lambda canvas: next(looks)(canvas), info.branches, places)(CANVAS)
    # Of the damage two thirds are of the first look, by score; of the photo half.
    assert outputs["damage_places"][0, 0] == pytest.approx([2.4 / 3, 0.9 / 3, 0.9 / 3, 0.01])
    assert outputs["damage_real"][0, 0] == pytest.approx(2.1 / 3)
    assert outputs["parts_seen"][0] == pytest.approx([0.75, 0.25, 0.35, 0.01])
    assert outputs["parts_damaged"][0] == pytest.approx([0.01, 0.01, 0.01, 0.405])
    one_look = FakeNetwork(info, [])(CANVAS)
    assert {name: (array.shape, array.dtype) for name, array in outputs.items()} == {
        name: (array.shape, array.dtype) for name, array in one_look.items()
    }


def test_boxes_without_an_area_are_no_trouble():
    scores, places = np.array([0.5, 0.4], np.float32), np.zeros((2, 0), np.float32)
    none = Slots(np.full((2, 4), 5, np.float32), scores, np.zeros(2, int), np.ones((2, 4, 4)), places, scores)
    merged = average(none, none)
    assert np.isfinite(merged.boxes).all() and merged.scores == pytest.approx([0.25, 0.25])


def test_a_detector_that_looks_twice_has_what_goes_with_that():
    point = {
        "thresholds": {"damage": {"dent": {"upper": 0.4, "lower": 0.2}}},
        "calibration": {"damage": {"slope": 1.0, "offset": 0.0}},
    }
    info = ModelInfo(**INFO.model_dump() | {"accurate": point})
    detector = Detector(Looks([Thing("damage", "dent", (20, 20, 60, 80), 0.8)], []), info).accurately()
    [score] = detector(CANVAS[0])["damage"].scores
    assert score == pytest.approx(0.4)
    assert detector.info.name == "sided-accurate"
    assert detector.accurately() is detector
    assert detector.info.threshold("damage", "dent").upper == 0.4
    assert detector.info.probability("damage", "dent", 0.4) == pytest.approx(0.4)
