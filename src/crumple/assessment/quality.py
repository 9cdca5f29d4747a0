"""Whether a photo can be judged at all: the measures of `crumple.prepare.quality`, each with a limit and words.

The limits were set on 1,839 damage photos and 400 whole-car photos: at most one in a hundred of them fails any one
check.
"""

import numpy as np
import numpy.typing as npt

from crumple.assessment.assessment import QualityCheck
from crumple.assessment.numbers import percent
from crumple.prepare.quality import brightness, burnt_share, normal_luma, sharpness

MIN_SIDE = 256  # pixels of the shorter side
MIN_BRIGHTNESS = 40  # mean of 0..255
MAX_BURNT_SHARE = 0.6  # of the photo
MIN_SHARPNESS = 90  # variance of the Laplacian, see `crumple.prepare.quality.sharpness`
MIN_VEHICLE_SHARE = 0.02  # of the photo


def photo_checks(rgb: npt.NDArray[np.uint8], side: int | None = None) -> list[QualityCheck]:
    """Size, brightness and sharpness of a photo (H, W, 3) uint8; `side`: its shorter one, where `rgb` is smaller."""
    side = side or min(rgb.shape[:2])
    luma = normal_luma(rgb)
    bright, burnt, sharp = brightness(luma), burnt_share(luma), sharpness(luma)
    return [
        _check("too_small", side >= MIN_SIDE, side, MIN_SIDE, "large enough", f"too small: {side} pixels"),
        _check("too_dark", bright >= MIN_BRIGHTNESS, bright, MIN_BRIGHTNESS, "bright enough", "too dark"),
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


def vehicle_check(parts_share: float, close_up: bool) -> QualityCheck:
    """Whether a vehicle was seen: parts that cover enough of the photo, or else a part or sure damage close up."""
    ok = parts_share >= MIN_VEHICLE_SHARE or close_up
    seen = f"vehicle seen on {percent(parts_share)} of the photo" if parts_share else "vehicle seen close up"
    return _check("no_vehicle", ok, parts_share, MIN_VEHICLE_SHARE, seen, "no vehicle seen")


def _check(name: str, ok: bool, value: float, limit: float, good: str, bad: str) -> QualityCheck:
    return QualityCheck.model_validate(
        {"name": name, "ok": bool(ok), "value": round(value, 4), "limit": limit, "text": good if ok else bad}
    )
