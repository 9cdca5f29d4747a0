import json

import pytest

from crumple.collect.licenses import license_from_url
from crumple.collect.manifest import MANIFEST, Manifest, read_manifest
from crumple.collect.record import Author, Entry
from crumple.errors import DataError
from crumple.storage import open_folder


def entry(id="1", **changes):
    fields = {
        "source": "flickr",
        "id": id,
        "page_url": f"https://www.flickr.com/photos/someone/{id}",
        "image_url": "https://example.org/a.jpg",
        "size": "original",
        "width": 48,
        "height": 32,
        "author": Author(name="Jörg"),
        "title": "Auto\u2028kaputt",
        "license": license_from_url("https://creativecommons.org/licenses/by/2.0/"),
        "file": f"images/flickr/{id}.jpg",
        "sha256": "0" * 64,
        "bytes": 9,
        "query": "car",
        "collected": "2026-11-22T00:00:00+00:00",
    }
    return Entry(**(fields | changes))


def test_what_is_added_is_read(tmp_path):
    folder = open_folder(tmp_path)
    manifest = Manifest(folder)
    manifest.add(entry("1"))
    manifest.add(entry("2"))
    assert read_manifest(folder) == [entry("1"), entry("2")]
    assert len((tmp_path / MANIFEST).read_bytes().splitlines()) == 2


def test_each_line_is_on_the_disk_before_the_next_photo(tmp_path):
    manifest = Manifest(open_folder(tmp_path))
    for count in (1, 2, 3):
        manifest.add(entry(str(count)))
        assert (tmp_path / MANIFEST).read_bytes().count(b"\n") == count


def test_a_bucket_gets_many_lines_at_once_and_less_often_the_longer_that_takes(monkeypatch):
    now = [0.0]
    folder = open_folder("memory://crumple-manifest")
    writes = []
    real = folder.append

    def append(name, data):
        now[0] += 4  # seconds that it takes
        writes.append(data.count(b"\n"))
        real(name, data)

    monkeypatch.setattr(folder, "append", append)
    manifest = Manifest(folder, clock=lambda: now[0])
    for number in range(200):
        now[0] += 1
        manifest.add(entry(str(number)))
    manifest.flush()
    assert writes == [30, 80, 80, 10] and len(read_manifest(folder)) == 200


def test_a_torn_last_line_is_dropped(tmp_path):
    manifest = Manifest(open_folder(tmp_path))
    manifest.add(entry("1"))
    whole = (tmp_path / MANIFEST).read_bytes()
    (tmp_path / MANIFEST).write_bytes(whole + whole[:50])
    assert read_manifest(open_folder(tmp_path)) == [entry("1")]
    assert (tmp_path / MANIFEST).read_bytes() == whole + whole[:50]  # who reads does not write
    Manifest(open_folder(tmp_path)).add(entry("2"))
    assert read_manifest(open_folder(tmp_path)) == [entry("1"), entry("2")]
    assert (tmp_path / MANIFEST).read_bytes().startswith(whole)


@pytest.mark.parametrize("line", ["{}", "nonsense", '{"event": "collected", "id": "3"}', '{"event": "sold"}'])
def test_a_line_that_is_none_of_ours_is_named(tmp_path, line):
    manifest = Manifest(open_folder(tmp_path))
    manifest.add(entry("1"))
    with (tmp_path / MANIFEST).open("a") as file:
        file.write(line + "\n")
    with pytest.raises(DataError, match=r"manifest\.jsonl, line 2: is none that crumple collect wrote \(.*\); repair"):
        read_manifest(open_folder(tmp_path))


def test_a_removal_is_a_line_of_its_own(tmp_path):
    folder = open_folder(tmp_path)
    manifest = Manifest(folder)
    folder.write("images/flickr/1.jpg", b"x")
    manifest.add(entry("1"))
    manifest.remove(entry("1"), "2026-11-23T00:00:00+00:00")
    assert read_manifest(folder) == [] and folder.sizes("images") == {}
    assert [json.loads(line)["event"] for line in (tmp_path / MANIFEST).read_text().splitlines()] == [
        "collected",
        "removed",
    ]
    manifest.add(entry("1"))
    assert read_manifest(folder) == [entry("1")]


def test_fields_of_a_later_version_are_passed_over(tmp_path):
    line = json.loads(entry("1").model_dump_json()) | {"colour": "red"}
    (tmp_path / MANIFEST).write_text(json.dumps(line) + "\n")
    assert read_manifest(open_folder(tmp_path)) == [entry("1")]
