"""The words and colours that the page and the report show: parts, damages, reasons for a rejection, how to retake."""

from functools import cache
from typing import Any

from crumple.assessment.places import place_title
from crumple.assessment.severity import Rules
from crumple.case.coverage import PANELS, panel_of
from crumple.case.panel_map.states import STATES
from crumple.colours import css, damage_colour, ink, part_colour
from crumple.taxonomy import DAMAGES, PLACES, SIDELESS

# Why a reviewer takes a finding off the list. The keys are those of the HTTP interface.
REASONS = {
    "dirt": "Dirt",
    "reflection": "Reflection",
    "shadow": "Shadow",
    "old_damage": "Old damage",
    "not_this_vehicle": "Not this vehicle",
    "no_damage": "No damage: badge, trim or gap",
    "other": "Other",
}
# The same of a damage.
DAMAGE_REASONS = REASONS | {"duplicate": "Duplicate"}

# By the failed check of `crumple.assessment.quality`.
RETAKE = {
    "too_small": "Take it again at the camera's full size, and send the file itself, not a preview of it.",
    "too_dark": "Take it again in daylight or under a lamp, with the light behind you, or with the flash on.",
    "overexposed": "Take it again with the sun behind you, or tap the car on the screen to set the exposure.",
    "blurred": "Take it again with both hands, stand still, and tap the damage on the screen to focus.",
    "no_vehicle": "Take it again from two or three steps away, with at least one whole part of the vehicle in it.",
}


@cache
def words() -> dict[str, Any]:
    """What the page asks for first: names, titles and colours."""
    rules = Rules.load()
    return {
        "parts": {
            name: {"title": place_title(name), "colour": css(part_colour(name))} for name in (*PLACES, *SIDELESS)
        },
        "damages": {
            name: {
                "title": rules.rule(name).words,
                "colour": css(damage_colour(name)),
                "ink": css(ink(damage_colour(name))),
            }
            for name in DAMAGES
        },
        "reasons": REASONS,
        "damage_reasons": DAMAGE_REASONS,
        "retake": RETAKE,
        "panels": PANELS,
        "panel_of": {name: panel_of(name) for name in PLACES if panel_of(name) in PANELS},
        "panel_states": STATES,
    }
