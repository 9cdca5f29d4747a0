"""The list of inspections: rows that say what was found, search and filters that stay in the address."""

import urllib.error

import pytest
from playwright.sync_api import expect

from tests.serve.browser.cases import ask, new_case, opened
from tests.serve.browser.conftest import Served

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A service of its own, with three inspections."""
    service = Served(tmp_path_factory.mktemp("listed") / "data")
    astra = {"plate": "AB 1", "make": "Opel", "model": "Astra"}
    new_case(service, photos=2, seed=1, reference="claim 1", vehicle=astra)
    finished = new_case(service, seed=3, reference="claim 2", vehicle={"plate": "ÖZ 2"})
    ask(service, f"/{finished}/review", {"state": "finished", "author": "Ada", "undecided": "confirm"})
    ask(service, "", {"vehicle": {"plate": "AB 3"}})
    yield service
    service.stop()


def lines(page):
    return page.locator(".inspections tbody tr")


def test_rows_say_what_was_found(page, served):
    page.goto(served.url)
    expect(lines(page)).to_have_count(3)
    first = lines(page).filter(has_text="claim 1")
    for words in ("AB 1 · Opel Astra", "2 photos", "4 damages", "4 undecided", "open"):
        expect(first).to_contain_text(words)
    expect(first.locator("img")).to_have_js_property("naturalWidth", 320)
    expect(first.locator(".pill.guess")).to_have_count(1)  # a severity that nobody decided on is a guess
    second = lines(page).filter(has_text="claim 2")
    expect(second).to_contain_text("finished")
    expect(second.locator(".pill:not(.guess)")).to_have_count(1)
    expect(lines(page).filter(has_text="AB 3").locator("img")).to_have_count(0)


def test_search_and_filters_stay_in_the_address(page, served):
    page.goto(served.url)
    expect(lines(page)).to_have_count(3)
    page.get_by_label("Reference, plate, VIN").fill("ab")
    expect(lines(page)).to_have_count(2)
    expect(page.get_by_role("status").filter(has_text="2 inspections found")).to_have_count(1)
    page.get_by_label("Worst damage").select_option("none")
    expect(lines(page)).to_have_count(1)
    expect(lines(page)).to_contain_text("AB 3")
    assert "q=ab" in page.url and "severity=none" in page.url

    # They outlive a look at an inspection, and a reload.
    lines(page).get_by_role("link").click()
    page.get_by_role("link", name="Inspections").click()
    expect(lines(page)).to_have_count(1)
    page.reload()
    expect(page.get_by_label("Reference, plate, VIN")).to_have_value("ab")
    expect(lines(page)).to_have_count(1)
    page.get_by_role("button", name="Clear filters").click()
    expect(lines(page)).to_have_count(3)
    assert page.url.endswith("#/")

    page.get_by_label("Review").select_option("finished")
    expect(lines(page)).to_have_count(1)
    expect(lines(page)).to_contain_text("claim 2")
    page.get_by_label("Review").select_option("")
    page.get_by_label("To", exact=True).fill("2020-01-01")
    expect(page.locator(".list")).to_contain_text("No inspection fits these filters")
    page.get_by_label("To", exact=True).fill("2100-01-01")
    page.get_by_label("From").fill("2020-01-01")
    expect(lines(page)).to_have_count(3)


def test_an_inspection_is_deleted_only_after_a_question(page, served):
    inspection = opened(served, page, seed=11)
    page.goto(served.url)
    link = page.locator(f"a[href='#/inspections/{inspection}']")
    line = page.locator("tr", has=link)
    line.get_by_role("button").click()
    page.get_by_role("button", name="Cancel").click()
    expect(link).to_have_count(1)
    line.get_by_role("button").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(link).to_have_count(0)
    with pytest.raises(urllib.error.HTTPError, match="404"):
        ask(served, f"/{inspection}")
