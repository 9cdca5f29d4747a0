"""A labelled photo as a version holds it: who drew what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crumple.label.shapes import Shape


@dataclass(frozen=True, eq=False)
class LabelledObject:
    """One object.

    label: a name of the taxonomy, or of the version's own. attributes: of severity, occluded, truncated, score those
    known.

    id: its annotation id in the version it was read from; 0 before that.
    """

    label: str
    shape: Shape
    attributes: Mapping[str, Any] = field(default_factory=dict)
    id: int = 0


@dataclass(frozen=True, eq=False)
class AnnotationSet:
    """All that one annotator drew on one photo, in one job. annotator: login name; None: not known."""

    objects: tuple[LabelledObject, ...]
    annotator: str | None = None
    job: int | None = None


@dataclass(frozen=True, eq=False)
class VersionPhoto:
    """A photo with its labels. width, height: pixels. group: of one claim or car. split: train, val ...; None: unknown.

    file_name: relative to the photos' folder. sets: the one that counts first; more where it was labelled repeatedly.
    licence: name and URL of the photo's, if known. image_id: in the version it was read from; 0 before that.
    """

    file_name: str
    width: int
    height: int
    sets: tuple[AnnotationSet, ...]
    sha256: str | None = None
    group: str | None = None
    split: str | None = None
    image_id: int = 0
    licence: tuple[str, str] | None = None

    @property
    def objects(self) -> tuple[LabelledObject, ...]:
        """Those of the set that counts."""
        return self.sets[0].objects if self.sets else ()
