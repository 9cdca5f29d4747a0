"""What people say of places on a judged photo: on which parts each drawn damage lies, and which parts can be seen.

They say it by name, in place labels (`dataset.places`), or by outline, where both the parts and the damage of a photo
are drawn: then a damage lies on the parts that its mask overlaps, by the assessment's own rule
(`crumple.detect.fusion`).
"""

from dataclasses import dataclass

from crumple.dataset.instances import NamedPlace
from crumple.detect.fusion import overlaps
from crumple.detect.masks import Patch
from crumple.evaluate.judged.photos import JudgedPhoto
from crumple.evaluate.places.names import judged
from crumple.taxonomy import DAMAGE_BRANCH, PARTS_BRANCH

# Always inside the vehicle: neither the readers of place labels nor the figures about places deal with them.
AIRBAGS = "airbag_deployed"


@dataclass(frozen=True, eq=False)
class PlaceTruth:
    """What people say of the places on one photo. All names are those that are judged (`names`).

    on: for each drawn damage, in the order of `JudgedPhoto.drawn`, where it lies, most of it first; empty where it lies
        on none of our places, None where nobody has said.
    visible: what of the vehicle can be seen.
    words: our name -> the name people used for it, None where they had none: for what a model says. A name that is
        missing is the same on both sides. None: they could use all of our names.
    """

    on: tuple[tuple[NamedPlace, ...] | None, ...]
    visible: tuple[NamedPlace, ...]
    words: dict[str, str | None] | None = None

    def heard(self, said: str) -> str | None:
        """What a model said, in the words of these people; None where they have no word for it."""
        if self.words is None:
            return judged(said)
        word = self.words.get(said)
        return None if word is None else judged(word)


def place_truth(photo: JudgedPhoto) -> PlaceTruth | None:
    """What is known of the photo's places; None where nobody has named or drawn them."""
    sets = photo.truth.sets
    if DAMAGE_BRANCH not in photo.found or DAMAGE_BRANCH not in sets:
        return None
    labelled = photo.truth.photos.get(DAMAGE_BRANCH)
    if labelled is not None and labelled.places is not None:
        places = labelled.places
        on = (places.on.get(instance.annotation_id) for instance in labelled.instances)
        return PlaceTruth(tuple(None if names is None else _judged(names) for names in on), _judged(places.visible))
    if PARTS_BRANCH in sets and not photo.truth.undamaged:
        return _from_outlines(photo)
    return None


def _from_outlines(photo: JudgedPhoto) -> PlaceTruth:
    parts = [region for region in photo.drawn[PARTS_BRANCH] if not region.crowd]
    patches = [(part.label, Patch.from_rle(part.rle)) for part in parts]
    patches = [(label, patch) for label, patch in patches if patch.area]
    on: list[tuple[NamedPlace, ...] | None] = []
    for damage in photo.drawn[DAMAGE_BRANCH]:
        lies = overlaps(Patch.from_rle(damage.rle), [patch for _, patch in patches])
        # A crowd does not say where in it the damage is.
        names = tuple(NamedPlace(patches[place.part][0], sure=not damage.crowd) for place in lies)
        on.append(None if damage.label == AIRBAGS else _judged(names))
    return PlaceTruth(tuple(on), _judged(tuple(NamedPlace(label) for label, _ in patches)), _words(photo))


def _words(photo: JudgedPhoto) -> dict[str, str | None] | None:
    """Our part names -> what the set that drew the parts calls them."""
    drawable = photo.truth.classes.get(PARTS_BRANCH)
    if drawable is None:
        return None
    return {name: name for name in drawable} | photo.truth.coarser


def _judged(names: tuple[NamedPlace, ...]) -> tuple[NamedPlace, ...]:
    """The names as they are judged, each once; sure where it is sure anywhere."""
    sure: dict[str, bool] = {}
    for place in names:
        name = judged(place.name)
        sure[name] = sure.get(name, False) or place.sure
    return tuple(NamedPlace(name, is_sure) for name, is_sure in sure.items())
