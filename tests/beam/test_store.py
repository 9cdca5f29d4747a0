import os

import pytest

from crumple.beam import store
from crumple.errors import PhotoError


def test_local_files(tmp_path):
    path = store.join(str(tmp_path), "a/b.txt")
    store.write(path, b"one")
    store.write(path, b"two")
    store.send(tmp_path / "a" / "b.txt", store.join(str(tmp_path), "c.txt"))
    assert sorted(store.list_names(str(tmp_path))) == ["a/b.txt", "c.txt"] and store.exists(path)
    assert not list((tmp_path / "a").glob(".*"))
    for _ in range(2):  # a worker that starts over
        store.place(path, store.join(str(tmp_path), "d/e.txt"))
    with pytest.raises(FileNotFoundError):
        store.place(f"{path}.gone", store.join(str(tmp_path), "d/f.txt"))
    assert store.sizes(str(tmp_path)) == {"a/b.txt": 3, "c.txt": 3, "d/e.txt": 3}
    store.delete([path])
    store.drop_empty_folders(str(tmp_path))
    assert not (tmp_path / "a").exists() and (tmp_path / "d" / "e.txt").read_bytes() == b"two"
    store.delete([path, str(tmp_path / "c.txt")])
    store.delete_folder(str(tmp_path / "d"))
    store.delete_folder(str(tmp_path / "d"))
    assert list(store.list_names(str(tmp_path))) == []


def test_a_file_gets_its_place_where_there_are_no_links(tmp_path, monkeypatch):
    def refuse(*args):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    (tmp_path / "a").write_bytes(b"new")
    (tmp_path / "b").write_bytes(b"old")
    store.place(str(tmp_path / "a"), str(tmp_path / "b"))
    assert (tmp_path / "b").read_bytes() == b"new" and {path.name for path in tmp_path.iterdir()} == {"a", "b"}


def test_what_is_no_photo_is_that_files_fault(tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "folder.jpg").mkdir()
    (tmp_path / "long.jpg").write_bytes(b"x" * 101)
    monkeypatch.setattr(store, "MAX_BYTES", 100)
    monkeypatch.setattr(store, "CHUNK", 30)
    for name in ("pipe.jpg", "folder.jpg", "long.jpg", "nowhere.jpg"):
        with pytest.raises(PhotoError, match=f"^{name}: "):
            store.read_photo_file(str(tmp_path / name))
    (tmp_path / "long.jpg").write_bytes(b"x" * 100)
    assert store.read_photo_file(str(tmp_path / "long.jpg")) == b"x" * 100


def test_urls():
    assert store.join("gs://bucket/raw/", "a/b.jpg") == "gs://bucket/raw/a/b.jpg"
    assert store.is_remote("s3://bucket") and not store.is_remote("/tmp/x")
