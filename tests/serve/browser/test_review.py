"""What a reviewer does on the page, and that none of it is lost: events, undo, two tabs, a killed service."""

import json
import time
import urllib.request

import pytest
from playwright.sync_api import expect

from tests.serve.browser.conftest import PATIENCE, Served, photo, upload


def ask(service, path, data=None, kind="application/json"):
    request = urllib.request.Request(f"{service.url}/v1/inspections{path}", data, {"Content-Type": kind})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def assessed(service, page, seed=0):
    """The page of a new inspection with one assessed photo; its id."""
    inspection = ask(service, "", b"{}")["id"]
    image = ask(service, f"/{inspection}/images", photo(seed), "image/jpeg")[0]["id"]
    page.goto(f"{service.url}/#/inspections/{inspection}/{image}")
    expect(page.locator("tr.finding")).to_have_count(2)
    expect(page.locator(".stage")).to_have_attribute("aria-busy", "false")
    return inspection


def events(service, inspection):
    return ask(service, f"/{inspection}/events")["items"]


def finding(service, inspection, number):
    image = ask(service, f"/{inspection}")["images"][0]["id"]
    return ask(service, f"/{inspection}/images/{image}")["findings"][number]


def row(page, name):
    return page.locator("tr.finding", has_text=name)


def open_row(page, name):
    row(page, name).get_by_role("button").click()
    return page.locator("tr.details")


def on_photo(page, x, y):
    """Where a point of the photo (shares of its width and height) is on the page, while the photo is seen whole."""
    box = page.locator(".stage canvas").bounding_box()
    scale = min((box["width"] - 24) / 640, (box["height"] - 24) / 320)
    left, top = box["x"] + (box["width"] - 640 * scale) / 2, box["y"] + (box["height"] - 320 * scale) / 2
    return left + x * 640 * scale, top + y * 320 * scale


def picture(page):
    """The canvas's own pixels, after the next frame: no button lies over them."""
    return page.evaluate(
        """() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(
             () => done(document.querySelector(".stage canvas").toDataURL()))))"""
    )


def until(true):
    """A tap becomes a click a little later, and a picture changes with the next frame."""
    deadline = time.monotonic() + PATIENCE / 1000
    while not true():
        assert time.monotonic() < deadline


def test_confirm_reject_and_undo(page, served):
    inspection = assessed(served, page)
    open_row(page, "dent").get_by_role("button", name="Confirm").click()
    expect(row(page, "dent").locator(".review")).to_have_text("confirmed")
    details = open_row(page, "scratch")
    details.get_by_role("button", name="Reject").click()
    details.get_by_role("button", name="Reflection").click()
    expect(row(page, "scratch").locator(".review")).to_have_text("rejected")
    assert [(one["kind"], one["reason"], one["author"]) for one in events(served, inspection)] == [
        ("confirm", None, "Ada"),
        ("reject", "reflection", "Ada"),
    ]

    page.get_by_role("tab", name="2 edits").click()
    expect(page.locator(".edits li").first).to_contain_text("Ada rejected scratch: reflection")
    expect(page.locator(".edits li").first).to_contain_text("not reviewed →")
    page.get_by_role("button", name="Undo: Ada rejected scratch").click()
    expect(page.locator(".edits li").first).to_contain_text("Ada undid: Ada rejected scratch")
    page.get_by_role("tab", name="2 findings").click()
    expect(row(page, "scratch").locator(".review")).to_have_text("to check")
    expect(row(page, "scratch").locator(".likelihood")).to_have_text("possible")
    # Undo takes back the last edit that still stands.
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(row(page, "dent").locator(".review")).to_have_text("to check")
    assert finding(served, inspection, 0)["review"] == "open"


def test_relabel_note_and_the_models_own_answer(page, served):
    inspection = assessed(served, page, seed=1)
    details = open_row(page, "dent")
    details.get_by_role("button", name="Relabel").click()
    details.get_by_role("button", name="scratch").click()
    expect(row(page, "scratch")).to_have_count(2)
    details.get_by_role("button", name="Note").click()
    details.get_by_label("Note").fill("seen from <i>above</i>")
    details.get_by_role("button", name="Save note").click()
    expect(details.locator(".notes")).to_contain_text("seen from <i>above</i>")
    assert finding(served, inspection, 0)["damage"] == "scratch"

    page.get_by_role("button", name="Model’s answer").click()
    expect(row(page, "dent")).to_have_count(1)
    expect(page.locator("tr.details .actions")).to_have_count(0)  # it takes no edits
    page.get_by_role("button", name="Back to the review").click()
    expect(row(page, "scratch")).to_have_count(2)


def test_the_panel_is_set_by_a_person(page, served):
    inspection = assessed(served, page, seed=1)
    details = open_row(page, "dent")
    details.get_by_role("button", name="Panel").click()
    details.get_by_label("Another panel").select_option("left_fender")
    details.get_by_role("button", name="Save panel").click()
    expect(page.locator("tr.part").filter(has_text="Left fender")).to_have_count(1)
    expect(details).to_contain_text("left fender")
    [place] = finding(served, inspection, 0)["on"]
    assert (place["label"], place["known_by"]) == ("left_fender", ["person"])
    page.get_by_role("tab", name="1 edit").click()
    expect(page.locator("ol.edits")).to_contain_text("put dent on left fender")


def test_a_damage_is_drawn_moved_and_redrawn(page, served):
    inspection = assessed(served, page, seed=2)
    page.get_by_role("button", name="Add damage").click()
    page.get_by_label("New").select_option("dent")
    for corner in ((0.6, 0.6), (0.7, 0.6), (0.7, 0.8)):
        page.mouse.click(*on_photo(page, *corner))
    page.mouse.move(*on_photo(page, 0.6, 0.6))
    page.mouse.down()
    page.mouse.move(*on_photo(page, 0.55, 0.55), steps=4)
    page.mouse.up()
    page.get_by_role("button", name="Save outline").click()
    expect(row(page, "dent")).to_have_count(2)
    expect(page.locator("tr.chosen")).to_contain_text("drawn")  # chosen, for whatever is to be done next
    drawn = finding(served, inspection, 2)
    assert drawn["origin"] == "reviewer" and drawn["on"][0]["label"] == "back_left_door"
    left, top, right, bottom = drawn["box"]
    assert (left, top, right, bottom) == pytest.approx((352, 176, 448, 256), abs=6)

    page.locator("tr.details").get_by_role("button", name="Redraw").click()
    page.get_by_role("button", name="Start again").click()
    for corner in ((0.1, 0.3), (0.3, 0.3), (0.3, 0.7), (0.1, 0.7)):
        page.mouse.click(*on_photo(page, *corner))
    page.keyboard.press("Enter")
    expect(page.locator("tr.details")).to_contain_text("outline")
    redrawn = finding(served, inspection, 2)
    assert redrawn["on"][0]["label"] == "front_left_door" and redrawn["edited"] == ["mask"]
    last = events(served, inspection)[-1]
    assert last["before"]["box"] != last["after"]["box"] and last["kind"] == "redraw"


def test_everything_by_keyboard(page, served):
    inspection = assessed(served, page, seed=3)
    page.keyboard.press("j")
    expect(page.locator("tr.finding.chosen")).to_contain_text("dent")
    page.keyboard.press("c")
    expect(row(page, "dent").locator(".review")).to_have_text("confirmed")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("3")
    expect(row(page, "scratch").locator(".review")).to_have_text("rejected")
    page.keyboard.press("Control+z")
    expect(row(page, "scratch").locator(".review")).to_have_text("to check")
    page.keyboard.press("a")
    for way in ("ArrowRight", "ArrowDown", "ArrowLeft"):
        page.keyboard.press("Space")
        for _ in range(4):
            page.keyboard.press(f"Shift+{way}")
    page.keyboard.press("Enter")
    expect(page.locator("tr.finding", has_text="drawn")).to_have_count(1)
    assert [one["kind"] for one in events(served, inspection)] == ["confirm", "reject", "undo", "add"]


def test_the_focus_stays_where_the_work_is(page, served):
    assessed(served, page, seed=13)
    confirm = open_row(page, "dent").get_by_role("button", name="Confirm")
    confirm.focus()
    page.keyboard.press("Enter")
    expect(confirm).to_be_disabled()
    expect(row(page, "dent").get_by_role("button")).to_be_focused()
    page.keyboard.press("n")
    note = page.get_by_label("Note")
    expect(note).to_be_focused()
    note.type("half a sent")
    # Somebody else's edit comes in between two letters.
    inspection, image = page.url.split("/")[5:7]
    edit = {"kind": "confirm", "finding_id": "finding-2", "author": "Grace"}
    ask(served, f"/{inspection}/images/{image}/events", json.dumps(edit).encode())
    expect(row(page, "scratch").locator(".review")).to_have_text("confirmed")
    page.keyboard.type("ence")
    expect(note).to_have_value("half a sentence")
    page.reload()
    open_row(page, "dent").get_by_role("button", name="Note").click()
    expect(note).to_have_value("half a sentence")


def test_a_name_is_asked_for_once(browser_context, served):
    page = browser_context().new_page()
    page.add_init_script("localStorage.removeItem('crumple.author')")
    inspection = assessed(served, page, seed=4)
    details = open_row(page, "dent")
    details.get_by_role("button", name="Confirm").click()
    page.get_by_label("Your name").fill("Grace")
    page.get_by_role("button", name="Continue").click()
    expect(row(page, "dent").locator(".review")).to_have_text("confirmed")
    details.get_by_role("button", name="Reject").click()
    details.get_by_role("button", name="Dirt").click()
    expect(row(page, "dent").locator(".review")).to_have_text("rejected")
    assert {one["author"] for one in events(served, inspection)} == {"Grace"}


def test_what_is_shown_can_be_switched(page, served):
    assessed(served, page, seed=5)
    before = picture(page)
    page.get_by_role("button", name="Parts").click()
    expect(page.get_by_role("button", name="Parts")).to_have_attribute("aria-pressed", "false")
    without_parts = picture(page)
    page.get_by_role("button", name="Damage", exact=True).click()
    without_damage = picture(page)
    assert len({before, without_parts, without_damage}) == 3
    page.get_by_role("button", name="Damage", exact=True).click()
    page.get_by_label("Score from").fill("0.6")
    expect(page.locator("tr.finding")).to_have_count(1)
    expect(page.get_by_role("tab", name="1 of 2 findings")).to_be_visible()


def test_photo_and_table_are_linked_both_ways(page, served):
    assessed(served, page, seed=6)
    dent = on_photo(page, 0.22, 0.42)  # the middle of what the network says is a dent
    page.mouse.move(*dent)
    expect(page.locator(".tip")).to_contain_text("dent")
    expect(row(page, "dent")).to_have_class("finding open pointed")
    page.mouse.click(*dent)
    expect(row(page, "dent").get_by_role("button")).to_have_attribute("aria-expanded", "true")
    plain = picture(page)
    row(page, "scratch").hover()
    assert picture(page) != plain
    # Zoomed in elsewhere, choosing a row brings its finding into view.
    page.mouse.move(*on_photo(page, 0.9, 0.9))
    whole = picture(page)
    page.mouse.wheel(0, -1500)
    until(lambda: picture(page) != whole)
    page.locator("tr.finding", has_text="scratch").get_by_role("button").click()
    box = page.locator(".stage canvas").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator(".tip")).to_contain_text("scratch")


def test_two_tabs_stay_in_step(browser_context, served):
    context = browser_context()
    one, two = context.new_page(), context.new_page()
    inspection = assessed(served, one, seed=7)
    two.goto(one.url)
    expect(two.locator("tr.finding")).to_have_count(2)
    open_row(one, "dent").get_by_role("button", name="Confirm").click()
    expect(row(two, "dent").locator(".review")).to_have_text("confirmed")
    two.locator("[data-key=files]").set_input_files([upload("second.jpg", seed=70)])
    expect(one.locator("tr.finding")).to_have_count(4)
    two.get_by_role("button", name="Finish review").click()
    expect(one.get_by_text("Review finished by Ada")).to_be_visible()
    assert [event["kind"] for event in events(served, inspection)] == ["confirm", "finish"]


def test_an_edit_outlives_a_killed_service_and_a_reload(page, tmp_path):
    service = Served(tmp_path / "data")
    try:
        inspection = assessed(service, page, seed=8)
        service.kill()
        open_row(page, "dent").get_by_role("button", name="Confirm").click()
        expect(page.get_by_text("saving 1 edit")).to_be_visible()
        expect(page.locator(".link")).to_be_visible()
        service.start()
        expect(row(page, "dent").locator(".review")).to_have_text("confirmed")
        assert len(events(service, inspection)) == 1

        page.route("**/events", lambda route: route.abort())
        open_row(page, "scratch").get_by_role("button", name="Confirm").click()
        expect(page.get_by_text("saving 1 edit")).to_be_visible()
        page.unroute("**/events")
        page.reload()
        expect(row(page, "scratch").locator(".review")).to_have_text("confirmed")
        assert [one["finding_id"] for one in events(service, inspection)] == ["finding-1", "finding-2"]
    finally:
        service.stop()


def test_a_finished_review_takes_no_edits_until_it_is_opened_again(page, served):
    assessed(served, page, seed=9)
    page.get_by_role("button", name="Finish review").click()
    expect(page.get_by_text("Review finished by Ada")).to_be_visible()
    details = open_row(page, "dent")
    expect(details.locator(".actions")).to_have_count(0)
    page.locator("[data-key=files]").set_input_files([upload("late.jpg", seed=90)])
    expect(page.get_by_text("Open it again to add photos")).to_be_visible()
    assert page.locator(".upload").count() == 0
    page.get_by_role("button", name="Open again").click()
    expect(details.locator(".actions")).to_have_count(1)


@pytest.mark.parametrize("format", ["PDF", "JSON", "COCO", "CSV"])
def test_exports_are_saved(page, served, format):
    assessed(served, page, seed=10)
    page.get_by_text("Export").click()
    with page.expect_download() as download:
        page.get_by_role("link", name=format).click()
    data = download.value.path().read_bytes()
    assert data.startswith(b"%PDF") if format == "PDF" else len(data) > 100


def test_an_inspection_is_deleted_only_after_a_question(page, served):
    inspection = assessed(served, page, seed=11)
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
