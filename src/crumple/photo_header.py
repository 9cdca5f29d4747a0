"""A photo's header: which format the bytes really are, how large the picture is, and which way up it stands.

Nothing here decodes pixels, so a file that is not a photo, or that would unpack to gigabytes, costs nothing to refuse.
"""

import struct
import warnings
from importlib import import_module
from importlib.util import find_spec
from typing import IO

from PIL import ImageFile

from crumple.errors import PhotoError, TooManyPixelsError, UnknownFormatError

MAX_PIXELS = 100_000_000

# Mangled EXIF and TIFF tags make Pillow chatter on stderr; a photo that cannot be read is told by a PhotoError instead.
# A filter, because warnings.catch_warnings is not safe in the threads that decode.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.TiffImagePlugin")

# Format by first bytes -> Pillow's plugin module and class. Naming them spares Image.open's import of every plugin.
_PLUGINS = {
    "JPEG": ("PIL.JpegImagePlugin", "JpegImageFile"),
    "PNG": ("PIL.PngImagePlugin", "PngImageFile"),
    "WebP": ("PIL.WebPImagePlugin", "WebPImageFile"),
    "BMP": ("PIL.BmpImagePlugin", "BmpImageFile"),
    "TIFF": ("PIL.TiffImagePlugin", "TiffImageFile"),
}
READABLE = "{}, {}, {}, {} or {}".format(*_PLUGINS)  # for messages
_PLUGINS["HEIC"] = ("pillow_heif.as_plugin", "HeifImageFile")  # where pillow-heif is installed: extra "serve"
_SIGNATURES = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"BM", "BMP"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"II+\x00", "TIFF"),
    (b"MM\x00+", "TIFF"),
)
_OTHER_KINDS = (
    (b"GIF8", "a GIF"),
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive or office document"),
    (b"\x00\x00\x00\x0cjP", "a JPEG 2000 picture"),
    (b"\xff\x4f\xff\x51", "a JPEG 2000 picture"),
    (b"8BPS", "a Photoshop document"),
    (b"\x1a\x45\xdf\xa3", "a video"),
    (b"RIFF", "a sound or video"),
)
_ORIENTATION, _NEW_SUBFILE_TYPE, _WIDTH, _LENGTH, _TILE_WIDTH, _TILE_LENGTH = 0x0112, 254, 256, 257, 322, 323


def open_header(stream: IO[bytes], name: str, max_pixels: int = MAX_PIXELS) -> ImageFile.ImageFile:
    """Read a photo's header from a seekable stream; pixels stay undecoded. name: what error messages call the photo.

    Raises PhotoError if it is no JPEG, PNG, WebP, BMP or TIFF, is damaged, or has more than max_pixels pixels.
    """
    start = stream.read(512)
    if not start:
        raise PhotoError(f"{name}: is empty (0 bytes); copy or download it again")
    kind = _kind(start, name)
    if kind == "WebP":
        _refuse_too_large(_webp_size(start), name, max_pixels)  # Pillow's WebP plugin allocates the canvas at once
    module, plugin = _PLUGINS[kind]
    stream.seek(0)
    try:
        image: ImageFile.ImageFile = getattr(import_module(module), plugin)(stream)
    except Exception as error:  # Pillow's plugins let whatever the bytes provoke escape: struct.error, KeyError, ...
        raise damaged(name, kind, error) from None
    _refuse_too_large(image.size, name, max_pixels)
    if kind == "TIFF":
        _check_tiff(image, name, max_pixels)
    return image


def damaged(name: str, kind: str | None, error: Exception) -> PhotoError:
    """The error for a photo whose bytes its decoder refuses."""
    if isinstance(error, MemoryError):
        return PhotoError(f"{name}: there is not enough memory to decode it; make the photo smaller")
    reason = " ".join(str(error).split()) or type(error).__name__
    return PhotoError(f"{name}: the {kind} is cut off or damaged ({reason:.80}); copy or export it again")


def orientation(image: ImageFile.ImageFile) -> int:
    """The EXIF orientation, 1 (upright) to 8; 1 if there is none or it is nonsense.

    Never decodes pixels: a PNG's EXIF counts only where its specification wants it, before them.
    """
    if image.format == "PNG" and "exif" not in image.info:
        return 1
    try:
        value = image.getexif().get(_ORIENTATION)
    except Exception:  # EXIF blocks are often mangled by editors; the picture itself is still good
        return 1
    return value if type(value) is int and 1 <= value <= 8 else 1


def upright_size(image: ImageFile.ImageFile) -> tuple[int, int]:
    """Width and height of the photo once its EXIF orientation is applied."""
    width, height = image.size
    if image.format == "TIFF":  # Pillow gives its size upright already, but not in every version
        tags = getattr(image, "tag_v2", {})
        width, height = tags.get(_WIDTH, width), tags.get(_LENGTH, height)
    return (height, width) if orientation(image) >= 5 else (width, height)


def _kind(start: bytes, name: str) -> str:
    for signature, kind in _SIGNATURES:
        if start.startswith(signature):
            return kind
    if start[:4] == b"RIFF" and start[8:12] in (b"WEBP", b""):  # b"" if it is cut off there
        return "WebP"
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith(b"<"):
        what = "a picture in SVG" if b"<svg" in text else "a web page (HTML)"
        raise UnknownFormatError(f"{name}: is {what}, not a photo; download the photo itself ({READABLE})")
    what = next((what for signature, what in _OTHER_KINDS if start.startswith(signature)), "no photo format known here")
    if start[4:8] == b"ftyp":
        brand = start[8:12]
        heic = brand in (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
        if heic and find_spec("pillow_heif") is not None:
            return "HEIC"
        what = "a HEIC photo" if heic else "an AVIF picture" if brand in (b"avif", b"avis") else "a video"
    raise UnknownFormatError(f"{name}: is {what}; save it as {READABLE} and try again")


def _refuse_too_large(size: tuple[int, int] | None, name: str, max_pixels: int) -> None:
    if size is not None and size[0] * size[1] > max_pixels:
        width, height = size
        raise TooManyPixelsError(
            f"{name}: {width}x{height} is {width * height / 1e6:,.0f} megapixels, and at most {max_pixels / 1e6:,.4g} "
            "are decoded; make the photo smaller"
        )


def _webp_size(start: bytes) -> tuple[int, int] | None:
    """Width and height from a WebP's first bytes (WebP container specification, RFC 9649); None if they are cut off."""
    if len(start) < 30:
        return None
    chunk = start[12:16]
    if chunk == b"VP8X":
        return int.from_bytes(start[24:27], "little") + 1, int.from_bytes(start[27:30], "little") + 1
    if chunk == b"VP8L":
        bits = int.from_bytes(start[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width, height = struct.unpack("<HH", start[26:30])
    return width & 0x3FFF, height & 0x3FFF


def _check_tiff(image: ImageFile.ImageFile, name: str, max_pixels: int) -> None:
    tags = getattr(image, "tag_v2", {})
    if tags.get(_NEW_SUBFILE_TYPE, 0) & 1:
        raise PhotoError(f"{name}: is a camera raw file that opens with its thumbnail; export it as JPEG and try again")
    # libtiff allocates a whole tile however small the picture is.
    tile = tags.get(_TILE_WIDTH, 1), tags.get(_TILE_LENGTH, 1)
    _refuse_too_large(tile, name, max_pixels)
