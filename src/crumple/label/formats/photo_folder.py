"""The photos that a label file speaks of, found under one folder, however the file spells their paths.

A name from a file is only ever looked up among the photos that were listed: it never becomes a path of its own.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from crumple.dataset.segmentation import Complaint
from crumple.errors import DataError, PhotoError
from crumple.files import file_sha256
from crumple.label.cvat.frame_names import frame_sha256
from crumple.photo import photo_size
from crumple.photo_files import find_photos


class MissingPhoto(Complaint):
    """A photo that a label file speaks of and that is not in the folder. name: as the file has it."""

    def __init__(self, name: str, field: str, folder: Path) -> None:
        super().__init__(field, f"there is no photo {name!r:.120} under {folder}")
        self.name = name


@dataclass(frozen=True)
class FoundPhoto:
    """file_name: relative to the folder, with "/". width, height: pixels, upright, from the photo itself."""

    path: Path
    file_name: str
    width: int
    height: int


class PhotoFolder:
    """All photos below a folder. Raises DataError if there is no such folder or no photo in it."""

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise DataError(f"{folder}: there is no such folder; give --images, the folder of the labelled photos")
        self.folder = folder
        self._paths: dict[str, Path] = {}
        for photo in find_photos([folder]):
            self._paths[photo.path.relative_to(folder.absolute()).as_posix()] = photo.path
        if not self._paths:
            raise DataError(f"{folder}: holds no photo; give --images, the folder of the labelled photos")

    @property
    def names(self) -> list[str]:
        """The photos' file names, sorted."""
        return sorted(self._paths)

    def path(self, file_name: str) -> Path:
        """Where one of `names` lies."""
        return self._paths[file_name]

    def find(self, name: object, size: tuple[object, object] | None = None, field: str = "file name") -> FoundPhoto:
        """The photo that a label file calls `name`: that path below the folder, or else the one with its last part.

        A frame's name that `crumple label push` gave it is known by the hash in it.

        Args:
            name: as the file has it, with either slash.
            size: width and height that the file states; None if it does not.
            field: of the file, for the complaint.

        Raises MissingPhoto if there is none; Complaint if there are several, it cannot be read, or is of another size.
        """
        if not isinstance(name, str) or not name.strip():
            raise Complaint(field, f"must name a photo, not {name!r:.60}")
        file_name = self._match(name, field)
        try:
            width, height = photo_size(self._paths[file_name])
        except PhotoError as error:
            raise Complaint(field, str(error)) from None
        if size is not None and size != (width, height):
            turned = " once it is upright" if size == (height, width) else ""
            raise Complaint(
                "size",
                f"the labels are for {size[0]!r:.12}x{size[1]!r:.12} pixels, {file_name} has {width}x{height}{turned}"
                "; give --images with the photos that were labelled",
            )
        return FoundPhoto(self._paths[file_name], file_name, width, height)

    def stem_of(self, name: str) -> str | None:
        """The file name of the photo that lies as `name` does but for its suffix; None if there is none.

        Raises Complaint if there are several.
        """
        same = self._by_stem.get(PurePosixPath(name).stem, [])
        return self._nearest(name, same, "file name") if same else None

    def _match(self, name: str, field: str) -> str:
        parts = _parts(name)
        if "/".join(parts) in self._paths:
            return "/".join(parts)
        same = self._by_last_part.get(parts[-1], []) if parts else []
        sha256 = frame_sha256(name)
        if not same and sha256:  # what `crumple label push` calls it in CVAT
            same = self._by_sha256.get(sha256, [])[:1]
        if not same:
            raise MissingPhoto(name, field, self.folder)
        return self._nearest(name, same, field)

    def _nearest(self, name: str, same: list[str], field: str) -> str:
        """The one of several file names that shares most folders with `name`, from the last on."""
        tails = [_common_tail(_parts(name)[:-1], other.split("/")[:-1]) for other in same]
        nearest = [other for other, tail in zip(same, tails, strict=True) if tail == max(tails)]
        if len(nearest) > 1:
            raise Complaint(
                field, f"{name!r:.120} can be {nearest[0]} or {nearest[1]}; give --images nearer to the right one"
            )
        return nearest[0]

    @cached_property
    def _by_last_part(self) -> dict[str, list[str]]:
        return self._by(lambda path: path.name)

    @cached_property
    def _by_sha256(self) -> dict[str, list[str]]:
        return self._by(lambda path: file_sha256(self._paths[path.as_posix()]))

    @cached_property
    def _by_stem(self) -> dict[str, list[str]]:
        return self._by(lambda path: path.stem)

    def _by(self, key: Callable[[PurePosixPath], str]) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for file_name in self.names:
            found[key(PurePosixPath(file_name))].append(file_name)
        return found


def _parts(name: str) -> list[str]:
    return [part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")]


def _common_tail(a: list[str], b: list[str]) -> int:
    count = 0
    for left, right in zip(reversed(a), reversed(b), strict=False):
        if left != right:
            break
        count += 1
    return count
