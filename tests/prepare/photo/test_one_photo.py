from io import BytesIO

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms

from crumple.prepare.photo.one_photo import prepare_photo
from crumple.prepare.settings import Limits, Settings
from tests.fakes import Thing, fake_detector
from tests.prepare.photos import photo_file, with_gps
from tests.prepare.pictures import scene

SETTINGS = Settings(size=320)


def prepared(data, settings=SETTINGS, **options):
    return prepare_photo(data, "car.jpg", settings, **options)


def test_position_maker_and_comments_never_survive():
    data = with_gps(scene(0))
    assert b"Secret" in data and Image.open(BytesIO(data)).getexif().get_ifd(0x8825)
    record, jpeg = prepared(data)
    image = Image.open(BytesIO(jpeg))
    assert not image.getexif() and "exif" not in image.info and "icc_profile" not in image.info
    assert b"Secret" not in jpeg and b"Exif" not in jpeg and b"xmp" not in jpeg.lower()
    assert "52" not in record.credit.title and record.reasons == ()


def test_longer_side_and_orientation():
    record, jpeg = prepared(with_gps(scene(0), orientation=6))
    assert (record.width, record.height) == Image.open(BytesIO(jpeg)).size == (240, 320)
    assert (record.measures.width, record.measures.height, record.orientation) == (480, 640, 6)
    upright = cv2.rotate(cv2.resize(scene(0), (320, 240), interpolation=cv2.INTER_AREA), cv2.ROTATE_90_CLOCKWISE)
    assert np.abs(np.asarray(Image.open(BytesIO(jpeg))).astype(int) - upright).mean() < 6


def test_a_small_photo_is_not_enlarged():
    _, jpeg = prepared(photo_file(scene(0, (260, 300))))
    assert Image.open(BytesIO(jpeg)).size == (300, 260)


@pytest.mark.parametrize("mode", ["L", "CMYK", "RGBA", "P", "1"])
def test_every_colour_mode_becomes_rgb(mode):
    image = Image.fromarray(scene(0)).convert(mode)
    data = BytesIO()
    image.save(data, "JPEG" if mode in ("L", "CMYK") else "PNG")
    record, jpeg = prepared(data.getvalue())
    assert Image.open(BytesIO(jpeg)).mode == "RGB" and "unreadable" not in record.reasons


def test_another_colour_space_becomes_srgb():
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB", 5000)).tobytes()
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    plain = prepared(photo_file(scene(0)))[1]
    for profile in (srgb, lab, b"no profile"):  # nothing to do, not for RGB, broken
        assert prepared(photo_file(scene(0), icc_profile=profile))[1] == plain
    assert prepared(photo_file(scene(0), icc_profile=swapped(srgb)))[1] != plain


def swapped(profile):
    """sRGB's profile as if red were blue, under another name."""
    swap = profile.replace(b"rXYZ", b"tXYZ").replace(b"bXYZ", b"rXYZ").replace(b"tXYZ", b"bXYZ")
    return swap.replace("sRGB".encode("utf-16-be"), "mine".encode("utf-16-be")).replace(
        b"sRGB built-in", b"mine built-in"
    )


@pytest.mark.parametrize(
    ("picture", "reason"),
    [
        (scene(0, (200, 640)), "too_small"),
        (scene(0) // 8, "too_dark"),
        (np.clip(scene(0).astype(int) * 3 + 200, 0, 255).astype(np.uint8), "overexposed"),
        (cv2.GaussianBlur(scene(0), (0, 0), 12), "blurred"),
    ],
)
def test_each_reason(picture, reason):
    record, jpeg = prepared(photo_file(picture, quality=95))
    assert reason in record.reasons and jpeg


def test_compressed_too_hard():
    assert prepared(photo_file(scene(0), quality=20))[0].reasons == ("compressed",)
    assert prepared(photo_file(scene(0), quality=20), Settings(limits=Limits(jpeg_quality=10)))[0].reasons == ()


def test_a_photo_without_a_vehicle_is_rejected_unless_damage_fills_it():
    data = photo_file(scene(0))
    door = Thing("parts", "front_left_door", (20, 10, 120, 90))
    record, _ = prepared(data, detector=fake_detector([door]))
    assert record.reasons == () and record.measures.vehicle.view == "left" and record.measures.vehicle.share > 0.2
    assert prepared(data, detector=fake_detector([]))[0].reasons == ("no_vehicle",)
    for score, expected in ((0.9, ()), (0.4, ()), (0.2, ("no_vehicle",))):  # upper threshold, lower, neither
        dent = Thing("damage", "dent", (20, 10, 120, 90), score)
        assert prepared(data, detector=fake_detector([dent]))[0].reasons == expected


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"\xff\xd8\xff\xe0junk", photo_file(scene(0))[:3000], b"x" * 5000])
def test_poison_is_rejected_with_its_reason(data):
    record, jpeg = prepared(data)
    assert jpeg is None and record.reasons == ("unreadable",) and record.measures is None
    assert record.message and "\n" not in record.message and not record.message.startswith("photo")


def test_whatever_goes_wrong_with_one_photo_is_its_own_affair():
    def broken(rgb):
        raise RuntimeError("boom\nand more")

    record, jpeg = prepared(photo_file(scene(0)), detector=broken)
    assert jpeg is None and record.reasons == ("failed",) and record.message == "RuntimeError: boom and more"


def test_the_same_bytes_give_the_same_bytes():
    data = photo_file(scene(3))
    assert prepared(data) == prepared(data) and prepared(data)[0].id == prepared(data)[0].sha256[:20]
