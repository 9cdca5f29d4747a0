"""The words: vehicle parts, other places of damage, damage types, sides, and what a mirror does to a name.

Left and right are the VEHICLE's own sides, as its driver says them, not the picture's.
"""

from collections.abc import Iterable

# What people label and a model is trained to outline; at assess time its own model.json says which of them it knows.
# The first 18 are the parts set's own.
PARTS: tuple[str, ...] = (
    "back_bumper",
    "back_glass",
    "back_left_door",
    "back_left_light",
    "back_right_door",
    "back_right_light",
    "front_bumper",
    "front_glass",
    "front_left_door",
    "front_left_light",
    "front_right_door",
    "front_right_light",
    "hood",
    "left_mirror",
    "right_mirror",
    "tailgate",
    "trunk",
    "wheel",
    "grille",
    "left_fender",
    "left_quarter_panel",
    "left_sill",
    "right_fender",
    "right_quarter_panel",
    "right_sill",
    "roof",
)

# Where a damage can be that lies on no part of the bodywork.
ELSEWHERE: tuple[str, ...] = ("interior", "engine_bay", "underbody")

# Where a damage can be: the order of the network's place outputs.
PLACES: tuple[str, ...] = (*PARTS, *ELSEWHERE)

DAMAGES: tuple[str, ...] = (
    "scratch",
    "dent",
    "broken_or_missing",
    "primer_exposed",
    "lamp_damage",
    "airbag_deployed",
    "glass_crack",
    "hood_damage",
)

# The classes of the branches, in the order of the network's labels. A branch of another name may have its own.
PARTS_BRANCH, DAMAGE_BRANCH = "parts", "damage"
BRANCHES: dict[str, tuple[str, ...]] = {PARTS_BRANCH: PARTS, DAMAGE_BRANCH: DAMAGES}

_OPPOSITE = {"left": "right", "right": "left"}


def side(name: str) -> str | None:
    """The vehicle side a name speaks of: "left", "right", or None when it has none ("hood", "scratch")."""
    words = name.split("_")
    return next((word for word in words if word in _OPPOSITE), None)


def mirror(name: str) -> str:
    """The name of the same thing in a horizontally flipped photo: left_mirror <-> right_mirror, hood -> hood.

    It is its own inverse and works word by word, so it holds for names outside PARTS too.
    """
    return "_".join(_OPPOSITE.get(word, word) for word in name.split("_"))


def title(name: str) -> str:
    """The name as a person writes it: "front_left_door" -> "front left door", "engine_bay" -> "engine bay"."""
    return name.replace("_", " ")


def without_side(name: str) -> str:
    """The name without its side: "front_left_door" -> "front_door", "hood" -> "hood"."""
    return "_".join(word for word in name.split("_") if word not in _OPPOSITE)


# Names that say which part but not on which side, for a part whose side cannot be told: "front_door", "fender".
SIDELESS: tuple[str, ...] = tuple(dict.fromkeys(without_side(name) for name in PARTS if side(name)))


def sided(name: str) -> tuple[str, ...]:
    """The places a name may mean, left before right.

    "front_door" -> ("front_left_door", "front_right_door"); a name of PLACES -> itself alone; any other name -> ().
    """
    return (name,) if name in PLACES else tuple(place for place in PLACES if without_side(place) == name)


# Coarser label spaces to report beside the full one. Each covers every place; one that does not merge keeps its name.
MERGE_SIDES: dict[str, str] = {name: without_side(name) for name in PLACES}

# The parts set mixes pickup bed sides, boot lids and rear doors between these two names.
MERGE_TRUNK_TAILGATE: dict[str, str] = {
    name: "trunk_or_tailgate" if name in ("trunk", "tailgate") else name for name in PLACES
}


def name_fault(branch: str, classes: Iterable[str]) -> str | None:
    """Why a branch and classes of one's own cannot be called so, None if they can.

    The names of a network's layers and outputs are made of the branch's, and "/" parts them.
    """
    if branch != branch.strip() or not branch or not branch.isprintable() or "/" in branch:
        return f"the branch {branch!r}: a name has no /, no line breaks, and no spaces around it"
    if "background" in (name.strip().lower() for name in classes):
        return (
            f"the branch {branch!r}: 'background' is the model's own word for what is none of the classes; leave it "
            "out, or map it to null"
        )
    return None
