"""Cases on the page: made over HTTP, looked at in the browser."""

import json
import time
import urllib.request

from playwright.sync_api import expect

from tests.browser import PATIENCE
from tests.serve.browser.conftest import photo


def ask(service, path, data=None, kind="application/json"):
    """A request to /v1/inspections; data: bytes, or what becomes JSON."""
    body = data if data is None or isinstance(data, bytes) else json.dumps(data).encode()
    request = urllib.request.Request(f"{service.url}/v1/inspections{path}", body, {"Content-Type": kind})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def new_case(service, photos=1, seed=0, **fields):
    """The id of a new inspection whose photos, takes of one picture, are assessed and joined."""
    inspection = ask(service, "", fields)["id"]
    for i in range(photos):
        ask(service, f"/{inspection}/images", photo(seed, take=i), "image/jpeg")
    until(lambda: ask(service, f"/{inspection}")["case_status"] == "done")
    return inspection


def opened(service, page, photos=1, seed=0, **fields):
    """A new case, open on the page: two damages are listed, two are doubtful. Its id."""
    inspection = new_case(service, photos, seed, **fields)
    page.goto(f"{service.url}/#/inspections/{inspection}")
    expect(rows(page)).to_have_count(2)
    expect(page.locator(".stages .stage[aria-busy=false]")).to_have_count(photos)
    return inspection


def open_photo(page, number):
    page.get_by_role("navigation", name="Photos").get_by_role("button", name=f"Photo {number},").click()
    expect(page.locator(".one-photo .stage")).to_have_attribute("aria-busy", "false")


def rows(page):
    return page.locator(".damage")


def row(page, *words):
    """The rows that have all of these words."""
    found = rows(page)
    for text in words:
        found = found.filter(has_text=text)
    return found


def choose(page, *words):
    """Choose a damage; its card."""
    row(page, *words).locator("button.row").click()
    return page.locator(".card")


def damages(service, inspection):
    return ask(service, f"/{inspection}")["damages"]


def damage(service, inspection, kind, place):
    """The damage of a type on a panel."""
    found = [one for one in damages(service, inspection) if one["damage"] == kind and one["on"][0]["label"] == place]
    assert len(found) == 1
    return found[0]


def events(service, inspection):
    return ask(service, f"/{inspection}/events")["items"]


def kinds(service, inspection):
    return [event["kind"] for event in events(service, inspection)]


def finding(service, inspection, number):
    image = ask(service, f"/{inspection}")["images"][0]["id"]
    return ask(service, f"/{inspection}/images/{image}")["findings"][number]


def on_photo(page, x, y):
    """Where a point of the photo (shares of its width and height) is on the page, while the photo is seen whole."""
    box = page.locator(".one-photo .stage canvas").bounding_box()
    scale = min((box["width"] - 24) / 640, (box["height"] - 24) / 320)
    left, top = box["x"] + (box["width"] - 640 * scale) / 2, box["y"] + (box["height"] - 320 * scale) / 2
    return left + x * 640 * scale, top + y * 320 * scale


def picture(page, within=".one-photo"):
    """The canvas's own pixels, after the next frame: no button lies over them."""
    return page.evaluate(
        """(within) => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(
             () => done(document.querySelector(`${within} .stage canvas`).toDataURL()))))""",
        within,
    )


def until(true):
    """A tap becomes a click a little later, and a picture changes with the next frame."""
    deadline = time.monotonic() + PATIENCE / 1000
    while not (value := true()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return value
