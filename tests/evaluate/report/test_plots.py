import re
import subprocess
import sys
from xml.etree import ElementTree

import pytest

from crumple.errors import MissingExtraError
from crumple.evaluate.measures.bootstrap import Estimate
from crumple.evaluate.measures.calibration import ReliabilityBin
from crumple.evaluate.report.plots import (
    Mark,
    check_installed,
    confusion_matrix,
    interval_bars,
    precision_recall,
    reliability,
)


def texts(svg):
    """The words of a plot; it must be well-formed, refer to nothing outside and own every id it refers to."""
    root = ElementTree.fromstring(svg)
    names = {element.get("id") for element in root.iter() if element.get("id")}
    assert set(re.findall(r'(?:href="|url\()#([\w-]+)', svg)) == names
    assert "http" not in svg and "<style" not in svg and "metadata" not in svg
    assert "#0" not in svg, "a colour that is no variable of the page"
    return [element.text for element in root.iter("text")]


def curve(**options):
    defaults = {"recall": [0, 0.5, 0.5], "precision": [1, 0.8, 0], "marks": [Mark(0.5, 0.8, True)], "of": "dent"}
    return precision_recall(**(defaults | options))


def test_colours_are_the_pages_so_that_it_may_be_dark():
    used = set(re.findall(r"var\(--(\w+)\)", curve()))
    assert used == {"line", "quiet", "link"}
    assert not re.search(r"#[0-9a-f]{6}\b|rgb\(", curve())


def test_a_curve_has_its_marks_and_a_name_for_those_who_cannot_see_it():
    assert {"recall", "precision"} <= set(texts(curve()))
    assert 'aria-label="Precision over recall of dent"' in curve()
    marks = [len(re.findall("<use", curve(marks=[Mark(0.5, 0.8, True)] * count))) for count in (0, 1, 2)]
    assert marks[1] - marks[0] == marks[2] - marks[1] == 1


def test_two_plots_on_a_page_share_no_id():
    one, other = (set(re.findall(r'id="([^"]+)"', curve(of=name))) for name in ("dent", "scratch"))
    assert one and not one & other
    assert curve() == curve()


def test_a_curve_of_nothing_found_is_an_empty_plot():
    assert "recall" in texts(curve(recall=[], precision=[], marks=[]))


def test_reliability_has_a_point_for_each_bin_before_and_after():
    bins = [ReliabilityBin(score=0.1, right=0.0, count=20), ReliabilityBin(score=0.9, right=0.6, count=20)]
    for before, after in ((bins, bins), (bins, []), ([], [])):
        svg = reliability(before, after, of="damage")
        assert {"score", "share that is right"} <= set(texts(svg))
        points = [use for use in re.findall("<use[^>]*>", svg) if "quiet" in use or "link" in use]
        assert len(points) == len(before) + len(after)


def test_the_area_below_the_interpolated_curve_is_shaded():
    area = curve(interpolated=[1, 0.8, 0])
    assert "fill-opacity: 0.12" in area and "fill-opacity" not in curve()


def test_confusion_shows_every_count_but_zeros_and_shades_by_row():
    svg = confusion_matrix(["dent", "front_left_door", "background"], [[30, 10, 0], [0, 7, 0], [3, 0, 0]], of="damage")
    words = texts(svg)
    assert [words.count(text) for text in ("30", "10", "7", "3", "0")] == [1, 1, 1, 1, 0]
    assert words.count("front left door") == 2
    # Three quarters right and one quarter wrong of the dents; all doors right; all of the background wrong.
    shades = re.findall(r"fill: var\(--(\w+)\)(?:; opacity: ([\d.]+))?(?=[;\"])[^>]*/>", svg)
    assert [(name, float(share or 1)) for name, share in shades if name in ("link", "severe")] == [
        ("link", 0.75),
        ("severe", 0.25),
        ("link", 1.0),
        ("severe", 1.0),
    ]


def test_bars_have_a_row_for_each_class_also_for_what_is_undefined():
    figures = [Estimate(value=0.5, low=0.4, high=0.6), Estimate(value=0.2), Estimate(value=None)]
    svg = interval_bars(["dent", "scratch", "glass_crack"], figures, of="AP50")
    assert {"dent", "scratch", "glass crack", "-"} <= set(texts(svg))
    bars = [bar for bar in svg.split("<path") if "opacity: 0.55" in bar]
    assert len(bars) == 2


def test_whatever_a_name_holds_is_shown_and_not_obeyed():
    name = 'x<script>"&$y_1$'
    for svg in (
        confusion_matrix([name, "background"], [[1, 0], [0, 0]], of=name),
        interval_bars([name], [Estimate(value=0.5)], of=name),
        curve(of=name),
    ):
        words = texts(svg)
        assert "<script" not in svg
        assert 'x<script>"&$y 1$' in words or "recall" in words


def test_a_long_name_leaves_room_for_the_plot():
    words = texts(interval_bars(["a" * 60], [Estimate(value=0.5)], of="AP50"))
    assert "a" * 23 + "…" in words


def test_without_matplotlib_the_extra_is_named(monkeypatch):
    check_installed()
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    for call in (check_installed, curve):
        with pytest.raises(MissingExtraError, match=r"matplotlib is not installed: pip install 'crumple\[evaluate\]'"):
            call()


def test_matplotlib_is_loaded_late_and_pyplot_never():
    code = (
        "import sys; from crumple.evaluate.report.plots import *\n"
        "assert 'matplotlib' not in sys.modules\n"
        "precision_recall([0, 1], [1, 1], [], of='dent')\n"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
