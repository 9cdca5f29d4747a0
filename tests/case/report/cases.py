"""Inspections made by hand, for what reports them."""

import numpy as np

from crumple.assessment.assessment import ModelReference
from crumple.assessment.likelihood import likelihood
from crumple.assessment.places import place_title
from crumple.case.coverage import PANELS
from crumple.case.inspection import (
    Damage,
    DamagePlace,
    InspectedPhoto,
    Inspection,
    MaybeSame,
    MissingView,
    Observation,
    Panel,
    Totals,
)
from crumple.case.panel_map.states import is_listed
from crumple.taxonomy import title
from tests.assessment.examples import assessment, bitmap, blurred_check, finding

SIZE = (500, 330)
BOX = (200, 100, 300, 200)
SQUARE = bitmap(((200, 100), (299, 100), (299, 199), (200, 199)), SIZE)
GREY, RED = (128, 128, 128), (200, 20, 30)


def pixels(damaged=True):
    """A grey photo with a red square where the damage is."""
    rgb = np.full((SIZE[1], SIZE[0], 3), GREY, np.uint8)
    if damaged:
        rgb[SQUARE] = RED
    return rgb


def damage(number, photos, *, kind="dent", on=("hood",), probability=0.8, severity="moderate", same=(), **changes):
    """One damage, seen in these photos (numbers). changes: other fields."""
    fields = {
        "id": f"damage-{number}",
        "damage": kind,
        "title": title(kind),
        "on": [DamagePlace(label=name, title=place_title(name), probability=0.9) for name in on],
        "severity": severity,
        "reason": "covers 12 % of the hood (moderate starts at 5 %)",
        "probability": probability,
        "likelihood": likelihood(probability),
        "observations": [
            Observation(
                photo=f"photo-{photo}", finding=f"finding-{number}", box=BOX, severity=severity, probability=probability
            )
            for photo in photos
        ],
        "maybe_same": [MaybeSame(damage=f"damage-{other}", probability=0.4) for other in same],
        "text": "a sentence",
    }
    return Damage(**(fields | changes))


def panels(damages=(), **states):
    """Every panel; states: by label, (seen, damaged); the others are seen and undamaged."""
    listed = []
    for label in PANELS:
        name = "trunk" if label == "trunk_or_tailgate" else label
        seen, damaged = states.get(name, ("seen", "no"))
        listed.append(
            Panel(
                label=name,
                title=place_title(name),
                seen=seen,
                share={"seen": 0.9, "partly": 0.3, "not_seen": 0.0}[seen],
                best_photo=None if seen == "not_seen" else "photo-1",
                damaged=damaged,
                probability=0.7,
                damages=[one.id for one in damages if name in [place.label for place in one.on]],
            )
        )
    return listed


def inspection(damages=(), photos=2, *, names=None, missing=(), notes=(), blurred=(), **states):
    """An inspection and the assessments of its photos; states: of panels."""
    told = [
        InspectedPhoto(
            id=f"photo-{number}",
            number=number,
            name=(names or {}).get(number, f"car {number}.jpg"),
            sha256=f"{number:064d}",
            width=SIZE[0],
            height=SIZE[1],
            view="front_left",
            quality=[blurred_check()] if number in blurred else [],
        )
        for number in range(1, photos + 1)
    ]
    assessments = []
    for photo in told:
        shown = [one for one in damages if any(sight.photo == photo.id for sight in one.observations)]
        findings = [
            finding(one.damage, SQUARE, int(one.id.split("-")[1]), score=0.873, likelihood="possible") for one in shown
        ]
        assessments.append(assessment(SIZE, [], findings, name=photo.name))
    listed = [one for one in damages if is_listed(one)]
    content = Inspection(
        name="B-XY 123",
        model=ModelReference(name="crumple-lite0", version="0.1.0", sha256="cd" * 32),
        photos=told,
        damages=list(damages),
        panels=panels(damages, **states),
        missing_views=[MissingView(title=side, panels=[]) for side in missing],
        totals=Totals(
            damages=len(damages),
            doubtful=len(damages) - len(listed),
            panels_affected=1,
            worst_severity=listed[0].severity if listed else None,
            undecided=sum(one.decision == "open" for one in damages),
        ),
        notes=list(notes),
    )
    return content, assessments
