"""One photo, from the bytes as they came to a clean JPEG with its measures: no files, no Beam, nothing remembered."""

import hashlib
from dataclasses import dataclass, field
from io import BytesIO

import cv2
import numpy as np
import numpy.typing as npt

from crumple.credit import Credit
from crumple.detect.detector import Detector
from crumple.errors import PhotoError
from crumple.photo import decode_photo
from crumple.photo_header import open_header
from crumple.prepare.copies.crops import crop_hashes
from crumple.prepare.copies.hashes import perceptual_hash
from crumple.prepare.photo.colour import to_srgb
from crumple.prepare.photo.compression import jpeg_quality
from crumple.prepare.photo.redact import redact
from crumple.prepare.photo.vehicle import find_vehicle
from crumple.prepare.photo.verdict import Measures, reasons
from crumple.prepare.quality import NORMAL_SIDE, brightness, burnt_share, normal_luma, sharpness
from crumple.prepare.settings import Settings

ID_DIGITS = 20  # hex digits of the SHA-256: a million photos share one with a chance of 1 in 10^12


@dataclass(frozen=True, slots=True)
class PreparedPhoto:
    """What is known of one photo. name: its path below the source folder, unique. sha256: of the file as it came.

    width, height: pixels of the JPEG that is written. orientation: EXIF orientation that was applied.
    hashes: perceptual hashes (`crumple.prepare.copies.hashes`) of the photo and of its crops.
    reasons: why it is rejected, none: kept. message: what was wrong, in words.
    jpeg_sha256: of the JPEG that is written. redacted: faces and plates that were hidden; None: nobody looked.
    measures is None, and the sizes 0, for a photo that could not be decoded.
    """

    name: str
    credit: Credit = field(default_factory=Credit)
    sha256: str = ""
    width: int = 0
    height: int = 0
    orientation: int = 1
    hashes: tuple[int, ...] = ()
    measures: Measures | None = None
    reasons: tuple[str, ...] = ()
    message: str = ""
    jpeg_sha256: str = ""
    redacted: int | None = None

    @property
    def id(self) -> str:
        """What the prepared photo is called: the same bytes have the same id."""
        return self.sha256[:ID_DIGITS]


def prepare_photo(
    data: bytes, name: str, settings: Settings, *, credit: Credit | None = None, detector: Detector | None = None
) -> tuple[PreparedPhoto, bytes | None]:
    """A photo's file -> what is known of it, and the clean JPEG: upright, sRGB, longer side `settings.size`, no EXIF.

    Never raises for what a file holds: a photo that cannot be prepared comes back rejected, with None for the JPEG.

    Args:
        data: the file, whole.
        name: its path below the source folder.
        detector: looks for a vehicle; None: nobody looks.
    """
    credit = credit or Credit()
    sha256 = hashlib.sha256(data).hexdigest()
    try:
        return _prepare(data, name, sha256, settings, credit, detector)
    except PhotoError as error:
        message = str(error).removeprefix("photo: ")
        return PreparedPhoto(name, credit, sha256, reasons=("unreadable",), message=message), None
    except Exception as error:  # one photo, whatever it provokes, must not end a run over a million
        message = f"{type(error).__name__}: {' '.join(str(error).split()):.200}"
        return PreparedPhoto(name, credit, sha256, reasons=("failed",), message=message), None


def _prepare(
    data: bytes, name: str, sha256: str, settings: Settings, credit: Credit, detector: Detector | None
) -> tuple[PreparedPhoto, bytes]:
    # Never below the size at which sharpness and light are measured.
    photo = decode_photo(data, max_side=max(settings.size, NORMAL_SIDE))
    header = open_header(BytesIO(data), name)
    rgb = to_srgb(photo.rgb, header.info.get("icc_profile"))
    luma = normal_luma(rgb)
    measures = Measures(
        *photo.original_size,
        brightness=round(brightness(luma), 2),
        burnt=round(burnt_share(luma), 4),
        sharpness=round(sharpness(luma), 1),
        jpeg_quality=jpeg_quality(header),
        vehicle=find_vehicle(rgb, detector) if detector else None,
    )
    rgb = _shrunk(rgb, settings.size)
    hidden = None
    if settings.redact:
        rgb, hidden = redact(rgb)
    height, width = rgb.shape[:2]
    jpeg = encode(rgb, settings.quality)
    prepared = PreparedPhoto(
        name=name,
        credit=credit,
        sha256=sha256,
        width=width,
        height=height,
        orientation=photo.orientation,
        hashes=(int(perceptual_hash(luma)), *crop_hashes(luma)),
        measures=measures,
        reasons=reasons(measures, settings.limits),
        jpeg_sha256=hashlib.sha256(jpeg).hexdigest(),
        redacted=hidden,
    )
    return prepared, jpeg


def _shrunk(rgb: npt.NDArray[np.uint8], size: int) -> npt.NDArray[np.uint8]:
    """A photo (H, W, 3) uint8 with at most `size` pixels on its longer side."""
    height, width = rgb.shape[:2]
    scale = size / max(height, width)
    if scale >= 1:
        return rgb
    target = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(rgb, target, interpolation=cv2.INTER_AREA), np.uint8)


def encode(rgb: npt.NDArray[np.uint8], quality: int) -> bytes:
    """A photo (H, W, 3) uint8 as JPEG: pixels only, no EXIF, no position, no profile, no thumbnail."""
    done, data = cv2.imencode(".jpg", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ValueError("OpenCV could not write the JPEG")
    return bytes(data)
