"""Which panels photos show, by hand-made assessments."""

import pytest

from crumple.case.coverage import (
    PANELS,
    PanelCoverage,
    coverage,
    missing_views,
    panel_of,
    panels_named,
    probability_shown,
)
from crumple.taxonomy import ELSEWHERE, PARTS
from tests.case.photos import HEIGHT, WHOLE, WIDTH, outline, photo


def covered(*photos) -> dict[str, PanelCoverage]:
    return {panel.label: panel for panel in coverage(photos)}


def test_every_part_of_a_vehicle_is_one_panel_and_there_is_one_lid() -> None:
    assert {panel_of(part) for part in PARTS} == set(PANELS)
    assert len(PANELS) == len(PARTS) - 1
    labels = [panel.label for panel in coverage([photo()])]
    assert set(labels) <= set(PARTS)
    assert len(labels) == len(PANELS)
    assert (labels[0], labels[-1]) == ("front_bumper", "back_bumper")


def test_a_panel_that_one_of_the_photos_shows_is_seen() -> None:
    hood = covered(photo(), photo({"hood": 0.95}, {"hood": WHOLE}), photo({"wheel": 0.9}))["hood"]
    assert (hood.seen, hood.share, hood.best_photo) == ("seen", 1.0, 1)
    assert hood.by_photo == (0.0, 0.95, 0.0)
    assert hood.probability == probability_shown(0.95) > 0.9


def test_nothing_is_seen_on_photos_of_nothing_or_without_photos() -> None:
    for photos in ([], [photo(), photo()]):
        panels = coverage(photos)
        assert {(panel.seen, panel.share, panel.best_photo) for panel in panels} == {("not_seen", 0.0, None)}
        assert all(panel.probability < 0.1 for panel in panels)
        assert [view.title for view in missing_views(panels)] == ["front", "back", "left side", "right side", "roof"]


@pytest.mark.parametrize(
    ("box", "share"),
    [
        ((0, 100, 200, 250), 0.7),
        ((WIDTH - 200, 100, WIDTH, 250), 0.7),
        ((0, 0, 200, 250), 0.49),
        ((0, 0, WIDTH, HEIGHT), 0.2401),
    ],
)
def test_an_outline_that_the_photo_cuts_off_is_seen_in_part(box, share) -> None:
    hood = covered(photo({"hood": 0.95}, {"hood": box}))["hood"]
    assert (hood.seen, hood.best_photo) == ("partly", 0)
    assert hood.share == pytest.approx(share)


def test_the_photo_that_has_it_whole_decides_and_is_the_best() -> None:
    cut = photo({"hood": 0.95}, {"hood": (0, 100, 200, 250)})
    hood = covered(cut, photo({"hood": 0.95}, {"hood": WHOLE}), cut)["hood"]
    assert (hood.seen, hood.share, hood.best_photo) == ("seen", 1.0, 1)


def test_without_an_outline_it_is_seen_in_part_and_nobody_knows_how_much() -> None:
    hood = covered(photo({"hood": 0.95}))["hood"]
    assert (hood.seen, hood.share, hood.best_photo) == ("partly", None, 0)


def test_a_speck_of_an_outline_is_seen_in_part() -> None:
    assert covered(photo({"hood": 0.95}, {"hood": (100, 100, 110, 110)}))["hood"].seen == "partly"


@pytest.mark.parametrize("check", ["too_small", "too_dark", "overexposed", "blurred"])
def test_a_photo_that_is_not_clear_shows_nothing_well(check) -> None:
    poor = photo({"hood": 0.95}, {"hood": (50, 50, 600, 400)}, failed=[check])
    assert covered(poor)["hood"].seen == "partly"
    both = covered(poor, photo({"hood": 0.9}, {"hood": WHOLE}))["hood"]
    assert (both.seen, both.best_photo) == ("seen", 1)


def test_of_two_clear_photos_the_larger_picture_is_the_best() -> None:
    small, large = (photo({"hood": 0.9}, {"hood": box}) for box in (WHOLE, (50, 50, 600, 400)))
    assert covered(small, large)["hood"].best_photo == 1
    assert covered(large, small)["hood"].best_photo == 0


def test_the_left_side_says_nothing_of_the_right_one() -> None:
    panels = covered(photo({"front_left_door": 0.97, "left_fender": 0.9}, {"front_left_door": WHOLE}))
    assert panels["front_left_door"].seen == "seen"
    assert (panels["front_right_door"].seen, panels["right_fender"].seen) == ("not_seen", "not_seen")
    assert panels["front_right_door"].by_photo == (0.0,)
    assert "right side" in [view.title for view in missing_views(panels.values())]
    assert "left side" not in [view.title for view in missing_views(panels.values())]


def test_a_panel_without_its_side_fits_either_by_half() -> None:
    panels = covered(photo({"front_door": 0.9}))
    for side in ("left", "right"):
        door = panels[f"front_{side}_door"]
        assert door.by_photo == (0.45,)
        assert door.seen == "not_seen"
        assert probability_shown(0) < door.probability < 0.5
    views = [view.title for view in missing_views(panels.values())]
    assert views == ["front", "back", "roof"]  # one of the sides was photographed, and nobody knows which


def test_an_outline_whose_side_is_a_guess_is_on_neither_side() -> None:
    guessed = photo({"front_door": 0.9}).model_copy(
        update={"parts": [outline("front_left_door", WHOLE).model_copy(update={"side": None})]}
    )
    panels = covered(guessed)
    assert (panels["front_left_door"].seen, panels["front_right_door"].seen) == ("not_seen", "not_seen")


def test_the_likelier_lid_is_named_and_has_what_both_say() -> None:
    panels = covered(photo({"tailgate": 0.8}), photo({"trunk": 0.9}, {"trunk": WHOLE}))
    assert "tailgate" not in panels
    assert panels["trunk"].by_photo == (0.8, 0.9)
    assert "trunk" not in covered(photo({"tailgate": 0.8}))


def test_other_places_are_no_panels() -> None:
    panels = covered(photo(dict.fromkeys(ELSEWHERE, 0.99)))
    assert not set(ELSEWHERE) & set(panels)
    assert {panel.seen for panel in panels.values()} == {"not_seen"}
    assert [panels_named(name) for name in (*ELSEWHERE, "unheard_of")] == [{}] * 4


def test_without_probabilities_the_outlines_tell() -> None:
    hood = covered(photo({"hood": None}, {"hood": WHOLE}))["hood"]
    assert (hood.seen, hood.by_photo) == ("seen", (0.9,))
    assert covered(photo({}, {"hood": WHOLE}))["hood"].seen == "seen"  # an assessment of before `parts_seen`


def test_more_photos_never_make_a_panel_less_seen() -> None:
    one = [photo({"hood": 0.7})]
    chances = [covered(*one, *([photo()] * n))["hood"].probability for n in range(4)]
    assert chances == [chances[0]] * 4
    assert covered(*one, photo({"hood": 0.8}))["hood"].probability > chances[0]
    rising = [probability_shown(chance) for chance in (0, 0.3, 0.5, 0.7, 0.9, 1)]
    assert rising == sorted(rising)


def test_a_missing_view_names_its_panels() -> None:
    panels = coverage([photo({name: 0.95 for name in PANELS if name not in ("roof", "trunk_or_tailgate")})])
    assert [(view.title, view.panels) for view in missing_views(panels)] == [("roof", ["roof"])]
