"""A photo without what it says besides its picture: the camera's position above all, but also owner and serial number.

A JPEG's picture stays as it is, byte for byte; any other format becomes a PNG of its pixels. What remains beside the
picture is the orientation and the colour profile.
"""

from io import BytesIO

from PIL import Image

from crumple.photo import decode_photo
from crumple.photo_header import open_header, orientation, upright_size

_ORIENTATION = 0x0112
_APP0, _APP1, _APP2, _APP14, _APP15, _COM = 0xE0, 0xE1, 0xE2, 0xEE, 0xEF, 0xFE
_SOI, _EOI, _SOS = 0xD8, 0xD9, 0xDA
_STANDALONE = frozenset(range(0xD0, 0xD8)) | {0x01}  # restart markers and TEM have no length


def strip(data: bytes, max_pixels: int) -> tuple[bytes, str, tuple[int, int]]:
    """The file to keep, its suffix, and the upright photo's width and height in pixels. Raises PhotoError."""
    image = open_header(BytesIO(data), "photo", max_pixels)
    size = upright_size(image)
    if image.format == "JPEG":
        return _jpeg(data, orientation(image)), ".jpg", size
    photo = decode_photo(data, max_pixels=max_pixels)
    out = BytesIO()
    Image.fromarray(photo.rgb).save(out, "PNG", compress_level=1)
    return out.getvalue(), ".png", size


def _jpeg(data: bytes, turned: int) -> bytes:
    """Only the segments that make the picture (ITU T.81, B.1.1), and nothing that follows its end.

    After the end phones put a second picture or a video, each with a position of its own. A file that is cut off is
    kept as far as it goes.
    """
    out = bytearray(b"\xff\xd8")
    if turned != 1:
        exif = Image.Exif()
        exif[_ORIENTATION] = turned
        block = exif.tobytes()
        out += b"\xff\xe1" + (len(block) + 2).to_bytes(2) + block
    at = 2
    while (at := _next_marker(data, at)) >= 0:
        marker = data[at + 1]
        if marker == _EOI:
            out += b"\xff\xd9"
            break
        if marker in _STANDALONE or marker == _SOI:
            at += 2
            continue
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4])
        if _is_picture(marker, data[at + 4 : at + 16]):
            out += data[at:end]
        at = max(end, at + 4)
        if marker == _SOS:
            stop = _end_of_scan(data, at)
            out += data[at:stop]
            at = stop
    return bytes(out)


def _next_marker(data: bytes, at: int) -> int:
    """Where the next marker begins, past fill bytes and rubbish between segments; -1: there is none."""
    while 0 <= (at := data.find(b"\xff", at)) < len(data) - 1:
        if data[at + 1] not in (0x00, 0xFF):
            return at
        at += 1
    return -1


def _is_picture(marker: int, start: bytes) -> bool:
    if marker == _APP2:
        return start.startswith(b"ICC_PROFILE\x00")
    if marker in (_APP0, _APP14):  # JFIF's density, Adobe's colour transform
        return start.startswith((b"JFIF\x00", b"Adobe"))
    return not (_APP0 <= marker <= _APP15 or marker == _COM)


def _end_of_scan(data: bytes, at: int) -> int:
    """Where the entropy-coded data of a scan ends: at a marker that is no restart and no stuffed 0xFF."""
    while (at := data.find(b"\xff", at)) >= 0 and at + 1 < len(data):
        if data[at + 1] == 0x00 or 0xD0 <= data[at + 1] <= 0xD7:
            at += 2
        elif data[at + 1] == 0xFF:
            at += 1
        else:
            return at
    return len(data)
