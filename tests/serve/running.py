"""A service that really listens, with a network that finds what it is told to find."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

import httpx
import numpy as np
import uvicorn
from PIL import Image

from crumple.detect.detector import Detector
from crumple.serve.app import create_app
from crumple.serve.server import Server
from crumple.serve.service import open_service
from crumple.serve.settings import Settings
from tests.fakes import FakeNetwork, Thing, fake_info

DOOR = Thing("parts", "front_left_door", (20, 20, 120, 80))
DENT = Thing("damage", "dent", (40, 30, 90, 60))
THINGS = (DOOR, DENT)


@contextmanager
def running(folder, *, network=None, things=THINGS, detector=None, **settings) -> Iterator[httpx.Client]:
    """A client of a service whose data lie in `folder`. network: wraps the fake one. detector: a real one."""
    if detector is None:
        info = fake_info()
        fake = FakeNetwork(info, things)
        detector = Detector(network(fake) if network else fake, info)
    settings = Settings(**{"data": folder, "workers": 2, "join_after": 0.05} | settings)
    with open_service(settings, detector) as service:
        app = create_app(settings, service=service)
        server = Server(uvicorn.Config(app, port=0, log_config=None, access_log=False), app)
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            until(lambda: server.started or not thread.is_alive())
            assert server.started, "the service did not start"
            port = server.servers[0].sockets[0].getsockname()[1]
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False) as client:
                client.service, client.server = service, server
                yield client
        finally:
            server.handle_exit(signal.SIGTERM, None)
            thread.join()


def until(ready, seconds=60):
    """Wait for something to become true; what it is then."""
    end = time.monotonic() + seconds
    while not (value := ready()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)
    return value


def picture(seed=0, size=(200, 100), kind="JPEG", **options) -> bytes:
    """A photo's file: noise, so that every seed gives another one. size: width, height."""
    rgb = np.random.default_rng(seed).integers(0, 255, (size[1], size[0], 3), np.uint8)
    data = BytesIO()
    Image.fromarray(rgb).save(data, kind, **options)
    return data.getvalue()


def new_inspection(client, **fields) -> str:
    """The path of a new inspection."""
    answer = client.post("/v1/inspections", json=fields)
    assert answer.status_code == 201, answer.text
    return answer.headers["Location"]


def add_photo(client, inspection, data=None, **headers) -> dict:
    """Upload a photo; what the service says of it."""
    headers = {"Content-Type": "image/jpeg"} | headers
    answer = client.post(f"{inspection}/images", content=data or picture(), headers=headers)
    assert answer.status_code == 202, answer.text
    return answer.json()[0]


def assessed(client, inspection) -> list[dict]:
    """The images of an inspection, once all of them are assessed or failed, and joined."""

    def ready():
        read = client.get(inspection).json()
        images = read["images"]
        if read["case_status"] == "done" and all(image["status"] in ("done", "failed") for image in images):
            return [client.get(f"{inspection}/images/{image['id']}").json() for image in images]

    return until(ready)


def finish(client, inspection, undecided="leave", author="Ada"):
    """Finish a review; the answer."""
    assessed(client, inspection)
    return client.post(f"{inspection}/review", json={"state": "finished", "author": author, "undecided": undecided})


class Gate:
    """A network that waits until it is opened, to fill queues. `entered` counts the photos that reached it."""

    def __init__(self):
        self.opened = threading.Event()
        self.entered = threading.Semaphore(0)
        self.warm = False

    def __call__(self, network):
        def gated(canvas):
            if self.warm:
                self.entered.release()
                assert self.opened.wait(60)
            self.warm = True  # the first one is the service's own
            return network(canvas)

        return gated
