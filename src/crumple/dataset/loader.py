"""Batches for training: decoded, augmented and padded on threads, in an order that only seed and step decide.

B images per batch, G object slots, T mask cells per axis, K box slots of the place heads, P places.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from crumple.dataset.affine import Augmentation, PhotoAffine, jitter_colour, random_affine
from crumple.dataset.instances import LabelledPhoto
from crumple.dataset.pasted import clone_damage
from crumple.dataset.place_targets import PlaceTargets, clean_targets, damage_targets, no_place_targets, parts_targets
from crumple.dataset.sets import DataSet
from crumple.dataset.targets import Targets, empty_targets, make_targets, merge_targets
from crumple.errors import DataError
from crumple.photo import decode_photo
from crumple.taxonomy import DAMAGE_BRANCH, PARTS_BRANCH, mirror

# Of views without damage: how much closer they are than the whole photo, and how often one is looked for.
CLOSER, TRIES = (1.4, 3.5), 12


@dataclass(frozen=True)
class Source:
    """One labelled set and how many of its photos every batch takes. `negatives` of them also teach "no damage".

    mosaic: share of its images that are put together from four photos (Bochkovskiy et al. 2020, section 3.3).
    pasted: share of the negatives that get a damage from another set, and teach that instead.
    undamaged_views: share of its images that show a random part of the photo without the drawn damage, where there is
        such a part.
    """

    data: DataSet
    photos: list[LabelledPhoto]
    per_batch: int
    negatives: int = 0
    mosaic: float = 0.0
    pasted: float = 0.0
    undamaged_views: float = 0.0


class Loader:
    """step -> batch. The same seed and step give the same batch, so that a resumed run sees what it would have seen."""

    def __init__(
        self,
        sources: list[Source],
        classes: Mapping[str, tuple[str, ...]],
        canvas: tuple[int, int],
        augmentation: Augmentation,
        slots: int = 32,
        seed: int = 0,
        places: tuple[str, ...] = (),
    ) -> None:
        for source in sources:
            _check(source, classes, flip=augmentation.flip > 0)
        self.sources, self.classes, self.canvas = sources, dict(classes), canvas
        self._donors = [
            photo for s in sources if s.data.branch == DAMAGE_BRANCH for photo in s.photos if photo.instances
        ]
        if any(source.pasted for source in sources) and not self._donors:
            raise DataError("pasted damage comes from a set that teaches it; add one to the batch, or take pasted out")
        self.augmentation, self.slots, self.seed, self.places = augmentation, slots, seed, places

    @property
    def batch_size(self) -> int:
        return sum(source.per_batch for source in self.sources)

    def labelled_images(self) -> dict[str, int]:
        """How many images of every batch carry each branch's labels."""
        count = dict.fromkeys(self.classes, 0)
        for source in self.sources:
            count[source.data.branch] += source.per_batch
            if source.negatives and source.data.branch != DAMAGE_BRANCH:
                count[DAMAGE_BRANCH] += source.negatives
        return count

    def _draw(self, number: int, step: int) -> list[LabelledPhoto]:
        """The photos of set `number` in batch `step`: a walk through one shuffle of the set after another."""
        source = self.sources[number]
        photos = []
        for k in range(step * source.per_batch, (step + 1) * source.per_batch):
            shuffle, position = divmod(k, len(source.photos))
            order = np.random.default_rng((self.seed, number, shuffle)).permutation(len(source.photos))
            photos.append(source.photos[order[position]])
        return photos

    def batch(self, step: int) -> dict[str, Any]:
        """`images` (B, H, W, 3) float32; per branch `boxes` (B, G, 4), `labels` (B, G), `masks` (B, G, T, T),
        `undrawn` (B, C) bool, `labelled` (B,) bool; of a model with places also `places`, the arrays of `PlaceTargets`,
        each (B, ...)."""
        rng = np.random.default_rng((self.seed, 1_000_003, step))
        images: list[np.ndarray] = []
        targets: dict[str, list[Targets]] = {name: [] for name in self.classes}
        labelled: dict[str, list[bool]] = {name: [] for name in self.classes}
        placed: list[PlaceTargets] = []
        for number, source in enumerate(self.sources):
            for position, photo in enumerate(self._draw(number, step)):
                negative = position < source.negatives
                if rng.random() < source.mosaic:
                    image, seen = self._mosaic(rng, source, photo)
                    placed.append(no_place_targets(self.places))
                else:
                    paste = negative and rng.random() < source.pasted
                    image, seen, affine = self._view(rng, source, photo, self.canvas, paste)
                    placed.append(self._place_targets(rng, source, photo, affine, undamaged=not paste))
                images.append(image)
                for name in self.classes:
                    labelled[name].append(name in seen or (negative and name == DAMAGE_BRANCH))
                    targets[name].append(seen.get(name, empty_targets(self.slots, len(self.classes[name]))))
        batch: dict[str, Any] = {"images": np.stack(images).astype(np.float32)}
        for name in self.classes:
            batch[name] = {
                "boxes": np.stack([t.boxes for t in targets[name]]),
                "labels": np.stack([t.labels for t in targets[name]]),
                "masks": np.stack([t.masks for t in targets[name]]),
                "undrawn": np.stack([t.undrawn for t in targets[name]]),
                "labelled": np.array(labelled[name]),
            }
        if self.places:
            batch["places"] = {f.name: np.stack([getattr(t, f.name) for t in placed]) for f in fields(PlaceTargets)}
        return batch

    def _place_targets(
        self, rng: np.random.Generator, source: Source, photo: LabelledPhoto, affine: PhotoAffine, *, undamaged: bool
    ) -> PlaceTargets:
        data = source.data
        if not self.places:
            return no_place_targets(())
        if data.branch == PARTS_BRANCH:
            known, undamaged = data.labels.labels, data.undamaged and undamaged
            return parts_targets(rng, photo, affine, self.canvas, self.places, known, undamaged=undamaged)
        if data.branch != DAMAGE_BRANCH:
            return no_place_targets(self.places)
        if data.undamaged:
            return clean_targets(rng, self.canvas, self.places)
        return damage_targets(rng, photo, affine, self.canvas, self.places)

    def _view(
        self,
        rng: np.random.Generator,
        source: Source,
        photo: LabelledPhoto,
        window: tuple[int, int],
        paste: bool = False,
    ) -> tuple[np.ndarray, dict[str, Targets], PhotoAffine]:
        """The photo as augmentation shows it on a window of (height, width), uint8 RGB, what it shows by branch, and
        how it got there.

        paste: with another photo's damage on it.
        """
        rgb = decode_photo(photo.path).rgb
        shown = {source.data.branch: photo}
        if paste:
            donor = self._donors[rng.integers(len(self._donors))]
            rgb, shown[DAMAGE_BRANCH] = clone_damage(rng, rgb, photo, decode_photo(donor.path).rgb, donor)
        affine = random_affine(rng, (photo.width, photo.height), self.canvas, self.augmentation, window)
        if rng.random() < source.undamaged_views:
            affine = self._without_damage(rng, photo, window) or affine
        image = jitter_colour(rng, affine.image(rgb, window), self.augmentation)
        targets = {
            name: make_targets(labels, affine, window, self.classes[name], self.slots) for name, labels in shown.items()
        }
        return image, targets, affine

    def _without_damage(
        self, rng: np.random.Generator, photo: LabelledPhoto, window: tuple[int, int]
    ) -> PhotoAffine | None:
        """A view of part of the photo that shows none of its instances; None where a few tries find none."""
        closer = replace(self.augmentation, scale=CLOSER)
        for _ in range(TRIES):
            affine = random_affine(rng, (photo.width, photo.height), self.canvas, closer, window)
            boxes = [affine.points(np.array(one.box).reshape(2, 2)) for one in photo.instances]
            if all((box.max(axis=0) <= 0).any() or (box.min(axis=0) >= window[::-1]).any() for box in boxes):
                return affine
        return None

    def _mosaic(
        self, rng: np.random.Generator, source: Source, photo: LabelledPhoto
    ) -> tuple[np.ndarray, dict[str, Targets]]:
        """The photo and three others of its set, in four windows that meet near the middle, at their usual scale."""
        photos = [photo, *(source.photos[i] for i in rng.integers(len(source.photos), size=3))]
        image = np.empty((*self.canvas, 3), np.uint8)
        (y, x), (height, width) = (round(side * rng.uniform(0.3, 0.7)) for side in self.canvas), self.canvas
        targets, shifts = [], []
        for one, rows, columns in zip(
            photos,
            (slice(0, y), slice(0, y), slice(y, height), slice(y, height)),
            (slice(0, x), slice(x, width), slice(0, x), slice(x, width)),
            strict=True,
        ):
            window = (rows.stop - rows.start, columns.stop - columns.start)
            image[rows, columns], seen, _ = self._view(rng, source, one, window)
            targets.append(seen[source.data.branch])
            shifts.append((columns.start, rows.start))
        return image, {source.data.branch: merge_targets(targets, shifts, self.slots)}

    def stream(self, start: int = 0, workers: int = 2, ahead: int = 4, stride: int = 1) -> "Stream":
        """Batches `start`, `start` + `stride`, ... without end, prepared `ahead` of time on `workers` threads."""
        return Stream(self, start, workers, ahead, stride)


def _check(source: Source, classes: Mapping[str, tuple[str, ...]], *, flip: bool) -> None:
    """Raises DataError if a model with these classes cannot learn from the set."""
    named, branch = f"set {source.data.name!r}", source.data.branch
    if not source.photos:
        raise DataError(f"{named} has no photos to train on; take it out of the recipe's batch")
    if branch not in classes:
        raise DataError(f"{named} teaches {branch!r}, which the model lacks; take it out of the recipe's batch")
    found = {instance.label for photo in source.photos for instance in photo.instances}
    found.update(label for photo in source.photos for label in photo.undrawn)
    if flip:
        found |= {mirror(label) for label in found}
    if foreign := sorted(found.difference(classes[branch])):
        raise DataError(
            f"{named} has label {foreign[0]!r}, which the model's branch lacks; map it to null in the set's label map, "
            f"or give it in branches.{branch}.classes"
        )


class Stream(Iterator[dict[str, Any]]):
    """An endless iterator over a loader's batches; close it. May be closed while another thread waits for a batch.

    OpenCV and Pillow release the interpreter's lock, so threads do the work side by side. `error` keeps what broke it,
    for a caller that stands behind a framework with errors of its own.
    """

    def __init__(self, loader: Loader, start: int, workers: int, ahead: int, stride: int) -> None:
        self.error: BaseException | None = None
        self._loader, self._next, self._stride = loader, start, stride
        self._pool = ThreadPoolExecutor(workers)
        self._waiting: deque[Future[dict[str, Any]]] = deque()
        for _ in range(ahead):
            self._submit()

    def _submit(self) -> None:
        self._waiting.append(self._pool.submit(self._loader.batch, self._next))
        self._next += self._stride

    def __next__(self) -> dict[str, Any]:
        try:
            self._submit()
            return self._waiting.popleft().result()
        except BaseException as error:
            self.error = self.error or error
            raise

    def close(self) -> None:
        """Drop what is being prepared."""
        self._pool.shutdown(wait=False, cancel_futures=True)
