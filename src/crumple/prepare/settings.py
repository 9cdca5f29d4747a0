"""What a preparation is told: everything that decides its result, and nothing about the machine that does it."""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from crumple.errors import DataError

Format = Literal["folder", "webdataset", "tfrecord"]
TRAIN_VAL_TEST = (("train", 0.8), ("val", 0.1), ("test", 0.1))


@dataclass(frozen=True)
class Limits:
    """What a photo must reach to be kept. Those that `crumple assess` knows too have its values.

    side: pixels of the shorter side, as it came. brightness: mean luma, 0 to 255. burnt: largest share that is burnt
    out. sharpness: see `crumple.prepare.quality.sharpness`. jpeg_quality: see `crumple.prepare.photo.compression`.
    vehicle: least share of the photo that a vehicle covers, unless damage may be seen close up.
    """

    side: int = 256
    brightness: float = 40
    burnt: float = 0.6
    sharpness: float = 90
    jpeg_quality: int = 30
    vehicle: float = 0.02


@dataclass(frozen=True)
class Settings:
    """size: pixels of the longer side, never enlarged. quality: of the JPEG that is written, 1 to 100.

    vehicle: whether to look for one. redact: whether to hide faces and plates. model: folder of an exported model;
    None: the released one. splits: names and shares, which add up to 1. seed: another one gives other splits. shard:
    photos of a tar or TFRecord file. format: single files, or one of these.
    """

    size: int = 1024
    quality: int = 92
    limits: Limits = field(default_factory=Limits)
    vehicle: bool = True
    redact: bool = False
    model: str | None = None
    splits: tuple[tuple[str, float], ...] = TRAIN_VAL_TEST
    seed: str = "0"
    shard: int = 1000
    format: Format = "folder"

    def to_dict(self) -> dict[str, Any]:
        """As plain values, for `prepare.json`."""
        return asdict(self) | {"splits": dict(self.splits)}


def read_splits(text: str) -> tuple[tuple[str, float], ...]:
    """ "train=0.8,val=0.2" -> (("train", 0.8), ("val", 0.2)). Raises DataError if the shares do not add up to 1."""
    splits: list[tuple[str, float]] = []
    for item in text.split(","):
        name, _, share = item.strip().partition("=")
        try:
            splits.append((name, float(share)))
        except ValueError:
            raise DataError(f"--splits {text}: '{item.strip()}' is no NAME=SHARE; write train=0.8,val=0.2") from None
    names = [name for name, _ in splits]
    if len(set(names)) < len(names) or not all(name.isidentifier() for name in names):
        raise DataError(f"--splits {text}: names must be different words of letters, digits and _")
    if any(not share >= 0 for _, share in splits) or abs(sum(share for _, share in splits) - 1) > 1e-6:
        raise DataError(f"--splits {text}: the shares must add up to 1")
    return tuple(splits)
