import json

import pytest

from crumple.beam.listing import SourcePhoto, list_photos
from crumple.collect.licenses import license_from_url
from crumple.collect.record import Author, Entry, Geo, Removal
from crumple.credit import Credit, read_credit
from crumple.errors import DataError


def entry(file, **changes):
    fields = {
        "source": "flickr",
        "id": "7",
        "page_url": "https://flickr.com/photos/ann/7",
        "image_url": None,
        "size": "original",
        "author": Author(name="Ann", id="1@N0"),
        "title": "My\ncar",
        "license": license_from_url("https://creativecommons.org/licenses/by/2.0/"),
        "geo": Geo(latitude=52.52, longitude=13.41),
        "taken": "2019-02-03",
        "file": file,
        "sha256": "0" * 64,
        "bytes": 1,
        "query": "damaged car",
        "collected": "2026-11-22T00:00:00Z",
    }
    return Entry(**(fields | changes)).model_dump_json() + "\n"


def listed(folder, **options):
    return {photo.name: photo.credit for photo in list_photos(str(folder), **options)}


def test_what_the_collector_writes_is_read_and_no_position_with_it(tmp_path):
    (tmp_path / "manifest.jsonl").write_text(entry("images/flickr-7.jpg"))
    (tmp_path / "stray.jpg").touch()
    found = listed(tmp_path)
    assert found == {
        "images/flickr-7.jpg": Credit(
            source="flickr",
            source_id="7",
            title="My car",
            author="Ann",
            author_id="1@N0",
            licence="CC-BY-2.0",
            licence_url="https://creativecommons.org/licenses/by/2.0/",
            page="https://flickr.com/photos/ann/7",
        )
    }
    assert "52.52" not in str(found) and "2019" not in str(found)


def test_the_last_line_on_a_file_counts_and_removals_remove(tmp_path):
    gone = Removal(source="flickr", id="1", file="a.jpg", removed="now").model_dump_json() + "\n"
    lines = [entry("a.jpg"), entry("b.jpg"), gone, entry("b.jpg", title="new"), "\n", entry("cut.jpg")[:-9]]
    (tmp_path / "manifest.jsonl").write_text("".join(lines))
    assert {name: credit.title for name, credit in listed(tmp_path).items()} == {"b.jpg": "new"}


def test_a_plain_manifest_of_ones_own(tmp_path):
    line = {"path": "x.png", "author": "Bob", "author_id": 5, "licence": "CC0-1.0", "page": "p", "group": "claim 1"}
    (tmp_path / "manifest.jsonl").write_text(json.dumps(line) + "\n")
    credit = Credit(author="Bob", author_id="5", licence="CC0-1.0", page="p", group="claim 1")
    assert listed(tmp_path) == {"x.png": credit}


@pytest.mark.parametrize("line", ["junk", "[]", "{}", '{"path": 5}', '{"path": "../x.jpg"}', '{"file": "/etc/x"}'])
def test_a_line_that_makes_no_sense_is_named(tmp_path, line):
    (tmp_path / "manifest.jsonl").write_text(entry("a.jpg") + line + "\n")
    with pytest.raises(DataError, match=r"manifest\.jsonl, line 2: "):
        listed(tmp_path)


def test_a_folder_without_a_manifest(tmp_path):
    for name in ("a.JPG", "sub/b.heic", "notes.txt", ".hidden.jpg", ".cache/c.jpg", "out/photos/d.jpg"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    photos = list(list_photos(str(tmp_path), without=f"{tmp_path}/out"))
    assert sorted(photos, key=lambda photo: photo.name) == [SourcePhoto("a.JPG"), SourcePhoto("sub/b.heic")]
    assert "out/photos/d.jpg" in listed(tmp_path)
    assert list(list_photos(str(tmp_path / "nowhere"))) == []


def test_half_a_character_in_a_manifest_is_replaced():
    credit = read_credit({"title": "a\ud83d b"})
    assert credit.title == "a? b"
