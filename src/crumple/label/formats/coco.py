"""COCO instances, above all as Roboflow exports them: one _annotations.coco.json in the folder of each split."""

from pathlib import Path
from typing import Any

from pydantic import Field

from crumple.dataset.segmentation import Complaint
from crumple.errors import DataError
from crumple.label.cvat.frame_names import frame_repeat, frame_sha256
from crumple.label.cvat.schema import SCORE
from crumple.label.formats.cvat import from_cvat
from crumple.label.formats.markup import number
from crumple.label.formats.objects import BOXES, FEW, Drawn, Losses, box, known_attributes
from crumple.label.formats.photo_folder import FoundPhoto
from crumple.label.formats.reading import Entry, Reading, beside, label_files, split_of, within
from crumple.label.shapes import Shape

FILE_NAME = "_annotations.coco.json"
COPY = ".rf."  # car_jpg.rf.0123.jpg and car_jpg.rf.4567.jpg are copies of one photo that Roboflow augmented


class Image(Entry):
    """One photo."""

    id: int
    file_name: str
    width: int
    height: int
    group: str | int | None = None


class Category(Entry):
    """One class."""

    id: int
    name: str


class Annotation(Entry):
    """One object."""

    image_id: int
    category_id: int
    segmentation: list[list[float]] | dict[str, Any] | None = None
    bbox: tuple[float, float, float, float] | None = None
    iscrowd: int = Field(default=0, ge=0, le=1)
    score: float | None = None
    attributes: dict[str, Any] = Field(default_factory=dict)


class File(Entry):
    """A COCO instances file."""

    images: list[Image]
    categories: list[Category]
    annotations: list[Annotation]


def read(path: Path, reading: Reading) -> None:
    """Read one COCO file, or every _annotations.coco.json (else every .json) below a folder. Raises DataError."""
    files = label_files(path, FILE_NAME) or label_files(path, ".json")
    if not files:
        raise DataError(f"{path}: holds no {FILE_NAME}; give the file itself")
    for file in files:
        name = within(file, path)
        with reading.entry(name):
            _read_file(reading.read_json(file, File), name, reading)


def _read_file(content: File, name: str, reading: Reading) -> None:
    names = {category.id: category.name for category in content.categories}
    of_cvat = _is_of_cvat(content)
    photos: dict[int, FoundPhoto] = {}
    objects: dict[int, list[Drawn]] = {image.id: [] for image in content.images}
    for image in content.images:
        with reading.entry(f"{name}, image {image.id}"):
            if image.id in photos:
                raise Complaint("id", "is used by an earlier image; every image needs an id of its own")
            wanted = beside(name, image.file_name)
            photos[image.id] = reading.folder.find(wanted, (image.width, image.height), "file_name")
    for index, annotation in enumerate(content.annotations):
        with reading.entry(f"{name}, annotations[{index}]"):
            if annotation.image_id not in objects:
                raise Complaint("image_id", f"{annotation.image_id} is not among the file's images")
            if annotation.category_id not in names:
                raise Complaint("category_id", f"{annotation.category_id} is not among the file's categories")
            if annotation.image_id in photos:  # else complained about already
                photo, label = photos[annotation.image_id], names[annotation.category_id]
                objects[annotation.image_id] += _read_object(annotation, label, photo, of_cvat, reading.losses)
    for image in content.images:
        with reading.entry(f"{name}, image {image.id}"):
            if image.id in photos:
                split = split_of(name)
                repeat = frame_repeat(image.file_name)
                rank = None if repeat is None else (0, repeat)
                reading.add(photos[image.id], objects[image.id], name, split=split, claim=_claim(image), rank=rank)


def _claim(image: Image) -> str | None:
    if image.group is not None:
        return str(image.group)
    return image.file_name.partition(COPY)[0] if COPY in image.file_name else None


def _is_of_cvat(content: File) -> bool:
    """Whether CVAT exported it from a project of ours: as it says by the names of frames, or by scores in percent."""
    scores = {annotation.score or 0 for annotation in content.annotations}
    percent = all(0 <= score <= 100 and score == int(score) for score in scores)
    return percent and (max(scores, default=0) > 1 or any(frame_sha256(image.file_name) for image in content.images))


def _read_object(annotation: Annotation, label: str, photo: FoundPhoto, of_cvat: bool, losses: Losses) -> list[Drawn]:
    if annotation.iscrowd and not isinstance(annotation.segmentation, dict):
        losses.add("regions of many objects (iscrowd), which were left out: {}")
        return []
    if annotation.iscrowd:  # CVAT and Datumaro mark every mask so
        losses.add("masks marked iscrowd, which were taken for one object each: {}")
    given = {SCORE: annotation.score, **annotation.attributes}
    degrees = number(str(given.pop("rotation", 0)), "attributes.rotation")  # CVAT's, of a rectangle
    if of_cvat:
        given[SCORE] = None if annotation.score is None else str(int(annotation.score))
        given = {name: from_cvat(name, value) for name, value in given.items()}
    attributes = known_attributes(given)
    drawn = annotation.segmentation
    if drawn:
        if isinstance(drawn, list):
            areas = [flat for flat in drawn if len(flat) not in (0, 2, 4)]
            losses.add(FEW, len(drawn) - len(areas))
            drawn = areas
        return [Drawn(label, Shape.from_coco(drawn, photo.height, photo.width), attributes)] if drawn else []
    if annotation.bbox is None:
        raise Complaint("segmentation", "is missing, and so is bbox")
    x, y, width, height = annotation.bbox
    losses.add(BOXES)
    return [Drawn(label, Shape((box(x, y, x + width, y + height, degrees),)), attributes)]
