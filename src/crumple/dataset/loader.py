"""Batches for training: decoded, augmented and padded on threads, in an order that only seed and step decide.

B images per batch, G object slots, T mask cells per axis.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from crumple.dataset.affine import Augmentation, jitter_colour, random_affine
from crumple.dataset.instances import LabelledPhoto
from crumple.dataset.sets import DataSet
from crumple.dataset.targets import Targets, empty_targets, make_targets
from crumple.errors import DataError
from crumple.photo import decode_photo
from crumple.taxonomy import DAMAGE_BRANCH, mirror


@dataclass(frozen=True)
class Source:
    """One labelled set and how many of its photos every batch takes. `negatives` of them also teach "no damage"."""

    data: DataSet
    photos: list[LabelledPhoto]
    per_batch: int
    negatives: int = 0


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
    ) -> None:
        for source in sources:
            if not source.photos:
                raise DataError(f"set {source.data.name!r} has no photos to train on")
            if source.data.branch not in classes:
                raise DataError(f"set {source.data.name!r} teaches {source.data.branch!r}, which the model lacks")
            found = {instance.label for photo in source.photos for instance in photo.instances}
            if augmentation.flip:
                found |= {mirror(label) for label in found}
            if foreign := sorted(found.difference(classes[source.data.branch])):
                raise DataError(f"set {source.data.name!r} has label {foreign[0]!r}, which the model's branch lacks")
        self.sources, self.classes, self.canvas = sources, dict(classes), canvas
        self.augmentation, self.slots, self.seed = augmentation, slots, seed

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
        `labelled` (B,) bool."""
        rng = np.random.default_rng((self.seed, 1_000_003, step))
        images: list[np.ndarray] = []
        targets: dict[str, list[Targets]] = {name: [] for name in self.classes}
        labelled: dict[str, list[bool]] = {name: [] for name in self.classes}
        for number, source in enumerate(self.sources):
            for position, photo in enumerate(self._draw(number, step)):
                rgb = decode_photo(photo.path).rgb
                affine = random_affine(rng, (photo.width, photo.height), self.canvas, self.augmentation)
                images.append(jitter_colour(rng, affine.image(rgb, self.canvas), self.augmentation))
                for name, classes in self.classes.items():
                    own = name == source.data.branch
                    negative = name == DAMAGE_BRANCH and position < source.negatives
                    labelled[name].append(own or negative)
                    targets[name].append(
                        make_targets(photo, affine, self.canvas, classes, self.slots)
                        if own
                        else empty_targets(self.slots)
                    )
        batch: dict[str, Any] = {"images": np.stack(images).astype(np.float32)}
        for name in self.classes:
            batch[name] = {
                "boxes": np.stack([t.boxes for t in targets[name]]),
                "labels": np.stack([t.labels for t in targets[name]]),
                "masks": np.stack([t.masks for t in targets[name]]),
                "labelled": np.array(labelled[name]),
            }
        return batch

    def stream(self, start: int = 0, workers: int = 2, ahead: int = 4, stride: int = 1) -> "Stream":
        """Batches `start`, `start` + `stride`, ... without end, prepared `ahead` of time on `workers` threads."""
        return Stream(self, start, workers, ahead, stride)


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
