import numpy as np
import pytest

from crumple.detect.detector import Detector
from crumple.errors import ModelError, PhotoError
from tests.fakes import FakeNetwork, Thing, fake_detector, fake_info

PHOTO = np.zeros((400, 400, 3), np.uint8)  # on the fake's 100x200 canvas: scale 1/4, the right half is border


def test_boxes_come_back_in_photo_pixels_best_first():
    things = [Thing("damage", "dent", (10, 20, 30, 40), 0.5), Thing("damage", "scratch", (0, 0, 50, 50), 0.9)]
    found = fake_detector(things)(PHOTO)
    damage = found["damage"]
    assert [damage.name(i) for i in range(len(damage))] == ["scratch", "dent"]
    np.testing.assert_allclose(damage.boxes, [[0, 0, 200, 200], [40, 80, 120, 160]], rtol=1e-5)
    np.testing.assert_allclose(damage.scores, [0.9, 0.5])
    assert len(found["parts"]) == 0 and found["parts"].masks.shape == (0, 28, 28)


def test_empty_slots_and_low_scores_are_dropped():
    things = [Thing("parts", "hood", (1, 1, 20, 20), s) for s in (0.2, 0.4, 0.6)]
    assert len(fake_detector(things)(PHOTO)["parts"]) == 3
    np.testing.assert_allclose(fake_detector(things)(PHOTO, min_score=0.4)["parts"].scores, [0.6, 0.4])


def test_a_box_on_the_border_is_clipped_with_its_mask():
    half = np.zeros((28, 28), np.float32)
    half[:, :14] = 1  # left half of a box of which the photo shows the left 3/4: pixels up to column 200
    things = [Thing("damage", "dent", (0, 0, 100, 100), 0.9), Thing("damage", "scratch", (80, 10, 120, 50), 0.8, half)]
    damage = fake_detector(things)(PHOTO)["damage"]
    np.testing.assert_allclose(damage.boxes[1], [320, 40, 400, 200], rtol=1e-5)
    bitmap = damage.bitmap(1, 400, 400)
    assert bitmap[100, 320:398].all() and not bitmap[:, :320].any()
    # the mask ended at half of the unclipped box, column 400
    assert bitmap.sum() == pytest.approx(80 * 160, rel=0.05)


def test_a_box_off_the_photo_is_dropped():
    assert len(fake_detector([Thing("parts", "hood", (120, 10, 180, 50))])(PHOTO)["parts"]) == 0


def test_masks_land_on_the_right_pixels():
    grid = np.zeros((28, 28), np.float32)
    grid[:14] = 1
    found = fake_detector([Thing("parts", "hood", (10, 10, 60, 60), 0.9, grid)])(PHOTO)["parts"]
    rows, columns = np.nonzero(found.bitmap(0, 400, 400))
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (40, 139, 40, 239)


def test_keep_selects_by_index_by_mask_and_by_nothing():
    found = fake_detector([Thing("parts", "hood", (1, 1, 20, 20), s) for s in (0.2, 0.4, 0.6)])(PHOTO)["parts"]
    np.testing.assert_allclose(found.keep([2, 0]).scores, [0.2, 0.6])
    np.testing.assert_allclose(found.keep(found.scores > 0.3).scores, [0.6, 0.4])
    assert len(found.keep([])) == 0


def test_a_network_that_breaks_the_contract_is_named():
    info = fake_info()
    outputs = FakeNetwork(info, [])(np.zeros((1, 100, 200, 3), np.uint8))
    del outputs["damage_masks"]
    with pytest.raises(ModelError, match="damage_masks"):
        Detector(lambda canvas: outputs, info)(PHOTO)
    bad = FakeNetwork(info, [Thing("parts", "hood", (1, 1, 20, 20))])(np.zeros((1, 100, 200, 3), np.uint8))
    bad["parts_labels"][:] = 9
    with pytest.raises(ModelError, match="label 9 in branch 'parts'"):
        Detector(lambda canvas: bad, info)(PHOTO)


PLACES = ("front_left_door", "hood", "roof")


def test_places_come_with_the_damages_in_their_order_and_with_the_photo():
    things = [
        Thing("damage", "dent", (10, 20, 30, 40), 0.5, places={"hood": 0.7}),
        Thing("damage", "dent", (120, 10, 180, 50), 0.8, places={"roof": 0.6}),  # off the photo
        Thing("damage", "scratch", (0, 0, 50, 50), 0.9, places={"roof": 0.8, "hood": 0.3}),
        Thing("parts", "hood", (0, 0, 50, 50)),
    ]
    found = fake_detector(things, fake_info(places=PLACES), seen={"hood": 0.9}, damaged={"roof": 0.4})(PHOTO)
    assert found["damage"].places == pytest.approx(np.array([[0.01, 0.3, 0.8], [0.01, 0.7, 0.01]]))
    assert found["damage"].keep([1]).places == pytest.approx(np.array([[0.01, 0.7, 0.01]]))
    assert found["parts"].places is None
    assert found.photo.names == PLACES
    assert found.photo.seen == pytest.approx([0.01, 0.9, 0.01])
    assert found.photo.damaged == pytest.approx([0.01, 0.01, 0.4])


def test_a_network_without_place_heads_says_nothing_of_places():
    found = fake_detector([Thing("damage", "dent", (10, 20, 30, 40))])(PHOTO)
    assert found.photo is None and found["damage"].places is None


def test_scores_of_damage_have_the_second_opinion():
    things = [
        Thing("damage", "dent", (10, 20, 30, 40), 0.5, real=0.9),
        Thing("damage", "scratch", (0, 0, 50, 50), 0.6, real=0.2),
        Thing("parts", "hood", (0, 0, 50, 50), 0.8),
    ]
    info = fake_info(places=PLACES, rescoring={"offset": 0, "score": 1, "real": 1})
    found = fake_detector(things, info)(PHOTO)
    # Odds multiply: 1 * 9 and 1.5 * 0.25.
    assert found["damage"].scores == pytest.approx([0.9, 0.375 / 1.375])
    assert [found["damage"].name(i) for i in range(2)] == ["dent", "scratch"]  # empty slots stay empty
    assert found["parts"].scores == pytest.approx([0.8])


def test_a_network_whose_places_are_not_those_of_model_json_is_named():
    info = fake_info(places=PLACES)
    outputs = FakeNetwork(info, [])(np.zeros((1, 100, 200, 3), np.uint8))
    with pytest.raises(ModelError, match=r"gives 3 places in 'parts_seen', for which model\.json has 2"):
        Detector(lambda canvas: outputs, fake_info(places=PLACES[:2]))(PHOTO)
    del outputs["damage_places"]
    with pytest.raises(ModelError, match="no output 'damage_places'"):
        Detector(lambda canvas: outputs, info)(PHOTO)


@pytest.mark.parametrize(("photo", "kind"), [("car.jpg", "str"), (PHOTO[..., 0], r"\(400, 400\) uint8")])
def test_what_is_no_photo_in_pixels_is_refused(photo, kind):
    with pytest.raises(PhotoError, match=rf"pixels must be an \(H, W, 3\) uint8 RGB array, not {kind}"):
        fake_detector([])(photo)
