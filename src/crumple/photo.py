"""Decode any upload safely: what the whole photo looks like, upright, in RGB; or one line that says why not."""

import hashlib
import os
import stat
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from crumple.errors import PhotoError
from crumple.files import as_path
from crumple.photo_header import MAX_PIXELS, damaged, open_header, orientation, upright_size

# A file is read whole before it is decoded. MAX_PIXELS of 16-bit RGB, uncompressed, are this long.
MAX_BYTES = 6 * MAX_PIXELS

PIXELS = "(H, W, 3) uint8 RGB array"
WANTED = f"a photo must be a path, a file's bytes or an {PIXELS}"

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True, eq=False)
class Photo:
    """A decoded photo.

    rgb: (H, W, 3) uint8, upright. name: the file's name ("photo" for bytes). sha256: of the file as it came, hex.
    orientation: the EXIF orientation that was applied, 1 to 8. original_size: width and height of the upright photo
    in pixels, before max_side or at_least made it smaller. file: the file's bytes where at_least did, so that the
    whole photo can still be had.
    """

    rgb: np.ndarray
    name: str
    sha256: str
    orientation: int
    original_size: tuple[int, int]
    file: bytes | None = None


def decode_photo(
    source: str | os.PathLike[str] | bytes,
    *,
    max_pixels: int = MAX_PIXELS,
    max_side: int | None = None,
    at_least: int | None = None,
) -> Photo:
    """Decode a JPEG, PNG, WebP, BMP or TIFF from a path or from its bytes.

    EXIF orientation is applied, transparency is laid over white, grey, palette, CMYK and 16-bit become 8-bit RGB;
    colour profiles are not applied. Of an animation or a multi-page file, the first picture.

    max_pixels: a larger photo is refused from its header, before memory is taken for it. max_side: scale the photo
    down so that its longer side has at most this many pixels; of a JPEG, that also takes less time to decode.
    at_least: pixels of the longer side that are enough. A JPEG is decoded at the decoder's own 1/2, 1/4 or 1/8 as long
    as that leaves them, in a fraction of the time; every pixel then stands for 2x2, 4x4 or 8x8. Others come whole.

    Raises PhotoError, in one line, for whatever cannot be read.
    """
    if max_side is not None and max_side < 1:
        raise ValueError(f"max_side must be at least 1, not {max_side}")
    if isinstance(source, bytes):
        name, label, data = "photo", "photo", source
    else:
        path = as_path(source, WANTED, PhotoError)
        name, label = path.name, _printable(path)
        data = _read(path, label)
    image = open_header(BytesIO(data), label, max_pixels)
    turned = orientation(image)
    full = target = upright_size(image)
    if max_side is not None and max(full) > max_side:
        scale = max_side / max(full)
        target = max(1, round(full[0] * scale)), max(1, round(full[1] * scale))
        # The JPEG decoder's own 1/2, 1/4 or 1/8 scale, never below the target.
        image.draft(None, target if turned < 5 else target[::-1])
    elif at_least is not None and max_side is None:
        scale = at_least / max(image.size)
        image.draft(None, (max(1, int(image.size[0] * scale)), max(1, int(image.size[1] * scale))))
        target = image.size if turned < 5 else image.size[::-1]
    try:
        image.load()
        rgb = _to_rgb(image)
        still_turned = orientation(image) if image.format == "TIFF" else turned  # Pillow turns a TIFF upright itself
    except Exception as error:  # as in open_header: a decoder raises whatever the bytes provoke
        raise damaged(label, image.format, error) from None
    if still_turned in _UPRIGHT:
        rgb = rgb.transpose(_UPRIGHT[still_turned])
    if rgb.size != target:
        rgb = rgb.resize(target, Image.Resampling.BOX)
    return Photo(
        rgb=np.array(rgb),
        name=name,
        sha256=hashlib.sha256(data).hexdigest(),
        orientation=turned,
        original_size=full,
        file=data if at_least is not None and target != full else None,
    )


def photo_size(path: str | os.PathLike[str]) -> tuple[int, int]:
    """Width and height of the upright photo in pixels, from its header alone. Raises PhotoError."""
    path = Path(path)
    label = _printable(path)
    _check_file(path, label)
    try:
        with path.open("rb") as stream:
            return upright_size(open_header(stream, label))
    except OSError as error:
        raise _unreadable(label, error) from None


def check_pixels(rgb: np.ndarray) -> None:
    """Raises PhotoError if `rgb` is no (H, W, 3) uint8."""
    if not isinstance(rgb, np.ndarray):
        raise PhotoError(f"pixels must be an {PIXELS}, not {type(rgb).__name__}")
    if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8 or 0 in rgb.shape:
        raise PhotoError(f"pixels must be an {PIXELS}, not {rgb.shape} {rgb.dtype}")


def _read(path: Path, label: str) -> bytes:
    _check_file(path, label)
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(label, error) from None


def _check_file(path: Path, label: str) -> None:
    """Refuse what is no ordinary file (a folder, or a pipe that would block for ever) and what is far too long."""
    try:
        status = path.stat()
    except FileNotFoundError:
        raise PhotoError(f"{label}: there is no such file; check the path") from None
    except OSError as error:
        raise _unreadable(label, error) from None
    except ValueError:  # a NUL in the path
        raise PhotoError(f"{label}: is no possible file name; check the path") from None
    if stat.S_ISDIR(status.st_mode):
        raise PhotoError(f"{label}: is a folder; give a photo in it")
    if not stat.S_ISREG(status.st_mode):
        raise PhotoError(f"{label}: is a device or pipe, not a file; save the photo to a file first")
    if status.st_size > MAX_BYTES:
        raise PhotoError(
            f"{label}: is {status.st_size / 1e6:,.0f} MB long, and at most {MAX_BYTES / 1e6:,.0f} MB are read; "
            "make the photo smaller"
        )


def _unreadable(label: str, error: OSError) -> PhotoError:
    return PhotoError(f"{label}: cannot be read: {error.strerror or error}; check the file and its permissions")


def _printable(path: Path) -> str:
    """The path on one line, whatever bytes its name holds."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in str(path))


def _to_rgb(image: Image.Image) -> Image.Image:
    """Any decoded Pillow image as mode RGB, 8 bits a channel."""
    if image.mode.startswith("I;16"):
        # Pillow's own conversion clips 16-bit grey at 255 instead of scaling it.
        grey = np.asarray(image).astype(np.uint32)
        return Image.fromarray(((grey + 128) // 257).astype(np.uint8)).convert("RGB")
    if image.mode in ("I", "F"):
        raise ValueError("32 bits a channel; save it with 8 or 16")
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        white = Image.new("RGB", image.size, "white")
        white.paste(rgba, mask=rgba.getchannel("A"))
        return white
    return image if image.mode == "RGB" else image.convert("RGB")  # convert would copy
