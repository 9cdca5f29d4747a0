import cv2
import numpy as np
import pytest

from crumple.prepare.photo.one_photo import prepare_photo
from crumple.prepare.photo.redact import CELLS, find_faces, find_plates, redact
from crumple.prepare.settings import Settings
from tests.prepare.photos import photo_file
from tests.prepare.pictures import blobs


def with_plate(text="34 AB 123", tilt=0.0, at=(60, 120)):
    """A soft picture with a plate of 36 pixels' height on it, and where that is."""
    picture = blobs(1, (360, 480))
    plate = np.full((36, 170, 3), 245, np.uint8)
    cv2.putText(plate, text, (8, 28), cv2.FONT_HERSHEY_SIMPLEX, 0.85, (20, 20, 20), 2, cv2.LINE_AA)
    turn = cv2.getRotationMatrix2D((85, 18), tilt, 1)
    turn[:, 2] += at
    mask = cv2.warpAffine(np.full(plate.shape[:2], 255, np.uint8), turn, (480, 360)) > 127
    return np.where(mask[..., None], cv2.warpAffine(plate, turn, (480, 360)), picture), mask


def covered(boxes, mask):
    hidden = np.zeros_like(mask)
    for left, top, right, bottom in boxes:
        hidden[top:bottom, left:right] = True
    return (hidden & mask).sum() / mask.sum()


@pytest.mark.parametrize("tilt", [-12, 0, 12])
@pytest.mark.parametrize("dark", [False, True])
def test_plates_are_found_upright_and_tilted_dark_on_light_and_light_on_dark(tilt, dark):
    picture, mask = with_plate(tilt=tilt)
    assert covered(find_plates(255 - picture if dark else picture), mask) > 0.7


def test_what_has_no_characters_has_no_plate():
    assert find_plates(blobs(3, (360, 480))) == []
    picture, _ = with_plate(text="12")
    assert find_plates(picture) == []


def test_faces_are_found():
    data = pytest.importorskip("skimage.data")
    picture = data.astronaut()
    assert any(left < 225 < right and top < 120 < bottom for left, top, right, bottom in find_faces(picture))


def test_the_rest_of_the_photo_is_not_touched_and_nothing_legible_is_left(monkeypatch):
    monkeypatch.setattr("crumple.prepare.photo.redact.find_faces", lambda rgb: [])
    picture, _ = with_plate()
    before = picture.copy()
    hidden, count = redact(picture)
    [(left, top, right, bottom)] = find_plates(picture)
    assert count == 1 and (picture == before).all()
    outside = np.ones(picture.shape[:2], bool)
    outside[top:bottom, left:right] = False
    assert (hidden[outside] == picture[outside]).all()
    assert find_plates(hidden) == [] and (redact(picture)[0] == hidden).all()
    # Four averages in a row: between them, colours change in straight lines.
    row = hidden[(top + bottom) // 2, left:right, 1].astype(int)
    assert (np.abs(np.diff(row, 2)) > 2).sum() <= 2 * CELLS


def test_a_prepared_photo_has_it_hidden_and_says_how_often(monkeypatch):
    monkeypatch.setattr("crumple.prepare.photo.redact.find_faces", lambda rgb: [])
    data = photo_file(with_plate()[0], quality=95)
    plain, _ = prepare_photo(data, "a.jpg", Settings())
    record, jpeg = prepare_photo(data, "a.jpg", Settings(redact=True))
    rgb = cv2.cvtColor(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
    assert (plain.redacted, record.redacted) == (None, 1) and find_plates(rgb) == []
    assert record.measures == plain.measures and record.hashes == plain.hashes
