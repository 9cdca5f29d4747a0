"""The case on the page: its damages over all photos, the map of panels, and what a reviewer decides."""

import re

import pytest
from playwright.sync_api import expect

from crumple.case.inspection import Damage, Panel
from crumple.case.panel_map.states import mapped
from tests.serve.browser.cases import (
    ask,
    choose,
    damage,
    damages,
    events,
    kinds,
    open_photo,
    opened,
    picture,
    row,
    rows,
    until,
)
from tests.serve.browser.conftest import upload

pytestmark = pytest.mark.slow

FRONT, BACK = "front left door", "back left door"


def test_it_opens_on_the_worst_damage_in_every_photo_that_shows_it(page, served):
    inspection = opened(served, page, photos=2, seed=100, reference="claim 7", vehicle={"plate": "AB 123"})
    worst = damages(served, inspection)[0]
    chosen = page.locator(".damage.chosen")
    expect(chosen).to_have_attribute("data-damage", worst["id"])
    expect(chosen).to_contain_text("photos 1 and 2")
    expect(page.get_by_role("heading", level=2, name=re.compile("Damage 1"))).to_be_visible()
    expect(page.locator(".stages figure")).to_have_count(2)
    expect(page.locator(".totals")).to_contain_text("4 damages, 2 of them doubtful")
    expect(page.locator(".vehicle-facts")).to_contain_text("AB 123")
    # The doubtful ones are folded.
    expect(rows(page)).to_have_count(2)
    page.get_by_role("button", name="2 doubtful").first.click()
    expect(rows(page)).to_have_count(4)
    # Only what is likely, or confirmed by a person, has a strong colour.
    assert page.locator(".damage", has_text="doubtful").locator(".pill:not(.guess)").count() == 0


def test_the_map_says_what_the_report_says(page, served):
    inspection = opened(served, page, seed=110)
    case = ask(served, f"/{inspection}")
    panels = mapped(
        [Panel.model_validate(one) for one in case["panels"]], [Damage.model_validate(one) for one in case["damages"]]
    )
    expect(page.locator(".map svg .panel")).to_have_count(len(panels))
    told = page.locator(".map svg").evaluate(
        """(svg) => Object.fromEntries([...svg.querySelectorAll(".panel")].map((one) =>
             [one.dataset.panel, [one.dataset.state, one.querySelector("title").textContent]]))"""
    )
    assert told == {panel.shape: [panel.state, panel.text] for panel in panels}
    numbers = page.locator(".map-number[data-of=front_left_door]")
    door = next(panel for panel in panels if panel.label == "front_left_door")
    expect(numbers).to_have_text(" ".join(map(str, door.numbers)))
    page.get_by_text("Panels as a list").click()
    listed = page.locator(".panel-list button").all_inner_texts()
    assert [text.lower() for text in listed] == [panel.text.lower() for panel in panels]


def test_a_panel_filters_damages_and_photos(page, served):
    opened(served, page, photos=2, seed=120)
    page.locator(".map [data-panel=back_left_door]").click()
    expect(rows(page)).to_have_count(1)
    expect(page.locator(".damage.chosen")).to_contain_text(BACK)
    expect(page.locator(".filter")).to_contain_text(BACK)
    page.get_by_role("button", name="Show all").click()
    expect(rows(page)).to_have_count(2)
    # The list of panels does the same; a panel that no photo shows has neither.
    page.get_by_text("Panels as a list").click()
    page.get_by_role("button", name=re.compile("^Roof:")).press("Enter")
    expect(page.locator(".tabpanel")).to_contain_text("Not photographed")
    expect(page.locator(".strip .thumbnail")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.locator(".strip .thumbnail")).to_have_count(2)


def test_merge_and_undo(page, served):
    inspection = opened(served, page, seed=130)
    page.get_by_label("Select damage 1").check()
    expect(page.get_by_role("button", name="Merge")).to_be_disabled()
    page.get_by_label("Select damage 2").check()
    page.get_by_role("button", name="Merge").click()
    expect(page.locator(".toast")).to_contain_text("2 damages are one now")
    expect(rows(page)).to_have_count(1)
    assert len(damages(served, inspection)) == 3
    page.get_by_role("tab", name="1 edit").click()
    expect(page.locator(".edits li").first).to_contain_text("Ada merged")
    page.get_by_role("tab", name="3 damages").click()
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(rows(page)).to_have_count(2)
    assert len(damages(served, inspection)) == 4 and kinds(served, inspection) == ["merge", "undo"]


def test_split(page, served):
    inspection = opened(served, page, photos=2, seed=140)
    choose(page, "Dent", FRONT)
    page.get_by_role("button", name="Split off photo 2").click()
    expect(row(page, "Dent", FRONT)).to_have_count(2)
    dents = [one for one in damages(served, inspection) if one["title"] == "dent" and one["likelihood"] == "likely"]
    assert [len(one["observations"]) for one in dents] == [1, 1]
    page.locator(".tabs").get_by_role("button", name="Undo").click()
    expect(row(page, "Dent", FRONT)).to_have_count(1)


def test_the_panel_is_picked_on_the_map_or_in_the_list(page, served):
    inspection = opened(served, page, seed=150)
    card = choose(page, "Dent", FRONT)
    card.get_by_role("button", name="Panel").click()
    dialog = page.get_by_role("dialog")
    dialog.locator("[data-panel=hood]").click()
    dialog.get_by_label(FRONT.capitalize(), exact=True).uncheck()
    dialog.get_by_role("button", name="Save").click()
    expect(row(page, "Dent", "hood")).to_have_count(1)
    assert damage(served, inspection, "dent", "hood")["decision"] == "confirmed"
    page.keyboard.press("w")
    expect(dialog.get_by_label("Hood", exact=True)).to_be_focused()
    page.keyboard.press("Space")
    expect(dialog.get_by_role("button", name="Save")).to_be_disabled()
    dialog.get_by_label("Left mirror", exact=True).press("Space")
    dialog.get_by_label("Roof", exact=True).check()
    expect(dialog.get_by_role("status")).to_have_text("Left mirror and roof: most of the damage on the first")
    page.keyboard.press("Enter")
    expect(row(page, "Dent", "left mirror")).to_have_count(1)
    placed = damage(served, inspection, "dent", "left_mirror")
    assert placed["edited"] == ["place"] and [one["label"] for one in placed["on"]] == ["left_mirror", "roof"]


def test_type_and_severity_with_its_reason(page, served):
    inspection = opened(served, page, seed=160)
    card = choose(page, "Dent", FRONT)
    card.get_by_role("button", name="Type").click()
    card.get_by_role("button", name="Cracked glass").click()
    expect(row(page, "Cracked glass")).to_have_count(1)
    card.get_by_role("button", name="Severity").click()
    card.get_by_label("Severe").check()
    card.get_by_role("button", name="Save severity").click()  # a reason is required
    assert "severity" not in kinds(served, inspection)
    card.get_by_label("Reason").fill("the frame behind it is bent")
    card.get_by_role("button", name="Save severity").click()
    expect(row(page, "Cracked glass")).to_contain_text("severe")
    expect(card).to_contain_text("the frame behind it is bent")
    told = damage(served, inspection, "glass_crack", "front_left_door")
    assert told["severity"] == "severe" and told["decision"] == "confirmed"
    assert sorted(told["edited"]) == ["damage", "severity"]
    expect(row(page, "Cracked glass").locator(".pill.severe:not(.guess)")).to_have_count(1)


def test_reasons_that_fit(page, served):
    inspection = opened(served, page, seed=170)
    card = choose(page, "Scratch", BACK)
    card.get_by_role("button", name="Reject", exact=True).click()
    card.get_by_role("button", name="No damage: badge, trim or gap").click()
    fold = page.get_by_role("button", name="1 rejected")
    expect(fold).to_be_visible()
    card = choose(page, "Dent", FRONT)
    card.get_by_role("button", name="Reject", exact=True).first.click()
    other = card.get_by_label("Duplicate of").locator("option", has_text="scratch on front left door").inner_text()
    card.get_by_label("Duplicate of").select_option(label=other)
    card.locator("form", has_text="Duplicate of").get_by_role("button", name="Reject").click()
    expect(page.get_by_role("button", name="2 rejected")).to_be_visible()
    page.get_by_role("button", name="2 doubtful").first.click()
    card = choose(page, "Dent", BACK)
    card.get_by_role("button", name="Reject", exact=True).first.click()
    card.get_by_label("Other reason").fill("a sticker")
    card.get_by_label("Other reason").press("Enter")
    expect(page.get_by_role("button", name="3 rejected")).to_be_visible()
    told = [(event["reason"], event["text"]) for event in events(served, inspection)]
    assert told == [("no_damage", None), ("duplicate", None), ("other", "a sticker")]


def test_all_doubtful_ones_are_rejected_at_once(page, served):
    inspection = opened(served, page, seed=180)
    page.get_by_role("button", name="Reject all doubtful").click()
    page.locator(".fold").get_by_role("button", name="Reflection").click()
    expect(page.get_by_role("button", name="2 rejected")).to_be_visible()
    expect(page.get_by_role("button", name="Reject all doubtful")).to_have_count(0)
    assert kinds(served, inspection) == ["reject", "reject"]
    # Undo takes back both: they were one edit.
    page.locator(".tabs").get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Reject all doubtful")).to_be_visible()
    assert [one["decision"] for one in damages(served, inspection)] == ["open"] * 4


def test_several_are_confirmed_at_once(page, served):
    inspection = opened(served, page, seed=190)
    page.keyboard.press("t")
    page.keyboard.press("j")
    page.keyboard.press("t")
    expect(page.locator(".bulk")).to_contain_text("2 selected")
    page.locator(".bulk").get_by_role("button", name="Confirm").click()
    expect(page.locator(".damage .review.confirmed")).to_have_count(2)
    assert kinds(served, inspection) == ["confirm", "confirm"]


def test_finishing_asks_about_the_undecided(page, served):
    inspection = opened(served, page, seed=200)
    choose(page, "Dent", FRONT).get_by_role("button", name="Confirm").click()
    expect(page.locator(".damage .review.confirmed")).to_have_count(1)
    page.get_by_role("button", name="Finish review").click()
    dialog = page.get_by_role("dialog", name="3 damages undecided")
    dialog.get_by_role("button", name="Cancel").click()
    assert ask(served, f"/{inspection}")["review"]["state"] == "open"
    page.get_by_role("button", name="Finish review").click()
    dialog.get_by_role("button", name="Reject them").click()
    expect(page.get_by_text("Review finished by Ada")).to_be_visible()
    expect(page.locator(".totals")).to_contain_text("all decided")
    case = ask(served, f"/{inspection}")
    assert case["review"]["state"] == "finished" and case["totals"]["undecided"] == 0
    assert [one["decision"] for one in case["damages"]] == ["confirmed", "rejected", "rejected", "rejected"]


def test_outlines_are_hidden_by_a_key_and_by_a_button(page, served):
    opened(served, page, seed=210)
    page.wait_for_timeout(1000)  # the photo is drawn once it is there
    shown = picture(page, ".stages")
    page.keyboard.press("h")
    button = page.get_by_role("button", name="Outlines")
    expect(button).to_have_attribute("aria-pressed", "false")
    hidden = picture(page, ".stages")
    assert hidden != shown
    button.click()
    until(lambda: picture(page, ".stages") == shown)
    page.keyboard.press("f")  # whole photos in place of close-ups
    until(lambda: picture(page, ".stages") != shown)


def test_what_may_be_the_same_is_asked(page, served):
    def link(route):
        """The service's answer, as if it thought that the first two damages could be one."""
        case = route.fetch().json()
        one, other = case["damages"][:2]
        if other["decision"] == "open" and in_doubt:
            one["maybe_same"] = [{"damage": other["id"], "probability": 0.4}]
        route.fulfill(json=case)

    in_doubt = ["these two"]
    page.route(re.compile("/v1/inspections/ins-[^/]+$"), link)
    inspection = opened(served, page, seed=220)
    question = page.get_by_role("group", name="Same damage as 2?")
    question.get_by_role("button", name="Yes, merge").click()
    expect(rows(page)).to_have_count(1)
    assert kinds(served, inspection) == ["merge"]

    inspection = opened(served, page, seed=221)
    question.get_by_role("button", name="No").click()
    expect(page.get_by_role("tab", name="1 edit")).to_be_visible()
    in_doubt.clear()
    page.reload()
    expect(rows(page)).to_have_count(2)
    expect(question).to_have_count(0)
    assert kinds(served, inspection) == ["distinct"]


def test_what_is_said_of_the_vehicle_is_edited(page, served):
    inspection = opened(served, page, seed=230, reference="claim 8")
    page.get_by_role("button", name="Add vehicle details").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Plate").fill("öÄ 99")
    dialog.get_by_label("VIN").fill("W0L000051T2123456")
    dialog.get_by_label("Mileage").fill("48210")
    dialog.get_by_label("Photos taken for").select_option("return")
    dialog.get_by_label("First photo taken").fill("2026-11-30T10:00")
    dialog.get_by_label("Last photo taken").fill("2026-11-30T09:00")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("taken_from")  # the service's words, and nothing typed is lost
    dialog.get_by_label("Last photo taken").fill("2026-11-30T10:20")
    dialog.get_by_role("button", name="Save").click()
    facts = page.locator(".vehicle-facts")
    expect(facts).to_contain_text("öÄ 99")
    for words in ("VIN W0L000051T2123456", "48,210 km", "return"):
        expect(facts).to_contain_text(words)
    expect(page.get_by_role("button", name="Edit", exact=True)).to_be_focused()
    case = ask(served, f"/{inspection}")
    assert (case["vehicle"]["plate"], case["mileage"], case["kind"]) == ("öÄ 99", 48210, "return")
    page.get_by_role("tab", name="1 edit").click()
    edit = page.locator(".edits li")
    expect(edit).to_contain_text("changed")
    expect(edit).to_contain_text("mileage, km")
    expect(edit).to_contain_text("öÄ 99")
    expect(edit.get_by_role("button")).to_have_count(0)


def test_a_photo_is_deleted(page, served):
    inspection = opened(served, page, photos=2, seed=240)
    open_photo(page, 2)
    page.get_by_role("button", name="Delete this photo").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.locator(".strip .thumbnail")).to_have_count(1)
    expect(page.locator(".stages figure")).to_have_count(1)
    case = ask(served, f"/{inspection}")
    assert len(case["images"]) == 1 and kinds(served, inspection) == ["photo_deleted"]


def test_two_tabs_stay_in_step(browser_context, served):
    context = browser_context()
    one, two = context.new_page(), context.new_page()
    inspection = opened(served, one, photos=2, seed=250)
    two.goto(one.url)
    expect(rows(two)).to_have_count(2)
    choose(one, "Dent", FRONT).get_by_role("button", name="Confirm").click()
    expect(row(two, "Dent", FRONT).locator(".review")).to_have_text("confirmed")
    one.get_by_role("button", name="Split off photo 2").click()
    expect(row(two, "Dent", FRONT)).to_have_count(2)
    two.locator("[data-key=files]").set_input_files([upload("third.jpg", seed=250, take=2)])
    expect(one.locator(".strip .thumbnail")).to_have_count(3)
    expect(one.locator(".strip .file").last).to_have_text("third.jpg")
    until(lambda: ask(served, f"/{inspection}")["case_status"] == "done")
    two.get_by_role("button", name="Finish review").click()
    two.get_by_role("dialog").get_by_role("button", name=re.compile("^Leave")).click()
    expect(one.get_by_text("Review finished by Ada")).to_be_visible()
    assert kinds(served, inspection) == ["confirm", "split", "finish"]


def test_an_edit_of_somebody_else_does_not_move_what_is_chosen(page, served):
    inspection = opened(served, page, seed=260)
    choose(page, "Scratch", BACK)
    dent = damage(served, inspection, "dent", "front_left_door")
    where = [{"photo": one["photo"], "finding": one["finding"]} for one in dent["observations"]]
    ask(served, f"/{inspection}/events", {"kind": "reject", "reason": "dirt", "observations": where, "author": "Grace"})
    expect(page.get_by_role("button", name="1 rejected")).to_be_visible()
    expect(page.locator(".damage.chosen")).to_contain_text(BACK)
    expect(page.get_by_role("heading", level=2, name=re.compile("Damage 1"))).to_be_visible()  # numbers moved up


def test_words_of_a_claim_are_text(page, served):
    hostile = "<img src=x onerror=document.title='hacked'>"
    opened(served, page, seed=270, reference=hostile, vehicle={"plate": hostile}, place=hostile)
    expect(page.get_by_role("heading", level=1)).to_have_text(hostile)
    assert page.title() != "hacked" and page.locator("img[onerror]").count() == 0


def test_a_case_that_is_still_being_joined_says_so(page, served):
    inspection = ask(served, "", {})["id"]
    page.goto(f"{served.url}/#/inspections/{inspection}")
    expect(page.locator(".notices")).to_contain_text("No photos yet")
    page.locator("[data-key=files]").set_input_files([upload("one.jpg", seed=280), upload("two.jpg", seed=280, take=1)])
    expect(page.locator(".case-notes")).to_contain_text("Damages may still change")
    expect(page.locator(".case-notes")).to_be_empty()
    expect(row(page, "Dent", FRONT)).to_contain_text("photos 1 and 2")
