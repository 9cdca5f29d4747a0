"""`crumple collect` as a user meets it."""

import errno
import os

import pytest

from crumple.cli.collect import DEFAULT_LICENSES
from crumple.cli.main import run
from crumple.collect import commons, flickr, openverse
from crumple.collect.http import Http
from crumple.collect.licenses import DEFAULT, parse_families
from crumple.storage import LocalFolder, open_folder
from tests.collect.commons_server import CommonsServer, FakeFile
from tests.collect.fake_server import Reply
from tests.collect.fast import NO_WAIT
from tests.collect.flickr_server import KEY, FlickrServer, photos
from tests.collect.openverse_server import FakeImage, OpenverseServer


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    real = Http.__init__
    monkeypatch.setattr(Http, "__init__", lambda self, **settings: real(self, NO_WAIT, **settings))
    monkeypatch.setenv("FLICKR_API_KEY", KEY)
    for name in ("OPENVERSE_CLIENT_ID", "OPENVERSE_CLIENT_SECRET"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def server(monkeypatch):
    with FlickrServer(photos(12)) as server:
        monkeypatch.setattr(flickr, "API", server.api)
        yield server


def collect(*arguments):
    """Exit code of `crumple collect "damaged car" ...`."""
    with pytest.raises(SystemExit) as end:
        run(["collect", "damaged car", *map(str, arguments)])
    return end.value.code


def test_twice(server, tmp_path, capsys):
    assert collect("--limit", 10, "--out", tmp_path / "raw") == 0
    captured = capsys.readouterr()
    assert captured.out == f"10 photos collected (10 CC-BY-2.0): {tmp_path / 'raw'}\n" and captured.err == ""
    assert {path.name for path in (tmp_path / "raw").iterdir()} == {"images", "manifest.jsonl", "ATTRIBUTION.csv"}
    assert collect("--limit", 12, "--out", tmp_path / "raw") == 0
    assert capsys.readouterr().out == f"2 photos collected (2 CC-BY-2.0), 10 already there: {tmp_path / 'raw'}\n"


def test_the_other_sources(monkeypatch, tmp_path, capsys):
    with CommonsServer([FakeFile(1), FakeFile(2)]) as server:
        monkeypatch.setattr(commons, "API", server.api)
        assert collect("--source", "commons", "--out", tmp_path) == 0
    with OpenverseServer([FakeImage("a"), FakeImage("b")]) as server:
        monkeypatch.setattr(openverse, "API", server.api)
        assert collect("--source", "openverse", "--license", "BY,by-sa", "--out", tmp_path) == 0
    assert {path.name for path in (tmp_path / "images").iterdir()} == {"commons", "openverse"}
    assert capsys.readouterr().out.count("2 photos collected") == 2


def test_into_a_bucket_by_its_url(server, capsys):
    assert collect("--out", "memory://crumple-cli/raw") == 0
    assert capsys.readouterr().out.endswith(": memory://crumple-cli/raw\n")
    assert len(open_folder("memory://crumple-cli/raw").sizes("images")) == 12


def test_a_photo_that_failed_is_named_and_the_exit_code_is_1(server, tmp_path, capsys):
    server.fail("/photo/3/o.jpg", *[Reply(b"<html>", content_type="text/html")] * 2)
    assert collect("--out", tmp_path) == 1
    captured = capsys.readouterr()
    assert captured.err == "skipped: flickr:3: is sent as text/html, not as a picture\n"
    assert captured.out == f"11 photos collected (11 CC-BY-2.0), 1 failed: {tmp_path}\n"


def test_refresh(server, tmp_path, capsys):
    collect("--out", tmp_path)
    server.delete(4)
    assert collect("--out", tmp_path, "--refresh") == 0
    captured = capsys.readouterr()
    assert "removed: flickr:4 was deleted at its source" in captured.err
    assert captured.out.endswith(f"0 photos collected, 11 already there, 1 removed: {tmp_path}\n")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--source", "instagram"], "--source instagram: is none of flickr, commons, openverse"),
        (["--license", "by,all"], "--license all: is none of cc0, pdm, by, by-sa, us-gov, by-nd"),
        (["--out", "ftp://host/raw"], "ftp://host/raw: files in ftp:// are not supported; give a local folder"),
    ],
)
def test_a_wrong_option_is_told_before_anything_is_asked(server, arguments, why, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert collect(*arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"error: {why}") and error.count("\n") == 1
    assert not server.log and not list(tmp_path.iterdir())


def one_line(capsys, *parts):
    error = capsys.readouterr().err
    assert error.startswith("error: ") and error.count("\n") == 1 and KEY not in error
    assert all(part in error for part in parts), error


def test_no_key(server, tmp_path, capsys, monkeypatch):
    monkeypatch.delenv("FLICKR_API_KEY")
    assert collect("--out", tmp_path / "raw") == 2
    one_line(capsys, "FLICKR_API_KEY is not set: get a key at https://www.flickr.com/services/apps/create/")
    assert not (tmp_path / "raw").exists() and not server.log


def test_wrong_key_quota_and_network_leave_the_manifest_as_it_was(server, tmp_path, capsys, monkeypatch):
    collect("--limit", 3, "--out", tmp_path)
    before = (tmp_path / "manifest.jsonl").read_bytes()
    capsys.readouterr()
    server.key = "another"
    assert collect("--out", tmp_path) == 2
    one_line(capsys, "flickr refuses the key in FLICKR_API_KEY (code 100)")
    assert collect("--out", tmp_path / "new" / "raw") == 2 and not (tmp_path / "new").exists()
    capsys.readouterr()
    server.fail(flickr.API.removeprefix(server.url), Reply(b"", 429, headers={"Retry-After": "3600"}))
    assert collect("--out", tmp_path) == 2
    one_line(capsys, "127.0.0.1: its quota is used up; in 60 minutes run the same command again")
    monkeypatch.setattr(flickr, "API", "http://127.0.0.1:9/")
    assert collect("--out", tmp_path) == 2
    one_line(capsys, "127.0.0.1: cannot be reached", "check the network; run the same command again")
    assert (tmp_path / "manifest.jsonl").read_bytes() == before
    assert len((tmp_path / "ATTRIBUTION.csv").read_text().splitlines()) == 4


def test_a_full_disk(server, tmp_path, capsys, monkeypatch):
    real = LocalFolder.write

    def write(self, name, data):
        if name.startswith("images") and len(self.sizes("images")) >= 5:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), self.where(name))
        real(self, name, data)

    monkeypatch.setattr(LocalFolder, "write", write)
    assert collect("--out", tmp_path, "--workers", 1) == 2
    one_line(capsys, "cannot be written: No space left on device; give another --out")
    assert (tmp_path / "manifest.jsonl").read_bytes().count(b"\n") == 5
    monkeypatch.setattr(LocalFolder, "write", real)
    assert collect("--out", tmp_path) == 0


def test_a_file_in_the_way(server, tmp_path, capsys):
    (tmp_path / "raw").write_text("")
    assert collect("--out", tmp_path / "raw") == 2
    one_line(capsys, "is a file, not a folder; give another --out")
    assert not server.log


def test_the_default_licences_are_the_libraries():
    assert parse_families(DEFAULT_LICENSES) == set(DEFAULT)
