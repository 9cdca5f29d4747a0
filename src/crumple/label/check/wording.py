"""What the kinds of the review list are called, and what to do about each."""

from dataclasses import dataclass

DASH = "-"


@dataclass(frozen=True)
class Words:
    """name: in the plural, as a heading. about: what it means and what to do."""

    name: str
    about: str


KINDS = {
    "self_intersection": Words(
        "Outlines that cross themselves",
        "What is inside such an outline depends on who fills it. Draw it again; loops of a few pixels are not listed.",
    ),
    "tiny": Words(
        "Tiny objects",
        "Less than 16 square pixels: most are slips of the hand. Delete them, or draw what was meant.",
    ),
    "off_image": Words(
        "Objects off the photo",
        "They reach more than 2 pixels out of it, and training refuses such labels.",
    ),
    "duplicate": Words(
        "Objects drawn twice",
        "Two outlines share nearly all of their area. Delete one, or name it right.",
    ),
    "damage_off_vehicle": Words(
        "Damage outside the vehicle",
        "It lies neither on a part nor between parts. Where the model found the parts, they may be wrong on close-ups.",
    ),
    "wrong_side": Words(
        "Left and right",
        "Parts stand in an order that no view of a vehicle gives. Left and right are the vehicle's, not the picture's.",
    ),
    "annotators_class": Words(
        "Annotators name it differently",
        "Decide, and write the rule down for all.",
    ),
    "annotators_overlap": Words(
        "Annotators outline it differently",
        "Two outlines of one object share less than 75 %.",
    ),
    "annotators_missed": Words(
        "Drawn by one annotator only",
        "The other one missed it, or it is not there.",
    ),
    "missed_by_labels": Words(
        "Seen by the model, not drawn",
        "The surest first. Draw it, or let it be: what the model sees is not always there.",
    ),
    "class_differs": Words(
        "Drawn and seen under different names",
        "The outlines agree, the names do not.",
    ),
    "bad_overlap": Words(
        "Outlined otherwise by the model",
        "One name and one place, but the outlines share less than half.",
    ),
    "missed_by_model": Words(
        "Drawn, not seen by the model",
        "Most of these are right and hard to see: the model has to learn them. Look for what should not be drawn.",
    ),
}


def share(value: float | None, decimals: int = 1) -> str:
    """A share of 0 to 1 in percent; a dash where there is none."""
    return DASH if value is None else f"{100 * value:.{decimals}f} %"
