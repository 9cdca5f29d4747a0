"""What a label file says, in the project's words: labelled photos and the instances on them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pycocotools import mask as coco_mask


@dataclass(frozen=True, eq=False)
class Instance:
    """One labelled object. Coordinates are photo pixels, x to the right, y down, (0, 0) the photo's corner.

    label: project name. polygons: (P, 2) float64 xy each, inside the photo; empty if the source was a mask.
    rle: the COCO compressed RLE ({"size": [height, width], "counts": str}) if the source was a mask, else None.
    box: the tight box around the mask, x1, y1, x2, y2. crowd: a region of many objects that nobody separated.
    annotation_id: the source's id; instances split from one annotation share it.
    """

    label: str
    polygons: tuple[np.ndarray, ...]
    rle: dict[str, Any] | None
    box: tuple[float, float, float, float]
    crowd: bool
    annotation_id: int

    def bitmap(self, height: int, width: int) -> np.ndarray:
        """The mask, (height, width) bool; height and width must be the labelled photo's own.

        Raises ValueError if the source was a mask of another size.
        """
        if self.rle is None:
            rle = coco_mask.merge(coco_mask.frPyObjects([p.ravel().tolist() for p in self.polygons], height, width))
        elif list(self.rle["size"]) == [height, width]:
            rle = self.rle
        else:
            raise ValueError(f"the mask is {self.rle['size']} (height, width), not {[height, width]}")
        return coco_mask.decode(rle).astype(bool)


@dataclass(frozen=True)
class NamedPlace:
    """One name of a place label: one of taxonomy.PLACES, or a part whose side is not known ("front_door").

    sure: False where the reader was not.
    """

    name: str
    sure: bool = True


@dataclass(frozen=True, eq=False)
class PhotoPlaces:
    """What a place label says of one photo.

    on: annotation id -> where that damage lies, most of it first; an empty tuple where it is on none of our places.
    visible: the parts of which a fifth or more is in the photo.
    """

    on: Mapping[int, tuple[NamedPlace, ...]]
    visible: tuple[NamedPlace, ...]


@dataclass(frozen=True, eq=False)
class LabelledPhoto:
    """One photo of a label file. width, height: pixels. group: shared by the photos of one claim; None if not known.

    places: None where nobody has read them. undrawn: labels of the set's that are on the photo, or may be, though
    nobody has drawn them.
    """

    path: Path
    file_name: str
    image_id: int
    width: int
    height: int
    group: str | None
    instances: tuple[Instance, ...]
    places: PhotoPlaces | None = None
    undrawn: tuple[str, ...] = ()
