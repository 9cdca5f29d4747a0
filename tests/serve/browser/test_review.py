"""Photos on their own, and that nothing a reviewer does is lost: drawing, notes, keys, two lives of a service."""

import re

import pytest
from playwright.sync_api import expect

from tests.serve.browser.cases import (
    ask,
    choose,
    damage,
    events,
    finding,
    kinds,
    on_photo,
    open_photo,
    opened,
    picture,
    row,
    rows,
    until,
)
from tests.serve.browser.conftest import Served, upload

pytestmark = pytest.mark.slow

FRONT, BACK = "front left door", "back left door"


def drawn(page, *corners):
    for corner in corners:
        page.mouse.click(*on_photo(page, *corner))


def test_a_photo_on_its_own_has_the_numbers_of_the_damages(page, served):
    inspection = opened(served, page, photos=2, seed=0)
    open_photo(page, 2)
    expect(page.locator(".bar")).to_contain_text("Photo 2")
    assert "/img-" in page.url
    plain = picture(page)
    page.get_by_role("button", name="Parts").click()
    until(lambda: picture(page) != plain)
    page.get_by_role("button", name="Parts").click()
    scratch = damage(served, inspection, "scratch", "back_left_door")
    x, y = on_photo(page, 0.62, 0.5)  # the middle of what the network says is a scratch
    page.mouse.move(x, y)
    expect(page.locator(".one-photo .tip")).to_contain_text(f"{scratch['id'].split('-')[1]}  Scratch on {BACK}")
    expect(row(page, "Scratch", BACK)).to_have_class(re.compile("pointed"))
    page.mouse.click(x, y)
    expect(page.locator(".damage.chosen")).to_contain_text(BACK)
    page.keyboard.press("Escape")
    expect(page.locator(".stages figure")).to_have_count(2)
    page.keyboard.press("]")
    expect(page.get_by_role("heading", level=2, name=re.compile("Photo 1"))).to_be_visible()


def test_a_note_and_the_models_own_answer(page, served):
    inspection = opened(served, page, seed=2)
    card = choose(page, "Dent", FRONT)
    card.get_by_role("button", name="Note").click()
    card.get_by_label("Note").fill("seen from <i>above</i>")
    card.get_by_role("button", name="Save note").click()
    expect(card.locator(".notes")).to_contain_text("seen from <i>above</i>")
    card.get_by_role("button", name="Reject", exact=True).click()
    card.get_by_role("button", name="Dirt").click()
    expect(page.get_by_role("button", name="1 rejected")).to_be_visible()
    open_photo(page, 1)
    reviewed = picture(page)
    page.get_by_role("button", name="Model’s answer").click()
    until(lambda: picture(page) != reviewed)
    expect(page.locator(".notices")).to_contain_text("It is never changed")
    expect(page.get_by_role("button", name="Add damage")).to_have_count(0)  # it takes no edits
    page.get_by_role("button", name="Back to the review").click()
    until(lambda: picture(page) == reviewed)
    assert kinds(served, inspection) == ["note", "reject"]


def test_a_damage_is_drawn_moved_and_redrawn(page, served):
    inspection = opened(served, page, seed=3)
    open_photo(page, 1)
    page.get_by_role("button", name="Add damage").click()
    page.get_by_label("New").select_option("dent")
    drawn(page, (0.6, 0.65), (0.7, 0.65), (0.7, 0.85))
    page.mouse.move(*on_photo(page, 0.6, 0.65))
    page.mouse.down()
    page.mouse.move(*on_photo(page, 0.55, 0.65), steps=4)
    page.mouse.up()
    page.get_by_role("button", name="Save outline").click()
    expect(rows(page)).to_have_count(3)
    expect(page.locator(".damage.chosen")).to_contain_text("Dent")  # chosen, for whatever is to be done next
    added = finding(served, inspection, 4)
    assert added["origin"] == "reviewer" and added["on"][0]["label"] == "back_left_door"
    left, top, right, bottom = added["box"]
    assert (left, top, right, bottom) == pytest.approx((352, 208, 448, 272), abs=6)

    page.get_by_role("button", name="Redraw").click()
    page.get_by_role("button", name="Start again").click()
    drawn(page, (0.12, 0.65), (0.3, 0.65), (0.3, 0.75), (0.12, 0.75))
    page.keyboard.press("Enter")
    until(lambda: kinds(served, inspection) == ["add", "redraw"])
    redrawn = finding(served, inspection, 4)
    assert redrawn["on"][0]["label"] == "front_left_door" and redrawn["edited"] == ["mask"]
    expect(page.locator(".damage.chosen")).to_contain_text(FRONT)


def test_everything_by_keyboard(page, served):
    inspection = opened(served, page, seed=4)
    chosen = page.locator(".damage.chosen")
    page.keyboard.press("j")
    expect(chosen).to_have_attribute("data-damage", "damage-2")
    page.keyboard.press("k")
    expect(chosen).to_have_attribute("data-damage", "damage-1")
    page.keyboard.press("c")
    expect(chosen.locator(".review")).to_have_text("confirmed")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("3")
    expect(page.get_by_role("button", name="1 rejected")).to_be_visible()
    page.keyboard.press("Control+z")
    expect(page.get_by_role("button", name="1 rejected")).to_have_count(0)
    page.keyboard.press("a")
    for way in ("ArrowRight", "ArrowDown", "ArrowLeft"):
        page.keyboard.press("Space")
        for _ in range(4):
            page.keyboard.press(f"Shift+{way}")
    page.keyboard.press("Enter")
    expect(rows(page)).to_have_count(3)
    until(lambda: kinds(served, inspection) == ["confirm", "reject", "undo", "add"])


def test_the_focus_stays_where_the_work_is(page, served):
    inspection = opened(served, page, seed=13)
    chosen = row(page, "Dent", FRONT).locator("button.row")
    chosen.focus()
    page.keyboard.press("Enter")
    expect(chosen).to_be_focused()
    page.keyboard.press("n")
    note = page.get_by_label("Note")
    expect(note).to_be_focused()
    note.type("half a sent")
    # Somebody else's edit comes in between two letters.
    image = ask(served, f"/{inspection}")["images"][0]["id"]
    where = [{"photo": image, "finding": "finding-2"}]
    ask(served, f"/{inspection}/events", {"kind": "confirm", "observations": where, "author": "Grace"})
    expect(page.locator(".damage .review.confirmed")).to_have_count(1)
    page.keyboard.type("ence")
    expect(note).to_have_value("half a sentence")
    page.reload()
    choose(page, "Dent", FRONT).get_by_role("button", name="Note").click()
    expect(note).to_have_value("half a sentence")


def test_a_name_is_asked_for_once_and_kept_as_it_is(browser_context, served):
    page = browser_context().new_page()
    page.add_init_script("localStorage.removeItem('crumple.author')")
    inspection = opened(served, page, seed=14)
    card = choose(page, "Dent", FRONT)
    card.get_by_role("button", name="Confirm").click()
    page.get_by_label("Your name").fill("Grace McHopper")
    page.get_by_role("button", name="Continue").click()
    expect(row(page, "Dent", FRONT).locator(".review")).to_have_text("confirmed")
    card.get_by_role("button", name="Reject", exact=True).click()
    card.get_by_role("button", name="Dirt").click()
    expect(page.get_by_role("button", name="1 rejected")).to_be_visible()
    assert {one["author"] for one in events(served, inspection)} == {"Grace McHopper"}
    page.get_by_role("tab", name="2 edits").click()
    expect(page.locator(".edits li").first).to_contain_text("Grace McHopper rejected dent on front left door: dirt")


def test_an_edit_outlives_a_killed_service_and_a_reload(page, tmp_path):
    service = Served(tmp_path / "data")
    try:
        inspection = opened(service, page, seed=8)
        service.kill()
        choose(page, "Dent", FRONT).get_by_role("button", name="Confirm").click()
        expect(page.get_by_text("saving 1 edit")).to_be_visible()
        expect(page.locator(".link")).to_be_visible()
        service.start()
        expect(row(page, "Dent", FRONT).locator(".review")).to_have_text("confirmed")
        assert len(events(service, inspection)) == 1

        page.route("**/events", lambda route: route.abort())
        choose(page, "Scratch", BACK).get_by_role("button", name="Confirm").click()
        expect(page.get_by_text("saving 1 edit")).to_be_visible()
        page.unroute("**/events")
        page.reload()
        expect(row(page, "Scratch", BACK).locator(".review")).to_have_text("confirmed")
        assert kinds(service, inspection) == ["confirm", "confirm"]
    finally:
        service.stop()


def test_a_finished_review_takes_no_edits_until_it_is_opened_again(page, served):
    opened(served, page, seed=9)
    page.get_by_role("button", name="Finish review").click()
    page.get_by_role("dialog").get_by_role("button", name=re.compile("^Leave")).click()
    expect(page.get_by_text("Review finished by Ada")).to_be_visible()
    card = choose(page, "Dent", FRONT)
    expect(card.locator(".actions")).to_have_count(0)
    expect(page.locator(".damage input")).to_have_count(0)
    page.locator("[data-key=files]").set_input_files([upload("late.jpg", seed=90)])
    expect(page.get_by_text("Open it again to add photos")).to_be_visible()
    assert page.locator(".upload").count() == 0
    page.get_by_role("button", name="Open again").click()
    expect(card.locator(".actions")).to_have_count(1)


@pytest.mark.parametrize("words", ["Report, PDF", "Report for the recipient, PDF", "JSON", "COCO", "CSV"])
def test_exports_are_saved(page, served, words):
    opened(served, page, seed=10)
    page.get_by_text("Export").click()
    with page.expect_download() as download:
        page.get_by_role("link", name=words).click()
    data = download.value.path().read_bytes()
    assert data.startswith(b"%PDF") if words.endswith("PDF") else len(data) > 100
    assert ("audience=recipient" in download.value.url) == ("recipient" in words)
