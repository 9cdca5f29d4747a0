"""Photos on their way: dropped, picked, slow, interrupted, refused."""

import base64
import json
import urllib.request

import pytest
from playwright.sync_api import expect

from tests.serve.browser.conftest import Served, photo, upload

pytestmark = pytest.mark.slow

HOSTILE = "<img src=x onerror=document.title='hacked'>.jpg"


def inspection_of(page):
    return page.url.split("/")[5]


def stored(served, inspection):
    with urllib.request.urlopen(f"{served.url}/v1/inspections/{inspection}") as answer:
        return json.load(answer)["images"]


def begin(page, served, *uploads):
    """A new inspection with photos that are chosen in the file dialog."""
    page.goto(served.url)
    page.get_by_role("heading", name="New inspection").wait_for()
    page.set_input_files("[data-key=files]", list(uploads))
    page.wait_for_url("**/#/inspections/**")


def test_chosen_photos_become_an_inspection_with_findings(page, served):
    page.goto(served.url)
    page.get_by_label("Reference (optional)").fill("claim <b>7</b>")
    page.set_input_files("[data-key=files]", [upload("front.jpg", seed=1), upload("side.jpg", seed=1, take=1)])
    expect(page.get_by_role("heading", level=1)).to_have_text("claim <b>7</b>")
    expect(page.get_by_role("navigation", name="Photos").get_by_role("button")).to_have_count(2)
    # What both photos show is one damage.
    expect(page.locator(".damage")).to_have_count(2)
    expect(page.locator(".damage", has_text="photos 1 and 2")).to_have_count(2)
    assert sorted(page.locator(".strip .file").all_inner_texts()) == ["front.jpg", "side.jpg"]


def test_dropped_photos_become_an_inspection(page, served):
    page.goto(served.url)
    page.get_by_role("heading", name="New inspection").wait_for()
    page.evaluate(
        """text => {
          const bytes = Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File([bytes], "dropped.jpg", { type: "image/jpeg" }));
          const how = { dataTransfer, bubbles: true, cancelable: true };
          for (const type of ["dragenter", "dragover", "drop"])
            document.querySelector(".drop").dispatchEvent(new DragEvent(type, how));
        }""",
        base64.b64encode(photo(seed=3)).decode(),
    )
    expect(page.locator(".damage")).to_have_count(2)
    assert [image["name"] for image in stored(served, inspection_of(page))] == ["dropped.jpg"]


def test_names_are_text_everywhere(page, served):
    begin(page, served, upload(HOSTILE, seed=4))
    button = page.get_by_role("navigation", name="Photos").get_by_role("button")
    expect(button).to_have_attribute("aria-label", f"Photo 1, {HOSTILE}, left view: 4 findings")
    assert page.title() != "hacked" and page.locator("img[onerror]").count() == 0


def test_a_photo_that_cannot_be_judged_says_so_and_how_to_take_it_again(page, served):
    begin(page, served, upload("night.jpg", seed=5, brightness=0.1))
    expect(page.locator(".case-notes")).to_contain_text("too dark")
    page.get_by_role("button", name="Photo 1: too dark").click()
    expect(page.locator(".notices")).to_contain_text("Too dark. Take it again in daylight")


def test_what_is_no_photo_is_refused_in_words_and_can_be_removed(page, served):
    begin(page, served, {"name": "letter.jpg", "mimeType": "image/jpeg", "buffer": b"Dear Sir or Madam"})
    item = page.locator(".upload")
    expect(item).to_contain_text("letter.jpg")
    expect(item.locator(".words")).to_contain_text("photo")
    item.get_by_role("button", name="Do not send letter.jpg").click()
    expect(item).to_have_count(0)
    page.reload()
    expect(page.locator(".notices")).to_contain_text("No photos yet")
    assert stored(served, inspection_of(page)) == []


def test_a_photo_that_is_too_large_is_made_smaller(page, tmp_path):
    small = Served(tmp_path / "data", CRUMPLE_SERVE_MAX_BODY="400000")
    try:
        answers = []
        page.on("response", lambda response: answers.append(response.status))
        begin(page, small, {"name": "large.png", "mimeType": "image/png", "buffer": photo(seed=6, kind="PNG")})
        expect(page.locator(".damage")).to_have_count(2)
        assert stored(small, inspection_of(page))[0]["width"] == 640
        assert 413 not in answers  # the page knew the limit
    finally:
        small.stop()


def test_a_lost_network_is_tried_again_and_the_photo_kept_once(page, served):
    page.goto(served.url)
    page.get_by_role("button", name="Choose photos").wait_for()
    keys = []

    def first_answer_is_lost(route):
        keys.append(route.request.headers["idempotency-key"])
        if len(keys) == 1:
            route.fetch()  # the service has it, the browser never hears of it
            route.abort()
        else:
            route.continue_()

    page.route("**/images", first_answer_is_lost)
    page.set_input_files("[data-key=files]", [upload(seed=7)])
    expect(page.locator(".damage")).to_have_count(2)
    expect(page.locator(".upload")).to_have_count(0)
    assert len(keys) == 2 and keys[0] == keys[1]
    assert len(stored(served, inspection_of(page))) == 1


def test_a_slow_network_shows_how_far_it_is(page, served):
    page.goto(served.url)
    page.get_by_role("button", name="Choose photos").wait_for()
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    slow = {"offline": False, "latency": 20, "downloadThroughput": -1, "uploadThroughput": 60_000}
    network.send("Network.emulateNetworkConditions", slow)
    page.set_input_files("[data-key=files]", [upload(seed=8)])
    page.wait_for_function(
        "() => [...document.querySelectorAll('.upload progress')].some((bar) => bar.value > 0 && bar.value < 1)"
    )
    assert "%" in page.locator(".upload .words").inner_text()
    network.send("Network.emulateNetworkConditions", slow | {"uploadThroughput": -1})
    expect(page.locator(".damage")).to_have_count(2)


def test_photos_not_yet_acknowledged_outlive_a_reload(page, served):
    page.goto(served.url)
    page.get_by_role("button", name="Choose photos").wait_for()
    page.route("**/images", lambda route: route.abort())
    page.set_input_files("[data-key=files]", [upload("one.jpg", seed=9), upload("two.jpg", seed=9, take=1)])
    expect(page.locator(".upload.pausing")).to_have_count(2)
    page.unroute("**/images")
    page.reload()
    expect(page.locator(".damage", has_text="photos 1 and 2")).to_have_count(2)
    assert sorted(image["name"] for image in stored(served, inspection_of(page))) == ["one.jpg", "two.jpg"]


def test_photos_wait_for_a_service_that_is_killed_and_started_again(page, tmp_path):
    service = Served(tmp_path / "data")
    try:
        begin(page, service, upload("one.jpg", seed=11))
        expect(page.locator(".damage")).to_have_count(2)
        service.kill()
        page.set_input_files("[data-key=files]", [upload("two.jpg", seed=11, take=1)])
        expect(page.locator(".upload.pausing")).to_have_count(1)
        expect(page.locator(".link")).to_contain_text("The service does not answer")
        service.start()
        expect(page.locator(".damage", has_text="photos 1 and 2")).to_have_count(2)
        expect(page.locator(".link")).to_be_hidden()
        assert [image["name"] for image in stored(service, inspection_of(page))] == ["one.jpg", "two.jpg"]
    finally:
        service.stop()
