"""A version: a folder of labelled photos that is written once and never changed.

    annotations.json   COCO instances: every photo with the labels that count; what training reads
    second.json        the same photos with the other labels of those that were labelled more than once, if any were
    manifest.json      where all of it comes from: server, project, tasks, jobs, annotators, times, photo hashes, tools
    data.yaml          a data file for `crumple train` and `crumple evaluate`, if the photos lie on this machine
    splits/            annotations.json once for each split, for data.yaml
    labels.yaml        the label map of data.yaml, if there are names that are not crumple's
    images/            the photos, if they were asked for; else manifest.json says under "images" where they lie

Image ids are the same in both files, and no annotation id is used twice in them. `annotations.json` has no photo
twice, because a photo with two annotators' labels on it would teach every object twice.
"""

import json
import os
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from crumple import __version__
from crumple.dataset.segmentation import Complaint
from crumple.errors import DataError
from crumple.files import file_sha256
from crumple.folder_lock import only_process
from crumple.label.annotations import AnnotationSet, LabelledObject, VersionPhoto
from crumple.label.shapes import Shape
from crumple.label.versions.coco import CATEGORY_IDS, FORMAT, UNKNOWN, to_coco
from crumple.label.versions.data_file import as_yaml, data_files

GIVE = "give a folder that crumple label pull or import wrote"
ANNOTATIONS, SECOND, MANIFEST, IMAGES = "annotations.json", "second.json", "manifest.json", "images"


@dataclass(frozen=True, eq=False)
class Version:
    """A version as it was read. names: what could be drawn in it, older versions have fewer."""

    folder: Path
    photos: tuple[VersionPhoto, ...]
    manifest: dict[str, Any]
    names: frozenset[str]

    @property
    def images(self) -> str | None:
        """Folder (path or URL) that file names are relative to; None if the manifest does not say."""
        where = self.manifest.get("images")
        return str(self.folder / IMAGES) if where == IMAGES else where


def write_version(
    out: str | os.PathLike[str],
    photos: Sequence[VersionPhoto],
    manifest: Mapping[str, Any],
    *,
    names: Collection[str] = CATEGORY_IDS,
    own: Mapping[str, str] = {},
    images: str | None = None,
    copy_images: bool = False,
) -> Path:
    """Write a version: whole or not at all, read-only, and never over another one.

    Args:
        manifest: what is known about where the labels come from; format, time, tools and hashes are added here.
        names: what could be drawn: a name that is missing says nothing about what the photos show.
        own: the names that are not crumple's -> the branch of each.
        images: the folder (path or URL) that file names are relative to; None: not known.
        copy_images: put the photos into the version, by hard link where that can be done; `images` must be local.

    Raises: DataError if `out` exists, a file name leads out of the folder or is used twice, or a photo is missing.
    """
    out = Path(out)
    refuse_existing(out)
    _check_names(photos)
    made = datetime.now(UTC).isoformat(timespec="seconds")
    coco, second = to_coco(photos, made, names, own)
    with _folder_aside(out) as folder:
        if copy_images:
            if images is None or "://" in images:
                raise DataError(
                    f"the photos lie {'nowhere known' if images is None else 'at ' + images}; fetch them first"
                )
            for photo in photos:
                _take(Path(images) / photo.file_name, folder / IMAGES / photo.file_name)
        _dump(folder / ANNOTATIONS, coco)
        if second["annotations"]:
            _dump(folder / SECOND, second)
        if copy_images or (images and "://" not in images):
            # Named from the version's folder, which has its final name only later.
            place = IMAGES if copy_images else os.path.relpath(Path(str(images)).absolute(), out.absolute())
            for name, data in data_files(coco, place).items():
                if name.endswith(".json"):
                    _dump(folder / name, data)
                else:
                    (folder / name).write_text(as_yaml(data), encoding="utf-8")
        content = {
            "format": FORMAT,
            "made": made,
            **manifest,
            "tools": {"crumple": __version__, **manifest.get("tools", {})},
            "images": IMAGES if copy_images else images,
            "files": {
                path.relative_to(folder).as_posix(): file_sha256(path) for path in sorted(folder.rglob("*.json"))
            },
        }
        _dump(folder / MANIFEST, content)
    return out


def refuse_existing(out: Path) -> None:
    """Raises DataError if there is anything at `out`: a version is never written over."""
    if out.exists() or out.is_symlink():
        raise DataError(f"{out}: is already there, and a version is never changed; give --out another name")


def read_version(folder: str | os.PathLike[str]) -> Version:
    """Read a version that `write_version` wrote. Raises DataError: what is missing, or was changed since."""
    folder = Path(folder)
    manifest = _load(folder / MANIFEST)
    if manifest.get("format") != FORMAT:
        raise DataError(f"{folder / MANIFEST}: is no manifest of a version; {GIVE}")
    for name, sha256 in manifest.get("files", {}).items():
        if not (folder / name).is_file() or file_sha256(folder / name) != sha256:
            raise DataError(f"{folder / name}: is missing or was changed since the version was made; make it again")
    first = _load(folder / ANNOTATIONS)
    second = _load(folder / SECOND) if SECOND in manifest.get("files", {}) else {"annotations": []}
    names = {category["id"]: category["name"] for category in first["categories"]}
    licences = {one["id"]: (one["name"], one["url"]) for one in first["licenses"] if one["id"] != UNKNOWN["id"]}
    sizes = {image["id"]: (image["height"], image["width"]) for image in first["images"]}
    sets: dict[int, dict[tuple[Any, Any], list[LabelledObject]]] = {image["id"]: {} for image in first["images"]}
    for image in first["images"]:  # a set without objects is one, too: somebody looked and found nothing
        for key in image.get("sets", []):
            sets[image["id"]][key.get("annotator"), key.get("job")] = []
    for path, content in ((folder / ANNOTATIONS, first), (folder / SECOND, second)):
        for entry in content["annotations"]:
            try:
                shape = Shape.from_coco(entry["segmentation"], *sizes[entry["image_id"]])
            except Complaint as complaint:
                where = f"{path}: annotation {entry['id']}, field {complaint.field}"
                raise DataError(f"{where}: {complaint}") from None
            key = entry.get("annotator"), entry.get("job")
            labelled = LabelledObject(names[entry["category_id"]], shape, entry.get("attributes", {}), entry["id"])
            sets[entry["image_id"]].setdefault(key, []).append(labelled)
    photos = tuple(
        VersionPhoto(
            image["file_name"],
            image["width"],
            image["height"],
            tuple(AnnotationSet(tuple(objects), *key) for key, objects in sets[image["id"]].items()),
            image.get("sha256"),
            image.get("group"),
            image.get("split"),
            image["id"],
            licences.get(image.get("license")),
        )
        for image in first["images"]
    )
    return Version(folder, photos, manifest, frozenset(names.values()))


def _check_names(photos: Iterable[VersionPhoto]) -> None:
    seen: set[str] = set()
    for photo in photos:
        path = PurePosixPath(photo.file_name)
        if path.is_absolute() or ".." in path.parts:
            raise DataError(f"photo {photo.file_name!r}: leads out of the folder of photos")
        if photo.file_name in seen:
            raise DataError(f"photo {photo.file_name!r}: is there twice; each photo needs a name of its own")
        seen.add(photo.file_name)


def _take(source: Path, target: Path) -> None:
    """A hard link, or a copy where that cannot be (another disk). A link in the source is followed."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with suppress(OSError):
            os.link(source.resolve(), target)
            return
        shutil.copyfile(source, target)
    except OSError as error:
        raise DataError(
            f"{source}: cannot be copied: {error.strerror}; is --photos the folder that was pushed?"
        ) from None


@contextmanager
def _folder_aside(out: Path) -> Iterator[Path]:
    """A folder beside `out` that becomes `out`, read-only, when the block ends well, and else goes.

    It always has the same name, so that what a killed process left there goes with the next try.
    """
    folder = out.with_name(f".{out.name}.unfinished")
    with only_process(folder, "writes this version", DataError):
        refuse_existing(out)
        for left in folder.iterdir():
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        try:
            yield folder
            for path in folder.rglob("*"):
                # A linked photo is another folder's too.
                if path.is_file() and IMAGES not in path.relative_to(folder).parts:
                    path.chmod(0o444)
            folder.rename(out)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise


def _dump(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _load(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}; {GIVE}") from None
    except ValueError as error:
        raise DataError(f"{path}: is not JSON: {error}; make the version again") from None
    if not isinstance(content, dict):
        raise DataError(f"{path}: must hold an object; make the version again")
    return content
