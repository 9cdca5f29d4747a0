"""Whether a photo can be judged at all: simple measures, each with a limit and the outcome in words.

The limits were set on 1,839 damage photos and 400 whole-car photos: at most one in a hundred of them fails any one
check.
"""

import numpy as np
import numpy.typing as npt

from crumple.assess.assessment import QualityCheck
from crumple.assess.severity import percent

MIN_SIDE = 256  # pixels of the shorter side
MIN_BRIGHTNESS = 40  # mean of 0..255
BURNT, MAX_BURNT_SHARE = 250, 0.6  # grey value from which a pixel is burnt out, and the share of such pixels
MIN_SHARPNESS = 90  # variance of the Laplacian, see `sharpness`
MIN_VEHICLE_SHARE = 0.02  # of the photo
NORMAL_SIDE = 512  # pixels of the longer side at which sharpness is measured
TILE = 32  # pixels


def photo_checks(rgb: npt.NDArray[np.uint8]) -> list[QualityCheck]:
    """Size, brightness and sharpness of a photo (H, W, 3) uint8."""
    import cv2

    side = min(rgb.shape[:2])
    scale = NORMAL_SIDE / max(rgb.shape[:2])
    size = tuple(max(1, round(length * scale)) for length in (rgb.shape[1], rgb.shape[0]))
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    grey = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.uint8)
    brightness, burnt, sharp = float(grey.mean()), float((grey >= BURNT).mean()), sharpness(grey)
    return [
        _check("too_small", side >= MIN_SIDE, side, MIN_SIDE, "large enough", f"too small: {side} pixels"),
        _check("too_dark", brightness >= MIN_BRIGHTNESS, brightness, MIN_BRIGHTNESS, "bright enough", "too dark"),
        _check(
            "overexposed",
            burnt <= MAX_BURNT_SHARE,
            burnt,
            MAX_BURNT_SHARE,
            "not overexposed",
            f"overexposed: {percent(burnt)} of it is burnt out",
        ),
        _check("blurred", sharp >= MIN_SHARPNESS, sharp, MIN_SHARPNESS, "sharp", "blurred: no sharp edge anywhere"),
    ]


def vehicle_check(parts_share: float, damage_seen: bool) -> QualityCheck:
    """Whether a vehicle was seen: parts that cover enough of the photo, or a confirmed damage close up."""
    ok = parts_share >= MIN_VEHICLE_SHARE or damage_seen
    seen = f"vehicle seen on {percent(parts_share)} of the photo" if parts_share else "damage seen close up"
    return _check("no_vehicle", ok, parts_share, MIN_VEHICLE_SHARE, seen, "no vehicle seen")


def sharpness(grey: npt.NDArray[np.uint8]) -> float:
    """Variance of the Laplacian in the sharpest tiles (95th percentile) of a photo 512 px long; (H, W) uint8.

    Over the whole photo it would call a close-up of a smooth door blurred. A single sharp edge somewhere is enough.
    """
    import cv2

    laplacian = cv2.Laplacian(grey, cv2.CV_32F)
    rows, columns = (max(1, length // TILE) for length in grey.shape)
    tiles = [tile.var() for band in np.array_split(laplacian, rows) for tile in np.array_split(band, columns, axis=1)]
    return float(np.percentile(tiles, 95))


def _check(name: str, ok: bool, value: float, limit: float, good: str, bad: str) -> QualityCheck:
    return QualityCheck.model_validate(
        {"name": name, "ok": bool(ok), "value": round(value, 4), "limit": limit, "text": good if ok else bad}
    )
