"""Judged photos, as `judge` makes them: what people drew and what a model found. All figures come from these."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from crumple.dataset.instances import LabelledPhoto
from crumple.detect.detections import PhotoParts
from crumple.evaluate.judged.regions import PhotoRegions, Region
from crumple.taxonomy import DAMAGE_BRANCH, PARTS_BRANCH


@dataclass(frozen=True, eq=False)
class Truth:
    """One photo's ground truth, merged from every set that labels it.

    sets: by branch, the set that labels it. undamaged: known to show no damage. photos: by branch, as the headline
    wants it (merged objects split). given: the same with nothing split. classes: by branch, what its labels can say; of
    all else they say nothing. coarser: for parts that are drawn under coarser names than the model's, as in
    `DataSet.coarser`; they say on which part a damage lies, and nothing else. apart: branches whose set is judged by
    itself (`DataSet.apart`).
    """

    path: Path
    file_name: str
    width: int
    height: int
    group: str | None
    undamaged: bool
    sets: dict[str, str]
    photos: dict[str, LabelledPhoto]
    given: dict[str, LabelledPhoto]
    classes: dict[str, frozenset[str]] = field(default_factory=dict)
    coarser: dict[str, str | None] = field(default_factory=dict)
    apart: frozenset[str] = frozenset()

    def in_our_words(self, branch: str) -> bool:
        """Whether the labels of `branch` have the model's names."""
        return not (branch == PARTS_BRANCH and self.coarser)

    @property
    def source(self) -> str:
        """The set that says whether it is damaged, else the first that labels it."""
        return self.sets.get(DAMAGE_BRANCH) or next(iter(self.sets.values()))


@dataclass(frozen=True, eq=False)
class JudgedPhoto:
    """One photo: its truth, and what was found on it, by branch.

    drawn: by labelled branch, the regions people drew; of "damage" also on undamaged photos, where it is empty.
    given: the same with nothing split; only for branches whose set labels the photo.
    found: by branch of the model, the highest-scored regions with their scores, whatever the thresholds.
    parts: what the photo as a whole says of the places on it; None: the model has no place heads.
    brightness: mean luma, 0 to 255. sharpness: see `prepare.quality`.
    """

    truth: Truth
    sha256: str
    drawn: dict[str, tuple[Region, ...]]
    given: dict[str, tuple[Region, ...]]
    found: dict[str, tuple[Region, ...]]
    brightness: float = field(default=0.0)
    sharpness: float = field(default=0.0)
    parts: PhotoParts | None = None

    @property
    def name(self) -> str:
        """Set and file name, which together are unique."""
        return f"{next(iter(self.truth.sets.values()))}/{self.truth.file_name}"

    def regions(self, branch: str) -> PhotoRegions:
        """Both sides of one branch. Findings of a class that the photo's set does not draw are left out."""
        truth, found = self.truth, self.found.get(branch, ())
        if branch in truth.classes:
            found = tuple(region for region in found if region.label in truth.classes[branch])
        return PhotoRegions(truth.width, truth.height, self.drawn.get(branch, ()), found)


def labelled_for(photos: Sequence[JudgedPhoto], branch: str, apart: str | None = None) -> list[JudgedPhoto]:
    """The photos whose set labels `branch` in the model's words; undamaged photos are not among those of "damage".

    apart: the set to take, of those that are judged by themselves; None: all other sets.
    """
    return [photo for photo in _labelled(photos, branch) if _apart(photo, branch) == apart]


def apart_sets(photos: Sequence[JudgedPhoto], branch: str) -> list[str]:
    """The sets that label `branch` and are judged by themselves."""
    return list(dict.fromkeys(name for photo in _labelled(photos, branch) if (name := _apart(photo, branch))))


def _labelled(photos: Sequence[JudgedPhoto], branch: str) -> list[JudgedPhoto]:
    known = [photo for photo in photos if branch in photo.truth.sets and photo.truth.in_our_words(branch)]
    return [photo for photo in known if not (branch == DAMAGE_BRANCH and photo.truth.undamaged)]


def _apart(photo: JudgedPhoto, branch: str) -> str | None:
    return photo.truth.sets[branch] if branch in photo.truth.apart else None


def undamaged(photos: Sequence[JudgedPhoto]) -> list[JudgedPhoto]:
    """The photos known to show no damage, on which every finding is a false alarm."""
    return [photo for photo in photos if photo.truth.undamaged and DAMAGE_BRANCH in photo.found]
