"""Who can work with the page: axe's checks of every view, light, dark and on a phone; a token; a strict policy."""

import urllib.request

import pytest
from playwright.sync_api import expect

from tests.serve.browser.cases import choose, open_photo, opened, picture, rows, until
from tests.serve.browser.conftest import Served, upload

pytestmark = pytest.mark.slow

PHONE = {"viewport": {"width": 390, "height": 800}, "has_touch": True, "is_mobile": True}
LOOKS = {"light": {"color_scheme": "light"}, "dark": {"color_scheme": "dark"}, "phone": PHONE}
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def serious(page, within=None):
    """What axe finds serious or critical, as "rule: element"; `within` a selector, or on the whole page."""
    from axe_playwright_python.sync_playwright import Axe

    # The policy lets no foreign script in: axe is evaluated by the debugger, not loaded by the page.
    response = Axe().run(page, context=within, options={"runOnly": TAGS}).response
    assert len(response["passes"]) > 5, "axe has not looked"
    return [
        f"{one['id']}: {node['html'][:120]} {node['failureSummary']}"
        for one in response["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing_serious(browser_context, served, look):
    page = browser_context(policed=False, **LOOKS[look]).new_page()  # axe itself would style elements inline
    opened(served, page, photos=2, seed=20 + 2 * list(LOOKS).index(look))
    assert not serious(page)
    card = choose(page, "Dent", "front left door")
    card.get_by_role("button", name="Note").click()
    card.get_by_label("Note").fill("a note")
    card.get_by_role("button", name="Save note").click()
    for panel in ("Reject", "Type", "Severity"):
        card.get_by_role("button", name=panel, exact=True).click()
        assert not serious(page)
    card.get_by_role("button", name="Panel").click()
    assert not serious(page)
    page.get_by_role("dialog").get_by_label("Hood", exact=True).check()
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    page.get_by_role("button", name="2 doubtful").first.click()
    page.get_by_label("Select damage 2").check()
    page.get_by_label("Select damage 3").check()
    page.get_by_text("Panels as a list").click()
    assert not serious(page)
    page.get_by_text("Export").click()
    assert not serious(page, within=".menu")  # what it lies over is not to be clicked now
    page.keyboard.press("Escape")
    page.get_by_role("tab", name="2 edits").click()
    expect(page.locator(".edits li")).to_have_count(2)
    assert not serious(page)
    page.get_by_role("button", name="Add vehicle details").click()
    assert not serious(page)
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Finish review").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert not serious(page)
    page.get_by_role("button", name="Cancel").click()
    open_photo(page, 2)
    assert not serious(page)
    page.get_by_role("button", name="Add damage").click()
    assert not serious(page)
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Keys").click()
    assert not serious(page)
    page.get_by_role("button", name="Close").click()
    page.goto(served.url)
    expect(page.locator(".inspections tbody tr").first).to_be_visible()
    assert not serious(page)


def test_a_phone_has_the_photos_first_and_needs_no_sideways_scrolling(browser_context, served):
    page = browser_context(**PHONE).new_page()
    opened(served, page, photos=2, seed=30)
    expect(page.locator(".map svg")).to_be_visible()
    tops = page.evaluate(
        """() => [".stages", ".actions", ".damages", ".map"].map(
             (name) => document.querySelector(name).getBoundingClientRect().top)"""
    )
    assert tops == sorted(tops) and tops[0] < 400
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    expect(page.get_by_role("button", name="Take a photo")).to_be_visible()
    assert page.locator("[data-key=camera]").get_attribute("capture") == "environment"
    # Redraw is at hand, and a swipe turns to the next photo.
    expect(page.get_by_role("button", name="Redraw in photo 1")).to_be_in_viewport()
    assert page.locator(".stages").evaluate("(one) => one.scrollWidth > one.clientWidth")
    page.get_by_role("button", name="Redraw in photo 1").tap()
    expect(page.get_by_role("button", name="Save")).to_be_in_viewport()
    page.get_by_role("button", name="Cancel").tap()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.goto(served.url)
    expect(page.locator(".inspections tbody tr").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert "drop" not in page.locator("main").inner_text().lower()


def test_two_fingers_zoom(browser_context, served):
    page = browser_context(**PHONE).new_page()
    opened(served, page, seed=32)
    open_photo(page, 1)
    whole = page.locator(".one-photo").get_by_role("button", name="Whole photo")
    whole.click()
    before = picture(page)
    box = page.locator(".one-photo .stage canvas").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    touch = page.context.new_cdp_session(page)
    for kind, apart in (("touchStart", 20), ("touchMove", 60), ("touchMove", 110)):
        points = [{"x": x - apart, "y": y, "id": 0}, {"x": x + apart, "y": y, "id": 1}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    until(lambda: picture(page) != before)
    whole.click()
    until(lambda: picture(page) == before)


def test_a_token_is_asked_for_and_forgotten_with_the_tab(browser_context, tmp_path):
    service = Served(tmp_path / "data", CRUMPLE_SERVE_TOKEN="open sesame 123")
    try:
        context = browser_context()
        page = context.new_page()
        page.goto(service.url)
        page.get_by_role("textbox", name="Token").fill("wrong")
        page.get_by_role("button", name="Continue").click()
        expect(page.get_by_role("alert")).to_have_text("The service does not accept that token.")
        page.get_by_role("textbox", name="Token").fill("open sesame 123")
        page.get_by_role("button", name="Continue").click()
        expect(page.locator(".list")).to_contain_text("None yet")
        # Uploads, photos, the stream and exports carry it too.
        page.set_input_files("[data-key=files]", [upload(seed=33)])
        expect(rows(page)).to_have_count(2)
        expect(page.locator(".thumbnail img")).to_be_visible()
        page.get_by_text("Export").click()
        with page.expect_download() as download:
            page.get_by_role("link", name="CSV").click()
        assert b"dent" in download.value.path().read_bytes()
        other = context.new_page()
        other.goto(service.url)
        expect(other.get_by_role("textbox", name="Token")).to_be_visible()
    finally:
        service.stop()


def test_nothing_but_its_own_files_may_run(page, served):
    with urllib.request.urlopen(f"{served.url}/") as answer:
        policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "http" not in policy
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    opened(served, page, seed=34)
    assert {url.split("/")[2] for url in asked if not url.startswith("blob:")} == {served.url.split("/")[2]}
