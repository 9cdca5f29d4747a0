"""The whole way from photos of one vehicle to an inspection."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from crumple.assessment.assessment import Assessment
from crumple.assessment.pipeline import Assessor, PhotoSource, printable, read_photo
from crumple.assessment.read_ahead import read_ahead
from crumple.case.adding_up import AssessedPhoto, add_up
from crumple.case.inspection import Inspection
from crumple.case.observations import Pixels
from crumple.errors import PhotoError
from crumple.photo import Photo

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
        done: Callable[[PhotoToInspect, Assessment | PhotoError], None] = lambda photo, result: None,
        stop: Callable[[], bool] = lambda: False,
    ) -> Inspection:
        """Inspect one vehicle.

        A photo that cannot be read is told to `done` and in the inspection's notes, and left out. Never more than two
        decoded photos are in memory.

        Args:
            name: of the inspection: the folder's, or the caller's own reference.
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
        ahead = read_ahead([photo.source for photo in photos], at_least=self.assessor.enough)
        for position, (photo, (decoded, watch)) in enumerate(zip(photos, ahead, strict=True)):
            if stop():
                notes.append(f"stopped early: {len(photos) - position} of {len(photos)} photos were not looked at")
                break
            if isinstance(decoded, PhotoError):
                notes.append(f"left out: {decoded}")
                done(photo, decoded)
                continue
            assessment, _ = self.assessor.inspect(decoded, name=photo.name, watch=watch)
            seen.append(AssessedPhoto(assessment, _pixels_of(photo, decoded)))
            done(photo, assessment)
        if not seen:
            tried = "1 photo" if len(photos) == 1 else f"{len(photos)} photos"
            raise PhotoError(f"{printable(name)}: of {tried} none could be read; nothing to inspect")
        content = add_up(seen, rules=self.assessor.rules, notes=notes)
        inspection = Inspection(**dict(content), name=printable(name), model=self.assessor.model)
        inspection._assessments = [photo.assessment for photo in seen]
        return inspection


def _pixels_of(photo: PhotoToInspect, decoded: Photo) -> Callable[[], Pixels]:
    """Decodes it anew, small, when joining asks: a case of 500 photos is not kept in memory."""
    if isinstance(photo.source, bytes) or not hasattr(photo.source, "shape"):
        return lambda: read_photo(photo.source, at_least=JOINING_SIDE).rgb
    return lambda: decoded.rgb
