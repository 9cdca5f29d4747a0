"""Webhooks: signed, tried again, given up visibly, and never into the house's own network."""

import base64
import hashlib
import hmac
import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

from prometheus_client import Counter

from crumple.serve.work import delivering
from crumple.serve.work.delivering import LONGEST_WAIT, Delivering, signature
from tests.serve.http.test_assessments import problem
from tests.serve.running import add_photo, assessed, finish, new_inspection, running, until


@contextmanager
def receiver():
    """A server that answers what `answers` holds, then 200; `got`: headers and body of each request."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            server.got.append((dict(self.headers), body))
            self.send_response(server.answers.pop(0) if server.answers else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.got, server.answers = [], []
    server.url = f"http://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


FAST = {"webhook_private": True, "webhook_base": 0.01}


def add_webhook(client, url, **fields) -> dict:
    answer = client.post("/v1/webhooks", json={"url": url} | fields)
    assert answer.status_code == 201, answer.text
    return answer.json()


def deliveries(client, webhook, status=""):
    return client.get(f"/v1/webhooks/{webhook['id']}/deliveries{status and f'?status={status}'}").json()["items"]


def test_a_delivery_is_signed(tmp_path, database_url):
    with receiver() as server, running(tmp_path, database=database_url, **FAST) as client:
        webhook = add_webhook(client, server.url)
        inspection = new_inspection(client)
        add_photo(client, inspection)
        assessed(client, inspection)
        finish(client, inspection)
        until(lambda: len(deliveries(client, webhook, "delivered")) == 2)
        told = {(said := json.loads(body))["type"]: said["data"] for _, body in server.got}
        assert set(told) == {"image.assessed", "review.finished"}
        assert told["review.finished"]["inspection"] == client.get(inspection).json()
        assert told["review.finished"]["inspection"]["totals"]["damages"] == 1
        assert [damage["damage"] for damage in told["review.finished"]["inspection"]["damages"]] == ["dent"]
        for headers, body in server.got:
            name, timestamp = headers["webhook-id"], int(headers["webhook-timestamp"])
            assert json.loads(body)["id"] == name and abs(time.time() - timestamp) < 120
            key = base64.b64decode(webhook["secret"].removeprefix("whsec_"))
            wanted = hmac.new(key, f"{name}.{timestamp}.".encode() + body, hashlib.sha256).digest()
            assert headers["webhook-signature"] == "v1," + base64.b64encode(wanted).decode()
        assert "secret" not in client.get("/v1/webhooks").json()[0]
        assert client.delete(f"/v1/webhooks/{webhook['id']}").status_code == 204
        problem(client.get(f"/v1/webhooks/{webhook['id']}/deliveries"), 404, "webhook_id")


def test_the_signature_of_the_specification():
    # The example of Standard Webhooks 1.0.
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'
    signed = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_refused_deliveries_come_again(tmp_path):
    with receiver() as server, running(tmp_path, **FAST) as client:
        server.answers = [500, 302, 429]
        webhook = add_webhook(
            client, server.url, events=["review.finished"], secret="my own secret phrase".replace(" ", "-")
        )
        inspection = new_inspection(client)
        finish(client, inspection)
        (delivery,) = until(lambda: deliveries(client, webhook, "delivered"))
        assert delivery["attempts"] == 4 and len(server.got) == 4
        assert len({headers["webhook-id"] for headers, _ in server.got}) == 1


def test_each_wait_is_twice_the_one_before_up_to_the_longest(monkeypatch):
    waits = []
    store = SimpleNamespace(settle=lambda delivery, answer, status, wait: waits.append(wait))
    monkeypatch.setattr(Delivering, "_send", lambda self, delivery: (False, "HTTP 503"))
    monkeypatch.setattr(delivering.random, "uniform", lambda least, most: most)
    deliverer = Delivering(
        store, attempts=99, base=5, private=False, sent=Counter("sent", "", ["outcome"], registry=None)
    )
    for attempts in (1, 2, 3, 40):
        store.take = lambda attempts=attempts: SimpleNamespace(id="dlv_1", attempts=attempts)
        assert deliverer.step()
    deliverer.stop()
    assert waits == [5, 10, 20, LONGEST_WAIT]


def test_dead_letters_are_seen_and_sent_again(tmp_path):
    with receiver() as server, running(tmp_path, webhook_attempts=2, **FAST) as client:
        server.answers = [500, 500]
        webhook = add_webhook(client, server.url)
        inspection = new_inspection(client)
        finish(client, inspection)
        (dead,) = until(lambda: deliveries(client, webhook, "dead"))
        assert dead["answer"] == "HTTP 500" and dead["attempts"] == 2 and dead["next_attempt_at"] is None
        assert "crumple_dead_deliveries 1.0" in client.get("/metrics").text
        path = f"/v1/webhooks/{webhook['id']}/deliveries"
        assert client.post(f"{path}/{dead['id']}/redeliver").status_code == 202
        until(lambda: deliveries(client, webhook, "delivered"))
        problem(client.post(f"{path}/dlv-none/redeliver"), 404, "delivery_id")


def test_private_addresses_are_refused_when_a_webhook_is_made(tmp_path):
    with running(tmp_path) as client:
        for host in ("127.0.0.1", "localhost", "[::1]", "169.254.169.254", "168.63.129.16", "192.0.0.192", "[fec0::1]"):
            answer = client.post("/v1/webhooks", json={"url": f"http://{host}/hook"})
            problem(answer, 422, "url")
        assert client.get("/v1/webhooks").json() == []
        add_webhook(client, "https://8.8.8.8/hook")
        add_webhook(client, "https://absent.invalid/hook")  # a name may come to be


def test_private_addresses_get_nothing(tmp_path):
    """A name that led elsewhere when the webhook was made, or one from when they were allowed."""
    with receiver() as server:
        with running(tmp_path, webhook_private=True) as client:
            webhook = add_webhook(client, server.url)
        with running(tmp_path, webhook_attempts=1) as client:
            inspection = new_inspection(client)
            finish(client, inspection)
            (dead,) = until(lambda: deliveries(client, webhook, "dead"))
            assert "is no public address" in dead["answer"] and not server.got


def test_deliveries_outlive_the_process(tmp_path):
    with receiver() as server:
        with running(tmp_path, webhook_private=True, webhook_base=0.05) as client:
            server.answers = [503] * 2
            webhook = add_webhook(client, server.url)
            inspection = new_inspection(client)
            finish(client, inspection)
            until(lambda: server.got)
        with running(tmp_path, **FAST) as client:
            until(lambda: deliveries(client, webhook, "delivered"))


def test_bad_webhooks(tmp_path):
    bodies = (
        {},
        {"url": "ftp://x"},
        {"url": "http://[::1"},
        {"url": "https://ada:secret@cars.example/"},
        {"url": "https://x", "secret": "short"},
        {"url": "https://x", "events": ["?"]},
        {"url": "https://x", "secret": "whsec_no-base-64-at-all"},
    )
    with running(tmp_path) as client:
        for body in bodies:
            problem(client.post("/v1/webhooks", json=body), 422)
        assert client.get("/v1/webhooks").json() == []
