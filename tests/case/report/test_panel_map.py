import re
from xml.etree import ElementTree

import cv2
import numpy as np
import pytest

from crumple.case.coverage import PANELS
from crumple.case.panel_map.shapes import BODY, GLASS, HEIGHT, SHAPES, WIDTH, parse, write
from crumple.case.panel_map.states import STATES, mapped, numbers_in
from crumple.case.panel_map.svg import CSS, panel_map_svg
from crumple.taxonomy import mirror, side
from tests.case.report.cases import damage, panels

SVG = "{http://www.w3.org/2000/svg}"


def points(path):
    return [point for _, some in path for point in some]


def box(path):
    xs, ys = zip(*points(path), strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def drawn(listed, damages=(), **options):
    """The paths of the panels, by label."""
    text = str(panel_map_svg(mapped(listed, damages), **options)).replace(
        "<svg ", '<svg xmlns="http://www.w3.org/2000/svg" '
    )
    paths = [path for path in ElementTree.fromstring(text).iter(f"{SVG}path") if path.get("class") == "panel"]
    assert len({path.get("id") for path in paths}) == len(paths)
    return {path.get("data-panel"): path for path in paths}


def test_every_panel_is_there_once_and_closed_and_on_the_map():
    assert set(SHAPES) == set(PANELS)
    for shape in SHAPES.values():
        letters = "".join(letter for letter, _ in shape.path)
        assert re.fullmatch(r"(M[LC]+Z)+", letters)
        left, top, right, bottom = box(shape.path)
        assert left >= 0 and top >= 0 and right <= WIDTH and bottom <= HEIGHT
    paths = drawn(panels())
    assert len(paths) == len(PANELS) == 25
    assert paths["trunk"].get("id") == "panel-trunk"  # as the inspection calls it
    assert paths["hood"].get("d") == write(SHAPES["hood"].path)


def test_left_is_the_mirror_image_of_right_and_on_the_left_of_a_vehicle_that_points_up():
    for label in PANELS:
        if side(label) == "left":
            left, right = SHAPES[label].path, SHAPES[mirror(label)].path
            assert [(WIDTH - x, y) for x, y in points(left)] == points(right)
            assert box(left)[2] < WIDTH / 2
    middles = [
        SHAPES[name].labels[0][1] for name in ("front_bumper", "grille", "hood", "front_glass", "roof", "back_glass")
    ]
    assert middles == sorted(middles)


def test_panels_do_not_lie_on_one_another():
    seen = np.zeros((HEIGHT * 2, WIDTH * 2), np.uint8)
    for shape in SHAPES.values():
        alone = np.zeros_like(seen)
        for piece in re.findall(r"M[^Z]*Z", write(shape.path)):
            outline = [point for _, some in parse(piece) for point in some[-1:]]
            cv2.fillPoly(alone, [np.rint(np.array(outline) * 2).astype(np.int32)], 1)
        seen += cv2.erode(alone, np.ones((5, 5), np.uint8))
    # Curves were taken as straight lines, which cuts into an arch a little.
    assert (seen > 1).sum() < 0.002 * seen.size


def test_paths_are_read_as_they_are_written_and_other_commands_are_refused():
    for path in (*BODY, GLASS, *(shape.path for shape in SHAPES.values())):
        again = parse(write(path))
        assert [letter for letter, _ in again] == [letter for letter, _ in path]
        assert np.allclose(points(again), points(path), atol=1e-3)
    with pytest.raises(ValueError, match="command A"):
        parse("M 0 0 A 1 1 0 0 0 2 2 Z")
    with pytest.raises(ValueError, match="command L with 4"):
        parse("M 0 0 L 1 1 2 2 Z")


def test_each_state_is_told_by_colour_and_in_words():
    found = [damage(1, [1], on=("hood",)), damage(2, [1], on=("roof",), probability=0.4)]
    listed = panels(
        found,
        hood=("seen", "yes"),
        roof=("partly", "unclear"),
        grille=("partly", "unclear"),
        wheel=("not_seen", "unclear"),
    )
    paths = drawn(listed, found)
    told = {name: (path.get("data-state"), path.find(f"{SVG}title").text) for name, path in paths.items()}
    assert told["hood"] == ("damaged", "hood: damaged; 1 dent")
    assert told["roof"] == ("unclear", "roof: possibly damaged; 2 dent")
    assert told["grille"] == ("partly", "grille: seen in part, no damage found there")
    assert told["wheel"] == ("not_seen", "wheel: not photographed")
    assert told["trunk"] == ("no_damage", "trunk: no damage found")
    for state in STATES:
        assert f".panel[data-state={state}]" in CSS.read_text()


@pytest.mark.parametrize("damaged", ["yes", "no", "unclear"])
def test_what_is_not_seen_is_never_called_undamaged(damaged):
    [hood] = [panel for panel in mapped(panels(hood=("not_seen", damaged)), []) if panel.label == "hood"]
    assert hood.state in ("not_seen", "damaged") and "no damage" not in hood.text


def test_doubtful_and_rejected_damages_have_no_number_on_the_map():
    found = [damage(1, [1], probability=0.2), damage(2, [1], decision="rejected"), damage(3, [1], kind="scratch")]
    [hood] = [panel for panel in mapped(panels(found, hood=("seen", "yes")), found) if panel.label == "hood"]
    assert hood.numbers == (3,) and hood.doubtful == (1,)
    assert hood.named == "hood (doubtful: 1)"
    assert hood.text == "hood: damaged; 3 scratch; doubtful: 1 dent"


def test_a_panel_leads_to_its_first_damage_if_asked():
    found = [damage(1, [1], on=("roof",)), damage(2, [1])]
    svg = str(panel_map_svg(mapped(panels(found, hood=("seen", "yes")), found), links=True))
    assert re.search(r'<a href="#damage-2"><path class="panel" id="panel-hood"', svg)
    assert "<a " not in str(panel_map_svg(mapped(panels(found), found)))


def test_a_map_of_nothing_shows_every_panel_as_not_photographed():
    paths = re.findall(r'data-state="(\w+)"', str(panel_map_svg([])))
    assert paths == ["not_seen"] * 25


def test_numbers_are_cut_to_the_room_there_is():
    assert numbers_in((1, 2, 3), 5) == "1 2 3"
    assert numbers_in((1, 2, 3, 14), 6) == "1 2 +2"
    assert numbers_in((11, 12, 13), 2) == "+3"
    assert numbers_in((11,), 1) == "11"


def test_titles_are_escaped():
    odd = panels()[0].model_copy(update={"title": '<b>"x"'})
    assert "&lt;b&gt;&#34;x&#34;: no damage found" in str(panel_map_svg(mapped([odd], [])))
