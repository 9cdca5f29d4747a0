"""Judged photos: what people drew and what a model found on each of them. All figures come from these."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from crumple.dataset.instances import LabelledPhoto
from crumple.evaluate.regions import PhotoRegions, Region
from crumple.taxonomy import DAMAGE_BRANCH


@dataclass(frozen=True, eq=False)
class Truth:
    """One photo's ground truth, merged from every set that labels it.

    sets: by branch, the set that labels it. undamaged: known to show no damage. photos: by branch, as the headline
    wants it (merged objects split). given: the same with nothing split. coarse: branches whose labels have coarser
    names than the model's; they say on which part a damage lies, and nothing else.
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
    coarse: frozenset[str] = frozenset()


@dataclass(frozen=True, eq=False)
class JudgedPhoto:
    """One photo: its truth, and what was found on it, by branch.

    drawn: by labelled branch, the regions people drew; of "damage" also on undamaged photos, where it is empty.
    given: the same with nothing split; only for branches whose set labels the photo.
    found: by branch of the model, the highest-scored regions with their scores, whatever the thresholds.
    brightness: mean luma, 0 to 255. sharpness: see `prepare.quality`.
    """

    truth: Truth
    sha256: str
    drawn: dict[str, tuple[Region, ...]]
    given: dict[str, tuple[Region, ...]]
    found: dict[str, tuple[Region, ...]]
    brightness: float = field(default=0.0)
    sharpness: float = field(default=0.0)

    @property
    def name(self) -> str:
        """Set and file name, which together are unique."""
        return f"{next(iter(self.truth.sets.values()))}/{self.truth.file_name}"

    def regions(self, branch: str) -> PhotoRegions:
        """Both sides of one branch."""
        truth = self.truth
        return PhotoRegions(truth.width, truth.height, self.drawn.get(branch, ()), self.found.get(branch, ()))


def labelled_for(photos: Sequence[JudgedPhoto], branch: str) -> list[JudgedPhoto]:
    """The photos whose set labels `branch` in the model's words; undamaged photos are not among those of "damage"."""
    known = [photo for photo in photos if branch in photo.truth.sets and branch not in photo.truth.coarse]
    return [photo for photo in known if not (branch == DAMAGE_BRANCH and photo.truth.undamaged)]


def undamaged(photos: Sequence[JudgedPhoto]) -> list[JudgedPhoto]:
    """The photos known to show no damage, on which every finding is a false alarm."""
    return [photo for photo in photos if photo.truth.undamaged and DAMAGE_BRANCH in photo.found]
