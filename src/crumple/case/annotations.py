"""The damages of a COCO file that people drew, photo by photo: `crumple inspect --findings FILE.json`."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from crumple.assessment.drawn import Drawing
from crumple.dataset.coco import listed_categories, read_coco
from crumple.dataset.instances import Instance, LabelledPhoto
from crumple.dataset.labels import LabelMap, builtin_label_maps
from crumple.detect.masks import Patch
from crumple.errors import DataError


def read_drawings(path: Path, photos: Mapping[str, Path], damages: Sequence[str]) -> dict[str, list[Drawing]]:
    """What the file draws on each of `photos` that it lists. What it draws on others is left out.

    Categories have our names or those of a source that a label map ships for; what is no damage is left out.

    Args:
        photos: by name, where they lie. A photo of the file is the one of its file name, with its folders or without.
        damages: the damage types that there are.

    Raises DataError naming the file, the entry and the field, or that none of the photos is in it.
    """
    by_last_name: dict[str, list[str]] = defaultdict(list)
    for name in photos:
        by_last_name[PurePosixPath(name).name].append(name)

    def named(file_name: str) -> str | None:
        if file_name in photos:
            return file_name
        same = by_last_name.get(PurePosixPath(file_name).name, [])
        return same[0] if len(same) == 1 else None

    def find(file_name: str) -> Path | None:
        name = named(file_name)
        return None if name is None else photos[name]

    drawn: dict[str, list[Drawing]] = {}
    for photo in read_coco(path, path.parent, _label_map(path, damages), split=False, check_sizes=True, find=find):
        name = str(named(photo.file_name))
        if name in drawn:
            raise DataError(f"{path}: two of its photos are {name}; give each photo a name of its own")
        drawn[name] = [_drawing(photo, one) for one in photo.instances if not one.crowd]
    if not drawn:
        raise DataError(f"{path}: lists none of these photos; their file names must be those of the file")
    return drawn


def _label_map(path: Path, damages: Sequence[str]) -> LabelMap:
    """The map that knows every category of the file: the project's own names first."""
    categories = listed_categories(path)
    for name in sorted(builtin_label_maps(), key=lambda name: name != "crumple"):
        known = LabelMap.load(name)
        if all(category in known.names for category in categories):
            return known.only(tuple(damages))
    ours = LabelMap.load("crumple").names
    strange = next(category for category in categories if category not in ours)
    raise DataError(f"{path}: category {strange!r} is not known; known are {', '.join(damages)} and the names of parts")


def _drawing(photo: LabelledPhoto, instance: Instance) -> Drawing:
    mask = instance.bitmap(photo.height, photo.width)
    return Drawing(instance.label, Patch.from_bitmap(mask), instance.annotation_id)
