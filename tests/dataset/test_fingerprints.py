import os

import pytest
from PIL import Image

from crumple.dataset.fingerprints import FILE_NAME, KEPT, Memory, Near, fingerprint, load_memory, save_memory, spread
from crumple.errors import PhotoError
from crumple.prepare.copies.hashes import mirrored, perceptual_hash
from tests.prepare.pictures import scene

KNOWN = Memory(
    {"ab" * 32: (2**64 - 1, 0), "00" * 32: (5, 2**63)},
    {"key": [Near("ab" * 32, "cd" * 32, True, 20, 95)], "nothing near": []},
)


def test_what_is_saved_is_what_is_loaded(tmp_path):
    for memory in (KNOWN, Memory()):
        save_memory(memory, tmp_path)
        assert load_memory(tmp_path) == memory


def test_of_comparisons_the_latest_are_kept(tmp_path):
    save_memory(Memory({}, {str(n): [] for n in range(KEPT + 5)}), tmp_path)
    assert list(load_memory(tmp_path).near) == [str(n) for n in range(5, KEPT + 5)]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe nonsense",
        b"[1, 2]",
        b"{}",
        b'{"hashes": {"ab": [1]}, "near": {}}',
        b'{"hashes": {"ab": ["x", 2]}, "near": {}}',
        b'{"hashes": {}, "near": {"key": [{"earlier": "ab"}]}}',
        "cut",
    ],
)
def test_a_broken_file_is_ignored_and_written_anew(tmp_path, content):
    save_memory(KNOWN, tmp_path)
    path = tmp_path / FILE_NAME
    path.write_bytes(path.read_bytes()[:-20] if content == "cut" else content)
    assert load_memory(tmp_path) == Memory()
    save_memory(KNOWN, tmp_path)
    assert load_memory(tmp_path) == KNOWN


def test_without_a_folder_or_a_file_nothing_is_known(tmp_path):
    save_memory(KNOWN, None)
    assert load_memory(None) == load_memory(tmp_path) == Memory()


@pytest.mark.skipif(os.name == "nt", reason="folders have no such permission there")
def test_a_folder_that_cannot_be_written_is_done_without(tmp_path):
    (tmp_path / "file").write_text("")
    save_memory(KNOWN, tmp_path / "file")


def test_a_fingerprint_is_made_once_per_content(tmp_path, monkeypatch):
    photo = scene(1, (100, 120))
    for name in ("one.png", "copy.png"):
        Image.fromarray(photo).save(tmp_path / name)
    memory = Memory()
    found = fingerprint(tmp_path / "one.png", memory)
    assert (found.plain, found.mirror) == (int(perceptual_hash(photo)), int(perceptual_hash(mirrored(photo))))
    monkeypatch.setattr("crumple.dataset.fingerprints.decode_photo", None)
    assert fingerprint(tmp_path / "copy.png", memory) == found
    assert list(memory.hashes) == [found.sha256]


def test_a_file_that_is_no_photo_says_so_and_leaves_nothing_behind(tmp_path):
    (tmp_path / "photo.jpg").write_bytes(b"hello")
    memory = Memory()
    with pytest.raises(PhotoError, match=r"photo\.jpg"):
        fingerprint(tmp_path / "photo.jpg", memory)
    with pytest.raises(PhotoError, match=r"gone\.jpg: cannot be read"):
        fingerprint(tmp_path / "gone.jpg", memory)
    assert memory == Memory()


@pytest.mark.slow
def test_spread_keeps_the_order_and_stops_when_asked():
    assert list(spread(lambda n: n * n, range(50))) == [n * n for n in range(50)]
    begun = []
    results = spread(lambda n: begun.append(n), range(100000))
    next(results)
    results.close()
    assert len(begun) < 100000
