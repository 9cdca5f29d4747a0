"""What was acknowledged is never lost: kill -9 at random moments, many times, then compare.

Photos are joined to cases all the while, so many a kill hits that too.
"""

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid

import httpx
import pytest

from tests.serve.running import picture, until

pytestmark = pytest.mark.slow

SECONDS = 12.0
KILLS = 40


class Service:
    """The service, killed and started again."""

    def __init__(self, data):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = [sys.executable, "-m", "tests.serve.crash_server", str(data), str(self.port)]
        self.starter = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self.url = f"http://127.0.0.1:{self.port}"
        self.pid = 0

    def start(self):
        self.starter.stdin.write("start\n")
        self.starter.stdin.flush()
        self.pid = int(self.starter.stdout.readline())

    def kill(self):
        os.kill(self.pid, signal.SIGKILL)

    def answers(self):
        try:
            return httpx.get(f"{self.url}/ping", trust_env=False, timeout=30).status_code == 200
        except httpx.TransportError:
            return False

    def end(self):
        self.kill()
        self.starter.stdin.close()
        self.starter.wait()


class Customer(threading.Thread):
    """Sends photos and edits, each under a key and again and again until it is acknowledged; remembers what was."""

    def __init__(self, url, number, stop):
        super().__init__()
        self.number, self.stop = number, stop
        self.client = httpx.Client(base_url=url, trust_env=False, timeout=30)
        self.inspections, self.images, self.events = [], [], []
        self.error = None

    def run(self):
        try:
            for count in range(10**6):
                inspection = self.send("/v1/inspections", json={"reference": f"{self.number}-{count}"})
                self.inspections.append(inspection)
                path = f"/v1/inspections/{inspection['id']}"
                for i in range(3):
                    data = picture((self.number * 10_000 + count) * 3 + i, size=(60, 30))
                    (image,) = self.send(f"{path}/images", content=data, type="image/jpeg")
                    self.images.append((path, image))
                done = self.wait_for(f"{path}/images/{image['id']}")
                finding = done["findings"][0]["id"]
                edit = {"kind": "note", "finding_id": finding, "text": "x", "author": "Ada"}
                self.events.append((path, self.send(f"{path}/images/{image['id']}/events", json=edit)))
                about = [{"photo": image["id"], "finding": finding}]
                edit = {"kind": "severity", "severity": "minor", "text": "y", "observations": about, "author": "Bob"}
                self.events += [(path, event) for event in self.send(f"{path}/events", json=edit)["events"]]
        except StopIteration:
            pass
        except BaseException as error:
            self.error = error

    def send(self, path, type=None, **body):
        headers = {"Idempotency-Key": str(uuid.uuid4())} | ({"Content-Type": type} if type else {})
        while True:
            answer = self.ask("POST", path, headers=headers, **body)
            if answer is not None:
                assert answer.is_success, answer.text
                return answer.json()

    def wait_for(self, path):
        while True:
            answer = self.ask("GET", path)
            if answer is not None and answer.json()["status"] == "done":
                return answer.json()
            self.stop.wait(0.02)

    def ask(self, method, path, **options):
        """The answer; None if the service died before it."""
        if self.stop.is_set():
            raise StopIteration
        try:
            return self.client.request(method, path, **options)
        except httpx.TransportError:
            self.stop.wait(0.02)
            return None


def test_what_was_acknowledged_is_never_lost(tmp_path):
    service, stop, moments = Service(tmp_path), threading.Event(), random.Random()
    customers = [Customer(service.url, number, stop) for number in range(3)]
    try:
        service.start()
        until(service.answers)
        for customer in customers:
            customer.start()
        end, kills = time.monotonic() + SECONDS, 0
        while kills < KILLS and (kills < 3 or time.monotonic() < end):
            time.sleep(moments.uniform(0, 0.6))  # the moment is to be any
            service.kill()
            kills += 1
            service.start()
            until(service.answers)
        stop.set()
        for customer in customers:
            customer.join()
            assert customer.error is None, customer.error
        service.kill()
        service.start()
        until(service.answers)
        compare(customers, service.url)
        print(f"{kills} kills, {sum(len(customer.images) for customer in customers)} photos")
    finally:
        stop.set()
        service.end()


def compare(customers, url):
    """Everything that was acknowledged is there, once, and what was unfinished is finished."""
    with httpx.Client(base_url=url, trust_env=False, timeout=60) as client:
        for customer in customers:
            for inspection in customer.inspections:
                read = client.get(f"/v1/inspections/{inspection['id']}").json()
                assert read["reference"] == inspection["reference"]
            for path, image in customer.images:
                address = f"{path}/images/{image['id']}"
                read = until(lambda address=address: settled(client, address))
                assert read["status"] == "done", read["problem"]
                assert read["sha256"] == image["sha256"] and read["findings"]
                assert client.get(f"{address}/photo").content.startswith(b"\xff\xd8")
            for path, event in customer.events:
                assert event in client.get(f"{path}/events").json()["items"]
                if event["kind"] == "severity":
                    compare_case(client, path)
        references = [one["reference"] for one in everything(client)]
        assert len(references) == len(set(references)), "a repeated request made a second inspection"
        assert all(one["photos"] <= 3 for one in everything(client))


def compare_case(client, path):
    """The three photos show one damage, of the severity that was acknowledged."""
    read = until(lambda: (found := client.get(path).json())["case_status"] == "done" and found)
    (damage,) = read["damages"]
    assert len(damage["observations"]) == 3 and (damage["severity"], damage["reason"]) == ("minor", "y")
    assert damage["decision"] == "confirmed"


def settled(client, address):
    image = client.get(address).json()
    return image if image["status"] in ("done", "failed") else None


def everything(client):
    cursor = ""
    while cursor is not None:
        page = client.get(f"/v1/inspections?limit=200{cursor}").json()
        yield from page["items"]
        cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"
