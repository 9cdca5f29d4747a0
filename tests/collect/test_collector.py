"""A run, from search to ATTRIBUTION.csv, on a Flickr that keeps its rules and breaks down."""

import csv
import errno
import hashlib
import json
import os
import threading
import time

import pytest

from crumple.collect.attribution import COLUMNS
from crumple.collect.collector import Collector, Wanted
from crumple.collect.errors import NetworkError, QuotaError, SourceError
from crumple.collect.flickr import Flickr
from crumple.collect.licenses import DEFAULT
from crumple.collect.manifest import read_manifest
from crumple.errors import CrumpleError
from crumple.storage import LocalFolder, open_folder
from tests.collect.fake_server import Reply
from tests.collect.fast import fast_http, plenty
from tests.collect.flickr_server import KEY, FakePhoto, FlickrServer, photos
from tests.collect.pictures import picture
from tests.stores import gs_bucket, s3_bucket

FREE = frozenset(DEFAULT)


@pytest.fixture
def server():
    with FlickrServer(photos(30)) as server:
        yield server


def collect(server, place, *, say=lambda line: None, http=None, key=KEY, **wanted):
    http = http or fast_http()
    source = Flickr(http, key, api=server.api, bucket=plenty(), now=lambda: 1_600_000_000)
    wanted = Wanted(**({"query": "damaged car", "families": FREE, "limit": 100, "max_side": 2048} | wanted))
    folder = place if not isinstance(place, str | os.PathLike) else open_folder(place)
    return Collector(source, http, folder, wanted, say).run()


def assert_in_order(place, count):
    """Every file has its line, its hash and its row, and nothing else lies about."""
    folder = open_folder(place)
    entries = read_manifest(folder)
    assert len(entries) == count
    assert sorted(entry.file for entry in entries) == list(folder.sizes("images"))
    for entry in entries:
        assert hashlib.sha256(folder.read(entry.file)).hexdigest() == entry.sha256
    rows = list(csv.DictReader(folder.read("ATTRIBUTION.csv").decode().splitlines()))
    assert [row["file"] for row in rows] == [entry.file for entry in entries]
    return entries, rows


def test_photos_their_manifest_and_their_attribution(server, tmp_path):
    outcome = collect(server, tmp_path / "raw")
    assert (outcome.collected, outcome.licenses) == (30, {"CC-BY-2.0": 30})
    entries, rows = assert_in_order(tmp_path / "raw", 30)
    entry = next(entry for entry in entries if entry.id == "7")
    assert entry.file == "images/flickr/7.jpg" and (tmp_path / "raw" / entry.file).read_bytes() == picture(7)
    assert (entry.width, entry.height, entry.query) == (48, 32, "damaged car")
    assert next(row for row in rows if row["file"] == entry.file) == {
        "file": "images/flickr/7.jpg",
        "title": "Crash 7",
        "author": "Someone 12345678@N01",
        "author_url": "https://www.flickr.com/people/12345678@N01/",
        "page_url": "https://www.flickr.com/photos/12345678@N01/7",
        "license": "CC-BY-2.0",
        "license_url": "https://creativecommons.org/licenses/by/2.0/",
        "changes": "none",
    }
    assert list(rows[0]) == list(COLUMNS)
    umask = os.umask(0)
    os.umask(umask)
    assert (tmp_path / "raw" / entry.file).stat().st_mode & 0o777 == 0o666 & ~umask


def test_a_second_run_adds_only_what_is_new(server, tmp_path):
    collect(server, tmp_path)
    server.photos |= {photo.id: photo for photo in photos(5, first=100, since=1_590_000_000)}
    outcome = collect(server, tmp_path)
    assert (outcome.collected, outcome.present) == (5, 30)
    assert set(server.downloads().values()) == {1} and len(server.downloads()) == 35
    assert_in_order(tmp_path, 35)


def test_the_manifest_only_grows(server, tmp_path):
    collect(server, tmp_path, limit=10)
    before = (tmp_path / "manifest.jsonl").read_bytes()
    server.delete(25)
    collect(server, tmp_path, limit=30, refresh=True)
    assert (tmp_path / "manifest.jsonl").read_bytes().startswith(before)


def test_the_limit_counts_what_is_there(server, tmp_path):
    assert collect(server, tmp_path, limit=10).collected == 10
    assert collect(server, tmp_path, limit=12).collected == 2
    assert collect(server, tmp_path, limit=0).collected == 0
    entries, _ = assert_in_order(tmp_path, 12)
    assert {int(entry.id) for entry in entries} == set(range(19, 31))  # the newest


def test_failures_do_not_count_for_the_limit(server, tmp_path):
    server.fail("/photo/30/o.jpg", *[Reply(b"", 403)] * 9)
    outcome = collect(server, tmp_path, limit=10)
    assert (outcome.collected, outcome.failed) == (10, 1)
    assert_in_order(tmp_path, 10)


def test_results_that_move_from_page_to_page_are_taken_once(tmp_path, monkeypatch):
    monkeypatch.setattr("crumple.collect.flickr.PER_PAGE", 20)
    with FlickrServer(photos(90)) as server:
        server.drift = True
        assert collect(server, tmp_path).collected == 90
        assert set(server.downloads().values()) == {1}


def test_licences_are_checked_on_every_record(server, tmp_path):
    server.photos |= {photo.id: photo for photo in photos(4, first=100, license=0) + photos(3, first=200, license=6)}
    server.ignores = {"license"}
    outcome = collect(server, tmp_path)
    assert (outcome.collected, outcome.refused) == (30, 7)
    assert not any(number >= 100 for number in server.downloads())


def test_a_photo_without_a_size_that_fits_is_left(server, tmp_path):
    server.photos[100] = FakePhoto(100, 1_500_000_000, sizes=(("o", (4000, 3000)),))
    assert collect(server, tmp_path).too_large == 1


def test_a_smaller_copy_is_told_in_the_attribution(server, tmp_path):
    collect(server, tmp_path, limit=1, max_side=30)
    _, rows = assert_in_order(tmp_path, 1)
    assert rows[0]["changes"] == "none; the medium copy (24x16) that its source offers"


@pytest.mark.parametrize(
    ("faults", "hits"),
    [
        ([Reply(picture(1)[:300], content_type="image/jpeg", announced=900)], 2),
        ([Reply(picture(1)[:300], content_type="image/jpeg")], 2),
        ([Reply(b"", 503), Reply(b"", 502)], 3),
        ([Reply(b"", 429, headers={"Retry-After": "0"})], 2),
    ],
    ids=["cut off", "cut off unnoticed", "errors", "too often"],
)
def test_a_download_that_breaks_off_is_repeated(server, tmp_path, faults, hits):
    server.fail("/photo/1/o.jpg", *faults)
    assert collect(server, tmp_path).collected == 30
    assert server.downloads()[1] == hits
    assert_in_order(tmp_path, 30)


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (Reply(b"<html>", content_type="text/html"), "is sent as text/html, not as a picture"),
        (Reply(picture(1)[:300], content_type="image/jpeg"), "is cut off or damaged"),
        (Reply(b"", content_type="image/jpeg"), "is empty"),
        (Reply(b"GIF89a...", content_type="image/gif"), "is a GIF; save it as"),
        (Reply(picture(1, (64, 48)), content_type="image/jpeg"), "has 64x48 pixels, more than its source said"),
        (Reply(b"", 403), "its host answers HTTP 403"),
        (Reply(b"", 500), "answers 500, also after 4 attempts"),
    ],
)
def test_what_is_no_photo_is_skipped_and_named(server, tmp_path, reply, why):
    server.fail("/photo/1/o.jpg", *[reply] * 9)
    lines = []
    outcome = collect(server, tmp_path, say=lines.append, max_side=50)
    assert (outcome.collected, outcome.failed) == (29, 1)
    assert len(lines) == 1 and why in lines[0] and lines[0].startswith("skipped: ") and "\n" not in lines[0]
    assert_in_order(tmp_path, 29)
    server.faults.clear()
    assert collect(server, tmp_path).collected == 1  # the next run tries again


def test_a_photo_that_went_between_search_and_download(server, tmp_path):
    server.fail("/photo/1/o.jpg", Reply(b"", 404))
    server.fail("/photo/2/o.jpg", Reply(b"", 302, headers={"Location": "/gone/photo_unavailable.png"}))
    outcome = collect(server, tmp_path)
    assert (outcome.collected, outcome.gone, outcome.failed) == (28, 2, 0)


def test_the_suffix_is_that_of_the_real_format(server, tmp_path):
    server.fail("/photo/1/o.jpg", Reply(picture(1, kind="PNG"), content_type="image/jpeg"))
    collect(server, tmp_path)
    assert (tmp_path / "images" / "flickr" / "1.png").exists()


def test_refresh_drops_what_was_deleted_at_the_source(server, tmp_path):
    collect(server, tmp_path)
    server.delete(3, 4)
    lines = []
    outcome = collect(server, tmp_path, refresh=True, say=lines.append)
    assert (outcome.removed, outcome.checked, outcome.collected, outcome.present) == (2, 30, 0, 28) and len(lines) == 2
    entries, _ = assert_in_order(tmp_path, 28)
    assert not {"3", "4"} & {entry.id for entry in entries}
    events = [json.loads(line)["event"] for line in (tmp_path / "manifest.jsonl").read_text().splitlines()]
    assert events == ["collected"] * 30 + ["removed"] * 2
    assert collect(server, tmp_path, refresh=True).removed == 0


def test_without_refresh_nothing_is_dropped(server, tmp_path):
    collect(server, tmp_path)
    server.delete(3)
    assert collect(server, tmp_path).removed == 0
    assert_in_order(tmp_path, 30)


def test_a_removal_that_was_killed_halfway_is_finished(server, tmp_path):
    collect(server, tmp_path)
    with (tmp_path / "manifest.jsonl").open("a") as file:
        line = {"event": "removed", "source": "flickr", "id": "3", "file": "images/flickr/3.jpg", "removed": "2026"}
        file.write(json.dumps(line) + "\n")
    server.delete(3)
    collect(server, tmp_path)
    assert_in_order(tmp_path, 29)


def test_downloads_are_parallel_and_bounded(tmp_path):
    with FlickrServer(photos(60)) as server:
        server.slow = 0.03
        collect(server, tmp_path, workers=4)
        assert 3 <= server.most_at_once <= 5  # and the search


def test_a_photo_without_its_line_is_not_fetched_again(server, tmp_path):
    collect(server, tmp_path)
    lines = (tmp_path / "manifest.jsonl").read_text().splitlines(keepends=True)
    (tmp_path / "manifest.jsonl").write_text("".join(lines[:-5]) + lines[-5][:40])  # killed, the last line torn
    (tmp_path / "images" / "flickr" / ".99.x7.jpg").write_bytes(b"half")
    outcome = collect(server, tmp_path)
    assert (outcome.collected, outcome.found, outcome.present) == (5, 5, 25)
    assert set(server.downloads().values()) == {1}
    assert_in_order(tmp_path, 30)
    assert not list((tmp_path / "images" / "flickr").glob(".*"))


def test_a_stray_file_of_another_size_is_not_believed(server, tmp_path):
    folder = tmp_path / "images" / "flickr"
    folder.mkdir(parents=True)
    (folder / "1.png").write_bytes(picture(1, (24, 16), "PNG"))
    (folder / "2.jpg").write_bytes(picture(2)[:200])
    outcome = collect(server, tmp_path)
    assert (outcome.collected, outcome.found) == (30, 0)
    assert_in_order(tmp_path, 30)


def test_a_file_that_was_lost_or_cut_off_is_fetched_again(server, tmp_path):
    collect(server, tmp_path)
    (tmp_path / "images" / "flickr" / "1.jpg").unlink()
    (tmp_path / "images" / "flickr" / "2.jpg").write_bytes(b"half")
    assert collect(server, tmp_path).collected == 2
    assert_in_order(tmp_path, 30)


def test_two_processes_do_not_collect_into_one_folder(server, tmp_path):
    server.slow = 0.1
    thread = threading.Thread(target=collect, args=(server, tmp_path))
    thread.start()
    while not server.downloads():
        time.sleep(0.01)
    with pytest.raises(CrumpleError, match="another process collects there"):
        collect(server, tmp_path)
    thread.join()
    assert_in_order(tmp_path, 30)


def test_a_quota_that_is_used_up_keeps_what_is_done(tmp_path, monkeypatch):
    monkeypatch.setattr("crumple.collect.flickr.PER_PAGE", 50)
    with FlickrServer(photos(120)) as server:
        server.allowance = 2  # the licences and one page
        with pytest.raises(QuotaError, match="its quota is used up; in 60 minutes run the same command again"):
            collect(server, tmp_path, limit=120)
        assert_in_order(tmp_path, 50)
        server.allowance = 3600
        assert collect(server, tmp_path, limit=120).collected == 70
        assert set(server.downloads().values()) == {1}


def test_the_image_hosts_quota_ends_the_run(server, tmp_path):
    server.fail("/photo/20/o.jpg", Reply(b"", 429, headers={"Retry-After": "3600"}))
    with pytest.raises(QuotaError):
        collect(server, tmp_path, workers=1)
    entries = read_manifest(open_folder(tmp_path))
    assert_in_order(tmp_path, len(entries))


def test_a_wrong_key_leaves_the_folder_as_it_was(server, tmp_path):
    collect(server, tmp_path, limit=3)
    before = (tmp_path / "manifest.jsonl").read_bytes()
    with pytest.raises(SourceError, match="refuses the key"):
        collect(server, tmp_path, key="wrong")
    assert (tmp_path / "manifest.jsonl").read_bytes() == before
    assert_in_order(tmp_path, 3)


def test_a_network_that_goes_away_is_told_once(server, tmp_path):
    for number in range(1, 21):
        server.fail(f"/photo/{number}/o.jpg", *[Reply(b"", announced=50)] * 9)
    lines = []
    with pytest.raises(NetworkError, match="cannot be reached"):
        collect(server, tmp_path, workers=1, say=lines.append)  # more would end in any order
    assert lines == []  # one line, the error's
    assert_in_order(tmp_path, 10)
    server.faults.clear()
    assert collect(server, tmp_path).collected == 20


def test_a_host_that_goes_away_while_others_answer_is_told_photo_by_photo(server, tmp_path):
    server.fail("/photo/7/o.jpg", *[Reply(b"", announced=50)] * 9)
    server.fail("/photo/1/o.jpg", *[Reply(b"", announced=50)] * 9)
    lines = []
    outcome = collect(server, tmp_path, workers=2, say=lines.append)
    assert outcome.failed == 2 and [line.split(": ")[1] for line in lines] == ["flickr:7", "flickr:1"]


class FullDisk(LocalFolder):
    """Holds so many more bytes. Of an append that does not fit a part is written, as on a real disk."""

    room = 12_000

    def write(self, name, data):
        if len(data) > self.room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), self.where(name))
        self.room -= len(data)
        super().write(name, data)


def test_a_full_disk_ends_the_run_and_leaves_order(server, tmp_path):
    with pytest.raises(OSError, match="No space left on device"):
        collect(server, FullDisk(tmp_path))
    entries = read_manifest(open_folder(tmp_path))
    assert 5 <= len(entries) < 30
    server.faults.clear()
    collect(server, tmp_path)
    assert_in_order(tmp_path, 30)
    assert set(server.downloads().values()) <= {1, 2}


def test_a_stop_keeps_what_is_done(server, tmp_path):
    server.slow = 0.02
    http = fast_http()
    threading.Timer(0.3, http.stop.set).start()
    outcome = collect(server, tmp_path, http=http, workers=2)
    assert 1 <= outcome.collected < 30
    held = len(list((tmp_path / "images" / "flickr").glob("*.jpg")))
    assert_in_order(tmp_path, held)
    collect(server, tmp_path)
    assert_in_order(tmp_path, 30)


@pytest.mark.parametrize("kind", ["memory", "s3", "gs"])
def test_into_a_bucket(server, kind, tmp_path):
    bucket = {"s3": s3_bucket, "gs": gs_bucket}.get(kind)
    if bucket is None:
        _into(server, f"memory://{tmp_path.name}/raw")
    else:
        with bucket() as url:
            _into(server, f"{url}/data/raw")


def _into(server, place):
    assert collect(server, place, limit=20).collected == 20
    folder = open_folder(place)
    lines = folder.read("manifest.jsonl").splitlines(keepends=True)
    folder.write("manifest.jsonl", b"".join(lines[:-4]))  # killed before the last ones were written
    outcome = collect(server, place, limit=25)
    assert (outcome.collected, outcome.found, outcome.present) == (9, 4, 16)
    assert set(server.downloads().values()) == {1}
    server.delete(30)
    assert collect(server, place, limit=24, refresh=True).removed == 1
    assert_in_order(place, 24)
