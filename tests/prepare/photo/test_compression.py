from io import BytesIO

import cv2
import pytest
from PIL import Image

from crumple.prepare.photo.compression import jpeg_quality
from tests.prepare.photos import photo_file
from tests.prepare.pictures import scene

PICTURE = scene(0, (64, 64))


def quality_of(data):
    return jpeg_quality(Image.open(BytesIO(data)))


@pytest.mark.parametrize("quality", [2, 5, 10, 30, 49, 50, 75, 90, 95, 99, 100])
def test_what_pillow_and_opencv_were_asked_for(quality):
    assert quality_of(photo_file(PICTURE, quality=quality)) == quality
    _, data = cv2.imencode(".jpg", PICTURE, [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert quality_of(data.tobytes()) == quality


def test_a_table_of_its_own_is_compared_with_the_nearest():
    table = [7] * 64  # flat, as some writers have it
    assert 90 <= quality_of(photo_file(PICTURE, qtables=[table, table])) <= 97


@pytest.mark.parametrize("kind", ["PNG", "WebP", "BMP", "TIFF"])
def test_other_formats_have_none(kind):
    assert quality_of(photo_file(PICTURE, kind)) is None
