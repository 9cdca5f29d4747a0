import hashlib
import io
import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from crumple.errors import PhotoError
from crumple.photo import MAX_BYTES, decode_photo, photo_size

LOSSLESS = [("PNG", {}), ("WEBP", {"lossless": True}), ("BMP", {}), ("TIFF", {}), ("TIFF", {"compression": "tiff_lzw"})]
LOSSY = [("JPEG", {"quality": 95}), ("JPEG", {"progressive": True}), ("WEBP", {"quality": 95})]
TURN = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,  # the camera was turned, so the stored picture lies on its side
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def picture(width: int = 96, height: int = 64) -> Image.Image:
    """Four corners of different colours, so that no flip or turn of it is itself; smooth, so that JPEG keeps it."""
    corners = np.array([[[250, 20, 30], [30, 240, 20]], [[20, 30, 245], [240, 240, 60]]], np.uint8)
    return Image.fromarray(corners).resize((width, height), Image.Resampling.BILINEAR)


def encode(image: Image.Image, kind: str, **options) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def png(width: int, height: int, bits: int, colour: int, rows: bytes) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def tiff(tags: dict[int, int]) -> bytes:
    """A little-endian TIFF of one page with the given LONG tags over those of an 8x8 grey picture."""
    base = {256: 8, 257: 8, 258: 8, 259: 1, 262: 1, 273: 8, 277: 1, 278: 8, 279: 64}
    entries = sorted((base | tags).items())
    directory = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", tag, 4, 1, n) for tag, n in entries)
    return b"II*\x00" + struct.pack("<I", 8 + 64) + bytes(range(64)) + directory + bytes(4)


def refusal(source, **options) -> str:
    with pytest.raises(PhotoError) as error:
        decode_photo(source, **options)
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize(("kind", "options"), LOSSLESS)
def test_lossless_formats_give_the_very_pixels(tmp_path, kind, options):
    path = tmp_path / "car.jpg"  # the name may lie; the bytes count
    path.write_bytes(encode(picture(), kind, **options))
    photo = decode_photo(path)
    np.testing.assert_array_equal(photo.rgb, np.asarray(picture()))
    assert photo.rgb.dtype == np.uint8 and photo.rgb.flags.writeable and photo.rgb.flags.c_contiguous
    assert (photo.name, photo.orientation, photo.original_size) == ("car.jpg", 1, (96, 64))
    assert photo.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert photo_size(path) == (96, 64)
    np.testing.assert_array_equal(decode_photo(os.fspath(path)).rgb, photo.rgb)


@pytest.mark.parametrize(("kind", "options"), LOSSY)
def test_lossy_formats_look_the_same(kind, options):
    data = encode(picture(), kind, **options)
    photo = decode_photo(data)
    assert np.abs(photo.rgb.astype(int) - np.asarray(picture())).mean() < 3
    assert photo.name == "photo"


@pytest.mark.parametrize("turned", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_every_exif_orientation_comes_out_upright(tmp_path, kind, turned):
    exif = Image.Exif()
    exif[0x0112] = turned
    stored = picture().transpose(TURN[turned]) if turned in TURN else picture()
    path = tmp_path / "car"
    path.write_bytes(encode(stored, kind, exif=exif, **({"quality": 95} if kind in ("JPEG", "WEBP") else {})))
    photo = decode_photo(path)
    assert (photo.orientation, photo.original_size, photo.rgb.shape) == (turned, (96, 64), (64, 96, 3))
    assert np.abs(photo.rgb.astype(int) - np.asarray(picture())).mean() < 3
    assert photo_size(path) == (96, 64)
    small = decode_photo(path, max_side=24)
    assert (small.rgb.shape, small.original_size) == ((16, 24, 3), (96, 64))


def test_nonsense_in_exif_is_no_orientation():
    for value in (0, 9, 200):
        exif = Image.Exif()
        exif[0x0112] = value
        assert decode_photo(encode(picture(), "JPEG", exif=exif)).orientation == 1
    assert decode_photo(encode(picture(), "JPEG", exif=b"Exif\x00\x00II*\x00\xff\xff")).rgb.shape == (64, 96, 3)


def test_cmyk_jpeg_has_its_colours_with_and_without_the_adobe_marker():
    inks = Image.merge("CMYK", [Image.new("L", (32, 32), ink) for ink in (0, 255, 255, 0)])
    data = encode(inks, "JPEG", quality=95)
    assert b"Adobe" in data
    start = data.index(b"\xff\xee")
    bare = data[:start] + data[start + 2 + int.from_bytes(data[start + 2 : start + 4], "big") :]
    for one in (data, bare):
        assert np.abs(decode_photo(one).rgb.astype(int) - (255, 0, 0)).max() < 12
    assert decode_photo(encode(inks, "TIFF")).rgb[0, 0].tolist() == [255, 0, 0]


def test_sixteen_bits_are_scaled_not_clipped():
    ramp = np.tile(np.linspace(0, 65535, 256).astype(np.uint16), (4, 1))
    expected = np.tile(np.arange(256), (4, 1))
    for suffix in (".png", ".tiff"):
        grey = cv2.imencode(suffix, ramp)[1].tobytes()
        colour = cv2.imencode(suffix, np.dstack([ramp // 4, ramp // 2, ramp]))[1].tobytes()  # OpenCV writes BGR
        assert np.abs(decode_photo(grey).rgb.astype(int) - expected[..., None]).max() <= 1
        assert np.abs(decode_photo(colour).rgb - np.dstack([expected, expected / 2, expected / 4])).max() <= 1.1
    big_endian = png(256, 4, 16, 0, zlib.compress(b"".join(b"\0" + row.astype(">u2").tobytes() for row in ramp)))
    np.testing.assert_array_equal(decode_photo(big_endian).rgb[..., 0], expected)


def test_transparency_lies_over_white():
    rgba = np.zeros((4, 4, 4), np.uint8)
    rgba[..., 0] = 200
    rgba[0, :, 3], rgba[1, :, 3] = 255, 128
    expected = np.array([[200, 0, 0], [227, 127, 127], [255, 255, 255], [255, 255, 255]])
    for data in (
        encode(Image.fromarray(rgba), "PNG"),
        encode(Image.fromarray(rgba), "WEBP", lossless=True, exact=True),
    ):
        assert np.abs(decode_photo(data).rgb[:, 0].astype(int) - expected).max() <= 1
    deep = cv2.imencode(".png", cv2.cvtColor(rgba, cv2.COLOR_RGBA2BGRA).astype(np.uint16) * 257)[1].tobytes()
    assert np.abs(decode_photo(deep).rgb[:, 0].astype(int) - expected).max() <= 1
    assert decode_photo(encode(Image.new("LA", (2, 2), (0, 0)), "PNG")).rgb.min() == 255


def test_grey_black_and_white_and_palette_become_rgb():
    assert decode_photo(encode(Image.new("L", (5, 4), 77), "JPEG")).rgb[0, 0].tolist() == [77, 77, 77]
    assert decode_photo(encode(Image.new("1", (5, 4), 1), "PNG")).rgb.min() == 255
    palette = Image.new("P", (2, 1))
    palette.putpalette([10, 20, 30, 200, 100, 50])
    palette.putdata([0, 1])
    for kind in ("PNG", "BMP", "TIFF"):
        assert decode_photo(encode(palette, kind)).rgb[0].tolist() == [[10, 20, 30], [200, 100, 50]]
    see_through = decode_photo(encode(palette, "PNG", transparency=bytes([0, 255])))
    assert see_through.rgb[0].tolist() == [[255, 255, 255], [200, 100, 50]]


@pytest.mark.parametrize("kind", ["WEBP", "PNG", "TIFF"])
def test_of_several_pictures_the_first(kind):
    frames = [Image.new("RGB", (8, 6), colour) for colour in ("red", "blue")]
    options = {"lossless": True} if kind == "WEBP" else {}
    data = encode(frames[0], kind, save_all=True, append_images=frames[1:], **options)
    photo = decode_photo(data)
    assert photo.rgb.shape == (6, 8, 3) and photo.rgb[0, 0].tolist() == [255, 0, 0]


@given(st.integers(1, 90), st.integers(1, 90), st.integers(1, 120), st.sampled_from(["JPEG", "PNG"]))
@settings(max_examples=60, deadline=None)
def test_max_side_bounds_the_longer_side_keeps_the_aspect_and_never_enlarges(width, height, max_side, kind):
    photo = decode_photo(encode(picture(width, height), kind), max_side=max_side)
    got_height, got_width = photo.rgb.shape[:2]
    assert photo.original_size == (width, height)
    assert max(got_width, got_height) == min(max_side, max(width, height))
    scale = min(1, max_side / max(width, height))
    assert abs(got_width - width * scale) <= 0.5 or got_width == 1
    assert abs(got_height - height * scale) <= 0.5 or got_height == 1


@pytest.mark.parametrize("max_side", [60, 200, 333, 700])
def test_a_jpeg_decoded_at_reduced_scale_shows_the_same_whole_picture(max_side):
    noise = np.random.default_rng(0).normal(0, 20, (60, 80, 1)).repeat(10, 0).repeat(10, 1)
    scene = Image.fromarray((np.asarray(picture(800, 600)) + noise).clip(0, 255).astype(np.uint8))
    data = encode(scene, "JPEG", quality=95)
    small = decode_photo(data, max_side=max_side).rgb
    whole = cv2.resize(decode_photo(data).rgb, (small.shape[1], small.shape[0]), interpolation=cv2.INTER_AREA)
    assert np.abs(small.astype(int) - whole).mean() < 3


@pytest.mark.parametrize(("at_least", "fraction"), [(700, 1), (400, 2), (230, 2), (200, 4), (99, 8), (1, 8)])
@pytest.mark.parametrize("turned", [1, 6])
def test_a_jpeg_comes_at_the_decoders_own_fraction_where_that_is_enough(at_least, fraction, turned):
    exif = Image.Exif()
    exif[0x0112] = turned
    data = encode(picture(800, 480), "JPEG", quality=95, exif=exif.tobytes())
    whole, part = decode_photo(data), decode_photo(data, at_least=at_least)
    assert part.original_size == whole.original_size == (whole.rgb.shape[1], whole.rgb.shape[0])
    assert part.rgb.shape == (whole.rgb.shape[0] // fraction, whole.rgb.shape[1] // fraction, 3)
    assert (part.file is None) == (fraction == 1) and (part.file in (None, data)) and whole.file is None
    expected = cv2.resize(whole.rgb, part.rgb.shape[1::-1], interpolation=cv2.INTER_AREA).astype(int)
    assert np.abs(part.rgb - expected).max() <= 6


def test_other_formats_and_strips_come_whole():
    assert decode_photo(encode(picture(800, 480), "PNG"), at_least=100).rgb.shape == (480, 800, 3)
    assert decode_photo(encode(picture(900, 2), "JPEG"), at_least=100).original_size == (900, 2)


def test_a_max_side_of_nothing_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="max_side"):
        decode_photo(encode(picture(), "PNG"), max_side=0)


@pytest.mark.parametrize("max_side", [None, 20])
@pytest.mark.parametrize(("kind", "options"), LOSSLESS + LOSSY)
def test_what_is_cut_off_is_refused_at_every_length(kind, options, max_side):
    data = encode(picture(), kind, **options)
    for share in (0.01, 0.05, 0.2, 0.5, 0.8, 0.95):
        message = refusal(data[: max(1, int(len(data) * share))], max_side=max_side)
        assert "cut off or damaged" in message or "no photo format" in message
    assert f"{'WebP' if kind == 'WEBP' else kind} is cut off or damaged" in refusal(data[: len(data) // 2])


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_damaged_bytes_give_a_photo_or_one_line(data):
    kind = data.draw(st.sampled_from(["JPEG", "PNG", "WEBP", "BMP", "TIFF"]))
    good = bytearray(encode(picture(32, 24), kind))
    for _ in range(data.draw(st.integers(1, 8))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    try:
        photo = decode_photo(bytes(good), max_pixels=1_000_000)
    except PhotoError as error:
        assert "\n" not in str(error) and str(error).startswith("photo: ")
    else:
        assert photo.rgb.ndim == 3 and photo.rgb.shape[2] == 3 and photo.rgb.dtype == np.uint8


NO_PHOTOS = {
    "is empty (0 bytes)": b"",
    "is a web page (HTML), not a photo": b"\xef\xbb\xbf\r\n <!DOCTYPE html><html><body>404</body></html>",
    "is a picture in SVG": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>',
    "is a GIF; save it as JPEG": b"GIF89a" + bytes(20),
    "is a PDF": b"%PDF-1.7\n",
    "is an AVIF picture": b"\0\0\0\x18ftypavif" + bytes(40),
    "is a video": b"\0\0\0\x18ftypisom" + bytes(40),
    "is a sound or video": b"RIFF\0\0\0\0WAVEfmt ",
    "is no photo format known here": b"hello, world",
    "camera raw": tiff({254: 1}),
    "32 bits a channel": encode(Image.new("F", (4, 4)), "TIFF"),
}


@pytest.mark.parametrize("what", NO_PHOTOS)
def test_what_is_no_photo_is_named_for_what_it_is(tmp_path, what):
    path = tmp_path / "car.jpg"
    path.write_bytes(NO_PHOTOS[what])
    message = refusal(path)
    assert what in message and message.startswith(f"{path}: ")
    assert what in refusal(NO_PHOTOS[what])


def test_heic_is_read_where_its_decoder_is_installed(monkeypatch):
    heif = pytest.importorskip("pillow_heif")
    heif.register_heif_opener()
    picture = Image.fromarray(np.full((20, 40, 3), (200, 30, 30), np.uint8))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned to the right
    photo = decode_photo(encode(picture, "HEIF", exif=exif.tobytes()))
    assert photo.rgb.shape == (40, 20, 3) and photo.original_size == (20, 40)
    assert np.abs(photo.rgb.astype(int) - (200, 30, 30)).max() < 12
    assert "the HEIC is cut off or damaged" in refusal(b"\0\0\0\x18ftypheic" + bytes(40))
    assert "megapixels" in refusal(encode(picture, "HEIF"), max_pixels=799)
    monkeypatch.setattr("crumple.photo_header.find_spec", lambda name: None)
    assert "is a HEIC photo; save it as JPEG" in refusal(encode(picture, "HEIF"))


def test_paths_that_lead_to_no_file_say_so(tmp_path):
    assert "there is no such file" in refusal(tmp_path / "absent.jpg")
    assert "is a folder" in refusal(tmp_path)
    assert "cannot be read: Not a directory" in refusal(Path(__file__) / "car.jpg")
    assert "is no possible file name" in refusal("car\0.jpg")
    assert "cannot be read" in refusal("x" * 5000)
    os.mkfifo(tmp_path / "pipe.jpg")
    assert "is a device or pipe" in refusal(tmp_path / "pipe.jpg")
    (tmp_path / "loop.jpg").symlink_to("loop.jpg")
    assert "cannot be read" in refusal(tmp_path / "loop.jpg")
    with pytest.raises(PhotoError, match="there is no such file"):
        photo_size(tmp_path / "absent.jpg")


@pytest.mark.parametrize("open_it", [decode_photo, photo_size])
def test_a_file_one_may_not_read_says_so(tmp_path, monkeypatch, open_it):
    path = tmp_path / "car.png"
    path.write_bytes(encode(picture(), "PNG"))

    def refuse(*_arguments, **_options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)  # chmod does not stop root
    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(PhotoError, match=r"car\.png: cannot be read: Permission denied; check the file"):
        open_it(path)


def test_a_strange_name_still_makes_one_printable_line(tmp_path):
    message = refusal(tmp_path / "a\nb\udcff.jpg")
    assert r"a\nb\udcff.jpg" in message and message.isprintable()


def test_a_file_of_gigabytes_is_refused_unread(tmp_path):
    path = tmp_path / "car.jpg"
    path.touch()
    os.truncate(path, MAX_BYTES + 1)  # sparse: it takes no room
    assert "is 600 MB long, and at most 600 MB are read" in refusal(path)


def bombs() -> dict[str, bytes]:
    """Small files that say, and the first really are, 30,000 pixels a side."""
    packer = zlib.compressobj()
    rows = b"".join(packer.compress(bytes(3751)) for _ in range(30_000)) + packer.flush()
    jpeg = bytearray(encode(picture(), "JPEG"))
    frame = jpeg.index(b"\xff\xc0")
    jpeg[frame + 5 : frame + 9] = struct.pack(">HH", 30_000, 30_000)
    bmp = bytearray(encode(picture(), "BMP"))
    bmp[18:26] = struct.pack("<ii", 30_000, 30_000)
    lossy = bytearray(encode(picture(), "WEBP"))
    lossy[26:30] = struct.pack("<HH", 16_383, 16_383)
    lossless = bytearray(encode(picture(), "WEBP", lossless=True))
    lossless[21:25] = (16_382 | 16_382 << 14).to_bytes(4, "little")
    extended = bytearray(encode(picture(), "WEBP", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0"))
    assert extended[12:16] == b"VP8X"
    extended[24:30] = 2 * (29_999).to_bytes(3, "little")
    return {
        "png": png(30_000, 30_000, 1, 0, rows),
        "jpeg": bytes(jpeg),
        "bmp": bytes(bmp),
        "webp": bytes(lossy),
        "lossless.webp": bytes(lossless),
        "extended.webp": bytes(extended),
        "tiff": tiff({256: 30_000, 257: 30_000}),
        "tile.tiff": tiff({322: 30_000, 323: 30_000}),
    }


def test_bombs_are_refused_from_their_headers_in_bounded_memory(tmp_path):
    for name, data in bombs().items():
        assert len(data) < 500_000
        (tmp_path / f"bomb.{name}").write_bytes(data)
    script = """
import resource, sys
from pathlib import Path
from crumple.errors import PhotoError
from crumple.photo import decode_photo, photo_size
for module in ("cv2", "tensorflow", "openvino", "PIL.TiffImagePlugin"):
    assert module not in sys.modules, module
start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for path in sorted(Path(sys.argv[1]).iterdir()):
    for read in (decode_photo, photo_size):
        try:
            read(path)
        except PhotoError as error:
            print(error)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - start)
"""
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True)
    *lines, grown = done.stdout.splitlines()
    assert len(lines) == 2 * len(bombs())
    assert all("megapixels, and at most 100 are decoded; make the photo smaller" in line for line in lines)
    assert "30000x30000 is 900 megapixels" in lines[0]
    assert int(grown) < 30_000, "kilobytes of memory, of which the plugins' imports are most"


def test_the_limit_of_pixels_can_be_set():
    data = encode(picture(), "PNG")
    assert decode_photo(data, max_pixels=96 * 64).rgb.shape == (64, 96, 3)
    assert "96x64 is 0 megapixels" in refusal(data, max_pixels=96 * 64 - 1)
