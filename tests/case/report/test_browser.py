"""Reports in a real browser, opened from disk: axe's checks, a phone, paper, the keyboard."""

from dataclasses import replace

import pytest
from playwright.sync_api import expect

from crumple.case.files import write_index, write_inspection
from crumple.case.report.index import IndexEntry, index_entry
from tests.case.report.cases import damage, inspection, pixels
from tests.serve.browser.test_access import LOOKS, PHONE, serious

pytestmark = pytest.mark.slow

NAMES = {1: "a very long name of a photo that somebody took with a telephone and never renamed_20261130_101010.jpg"}
STATES = {"hood": ("seen", "yes"), "roof": ("partly", "unclear"), "wheel": ("not_seen", "unclear")}


@pytest.fixture(scope="module")
def case():
    found = [
        damage(1, [1, 2], severity="severe"),
        damage(2, [2], kind="scratch", on=("roof",), probability=0.4, same=(1,)),
        damage(3, [1], probability=0.1, on=("left_fender",)),
        damage(4, [1], decision="rejected"),
    ]
    return inspection(found, names=NAMES, missing=("back",), notes=["left out: bad.jpg"], blurred=(2,), **STATES)


@pytest.fixture(scope="module")
def folder(tmp_path_factory, case):
    out = tmp_path_factory.mktemp("reports")
    for name in ("a", "north/b #1"):
        write_inspection(out / name, case[0], lambda photo: pixels(), assessments=case[1])
    first = index_entry(case[0], "a")
    clean = index_entry(inspection([])[0].model_copy(update={"name": "clean one"}), "north/b #1")
    failed = IndexEntry("broken", "c", problem="none of 2 photos could be read")
    more = [
        replace(first, name=f"vehicle {number}", worst="minor", damages=number, types=("scratch",))
        for number in (2, 10)
    ]
    write_index(out, [first, clean, failed, *more])
    return out


def address(path):
    return path.as_uri()


def opened(browser_context, path, **options):
    page = browser_context(**options).new_page()
    page.goto(address(path))
    return page


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", ["a/report.html", "index.html"])
def test_axe_finds_nothing_serious(browser_context, folder, look, name):
    page = opened(browser_context, folder / name, policed=False, **LOOKS[look])
    for details in page.locator("details").all():
        details.evaluate("element => element.open = true")
    assert not serious(page)


@pytest.mark.parametrize("name", ["a/report.html", "index.html"])
@pytest.mark.parametrize("width", [320, 390])
def test_a_phone_needs_no_sideways_scrolling(browser_context, folder, name, width):
    page = opened(browser_context, folder / name, **PHONE | {"viewport": {"width": width, "height": 800}})
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_every_picture_is_there(browser_context, folder):
    page = opened(browser_context, folder / "north" / "b #1" / "report.html")
    page.evaluate("for (const image of document.images) image.loading = 'eager'")
    page.wait_for_function("[...document.images].every((image) => image.complete)")
    assert page.evaluate("[...document.images].filter((image) => !image.naturalWidth).map((image) => image.src)") == []
    assert page.evaluate("document.images.length") > 10


def test_outlines_can_be_hidden(browser_context, folder):
    page = opened(browser_context, folder / "a" / "report.html")
    outlined, bare = (
        page.get_by_alt_text("Photo 1 with damage 1, 3 outlined"),
        page.get_by_alt_text("Photo 1 as it was taken"),
    )
    expect(outlined).to_be_visible()
    expect(bare).to_be_hidden()
    page.get_by_label("Outlines").focus()
    page.keyboard.press("Space")
    expect(outlined).to_be_hidden()
    expect(bare).to_be_visible()


def test_a_panel_of_the_map_leads_to_its_damage(browser_context, folder):
    page = opened(browser_context, folder / "a" / "report.html")
    page.locator("a[href='#damage-1'] #panel-hood").click()
    assert page.url.endswith("#damage-1")
    expect(page.locator("#damage-1")).to_be_in_viewport()
    looks = page.evaluate("[...document.querySelectorAll('.map .panel')].map((one) => getComputedStyle(one).fill)")
    assert len(looks) == 25 and len(set(looks)) == 4  # damaged, unclear, no damage, not seen
    assert page.locator("#panel-wheel").evaluate("one => getComputedStyle(one).fill") == 'url("#map-hatch")'


def test_paper_has_no_controls_and_all_pictures(browser_context, folder):
    page = opened(browser_context, folder / "a" / "report.html", color_scheme="dark")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    expect(page.get_by_label("Outlines")).to_be_hidden()
    expect(page.locator(".map .panel-map")).to_be_visible()
    expect(page.get_by_alt_text("Photo 1 with damage 1, 3 outlined")).to_be_visible()


def names(page):
    return page.locator("tbody th[scope=row]").all_inner_texts()


def test_the_index_is_searched_sorted_filtered_and_grouped_by_keyboard(browser_context, folder):
    page = opened(browser_context, folder / "index.html")
    assert names(page) == ["B-XY 123", "vehicle 10", "vehicle 2", "clean one", "broken"]
    search = page.get_by_label("Search")
    search.fill("scratch vehicle")
    assert names(page) == ["vehicle 10", "vehicle 2"]
    expect(page.get_by_role("status")).to_have_text("2 of 5 shown")
    search.fill("")
    page.get_by_role("button", name="vehicle").press("Enter")
    assert names(page) == ["B-XY 123", "broken", "clean one", "vehicle 2", "vehicle 10"]
    page.get_by_role("button", name="vehicle").press("Enter")
    assert names(page)[0] == "vehicle 10"
    expect(page.locator("th[aria-sort=descending]")).to_have_text("vehicle")
    page.get_by_role("button", name="damages").press("Space")
    assert names(page)[:3] == ["vehicle 10", "B-XY 123", "vehicle 2"]
    page.get_by_label("minor").press("Space")
    assert names(page) == ["B-XY 123", "clean one", "broken"]
    page.get_by_label("minor").press("Space")
    page.get_by_label("Group by").select_option("worst severity")
    assert page.locator("th.group").all_inner_texts() == [
        *("severe (1)", "minor (2)", "no damage found (1)", "not inspected (1)")
    ]
    page.get_by_label("Group by").select_option("folder")
    assert page.locator("th.group").all_inner_texts() == ["no folder (4)", "north (1)"]
    page.get_by_role("link", name="clean one").press("Enter")
    expect(page).to_have_title("Damage report: B-XY 123")


def test_without_scripts_the_index_still_lists_every_vehicle(browser_context, folder):
    page = opened(browser_context, folder / "index.html", java_script_enabled=False)
    assert page.locator("tbody th[scope=row]").count() == 5
    expect(page.get_by_label("Search")).to_be_hidden()
