"""Labelled photos for the tests of checks: boxes as objects, on a photo of 200 x 100 pixels."""

from crumple.label.annotations import AnnotationSet, LabelledObject, VersionPhoto
from crumple.label.shapes import Shape, rectangle

WIDTH, HEIGHT = 200, 100


def box(label: str, left: float, top: float, right: float, bottom: float, number: int = 0, **said) -> LabelledObject:
    return LabelledObject(label, Shape((rectangle(left, top, right, bottom),)), said, number)


def photo(*objects: LabelledObject, others: tuple[AnnotationSet, ...] = (), name: str = "a.jpg") -> VersionPhoto:
    """The objects with the ids 1, 2, ...; `others` are what further annotators drew."""
    numbered = tuple(LabelledObject(o.label, o.shape, o.attributes, o.id or i) for i, o in enumerate(objects, start=1))
    return VersionPhoto(name, WIDTH, HEIGHT, (AnnotationSet(numbered, "ann", 1), *others), image_id=1)
