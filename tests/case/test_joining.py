"""Joining findings into damages: the constraints, that order does not matter, and real photos that were warped."""

import tracemalloc
from dataclasses import replace

import cv2
import numpy as np
import pytest

from crumple.case.joining import PARTNERS, Joined, Observation, PhotoEvidence, join, possible_pairs
from crumple.case.matching import pairs
from crumple.case.observations import PartOutline
from crumple.detect.masks import Patch
from crumple.samples.scenes import painted_photos

PHOTO = PhotoEvidence(640, 480)
DOOR = {"front_left_door": 0.9}


def box_patch(left: int, top: int, right: int, bottom: int) -> Patch:
    return Patch.from_bitmap(np.ones((bottom - top, right - left), bool), left, top)


def seen(photo: int, damage: str = "dent", places=None, box=(100, 100, 200, 160)) -> Observation:
    return Observation(photo, damage, box, box_patch(*box), places or {})


def sets(joined: Joined) -> set[frozenset[int]]:
    return set(map(frozenset, joined.groups))


# --- constraints


def test_what_a_video_followed_is_one_damage_whatever_the_photos_say():
    left, right = {"front_left_door": 0.9}, {"front_right_door": 0.9}
    found = [seen(0, "dent", left), seen(1, "glass_crack", right), seen(1, "dent", left, (400, 300, 460, 340))]
    assert frozenset({0, 1}) not in sets(join(found, [PHOTO] * 2))
    followed = [replace(one, track=track) for one, track in zip(found, ("live-1/4", "live-1/4", None), strict=True)]
    joined = join(followed, [PHOTO] * 2)
    assert sets(joined) == {frozenset({0, 1}), frozenset({2})} and joined.pairs[0, 1] == 1


def test_two_tracks_of_one_photo_are_never_one_damage():
    found = [
        replace(seen(photo, box=box), track=track)
        for photo in (0, 1)
        for track, box in (("live-1/1", (100, 100, 200, 160)), ("live-1/2", (110, 100, 210, 160)))
    ]
    assert sets(join(found, [PHOTO] * 2)) == {frozenset({0, 2}), frozenset({1, 3})}


def test_no_findings_are_no_damages():
    assert join([], [PHOTO]) == Joined((), (), {})
    assert join([], []) == Joined((), (), {})


def test_one_finding_is_one_damage():
    assert join([seen(0)], [PHOTO]).groups == ((0,),)


def test_each_finding_is_in_exactly_one_damage():
    rng = np.random.default_rng(0)
    places = ["hood", "front_bumper", "front_door", "left_fender", "right_fender"]
    found = [
        seen(int(photo), str(rng.choice(["dent", "scratch"])), {str(rng.choice(places)): float(rng.uniform(0.3, 1))})
        for photo in rng.integers(0, 6, 40)
    ]
    joined = join(found, [PHOTO] * 6)
    assert sorted(i for group in joined.groups for i in group) == list(range(40))
    assert list(joined.groups) == sorted(joined.groups)
    assert all(0 <= chance <= 1 for chance in joined.pairs.values())
    for one, other, chance in joined.maybe_same:
        assert 0 <= one < other < len(joined.groups) and 0 < chance <= 1


def test_never_across_sides():
    found = [seen(0, places={"front_left_door": 0.9}), seen(1, places={"front_right_door": 0.9})]
    joined = join(found, [PHOTO] * 2)
    assert joined == Joined(((0,), (1,)), (), {})


def test_a_finding_of_unknown_side_does_not_bring_two_sides_together():
    lamps = [
        seen(photo, "lamp_damage", {name: 0.9})
        for photo, name in enumerate(["front_left_light", "front_light", "front_right_light"])
    ]
    groups = join(lamps, [PHOTO] * 3).groups
    assert not any({0, 2} <= set(group) for group in groups)


def test_types_that_contradict_are_two():
    found = [seen(0, "glass_crack", {"front_glass": 0.9}), seen(1, "scratch", {"front_glass": 0.9})]
    assert join(found, [PHOTO] * 2).groups == ((0,), (1,))


def test_two_findings_of_one_photo_are_two_damages_whatever_a_third_is_like():
    apart = (300, 100, 400, 160)
    found = [seen(0, places=DOOR), seen(0, places=DOOR, box=apart), *(seen(i, places=DOOR) for i in range(1, 5))]
    groups = join(found, [PHOTO] * 5).groups
    assert not any({0, 1} <= set(group) for group in groups)


def test_only_findings_of_one_photo_that_lie_in_each_other_can_be_one_damage():
    inside, beside, half_inside = (120, 110, 160, 150), (300, 100, 400, 160), (180, 100, 220, 160)
    possible = possible_pairs([seen(0), *(seen(0, box=box) for box in (inside, beside, half_inside))])
    assert np.argwhere(np.triu(possible)).tolist() == [[0, 1]]


def test_the_one_lamp_of_its_kind_is_one_damage():
    found = [seen(photo, "lamp_damage", {"front_left_light": 0.95}) for photo in range(2)]
    assert join(found, [PHOTO] * 2).groups == ((0, 1),)


def test_what_cannot_be_told_stays_two_and_is_linked():
    found = [seen(photo, "scratch", {"front_left_door": 0.7}) for photo in (0, 0, 1)]
    found[1] = seen(0, "scratch", {"front_left_door": 0.7}, (300, 300, 500, 330))
    joined = join(found, [PHOTO] * 2)
    assert len(joined.groups) == 3
    assert {pair[:2] for pair in joined.maybe_same} <= {(0, 2), (1, 2)}


# --- real photos, warped


def cropped(
    rgb: np.ndarray, box: tuple[float, float, float, float], tilt: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """What a camera nearer by sees: the part of a photo in `box`, at the photo's size, and the map that leads there."""
    height, width = rgb.shape[:2]
    left, top, right, bottom = box
    lean = tilt * (right - left)
    corners = np.array([[left, top + lean], [right, top], [right, bottom], [left + lean, bottom]], np.float32)
    map = cv2.getPerspectiveTransform(corners, np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32))
    dim = cv2.GaussianBlur(cv2.warpPerspective(rgb, map, (width, height), flags=cv2.INTER_CUBIC), (0, 0), 0.7)
    coded = cv2.imencode(".jpg", cv2.convertScaleAbs(dim, alpha=0.8, beta=10), [cv2.IMWRITE_JPEG_QUALITY, 70])[1]
    return cv2.imdecode(coded, cv2.IMREAD_COLOR), map


def case_of(zoom: float) -> tuple[list[Observation], list[PhotoEvidence]]:
    """The rear of a car with two like scratches, and a nearer, tilted, darker photo of both."""
    rgb = next(photo for photo in painted_photos() if photo.image.shape[0] > 300).image
    height, width = rgb.shape[:2]
    reach = 0.5 / zoom
    near, map = cropped(
        rgb, ((0.5 - reach) * width, (0.5 - reach) * height, (0.5 + reach) * width, (0.5 + reach) * height), 0.03
    )
    middles = [(0.42 * width, 0.5 * height), (0.58 * width, 0.52 * height)]
    found = []
    for photo, moved in enumerate((np.eye(3), map)):
        for x, y in middles:
            half = 0.02 * width
            corners = np.array(
                [
                    [
                        [x - half, y - half / 3],
                        [x + half, y - half / 3],
                        [x + half, y + half / 3],
                        [x - half, y + half / 3],
                    ]
                ]
            )
            there = cv2.perspectiveTransform(corners, moved)[0]
            left, top, right, bottom = (
                np.concatenate([there.min(axis=0), there.max(axis=0)]).round().astype(int).tolist()
            )
            found.append(seen(photo, "scratch", {"back_bumper": 0.6}, (left, top, right, bottom)))
    size = width, height
    return found, [PhotoEvidence(*size, pixels=lambda: rgb), PhotoEvidence(*size, pixels=lambda: near)]


@pytest.mark.parametrize("zoom", [1.2, 2.0, 3.0])
def test_the_same_spot_is_found_in_a_nearer_photo(zoom):
    found, photos = case_of(zoom)
    assert sets(join(found, photos)) == {frozenset({0, 2}), frozenset({1, 3})}


def test_without_pixels_two_like_scratches_are_not_joined_by_chance():
    found, _ = case_of(2.0)
    assert sets(join(found, [PhotoEvidence(640, 480)] * 2)) == {frozenset({i}) for i in range(4)}


def test_the_mirror_image_is_not_the_same_spot():
    found, photos = case_of(1.2)
    flipped = np.ascontiguousarray(photos[1].pixels()[:, ::-1])
    width = photos[1].width
    mirrored = [
        *found[:2],
        *(
            seen(1, "scratch", one.places, (width - one.box[2], one.box[1], width - one.box[0], one.box[3]))
            for one in found[2:]
        ),
    ]
    joined = join(mirrored, [photos[0], PhotoEvidence(width, photos[1].height, pixels=lambda: flipped)])
    assert len(joined.groups) == 4


def test_order_does_not_matter_and_a_rerun_says_the_same():
    found, photos = case_of(2.0)
    first = join(found, photos)
    assert join(found, photos) == first
    order = [3, 0, 2, 1]
    turned = [
        Observation(1 - found[i].photo, found[i].damage, found[i].box, found[i].patch, found[i].places) for i in order
    ]
    again = join(turned, photos[::-1])
    assert {frozenset(order[i] for i in group) for group in again.groups} == sets(first)
    chances = {frozenset((order[i], order[j])): chance for (i, j), chance in again.pairs.items()}
    assert chances == pytest.approx({frozenset(pair): chance for pair, chance in first.pairs.items()}, rel=1e-3)


# --- another vehicle


def of_colour(rgb: tuple[int, int, int]) -> PhotoEvidence:
    part = PartOutline("hood", (100, 100, 540, 400), box_patch(100, 100, 540, 400))
    picture = np.full((480, 640, 3), rgb, np.uint8)
    return PhotoEvidence(640, 480, parts=(part,), seen={"hood": 0.9}, pixels=lambda: picture)


GREY, LIGHT_GREY, RED = (120, 122, 125), (190, 190, 196), (170, 30, 30)


def test_a_red_car_among_grey_ones_is_told_and_never_joined():
    photos = [of_colour(colour) for colour in (GREY, LIGHT_GREY, GREY, RED)]
    found = [seen(photo, "hood_damage", {"hood": 1.0}, (150, 150, 400, 350)) for photo in range(4)]
    joined = join(found, photos)
    assert joined.other_vehicle == (3,)
    assert not any({3} < set(group) for group in joined.groups)


def test_light_and_dark_are_no_other_vehicle_and_two_photos_tell_nothing():
    assert join([], [of_colour(colour) for colour in (GREY, LIGHT_GREY, (20, 20, 22))]).other_vehicle == ()
    assert join([], [of_colour(GREY), of_colour(RED)]).other_vehicle == ()


# --- bounds


def test_pixels_are_asked_for_once_and_only_of_photos_that_can_be_joined():
    asked = []

    def pixels(name: str):
        def decode() -> np.ndarray:
            asked.append(name)
            return np.zeros((480, 640, 3), np.uint8)

        return decode

    photos = [PhotoEvidence(640, 480, pixels=pixels(name)) for name in ("a", "b", "nothing on it")]
    join([seen(0, places=DOOR), seen(1, places=DOOR)], photos)
    assert sorted(asked) == ["a", "b"]


def many_findings(photos: int) -> list[Observation]:
    """Three on each of so many photos, at random."""
    rng = np.random.default_rng(0)
    places = ["hood", "front_bumper", "front_left_door", "back_left_door", "right_fender", "back_bumper", "roof"]
    found = []
    for photo in range(photos):
        for _ in range(3):
            x, y = int(rng.integers(0, 500)), int(rng.integers(0, 400))
            damage, place = str(rng.choice(["scratch", "dent"])), str(rng.choice(places))
            found.append(seen(photo, damage, {place: float(rng.uniform(0.4, 1))}, (x, y, x + 60, y + 40)))
    return found


@pytest.mark.slow
def test_a_hundred_photos_take_bounded_memory():
    tracemalloc.start()
    joined = join(many_findings(100), [PHOTO] * 100)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sorted(i for group in joined.groups for i in group) == list(range(300))
    assert most < 40e6


@pytest.mark.slow
def test_a_photo_is_laid_onto_a_few_others_only_and_keeps_little(monkeypatch):
    """So work and memory grow with the number of photos, and not with its square."""
    count, pixels = 40, np.random.default_rng(0).integers(0, 255, (480, 640, 3), np.uint8)
    laid = []

    class Counted(pairs.Matching):
        def __init__(self, one, other):
            laid.append((id(one), id(other)))

        def whole(self):
            return None

        def near(self, box, other_box):
            return None

    monkeypatch.setattr(pairs, "Matching", Counted)
    photos = [
        PhotoEvidence(640, 480, pixels=lambda shift=shift: np.roll(pixels, 9 * shift, axis=1)) for shift in range(count)
    ]
    tracemalloc.start()
    join(many_findings(count), photos)
    kept = tracemalloc.get_traced_memory()[1] / count
    tracemalloc.stop()
    assert count < len(laid) <= PARTNERS * count  # of 780 pairs of photos
    assert len(set(laid)) == len(laid)
    assert kept < 2e6
