"""Asking again, and when to stop asking."""

import subprocess
import sys
import threading
import time

import pytest

from crumple.collect.errors import NetworkError, QuotaError, SourceError, Stopped
from crumple.collect.http import Backoff
from tests.collect.fake_server import FakeServer, Reply, http_date
from tests.collect.fast import NO_WAIT, fast_http


class Echo(FakeServer):
    def reply(self, path, params):
        return Reply({"path": path, **params})


@pytest.fixture
def server():
    with Echo() as server:
        yield server


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_temporary_failure_is_asked_again(server, status):
    server.fail("/a", Reply(b"", status), Reply(b"", status))
    assert fast_http().fetch(f"{server.url}/a", {"x": "1"}).json() == {"path": "/a", "x": "1"}
    assert server.hits["/a"] == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_a_lasting_failure_is_an_answer(server, status):
    server.fail("/a", Reply(b"", status))
    assert fast_http().fetch(f"{server.url}/a").status == status
    assert server.hits["/a"] == 1


@pytest.mark.parametrize(
    ("status", "error", "why"),
    [(503, SourceError, "answers 503, also after 4 attempts"), (429, QuotaError, "its quota is used up")],
)
def test_it_gives_up_in_one_line_without_the_parameters(server, status, error, why):
    server.fail("/a", *[Reply(b"", status)] * 9)
    with pytest.raises(error, match=f"^127.0.0.1: .*{why}.*run the same command again") as raised:
        fast_http().fetch(f"{server.url}/a", {"api_key": "secret"})
    assert server.hits["/a"] == 4 and "secret" not in str(raised.value) and "\n" not in str(raised.value)


def test_a_body_that_is_cut_off_is_fetched_again(server):
    server.fail("/a", Reply(b"half", announced=100))
    assert fast_http().fetch(f"{server.url}/a").json() == {"path": "/a"}


def test_no_network_is_told_in_one_line():
    with pytest.raises(NetworkError, match=r"^127.0.0.1: cannot be reached \(.*\); check the network; run the same"):
        fast_http().fetch("http://127.0.0.1:9/a", {"api_key": "secret"})


@pytest.mark.parametrize("when", ["1", lambda: http_date(2)], ids=["seconds", "date"])
def test_retry_after_is_waited_for_by_all_workers(server, when):
    http = fast_http()
    server.fail("/a", Reply(b"", 429, headers={"Retry-After": when if isinstance(when, str) else when()}))
    started = time.monotonic()
    first = threading.Thread(target=http.fetch, args=(f"{server.url}/a",))
    first.start()
    while not http._pauses:
        time.sleep(0.01)
    http.fetch(f"{server.url}/b")
    assert time.monotonic() - started >= 0.9
    first.join()


@pytest.mark.parametrize("value", ["soon", "", "Thu, 99 Foo"])
def test_a_retry_after_that_says_nothing_is_passed_over(server, value):
    server.fail("/a", Reply(b"", 503, headers={"Retry-After": value}))
    assert fast_http().fetch(f"{server.url}/a").status == 200


def test_a_wait_beyond_patience_is_told(server):
    server.fail("/a", Reply(b"", 429, headers={"Retry-After": "1800"}))
    with pytest.raises(QuotaError, match="its quota is used up; in 30 minutes run the same command again"):
        fast_http().fetch(f"{server.url}/a")
    assert server.hits["/a"] == 1


def test_delays_grow_and_are_never_the_same():
    backoff = Backoff(base=1, longest=10)
    delays = [[backoff.delay(attempt) for _ in range(100)] for attempt in range(6)]
    for some, most in zip(delays, (1, 2, 4, 8, 10, 10), strict=True):
        assert most / 2 <= min(some) < max(some) <= most and len(set(some)) > 90


def test_an_answer_may_be_worth_asking_again(server):
    server.fail("/a", Reply({"stat": "fail"}))
    answer = fast_http().fetch(f"{server.url}/a", again=lambda answer: "is busy" if "stat" in answer.json() else None)
    assert answer.json() == {"path": "/a"}
    server.fail("/a", *[Reply({"stat": "fail"})] * 9)
    with pytest.raises(SourceError, match="is busy, also after 4 attempts"):
        fast_http().fetch(f"{server.url}/a", again=lambda answer: "is busy" if "stat" in answer.json() else None)


def test_a_body_beyond_the_limit_is_refused(server):
    server.fail("/a", Reply(b"x" * 2_000_001))
    with pytest.raises(SourceError, match="sends more than 2 MB"):
        fast_http().fetch(f"{server.url}/a", max_bytes=2_000_000)


def test_what_is_no_json_is_told(server):
    server.fail("/a", Reply(b"<html>", content_type="text/html; charset=utf-8"))
    with pytest.raises(SourceError, match="answered text/html instead of JSON"):
        fast_http().fetch(f"{server.url}/a").json()


def test_a_stop_ends_a_wait(server):
    stop = threading.Event()
    server.fail("/a", Reply(b"", 429, headers={"Retry-After": "2"}))
    threading.Timer(0.2, stop.set).start()
    started = time.monotonic()
    with pytest.raises(Stopped):
        fast_http(stop=stop).fetch(f"{server.url}/a")
    assert time.monotonic() - started < 1.5 and NO_WAIT.patience > 2


def test_services_are_told_who_asks(server, monkeypatch):
    monkeypatch.setenv("CRUMPLE_CONTACT", "me@example.org")
    fast_http().fetch(f"{server.url}/a")
    assert all(agent.startswith("crumple/") and "(me@example.org; " in agent for agent in server.agents)


def test_without_httpx_the_extra_is_named():
    program = "import sys; sys.modules['httpx'] = None; from crumple.cli.main import run; run(['collect', 'car'])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (2, "error: httpx is not installed: pip install 'crumple[collect]'\n")
