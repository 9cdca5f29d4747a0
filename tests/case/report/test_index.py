from dataclasses import replace

from crumple.case.files import write_index
from crumple.case.report.index import IndexEntry, index_entry, render_index
from tests.assessment.test_report import Page
from tests.case.report.cases import damage, inspection

CASE, _ = inspection(
    [damage(1, [1], severity="severe"), damage(2, [2], kind="scratch", on=("roof",)), damage(3, [1], probability=0.1)],
    missing=("back",),
)
CLEAN, _ = inspection([])
ENTRIES = [
    index_entry(CLEAN, "b"),
    index_entry(CASE, "north/a #1"),
    IndexEntry("c", "c", problem="no photo could be read"),
]


def test_a_vehicle_in_one_row():
    entry = ENTRIES[1]
    assert (entry.photos, entry.damages, entry.doubtful, entry.undecided, entry.worst) == (2, 2, 1, 3, "severe")
    assert entry.types == ("dent", "scratch") and entry.panels == ("hood", "roof") and entry.missing == "back"
    assert entry.parent == "north" and entry.group == "severe"
    assert ENTRIES[0].worst is None and ENTRIES[0].group == "none"


def test_the_worst_is_first_and_links_lead_to_the_reports():
    page = Page(render_index(ENTRIES))
    assert [link["href"] for link in page.all("a")] == ["north/a%20%231/report.html", "b/report.html"]
    assert [image["src"] for image in page.all("img")] == ["north/a%20%231/pictures/cover.jpg", "b/pictures/cover.jpg"]
    assert all(image["loading"] == "lazy" for image in page.all("img"))
    assert "severe 2 dent, scratch hood, roof 1 doubtful 2 back" in page.text
    assert "c not inspected no photo could be read" in page.text and "3 vehicles" in page.text
    assert "worst severity folder" in page.text


def test_a_worse_doubtful_damage_is_not_the_worst_of_a_vehicle():
    case, _ = inspection([damage(1, [1], severity="minor"), damage(2, [1], severity="severe", probability=0.1)])
    assert index_entry(case, "a").worst == "minor"


def test_names_are_shown_and_not_obeyed():
    page = Page(render_index([replace(ENTRIES[0], name='<b>"x"</b>'), replace(ENTRIES[2], problem="<i>bad</i>")]))
    assert '<b>"x"</b>' in page.text and "<i>bad</i>" in page.text
    assert not page.all("i") and len(page.all("script")) == 1


def test_hundreds_of_vehicles_stay_small(tmp_path):
    write_index(tmp_path, [replace(ENTRIES[1], name=f"vehicle {number}", folder=f"v{number}") for number in range(500)])
    assert (tmp_path / "index.html").stat().st_size < 1_000_000
    assert [path.name for path in tmp_path.iterdir()] == ["index.html"]
