"""Which photos a run is about, what reports call them, and where their pictures go."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

# Also formats that cannot be decoded here, such as an iPhone's HEIC: they are photos, so they are named and skipped.
SUFFIXES = frozenset(
    [".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".heic", ".heif", ".avif"]
)
OVERLAY = ".overlay.jpg"


@dataclass(frozen=True)
class PhotoFile:
    """A photo on disk: its path, its name in reports, and the unique stem of what is written about it."""

    path: Path
    name: str
    stem: str


def find_photos(paths: Sequence[Path], *, without: Path | None = None) -> list[PhotoFile]:
    """The photos that `paths` (files, and folders with all below them) stand for, sorted by name.

    Names are relative to the folder that all of them share. Hidden files, overlays of earlier runs and whatever lies
    in the folder `without` are left out. Two photos never get the same stem, not even where case does not count.
    """
    absolute = [_absolute(path) for path in paths]
    folders = [path if is_folder(path) else path.parent for path in absolute]
    base = Path(os.path.commonpath(folders)) if folders else Path()
    skipped = None if without is None else _absolute(without)
    found: dict[str, Path] = {}
    for path in absolute:
        for photo in _below(path, skipped) if is_folder(path) else [path]:
            found[photo.relative_to(base).as_posix()] = photo
    names = sorted(found)
    return [PhotoFile(found[name], name, stem) for name, stem in zip(names, unique_stems(names), strict=True)]


def unique_stems(names: Sequence[str]) -> list[str]:
    """For each relative path, that path without its suffix; with it, and then a number, where two would be the same."""
    short = [name[: len(name) - len(Path(name).suffix)] for name in names]
    folded = [stem.casefold() for stem in short]
    # A folder that is itself called a.jpg takes that name from the picture about a photo a.png beside it.
    taken = {str(parent).casefold().removesuffix(".jpg") for name in names for parent in Path(name).parents}
    stems = []
    for name, stem, key in zip(names, short, folded, strict=True):
        wanted = candidate = stem if folded.count(key) == 1 else name
        number = 1
        while candidate.casefold() in taken:
            number += 1
            candidate = f"{wanted}-{number}"
        taken.add(candidate.casefold())
        stems.append(candidate)
    return stems


def is_folder(path: Path) -> bool:
    """Whether it is a folder; False too if that cannot be told, and then reading it says why."""
    try:
        return path.is_dir()
    except OSError:
        return False


def stem_beside(path: Path) -> str:
    """The stem of what is written beside a single photo: `car` for car.jpg, `car.jpg` if a car.png lies there too."""
    try:
        names = [other.name for other in path.parent.iterdir() if other.suffix.lower() in SUFFIXES]
    except OSError:  # a folder that may be searched but not listed
        names = []
    twins = [name for name in names if Path(name).stem.casefold() == path.stem.casefold()]
    return path.name if len(twins) > 1 else path.stem


def _absolute(path: Path) -> Path:
    """Not `resolve`: a link to a photo keeps the name it was given."""
    return Path(os.path.normpath(Path.cwd() / path))


def _below(folder: Path, without: Path | None) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".") and Path(parent, name) != without]
        for name in files:
            if not name.startswith(".") and not name.endswith(OVERLAY) and Path(name).suffix.lower() in SUFFIXES:
                yield Path(parent, name)
