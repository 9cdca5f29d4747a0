"""What a reader of one format is given, and what it gathers."""

import copy
import json
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from crumple.dataset.complaints import Complaints, complained
from crumple.dataset.segmentation import Complaint
from crumple.errors import DataError
from crumple.label.formats.objects import Drawn, DrawnPhoto, Losses, check_near, settled
from crumple.label.formats.photo_folder import FoundPhoto, MissingPhoto, PhotoFolder

TWICE = "labels of photos that several tasks have, of which the review's, or else the latest, count: {}"
SKIP = "leave out what is wrong with --skip-invalid"
M = TypeVar("M", bound=BaseModel)


class Entry(BaseModel):
    """Base of what JSON files hold: fields that are not needed here are none of our business."""

    model_config = ConfigDict(extra="ignore", allow_inf_nan=False)


@dataclass
class Reading:
    """One import in the making.

    folder: the photos. names: the source names that the label map knows; None: all are taken. complaints: what is wrong
    with the file or folder read. skip_invalid: what is wrong is left out instead of complained of. losses: what could
    not be kept. photos: by file name, in the order read. missing: names of labelled photos that are not in the folder,
    whose labels were passed over. skipped: what was left out as invalid, a line each.
    """

    folder: PhotoFolder
    names: Collection[str] | None
    complaints: Complaints
    skip_invalid: bool = False
    losses: Losses = field(default_factory=Losses)
    photos: dict[str, DrawnPhoto] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    _places: dict[str, tuple[str, tuple[int, int] | None]] = field(default_factory=dict)

    @contextmanager
    def entry(self, where: str) -> Iterator[None]:
        """Note what the block complains of, as of the entry `where`, and go on behind it."""
        try:
            yield
        except MissingPhoto as photo:
            self.missing.append(photo.name)
        except Complaint as complaint:
            if self.skip_invalid:
                self.skipped.append(complained(where, complaint.field, complaint.reason))
            else:
                self.complaints.add(where, complaint.field, complaint.reason)
                self.complaints.advice = SKIP
        except DataError as error:  # a whole file that cannot be read
            if not self.skip_invalid:
                raise DataError(f"{error}; {SKIP}") from None
            self.skipped.append(str(error).replace("\n", " "))

    def add(
        self,
        photo: FoundPhoto,
        objects: Sequence[Drawn],
        where: str,
        *,
        split: str | None = None,
        claim: str | None = None,
        rank: tuple[int, int] | None = None,
    ) -> None:
        """One photo with all that is drawn on it.

        Args:
            rank: of several labellings of one photo, the one of the highest rank counts; None: there may be only one.

        Raises Complaint if it is labelled a second time.
        """
        before, rank_before = self._places.get(photo.file_name, ("", None))
        if before and (rank is None or rank_before is None or rank == rank_before):
            raise Complaint("file name", f"{photo.file_name} is labelled in {before} too; take one of them out")
        self.losses.add(TWICE, bool(before))
        if rank_before is not None and rank is not None and rank < rank_before:
            return
        self._places[photo.file_name] = where, rank
        near = []
        for number, one in enumerate(objects, start=1):
            with self.entry(f"{where}, object {number} of {photo.file_name}"):
                check_near(one.shape)
                near.append(one)
        drawn = DrawnPhoto(photo.file_name, photo.width, photo.height, tuple(near), split, claim)
        self.photos[photo.file_name] = settled(drawn, self.losses)

    def read_json(self, path: Path, model: type[M]) -> M:
        """A JSON file as `model`. Raises DataError naming file, and line or fields."""
        return self.as_model(load_json(path), path, model)

    def as_model(self, content: object, path: Path, model: type[M]) -> M:
        """The content of the file `path` as `model`; with skip_invalid without the shapes and photos that are wrong.

        Raises DataError naming file and fields.
        """
        try:
            return model.model_validate(content)
        except ValidationError as error:
            complaints = Complaints(path)
            wrong: dict[tuple[int | str, ...], str] = {}
            for problem in error.errors():
                *outer, last = (*problem["loc"],) or ("top level",)
                told = ".".join(map(str, outer)) or "top level", str(last), problem["msg"]
                complaints.add(*told)
                wrong.setdefault(_entry_of(content, problem["loc"]), f"{path.name}: {complained(*told)}")
            if not self.skip_invalid or () in wrong:
                complaints.raise_if_any()
        rest = copy.deepcopy(content)
        for place in sorted(wrong, reverse=True):  # from the end, so that the others keep their places
            inner: Any = rest
            for key in place[:-1]:
                inner = inner[key]
            del inner[place[-1]]
        self.skipped += wrong.values()
        return model.model_validate(rest)


def _entry_of(content: Any, place: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """Where the innermost entry of a list is that a problem lies in: one photo, one shape; () outside of lists."""
    entry = next((place[: i + 1] for i, key in enumerate(place) if isinstance(key, int)), ())
    for i, key in enumerate(place):
        if not isinstance(content, list if isinstance(key, int) else dict):
            break
        content = content.get(key) if isinstance(content, dict) else content[int(key)]
        if isinstance(key, int) and isinstance(content, dict):
            entry = place[: i + 1]
    return entry


def load_json(path: Path) -> object:
    """The content of a JSON file. Raises DataError naming file and line."""
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}") from None
    except json.JSONDecodeError as error:
        raise DataError(f"{path}, line {error.lineno}: is not JSON: {error.msg} (column {error.colno})") from None
    except (ValueError, RecursionError):
        raise DataError(f"{path}: is not JSON that can be read; export it again") from None


def label_files(path: Path, suffix: str) -> list[Path]:
    """`path` itself if it is a file, else all files of this suffix below it, sorted; hidden ones left out."""
    if path.is_file():
        return [path]
    files = sorted(path.rglob(f"*{suffix}"))
    return [file for file in files if not any(part.startswith(".") for part in file.relative_to(path).parts)]


def beside(where: str, name: object) -> object:
    """A photo's name that is relative to the label file `where`, relative to the folder that was read instead."""
    folder = where.rpartition("/")[0]
    return f"{folder}/{name}" if folder and isinstance(name, str) else name


def split_of(where: str) -> str | None:
    """The split that a label file's path speaks of, as train/labels/a.txt; None if it does not."""
    names = {"train": "train", "val": "val", "valid": "val", "validation": "val", "test": "test"}
    return next((names[part] for part in where.lower().split("/")[:-1] if part in names), None)


def within(file: Path, path: Path) -> str:
    """What to call one of the label files of `path`: its path below that, or its name."""
    return file.name if file == path else file.relative_to(path).as_posix()
