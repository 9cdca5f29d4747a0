"""The live view in a real browser, with a camera that Chromium makes up, and with a video file."""

import json
import urllib.request

import cv2
import numpy as np
import pytest
from playwright.sync_api import expect

from tests.serve.browser.cases import until
from tests.serve.browser.test_access import LOOKS, serious

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    """Two seconds of a window that moves over patches, as WebM."""
    path = tmp_path_factory.mktemp("video") / "walk.webm"
    scene = np.random.default_rng(7).integers(40, 216, (20, 50, 3), np.uint8).repeat(20, 0).repeat(20, 1)
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"VP80"), 10, (640, 320))
    assert writer.isOpened()
    for n in range(20):
        writer.write(np.ascontiguousarray(scene[40:360, 3 * n : 3 * n + 640]))
    writer.release()
    return path


def ask(served, path):
    with urllib.request.urlopen(f"{served.url}{path}") as answer:
        return answer.read().decode()


def running(served):
    """Live views at the service."""
    return float(ask(served, "/metrics").partition("\ncrumple_live_views ")[2].split()[0])


def inspections(served):
    return json.loads(ask(served, "/v1/inspections"))["items"]


def watch(page, served):
    """The camera is on, and the fake network's two damages have their numbers."""
    page.goto(f"{served.url}/#/live")
    page.get_by_role("button", name="Start the camera").click()
    expect(page.locator(".damages li")).to_have_count(4)


def painted(page):
    """Whether anything is drawn over the picture."""
    return page.evaluate(
        """() => {
          const canvas = document.querySelector(".live-picture canvas");
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          return data.some((value) => value > 0);
        }"""
    )


def test_from_the_camera_to_a_reviewed_inspection(page, served):
    under_way, most = [], []
    page.on("request", lambda one: one.url.endswith("/frames") and (under_way.append(one), most.append(len(under_way))))
    page.on("requestfinished", lambda one: one in under_way and under_way.remove(one))
    page.goto(served.url)
    page.get_by_role("button", name="Live", exact=True).click()
    page.get_by_role("button", name="Start the camera").press("Enter")
    expect(page.locator(".damages li")).to_have_count(4)
    expect(page.locator(".damages li").first).to_contain_text("Front left door")
    expect(page.get_by_role("status").filter(has_text="Damage 1:")).to_have_count(1)
    expect(page.locator(".rate")).to_contain_text("frames a second")
    assert painted(page)
    expect(page.get_by_role("button", name="Stop")).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_label("Reference").fill("return <b>7</b>")
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("return <b>7</b>")
    expect(page.locator(".damage").first).to_be_visible()
    assert max(most) == 1, "a frame was sent before the last one was answered"
    until(lambda: running(served) == 0)


def test_a_video_file_goes_into_an_inspection_that_is_there(page, served, video):
    request = urllib.request.Request(f"{served.url}/v1/inspections", b"{}", {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        inspection = json.load(answer)["id"]
    page.goto(f"{served.url}/#/inspections/{inspection}")
    page.get_by_role("button", name="Live", exact=True).click()
    page.set_input_files("[data-key=video]", video)
    # It ends by itself.
    keep = page.get_by_role("button", name="Keep")
    expect(keep).to_be_enabled()
    keep.click()
    page.wait_for_url(f"**/#/inspections/{inspection}")
    expect(page.locator(".thumbnail").first).to_be_visible()
    assert inspections(served)[0]["photos"] >= 1


def test_discarding_and_leaving_keep_nothing(page, served):
    before = len(inspections(served))
    watch(page, served)
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Discard").click()
    expect(page.get_by_role("heading", name="New inspection")).to_be_visible()
    until(lambda: running(served) == 0)
    watch(page, served)
    assert running(served) == 1
    page.get_by_role("link", name="Inspections").click()
    expect(page.locator(".toast", has_text="nothing was kept").last).to_be_visible()
    until(lambda: running(served) == 0)
    assert len(inspections(served)) == before


def test_what_cannot_be_watched_says_so(browser_context, served):
    context = browser_context()
    context.add_init_script("delete Navigator.prototype.mediaDevices")  # as on a page that came by plain http
    page = context.new_page()
    page.goto(f"{served.url}/#/live")
    expect(page.get_by_role("button", name="Start the camera")).to_be_disabled()
    expect(page.locator(".hint")).to_contain_text("needs https")
    letter = {"name": "letter.mp4", "mimeType": "video/mp4", "buffer": b"Dear Sir or Madam"}
    page.set_input_files("[data-key=video]", letter)
    expect(page.locator(".toast")).to_contain_text("letter.mp4 is no video that this browser can play")
    expect(page.get_by_role("button", name="Choose a video")).to_be_visible()
    assert running(served) == 0


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing_serious(browser_context, served, look):
    page = browser_context(policed=False, **LOOKS[look]).new_page()
    page.goto(f"{served.url}/#/live")
    expect(page.get_by_role("button", name="Start the camera")).to_be_visible()
    assert not serious(page)
    watch(page, served)
    assert not serious(page)
    page.get_by_role("button", name="Stop").click()
    assert not serious(page)
    if look == "phone":
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="Discard").click()
