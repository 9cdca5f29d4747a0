"""The figures about places, set by set."""

from dataclasses import replace

import numpy as np
import pytest

from crumple.detect.place_calibration import PlaceCalibration
from crumple.evaluate.comparison import compare
from crumple.evaluate.judged.readings import Calibrations
from crumple.evaluate.report.place_rows import place_rows, set_name
from crumple.evaluate.subject import Scope
from tests.evaluate.evaluations import evaluation, model, subject
from tests.evaluate.judged_photos import judged, placed
from tests.evaluate.squares import region

HOOD = region((0, 0, 40, 40), 0.9, "hood")


def photo(name, set_name, said="hood", score=0.9, **more):
    """A dent on the hood, found on an outline of the part that is said."""
    return placed(
        name,
        damage=[region(0)],
        on=["hood"],
        visible="hood roof",
        found_damage=[region(0, score)],
        found_parts=[replace(HOOD, label=said)],
        sets={"damage": set_name},
        **more,
    )


def photos():
    return [
        photo("a", "claims"),
        photo("b", "claims", "grille"),
        photo("c", "web", apart=["damage"]),
        photo("d", "claims", score=0.2),  # below the threshold of 0.3
        judged("clean", undamaged=True, parts=[], found_damage=[region(50, 0.7)]),
    ]


def test_every_set_and_all_together():
    claims, web, together = evaluation(photos()).places
    assert [(one.set, one.photos, set_name(one)) for one in (claims, web, together)] == [
        ("claims", 3, "claims"),
        ("web", 1, "web"),
        (None, 4, "together"),
    ]
    named = [(one.named.any_class.right.hits, one.named.any_class.right.of) for one in (claims, web, together)]
    assert named == [(1, 2), (1, 1), (2, 3)]
    assert (claims.panels.photos, claims.panels.panels.recall.hits, claims.panels.panels.recall.of) == (3, 1, 3)
    # Down to low scores the third hood is found too: 2 of 3 panels that are named are damaged, or 1 of 1 at the top.
    assert claims.panels.curve.scores == (0.9, 0.2) and claims.panels.recall_at.value == 0.0
    assert web.panels.recall_at.value == 1.0
    assert (claims.seen.overall.recall.hits, claims.seen.overall.recall.of) == (2, 6)
    assert len(evaluation(photos()[:2]).places) == 1


def test_rows_of_the_headline_have_a_cell_for_each_set():
    unplaced = judged("e", damage=[region(0)], found_damage=[region(0, 0.9)], sets={"damage": "other"})
    rows = {row.name: row.cells for row in place_rows(evaluation([*photos(), unplaced]).places)}
    assert all(len(cells) == 4 for cells in rows.values())
    claims, web, other, together = rows["findings on no part"]
    assert [cell.of for cell in (claims, web, other, together)] == [2, 1, 1, 4] and other.figure.value == 1.0
    assert rows["right part named"][2].figure.value is None and rows["right part named"][3].of == 3


def test_a_set_apart_has_tables_of_its_own_and_is_in_no_others():
    made = evaluation(photos())
    _, *damage = made.branches
    assert [(branch.name, branch.sets, branch.apart) for branch in damage] == [
        ("damage", ("claims",), False),
        ("damage of web", ("web",), True),
    ]
    assert [branch.operating.overall.objects for branch in damage] == [3, 1]
    assert [branch.presence.photos for branch in damage] == [4, 1]  # the clean car too
    assert made.damage_anywhere.damaged == 3
    assert list(subject(photos()).samples)[1:] == [Scope("damage"), Scope("damage", "web")]


def test_models_are_compared_by_places_set_by_set():
    better = [photo(f"{i}", "claims" if i % 2 else "web") for i in range(40)]
    worse = [photo(f"{i}", "claims" if i % 2 else "web", "grille") for i in range(40)]
    comparison = compare(subject(better), subject(worse, model(name="other")))
    figures = {(one.name, one.set): one for one in comparison.figures if one.branch == "places"}
    assert {name for _, name in figures} == {"claims", "web", None}
    assert len(figures) == 3 * 9
    right, alarmed = figures["right part named", "claims"], figures["undamaged visible panels alarmed", None]
    assert (right.a.value, right.b.value) == (1.0, 0.0)
    assert (alarmed.a.value, alarmed.b.value) == (0.0, 0.0)
    away = [photo(f"{i}", "claims", "roof") for i in range(40)]
    nowhere = [replace(one, found=one.found | {"parts": ()}) for one in away]
    comparison = compare(subject(away), subject(nowhere))
    verdicts = {one.name: one.verdict for one in comparison.figures if one.branch == "places"}
    assert verdicts["undamaged visible panels alarmed"] == "B"  # fewer are better
    assert verdicts["findings on no part"] == "A"


def test_a_model_of_damage_alone_says_no_places():
    assert evaluation(photos()[:2], model(["damage"])).places == ()
    placing = model(["damage"]).model_copy(update={"places": ("hood", "roof")})
    assert len(evaluation(photos()[:2], placing).places) == 1


def test_each_photo_is_read_with_its_own_calibration():
    one = subject([photo("a", "claims"), photo("b", "claims")])
    never = Calibrations(PlaceCalibration(offset=-9, head=0, outline=0, seen=0, name_from=0.5))
    made = replace(one, calibrations=(Calibrations(), never))
    assert [len(reading.findings[0].on) for reading in made.readings] == [1, 0]
    (claims,) = made.places
    assert claims.report().findings.on_no_part.share.value == pytest.approx(0.5)
    assert np.isclose(claims.figures()["findings on no part"][0], 0.5)
