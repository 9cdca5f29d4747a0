"""Keep or reject, and why: one photo's measures against the limits."""

from dataclasses import dataclass

from crumple.prepare.photo.vehicle import Vehicle
from crumple.prepare.settings import Limits

# Every reason there is, in the order in which reports list them.
REASONS = {
    "unreadable": "cannot be read or decoded",
    "failed": "something unforeseen went wrong with it",
    "too_small": "too few pixels",
    "too_dark": "too dark",
    "overexposed": "too much of it is burnt out",
    "blurred": "no sharp edge anywhere",
    "compressed": "compressed too hard",
    "no_vehicle": "no vehicle seen",
    "duplicate": "a better copy is kept",
}


@dataclass(frozen=True, slots=True)
class Measures:
    """width, height: pixels of the upright photo as it came. brightness: mean luma, 0 to 255. burnt: share, 0 to 1.

    sharpness: see `crumple.prepare.quality`. jpeg_quality: 1 to 100, None if it was no JPEG. vehicle: None if nobody
    looked.
    """

    width: int
    height: int
    brightness: float
    burnt: float
    sharpness: float
    jpeg_quality: int | None
    vehicle: Vehicle | None


def reasons(measures: Measures, limits: Limits) -> tuple[str, ...]:
    """Why the photo is rejected; none: it is kept. A measure that lies on its limit is good enough."""
    vehicle = measures.vehicle
    failed = {
        "too_small": min(measures.width, measures.height) < limits.side,
        "too_dark": measures.brightness < limits.brightness,
        "overexposed": measures.burnt > limits.burnt,
        "blurred": measures.sharpness < limits.sharpness,
        "compressed": measures.jpeg_quality is not None and measures.jpeg_quality < limits.jpeg_quality,
        "no_vehicle": vehicle is not None and vehicle.share < limits.vehicle and not vehicle.maybe_damage,
    }
    return tuple(reason for reason in REASONS if failed.get(reason))
