"""A review list as photos to push again, with what is drawn on them now and what the model misses there."""

from collections.abc import Sequence
from pathlib import Path

from crumple.errors import DataError
from crumple.files import file_sha256
from crumple.label.annotations import LabelledObject, VersionPhoto
from crumple.label.cvat.push import Box
from crumple.label.cvat.schema import SCORE
from crumple.label.photos import LabelPhoto
from crumple.label.review import Review, ReviewItem
from crumple.label.shapes import Shape
from crumple.label.versions.version import ANNOTATIONS, read_version


class ReviewDraft:
    """The photos of one review list, and their labels of now as the draft.

    Args:
        path: of review.json.
        labels: the folder of the version that the list is about.

    Raises: DataError if one of them cannot be read, or the list is about another version.
    """

    def __init__(self, path: Path, labels: Path) -> None:
        self.review = Review.load(path)
        self.version = read_version(labels)
        if file_sha256(labels / ANNOTATIONS) != self.review.annotations_sha256:
            raise DataError(f"{path}: is about the version {self.review.version!r}, and {labels} is another one")
        self._photos = {photo.file_name: photo for photo in self.version.photos}

    @property
    def key(self) -> str:
        """8 hex digits that name the version reviewed."""
        return self.review.annotations_sha256[:8]

    def choose(self, photos: Sequence[LabelPhoto]) -> list[LabelPhoto]:
        """Those of `photos` to look at again, the most urgent first. Raises DataError if one is missing."""
        by_name = {photo.name: photo for photo in photos}
        by_sha256 = {photo.sha256: photo for photo in photos}
        chosen = []
        for name in self.review.photos():
            known = self._photos.get(name)
            photo = by_sha256.get((known and known.sha256) or "") or by_name.get(name)
            if photo is None:
                raise DataError(
                    f"{name}: is to be reviewed, but is not among the photos; give the folder that was pushed"
                )
            chosen.append(photo)
        return chosen

    def __call__(self, photo: LabelPhoto) -> tuple[list[LabelledObject], tuple[int, int]]:
        """What is drawn on a photo, with what the model is sure that nobody drew, and the photo's height and width."""
        known = self._known(photo)
        missed = [
            LabelledObject(
                item.suggestion.label, Shape(runs=item.suggestion.segmentation), {SCORE: item.suggestion.score}
            )
            for item in self._items(known)
            if item.kind == "missed_by_labels" and item.suggestion
        ]
        return [*known.objects, *missed], (known.height, known.width)

    def notes(self, photo: LabelPhoto) -> list[tuple[Box, str]]:
        """What there is to look at on a photo, each with its place."""
        known = self._known(photo)
        whole = (0.0, 0.0, float(known.width), float(known.height))
        by_place: dict[Box, list[str]] = {}
        for item in self._items(known):
            by_place.setdefault(item.box or whole, []).append(item.text)
        return [(box, "; ".join(texts)) for box, texts in by_place.items()]

    def _known(self, photo: LabelPhoto) -> VersionPhoto:
        by_sha256 = {one.sha256: one for one in self.version.photos if one.sha256}
        return by_sha256.get(photo.sha256) or self._photos[photo.name]

    def _items(self, photo: VersionPhoto) -> list[ReviewItem]:
        return [item for item in self.review.items if item.file_name == photo.file_name]
