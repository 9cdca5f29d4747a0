"""What is kept of a photo: its picture to the last bit, and nothing that was written beside it."""

import io

import numpy as np
import pytest
from PIL import Image

from crumple.errors import PhotoError
from crumple.photo import decode_photo
from crumple.serve.store.stripped import strip
from tests.serve.running import picture

SECRET = b"SECRET-POSITION"
LIMIT = 10**6


def exif(orientation=1) -> bytes:
    block = Image.Exif()
    block[0x0112] = orientation
    block[0x010E] = SECRET.decode()
    block.get_ifd(0x8825)[2] = (51.0, 30.0, 7.25)
    return block.tobytes()


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"restart_marker_rows": 1}, {"subsampling": 0}])
def test_jpegs_keep_their_pixels_and_orientation(orientation, options):
    data = picture(exif=exif(orientation), comment=SECRET, **options)
    kept, suffix, size = strip(data, LIMIT)
    before, after = decode_photo(data), decode_photo(kept)
    assert suffix == ".jpg" and SECRET in data and SECRET not in kept
    assert (before.rgb == after.rgb).all() and size == before.original_size == after.original_size
    assert Image.open(io.BytesIO(kept)).getexif().get_ifd(0x8825) == {}


def test_the_colour_profile_stays_and_adobes_colours_too():
    profile = b"a profile of colours" * 10
    kept, _, _ = strip(picture(icc_profile=profile), LIMIT)
    assert Image.open(io.BytesIO(kept)).info["icc_profile"] == profile
    data = io.BytesIO()
    Image.effect_noise((64, 64), 80).convert("CMYK").save(data, "JPEG")
    kept, _, _ = strip(data.getvalue(), LIMIT)
    assert (decode_photo(kept).rgb == decode_photo(data.getvalue()).rgb).all()


def test_what_follows_the_picture_goes():
    second = picture(1, exif=exif())
    kept, _, _ = strip(picture() + second, LIMIT)
    assert SECRET not in kept and kept.endswith(b"\xff\xd9") and kept.count(b"\xff\xd9") == 1


def test_segments_of_every_maker_go():
    for marker in (*range(0xE1, 0xF0), 0xFE):
        segment = bytes([0xFF, marker]) + (len(SECRET) + 2).to_bytes(2, "big") + SECRET
        data = picture()
        kept, _, _ = strip(data[:2] + segment + data[2:], LIMIT)
        assert kept == strip(data, LIMIT)[0]


@pytest.mark.parametrize("kind", ["PNG", "WebP", "TIFF", "BMP"])
def test_other_formats_become_png_of_the_same_pixels(kind):
    options = {} if kind == "BMP" else {"exif": exif(6)}
    data = picture(kind=kind, **options)
    kept, suffix, size = strip(data, LIMIT)
    assert suffix == ".png" and SECRET not in kept
    assert (decode_photo(data).rgb == decode_photo(kept).rgb).all() and size == decode_photo(data).original_size


def test_what_is_cut_off_is_kept_as_far_as_it_goes():
    data = picture(exif=exif(), progressive=True)
    header = len(data) - len(strip(data, LIMIT)[0]) + 700
    for length in range(header, len(data), 97):
        kept, _, _ = strip(data[:length], LIMIT)
        assert SECRET not in kept
        with pytest.raises(PhotoError, match="cut off"):
            decode_photo(kept)


def test_random_damage_never_lets_the_secret_through():
    random = np.random.default_rng(0)
    good = picture(exif=exif(), comment=SECRET)
    start = good.rindex(SECRET) + len(SECRET)
    for _ in range(300):
        data = bytearray(good)
        for at in random.integers(start, len(data), 20):
            data[at] = random.integers(256)
        try:
            kept, _, _ = strip(bytes(data), LIMIT)
        except PhotoError:
            continue
        assert SECRET not in kept
