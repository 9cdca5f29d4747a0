import numpy as np
import pytest

from crumple.assessment.draw import chip_words, draw_overlay, swatches
from crumple.colours import damage_colour, part_colour
from tests.assessment.examples import assessment, bitmap, blurred_check, finding, hatchback, part

SIZE = (500, 330)
SQUARE = bitmap(((200, 100), (299, 100), (299, 199), (200, 199)), SIZE)
GREY = np.full((330, 500, 3), 128, np.uint8)


def towards(before, after, colour):
    """Mean movement of pixels towards a colour, 1: reached it."""
    wanted = np.asarray(colour, float) - before
    moved = after.astype(float) - before
    return float((moved * wanted).sum() / (wanted * wanted).sum())


def test_the_photo_is_left_alone_and_the_overlay_has_its_size():
    before = GREY.copy()
    after = draw_overlay(before, assessment(SIZE, [part("hood", SQUARE)], [finding("dent", SQUARE)]))
    assert np.array_equal(before, GREY)
    assert after.shape == GREY.shape and after.dtype == np.uint8
    after[0, 0] = 1  # a picture of its own, to be drawn on further


def test_fills_have_the_colour_of_their_class():
    inside = np.s_[150:190, 210:290]  # clear of outline and part label
    after = draw_overlay(GREY, assessment(SIZE, [part("hood", SQUARE)]))
    assert 0.15 < towards(GREY[inside], after[inside], part_colour("hood")) < 0.3
    after = draw_overlay(GREY, assessment(SIZE, [], [finding("dent", SQUARE)]))
    assert 0.2 < towards(GREY[inside], after[inside], damage_colour("dent")) < 0.4


def outline_share(likelihood):
    """Share of the square's outline that is drawn in the colour of the damage."""
    after = draw_overlay(GREY, assessment(SIZE, [], [finding("dent", SQUARE, likelihood=likelihood)]))
    left, right = after[110:190, 197:204].astype(int), after[110:190, 296:303].astype(int)
    nearest = [np.abs(side - damage_colour("dent")).max(axis=2).min(axis=1) for side in (left, right)]
    return (np.concatenate(nearest) < 60).mean()


@pytest.mark.parametrize(
    ("likelihood", "severity", "words"),
    [
        ("likely", "moderate", "3  dent, moderate"),
        ("likely", "unclear", "3  dent"),
        ("possible", "severe", "3  dent?"),
        ("doubtful", "minor", "3  dent?"),
    ],
)
def test_a_label_says_what_is_known(likelihood, severity, words):
    assert chip_words(3, finding("dent", SQUARE, likelihood=likelihood, severity=severity)) == words


def test_likely_findings_are_solid_and_others_dashed():
    assert outline_share("likely") > 0.95
    assert 0.3 < outline_share("possible") < 0.8
    assert 0.3 < outline_share("doubtful") < 0.8


def test_sizes_follow_the_photo():
    dent = np.zeros((331, 518), bool)
    dent[180:200, 100:130] = True
    changed = []
    for scale in (2, 6):
        photo = np.full((331 * scale, 518 * scale, 3), 128, np.uint8)
        after = draw_overlay(photo, hatchback([("dent", dent)], scale=scale))
        changed.append(float(np.abs(after.astype(np.float32) - 128).mean()))
    assert changed[0] == pytest.approx(changed[1], rel=0.1)


def test_many_findings_on_a_small_photo_and_a_photo_too_small_for_any_label():
    marks = [finding("scratch", SQUARE, number, likelihood="possible") for number in range(1, 40)]
    assert draw_overlay(GREY, assessment(SIZE, [], marks)).shape == GREY.shape
    tiny = np.zeros((8, 12), bool)
    tiny[2:6, 3:9] = True
    marked = assessment((12, 8), [part("hood", tiny)], [finding("dent", tiny)])
    after = draw_overlay(np.zeros((8, 12, 3), np.uint8), marked)
    assert after.any()


def test_a_region_of_one_pixel_at_the_edge():
    corner = np.zeros((330, 500), bool)
    corner[329, 499] = True
    after = draw_overlay(GREY, assessment(SIZE, [], [finding("scratch", corner)]))
    assert np.abs(after[325:, 495:].astype(int) - 128).max() > 30


def test_the_photo_must_be_the_one_that_was_assessed():
    with pytest.raises(ValueError, match="500x330 pixels, this one has 330x500"):
        draw_overlay(np.zeros((500, 330, 3), np.uint8), assessment(SIZE))


def test_the_legend_counts_types_explains_dashes_and_calls_no_bad_photo_undamaged():
    marks = [finding("dent", SQUARE), finding("scratch", SQUARE), finding("dent", SQUARE, likelihood="possible")]
    words = [swatch.text for swatch in swatches(assessment(SIZE, [], marks))]
    assert words == ["dent x 2", "scratch", "dashed: possible"]
    marks.append(finding("dent", SQUARE, likelihood="doubtful"))
    assert swatches(assessment(SIZE, [], marks))[-1].text == "dashed: possible or doubtful"
    assert [swatch.text for swatch in swatches(assessment(SIZE))] == ["no damage found"]
    assert [swatch.text for swatch in swatches(assessment(SIZE, quality=[blurred_check()]))] == ["hard to judge"]
