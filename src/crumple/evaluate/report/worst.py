"""The worst photos first: where the model made most mistakes, each shown beside what people drew."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crumple.drawing.jpeg import jpeg
from crumple.evaluate.judged.photos import JudgedPhoto
from crumple.evaluate.measures.matching import NO_PARTNER, PhotoMatch, match_photo
from crumple.evaluate.report.side_by_side import SIDE, side_by_side
from crumple.evaluate.subject import Subject
from crumple.photo import decode_photo
from crumple.taxonomy import title

MOST = 12  # photos of a branch


@dataclass(frozen=True, eq=False)
class Mistakes:
    """What went wrong on one photo, of one branch.

    missed: drawn objects that were not reported. false_alarms: reported regions that match nothing drawn, surest first.
    Both at mask IoU 0.5, crowds left out.
    """

    photo: JudgedPhoto
    branch: str
    match: PhotoMatch
    drawn: int
    missed: int
    false_alarms: tuple[tuple[str, float], ...]

    @property
    def count(self) -> int:
        """Mistakes in all."""
        return self.missed + len(self.false_alarms)

    @property
    def words(self) -> str:
        """In one line: "3 of 5 missed; 1 false alarm (dent, score 0.91)"."""
        parts = [f"{self.missed} of {self.drawn} missed" if self.drawn else "nothing drawn"]
        if self.false_alarms:
            label, score = self.false_alarms[0]
            many = "s" if len(self.false_alarms) > 1 else ""
            surest = "the surest: " if many else ""
            parts.append(f"{len(self.false_alarms)} false alarm{many} ({surest}{title(label)}, score {score:.2f})")
        return "; ".join(parts)


@dataclass(frozen=True)
class WorstPhoto:
    """One photo to show. name: set and file. words: what went wrong. jpeg: a JPEG file, drawn left, reported right."""

    branch: str
    name: str
    missed: int
    false_alarms: int
    words: str
    jpeg: bytes


def mistakes(photos: Sequence[JudgedPhoto], branch: str, lowest: Mapping[str, float]) -> list[Mistakes]:
    """The photos with any mistake, most mistakes first; of equally many, the ones that were surer of a false alarm.

    A mistake is a drawn object that was missed, or a false alarm; each counts one. Photos whose truth of `branch` is
    not known in the model's words, and those of sets that are judged apart, are left out; undamaged photos are in for
    "damage".

    Args:
        lowest: by label, the lowest score that is reported; a label that is missing has 0.
    """
    known = [photo for photo in photos if branch in photo.drawn and photo.truth.in_our_words(branch)]
    known = [photo for photo in known if branch not in photo.truth.apart]
    made = [_mistakes(photo, branch, lowest) for photo in known if branch in photo.found]
    return sorted((one for one in made if one.count), key=_badness)


def worst_photos(subject: Subject, most: int = MOST) -> list[WorstPhoto]:
    """The `most` worst photos of each branch, drawn. Raises PhotoError when one cannot be decoded."""
    branches = [branch.name for branch in subject.info.branches]
    return [_draw(one) for name in branches for one in mistakes(subject.reported, name, {})[:most]]


def _mistakes(photo: JudgedPhoto, branch: str, lowest: Mapping[str, float]) -> Mistakes:
    match = match_photo(photo.regions(branch), lowest)
    wanted = [bool(hit) for region, hit in zip(match.drawn, match.hit, strict=True) if not region.crowd]
    alarms = [
        (region.label, region.score)
        for region, partner in zip(match.found, match.partner, strict=True)
        if partner == NO_PARTNER
    ]
    return Mistakes(photo, branch, match, len(wanted), wanted.count(False), tuple(alarms))


def _badness(one: Mistakes) -> tuple[float, float, str]:
    surest = max((score for _, score in one.false_alarms), default=0.0)
    return -one.count, -surest, one.photo.name


def _draw(one: Mistakes) -> WorstPhoto:
    truth = one.photo.truth
    rgb = decode_photo(truth.path, max_side=SIDE).rgb
    picture = side_by_side(rgb, one.match, one.branch, (truth.width, truth.height))
    return WorstPhoto(
        branch=one.branch,
        name=one.photo.name,
        missed=one.missed,
        false_alarms=len(one.false_alarms),
        words=one.words,
        jpeg=jpeg(picture),
    )
