"""What goes wrong between here and a server: one line each, no secret in it, nothing lost."""

import io
import logging
import traceback

import pytest

from crumple.label.cvat.connection import Login
from crumple.label.cvat.errors import CvatError
from crumple.label.cvat.project import find_project, make_project
from crumple.label.cvat.schema import labels
from crumple.label.cvat.server import open_server
from tests.label.cvat.cvat_project import PROJECT, Heard, logged_in, push_all, shapes, write_photos
from tests.label.cvat.fake_cvat import FakeCvat

SECRETS = ("secret-of-annie", "token-of-annie")


@pytest.fixture
def fake():
    with FakeCvat() as server:
        yield server


def refused(fake, action, match):
    """Raises CvatError of one line without secrets, in whatever way it is shown."""
    with pytest.raises(CvatError, match=match) as error:
        action()
    shown = "".join(traceback.format_exception(error.value))
    assert "\n" not in str(error.value)
    assert not any(secret in shown for secret in SECRETS)
    return str(error.value)


def log_in(fake, **who):
    who = {"user": "annie", "password": "secret-of-annie"} | who
    with open_server(Login(fake.url, **who), 0.01) as server:
        return server.user()


def test_password_and_token(fake):
    assert log_in(fake) == "annie"
    assert log_in(fake, token="token-of-bobby") == "bobby"


def test_wrong_credentials(fake):
    refused(fake, lambda: log_in(fake, password="no"), "wrong user name or password for annie; check CVAT_USERNAME")
    refused(fake, lambda: log_in(fake, token="no"), "the token is not accepted; check CVAT_ACCESS_TOKEN")


@pytest.mark.parametrize("who", [{}, {"user": "annie"}, {"password": "x"}])
def test_no_credentials(who):
    with pytest.raises(CvatError, match="no credentials: set CVAT_ACCESS_TOKEN, or CVAT_USERNAME and CVAT_PASSWORD"):
        Login("http://cvat", **who)


def test_secrets_are_not_shown():
    login = Login("http://cvat", "annie", "secret-of-annie", "token-of-annie")
    assert not any(secret in f"{login!r} {login}" for secret in SECRETS)
    with pytest.raises(CvatError, match="--url holds a user name or password") as error:
        Login("http://annie:secret-of-annie@cvat", "annie", "x")
    assert "secret" not in str(error.value)


def test_a_server_that_repeats_a_secret_does_not_spread_it(fake):
    fake.hook = lambda method, path: (400, {"detail": "secret-of-annie is bad"}) if path == "/api/projects" else None
    said = refused(fake, lambda: push_project(fake), "refused")
    assert said.endswith("/api/projects: refused (400)") or said.endswith(": refused (400)")


def test_a_password_that_is_a_common_word_does_not_show_by_a_gap(fake):
    """What we say stays whole, and of what the server says with the word in it nothing is left."""
    fake.state.users[0].password = "permission"
    login = Login(fake.url, "annie", "permission")
    with open_server(login, 0.01) as server:
        fake.hook = lambda method, path: (403, {"detail": "You do not have permission"})
        said = refused(fake, server.projects, "annie has no permission; ask the project's owner")
    assert "***" not in said and "do not have" not in said


def test_nothing_is_logged_that_holds_a_secret(fake, tmp_path):
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        lost = iter(["drop"] * 3)
        fake.hook = lambda method, path: next(lost, None) if method == "PATCH" else None
        with pytest.raises(CvatError):
            push_all(fake, write_photos(tmp_path / "p", 1))
        log_in(fake, token="token-of-annie")
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    sessions = [*fake.state.sessions, *(csrf for _, csrf in fake.state.sessions.values())]
    assert not any(secret in stream.getvalue() for secret in (*SECRETS, *sessions))


def push_project(fake, user="annie"):
    with logged_in(fake, user) as server:
        return make_project(server, PROJECT, Heard())


def test_a_server_that_is_down():
    with FakeCvat() as fake:
        pass
    said = refused(fake, lambda: log_in(fake), r"no CVAT server answers \(.*refused.*\); start it, or check --url")
    assert "run the same command again" in said


@pytest.mark.parametrize("url", ["ftp://x", "http://"])
def test_a_url_that_is_none(url):
    with pytest.raises(CvatError) as error, open_server(Login(url, "annie", "secret-of-annie"), 0.01):
        pass
    assert "\n" not in str(error.value) and url in str(error.value)


@pytest.mark.parametrize("answer", [(200, {}), (200, []), (200, b"<html>Welcome</html>"), (200, b""), (302, b"")])
def test_something_that_is_no_cvat(fake, answer):
    fake.hook = lambda method, path: answer
    refused(fake, lambda: log_in(fake), "check --url|refused")


def test_a_server_that_is_too_old():
    with FakeCvat(version="2.41.1") as fake:
        refused(fake, lambda: log_in(fake), r"runs CVAT 2.41.1, and 2.70 is the oldest that is supported; update")


@pytest.mark.parametrize(
    ("status", "content", "match"),
    [
        (401, {"detail": "Session expired"}, "the session has ended"),
        (403, {"detail": "You do not have permission"}, "annie has no permission: You do not have permission; ask"),
        (403, ["You've reached the maximum number of projects"], "a quota is used up: You've reached the maximum"),
        (402, {"message": "Upgrade"}, "a quota is used up: Upgrade; make room or raise it"),
        (404, {"detail": "Not found."}, "there is no such thing, or annie may not see it"),
        (409, {"message": "An import is running"}, "is locked by another operation: An import is running; wait"),
        (423, None, "is locked by another operation; wait for it"),
        (413, b"<html>nginx</html>", "no room for that much data; make room there"),
        (507, None, "no room for that much data"),
        (429, {"detail": "rate limit"}, "a quota is used up"),
        (500, b"<html>Oops</html>", r"the server failed \(500\); see its log; nothing is lost"),
        (502, b"", r"the server failed \(502\)|no CVAT server answers"),
        (400, {"name": ["is too long"]}, r"refused \(400\): name: is too long"),
    ],
)
def test_what_the_server_refuses(fake, status, content, match):
    fake.hook = lambda method, path: (status, content) if path == "/api/projects" and method == "POST" else None
    refused(fake, lambda: push_project(fake), match)
    fake.hook = lambda method, path: None
    assert push_project(fake).name == PROJECT


def test_who_may_only_annotate_cannot_push(fake):
    refused(fake, lambda: push_project(fake, user="bobby"), "bobby has no permission")


def test_a_quota_of_tasks(fake, tmp_path):
    fake.state.most_tasks = 1
    folder = write_photos(tmp_path / "p", 3)
    refused(fake, lambda: push_all(fake, folder), "a quota is used up: You've reached the maximum number of tasks")
    fake.state.most_tasks = None
    assert push_all(fake, folder).photos == 1


def test_two_projects_of_one_name(fake):
    push_project(fake)
    fake.state.projects.append({**fake.state.projects[0], "id": 77, "owner": fake.state.users[2].json()})
    assert push_project(fake).id == 1, "a colleague's is not seen"
    number = fake.state.projects[0]["id"]
    listed = f"#77 of cindy, #{number} of annie|#{number} of annie, #77 of cindy"
    refused(fake, lambda: push_project(fake, "admin"), f"there are 2 projects called 'Cars 2026': ({listed}); give one")
    with logged_in(fake, "admin") as server:
        assert find_project(server, f"#{number}")["owner"]["username"] == "annie"
        assert find_project(server, "#77")["owner"]["username"] == "cindy"
        with pytest.raises(CvatError, match="there is no project '#78'"):
            make_project(server, "#78", Heard())


def test_an_empty_organisation_is_the_personal_workspace(fake):
    fake.state.create_project(fake.state.users[0], {"name": "ours"}, "garage")
    fake.state.create_project(fake.state.users[0], {"name": "mine"})
    seen = {}
    for organisation in (None, "", "garage"):
        with open_server(Login(fake.url, "annie", "secret-of-annie", organisation=organisation), 0.01) as server:
            seen[organisation] = {project["name"] for project in server.projects()}
    assert seen == {None: {"ours", "mine"}, "": {"mine"}, "garage": {"ours"}}


def test_a_proxy_before_the_server_that_fails(fake, tmp_path):
    """A page of HTML with status 502 at any one request: nothing is lost, and the same command goes on."""
    folder = write_photos(tmp_path / "p", 3)
    fake.hook = lambda method, path: (502, b"<html>Bad Gateway</html>") if "/annotations" in path else None
    refused(fake, lambda: push_all(fake, folder), r"the server failed \(502\)|no CVAT server answers")
    fake.hook = lambda method, path: None
    push_all(fake, folder)
    assert len(shapes(fake)) == 6


def test_labels_that_differ_are_named(fake):
    push_project(fake)
    for label in fake.state.labels:
        if label["name"] == "hood":
            label["attributes"] = label["attributes"][1:]
        elif label["name"] == "dent":
            label["type"] = "rectangle"
            label["attributes"][0]["values"] = ["small", "large"]
            label["attributes"] = label["attributes"][:1]
    said = refused(fake, lambda: push_project(fake), "its labels are not those of the taxonomy")
    assert "label hood, attribute occluded is missing; label dent takes only rectangle shapes, not any; label" in said
    assert "and 3 more" in said


def test_harmless_differences_are_only_said(fake):
    push_project(fake)
    fake.state.labels[0]["color"] = "#000000"
    fake.state.labels.append({**fake.state.labels[0], "id": 999, "name": "dog"})
    with logged_in(fake) as server:
        heard = Heard()
        make_project(server, PROJECT, heard)
    assert "has the colour #000000, ours is #485cc4; label dog is not one of ours" in heard.lines[0]


@pytest.mark.parametrize(
    ("lacks", "says"),
    [
        (["roof"], "label roof is missing; drafts leave it out"),
        (["grille", "roof"], "labels grille, roof are missing; drafts leave them out"),
    ],
)
def test_labels_that_are_missing_are_only_said(fake, lacks, says):
    push_project(fake)
    fake.state.labels = [label for label in fake.state.labels if label["name"] not in lacks]
    with logged_in(fake) as server:
        heard = Heard()
        project = make_project(server, PROJECT, heard)
    assert heard.lines == [f"project {PROJECT!r}: {says}"]
    assert project.names == [label["name"] for label in labels() if label["name"] not in lacks]


def test_a_project_without_any_of_our_labels_is_not_ours(fake):
    push_project(fake)
    fake.state.labels = [{**fake.state.labels[0], "name": "dog"}]
    refused(fake, lambda: push_project(fake), "its labels are not those of the taxonomy: none of our labels is there")
