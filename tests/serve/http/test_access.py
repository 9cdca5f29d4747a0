"""Who may ask: the token, this machine only, no pages of other sites, so many requests a second."""

import pytest

from crumple.cli.main import run
from crumple.serve.contract.problems import ProblemError
from crumple.serve.http.access import Access, RateLimit
from crumple.serve.settings import Settings
from tests.serve.http.test_assessments import problem
from tests.serve.running import running

TOKEN = "a-token-of-16-chars"


def test_the_token(tmp_path):
    with running(tmp_path, token=TOKEN) as client:
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"}):
            answer = client.get("/v1/inspections", headers=headers)
            problem(answer, 401)
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert client.get("/v1/inspections", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
        problem(client.get("/metrics"), 401)
        problem(client.post("/invocations"), 401)
        for path in ("/", "/ping", "/healthz", "/docs", "/openapi.json", "/page/words.json"):
            assert client.get(path).status_code == 200, path
        # With a token other names of this machine are fine: who knows the token may ask.
        named = {"Authorization": f"Bearer {TOKEN}", "Host": "cars.example", "Origin": "https://else.example"}
        assert client.post("/v1/inspections", headers=named).status_code == 201


def test_without_a_token_this_machine_only(tmp_path):
    with running(tmp_path) as client:
        problem(client.get("/v1/inspections", headers={"Host": "evil.example"}), 403)
        problem(client.get("/v1/inspections", headers={"Host": "127.0.0.1.evil.example:8080"}), 403)
        problem(client.get("/v1/inspections", headers={"Host": "[::1"}), 403)
        assert client.get("/v1/inspections", headers={"Host": "localhost:1"}).status_code == 200
        assert client.get("/v1/inspections", headers={"Host": "[::1]:8080"}).status_code == 200
        problem(client.post("/v1/inspections", headers={"Origin": "http://evil.example"}), 403)
        problem(client.post("/v1/inspections", headers={"Origin": "null"}), 403)
        own = str(client.base_url).rstrip("/")
        problem(client.post("/v1/inspections", headers={"Origin": own.replace("http:", "https:")}), 403)
        assert client.post("/v1/inspections", headers={"Origin": own}).status_code == 201


@pytest.mark.parametrize("name", ["Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP"])
def test_what_a_proxy_passed_on_needs_a_token(tmp_path, name):
    said = {name: "127.0.0.1"}
    with running(tmp_path / "open") as client:
        assert "proxy" in problem(client.get("/v1/inspections", headers=said), 403)["detail"]
    with running(tmp_path / "token", token=TOKEN) as client:
        named = said | {"Authorization": f"Bearer {TOKEN}"}
        assert client.get("/v1/inspections", headers=named).status_code == 200


def test_callers_from_elsewhere_need_a_token():
    access = Access(app=None, settings=Settings())
    for host, is_here in (("127.0.0.1", True), ("::1", True), ("192.168.1.7", False), ("2001:db8::7", False)):
        scope = {"method": "GET", "path": "/v1/inspections", "headers": [(b"host", b"localhost")], "client": (host, 1)}
        if is_here:
            access._check(scope)
        else:
            with pytest.raises(ProblemError, match="its own machine only"):
                access._check(scope)


def test_anonymous_answers_to_any_name(tmp_path):
    with running(tmp_path, anonymous=True, inspections=False) as client:
        assert client.get("/execution-parameters", headers={"Host": "model.local"}).status_code == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.1", "::", "cars.example"])
def test_it_does_not_listen_to_others_without_a_token(host, monkeypatch, capsys):
    monkeypatch.setenv("CRUMPLE_SERVE_TOKEN", "")  # an empty one is none
    with pytest.raises(SystemExit) as end:
        run(["serve", "--host", host])
    assert end.value.code == 2
    assert f"--host {host}: without a token only this machine may ask" in capsys.readouterr().err


def test_a_wrong_setting_is_named(monkeypatch, capsys):
    monkeypatch.setenv("CRUMPLE_SERVE_MAX_BODY", "huge")
    with pytest.raises(SystemExit):
        run(["serve"])
    assert "CRUMPLE_SERVE_MAX_BODY" in capsys.readouterr().err
    monkeypatch.delenv("CRUMPLE_SERVE_MAX_BODY")
    monkeypatch.setenv("SAGEMAKER_BIND_TO_PORT", "eighty")
    with pytest.raises(SystemExit):
        run(["serve"])
    assert "SAGEMAKER_BIND_TO_PORT" in capsys.readouterr().err


def test_rate_of_each_client():
    now = [0.0]
    limit = RateLimit(2, clock=lambda: now[0], clients=2)
    assert [limit.take("a") for _ in range(11)] == [0.0] * 10 + [0.5]
    assert limit.take("b") == 0
    now[0] = 0.5
    assert limit.take("a") == 0 and limit.take("a") > 0
    limit.take("c")
    assert set(limit._buckets) == {"a", "c"}, "memory is bounded"


def test_rate_over_http(tmp_path):
    with running(tmp_path, rate_limit=0.5, inspections=False) as client:
        answers = [client.get("/execution-parameters") for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert int(answers[-1].headers["Retry-After"]) >= 1
        assert client.get("/ping").status_code == 200
