"""The whole way from photos of one vehicle to an inspection."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from crumple.assessment.assessment import Assessment
from crumple.assessment.drawn import Drawing
from crumple.assessment.pipeline import Assessor, PhotoSource, kept_assessor, printable, read_photo
from crumple.assessment.read_ahead import read_ahead
from crumple.case.adding_up import AssessedPhoto, add_up
from crumple.case.annotations import read_drawings
from crumple.case.describing import photos_in_words
from crumple.case.inspection import Inspection
from crumple.case.observations import Pixels
from crumple.errors import DataError, PhotoError
from crumple.files import as_path
from crumple.photo import Photo
from crumple.photo_files import find_photos
from crumple.photo_header import READABLE
from crumple.taxonomy import DAMAGE_BRANCH, DAMAGES

MAX_PHOTOS = 500  # of one vehicle: what joining compares grows with their square
JOINING_SIDE = 1000  # pixels of a photo's longer side that joining can make use of


@dataclass(frozen=True)
class PhotoToInspect:
    """A photo of the vehicle: where to read it from, and what to call it."""

    source: PhotoSource
    name: str


class Inspector:
    """An assessor that looks at all photos of a vehicle. Make one and use it for many vehicles."""

    def __init__(self, assessor: Assessor) -> None:
        self.assessor = assessor

    def __call__(
        self,
        photos: Sequence[PhotoToInspect],
        *,
        name: str,
        drawn: Mapping[str, Sequence[Drawing]] | None = None,
        done: Callable[[PhotoToInspect, Assessment | PhotoError], None] = lambda photo, result: None,
        stop: Callable[[], bool] = lambda: False,
    ) -> Inspection:
        """Inspect one vehicle.

        A photo that cannot be read is told to `done` and in the inspection's notes, and left out. Never more than two
        decoded photos are in memory.

        Args:
            name: of the inspection: the folder's, or the caller's own reference.
            drawn: by photo name, damages that people drew: the findings, in place of the model's. Of a photo that is
                not in it nothing is known, and the notes say so.
            done: called after each photo, with its assessment or with what was wrong with it.
            stop: asked before each photo; True leaves out the rest, and the notes say so.

        Raises PhotoError, in one line, if there are too many photos or none of them could be read.
        """
        if len(photos) > MAX_PHOTOS:
            raise PhotoError(
                f"{name}: {len(photos)} photos, and an inspection of one vehicle takes at most {MAX_PHOTOS}; "
                "give each vehicle a folder of its own"
            )
        seen: list[AssessedPhoto] = []
        notes: list[str] = []
        unread: list[int] = []  # numbers of photos of which nobody has said what is damaged
        ahead = read_ahead([photo.source for photo in photos], at_least=self.assessor.enough)
        for position, (photo, (decoded, watch)) in enumerate(zip(photos, ahead, strict=True)):
            if stop():
                notes.append(f"stopped early: {len(photos) - position} of {len(photos)} photos were not looked at")
                break
            if isinstance(decoded, PhotoError):
                notes.append(f"left out: {decoded}")
                done(photo, decoded)
                continue
            drawings = None if drawn is None else drawn.get(photo.name, ())
            assessment, _ = self.assessor.inspect(decoded, name=photo.name, watch=watch, drawn=drawings)
            if drawn is not None and photo.name not in drawn:
                unread.append(len(seen) + 1)
            seen.append(AssessedPhoto(assessment, _pixels_of(photo, decoded), annotations=_ids(assessment, drawings)))
            done(photo, assessment)
        if not seen:
            tried = "1 photo" if len(photos) == 1 else f"{len(photos)} photos"
            raise PhotoError(f"{printable(name)}: of {tried} none could be read; nothing to inspect")
        if unread:
            are = "is" if len(unread) == 1 else "are"
            notes.append(f"{photos_in_words(unread)} {are} not in the findings file: nothing is known of damage there")
        content = add_up(seen, rules=self.assessor.rules, notes=notes)
        inspection = Inspection(
            **dict(content),
            name=printable(name),
            findings_from="model" if drawn is None else "people",
            model=self.assessor.model,
            settings_sha256=self.assessor.settings_sha256,
        )
        inspection._assessments = [photo.assessment for photo in seen]
        return inspection


def _ids(assessment: Assessment, drawings: Sequence[Drawing] | None) -> dict[str, int | str]:
    """The annotation that each finding was read from: the one of its type and pixels."""
    height, width = assessment.photo.height, assessment.photo.width
    ids = {(one.damage, one.patch.rle(height, width)["counts"]): one.annotation for one in drawings or ()}
    return {one.id: ids[one.damage, one.mask.counts] for one in assessment.findings if ids}


def _pixels_of(photo: PhotoToInspect, decoded: Photo) -> Callable[[], Pixels]:
    """Decodes it anew, small, when joining asks: a case of 500 photos is not kept in memory."""
    if isinstance(photo.source, bytes) or not hasattr(photo.source, "shape"):
        return lambda: read_photo(photo.source, at_least=JOINING_SIDE).rgb
    return lambda: decoded.rgb


def inspect(
    photos: PhotoSource | Sequence[PhotoSource],
    *,
    name: str | None = None,
    findings: str | os.PathLike[str] | None = None,
    model: str | os.PathLike[str] | None = None,
    rules: str | os.PathLike[str] | None = None,
    accurate: bool = False,
) -> Inspection:
    """Inspect one vehicle: its damages, each once however many photos show it, and the state of every panel.

    Args:
        photos: a folder, with all photos below it, or a photo; or several of them. A photo is a path, a file's bytes,
            or pixels (H, W, 3) uint8 RGB.
        name: what to call it, such as a claim number; None: the folder's name.
        findings: a COCO file of damages that people drew, in place of the model's; it names photos by their file names.
        model, rules, accurate: as for `crumple.assess`.

    Raises PhotoError, ModelError or DataError, each in one line. A photo that cannot be read is left out, and
    `notes` says so; if none can be, that is an error.

    Example:
        >>> inspection = crumple.inspect("photos/")
        >>> for damage in inspection.damages: print(damage.text)
    """
    todo, folder = _to_inspect(photos)
    inspector = Inspector(kept_assessor(model, rules, accurate=accurate))
    drawn = None if findings is None else drawings(findings, todo, inspector.assessor)
    return inspector(todo, name=name or folder, drawn=drawn)


def drawings(
    findings: str | os.PathLike[str], photos: Sequence[PhotoToInspect], assessor: Assessor
) -> dict[str, list[Drawing]]:
    """By photo name, the damages that a COCO file draws on those of `photos` that are files. Raises DataError."""
    paths = {one.name: Path(one.source) for one in photos if isinstance(one.source, str | os.PathLike)}
    path = as_path(findings, "findings must be the path of a COCO file", DataError)
    return read_drawings(path, paths, assessor.detector.info.classes(DAMAGE_BRANCH) or DAMAGES)


def _to_inspect(photos: PhotoSource | Sequence[PhotoSource]) -> tuple[list[PhotoToInspect], str]:
    """The photos with their names, and the folder's name. Raises PhotoError where there is none."""
    several = isinstance(photos, Sequence) and not isinstance(photos, str | bytes)
    sources: list[PhotoSource] = list(photos) if several else [photos]  # type: ignore[arg-type, list-item]
    paths = [Path(one) for one in sources if isinstance(one, str | os.PathLike)]
    folder = paths[0].resolve().name if len(paths) == 1 else "photos"
    if len(paths) == len(sources):
        files = find_photos(paths) if paths else []
        todo = [PhotoToInspect(file.path, file.name) for file in files]
    else:
        todo = [
            PhotoToInspect(one, Path(one).name if isinstance(one, str | os.PathLike) else f"photo {number}")
            for number, one in enumerate(sources, start=1)
        ]
    if not todo:
        where = f"{paths[0]}: " if paths else ""
        raise PhotoError(f"{where}no photo to inspect; give a folder with {READABLE} files, or photos")
    return todo, folder
