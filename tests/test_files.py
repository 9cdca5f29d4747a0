import numpy as np
import pytest

from crumple.errors import DataError, ModelError
from crumple.files import read_arrays, read_text, write_aside


def test_a_finished_block_replaces_the_file(tmp_path):
    target = tmp_path / "new" / "report.html"
    with write_aside(target) as path:
        assert path.suffix == ".html" and path.parent == target.parent
        path.write_text("one")
        assert not target.exists()
    assert target.read_text() == "one"
    assert [p.name for p in target.parent.iterdir()] == ["report.html"]


def test_a_failed_block_leaves_what_was_there(tmp_path):
    target = tmp_path / "report.html"
    target.write_text("old")
    with pytest.raises(KeyboardInterrupt), write_aside(target) as path:
        path.write_text("half")
        raise KeyboardInterrupt
    assert target.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]


def test_a_failed_block_takes_the_folders_it_made_with_it_unless_they_are_used(tmp_path):
    with pytest.raises(OSError), write_aside(tmp_path / "a" / "b" / "x"):
        raise OSError
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(OSError), write_aside(tmp_path / "a" / "b" / "x"):
        (tmp_path / "a" / "other").touch()
        raise OSError
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["other"]


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "there is none"), (b"\xff\xfe", "is no text"), ("folder", "cannot be read: Is a directory; give a list")],
)
def test_a_text_that_cannot_be_read_says_so_in_one_line(tmp_path, content, words):
    path = tmp_path / "a.txt"
    if content == "folder":
        path.mkdir()
    elif content:
        path.write_bytes(content)
    with pytest.raises(DataError) as error:
        read_text(path, missing="there is none", unreadable="give a list", not_text="is no text")
    assert str(error.value) == f"{path}: {words}"


def test_a_text_is_read_without_its_byte_order_mark(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"\xef\xbb\xbfT\xc3\xbcr\n")
    assert read_text(tmp_path / "a.txt", missing="", unreadable="", not_text="") == "Tür\n"


def test_read_arrays(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.arange(3))
    assert np.array_equal(read_arrays(tmp_path / "a.npz")["x"], [0, 1, 2])


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not really", b"plain text"])
def test_a_broken_file_is_named(tmp_path, content):
    (tmp_path / "a.npz").write_bytes(content)
    with pytest.raises(ModelError, match=r"a\.npz: cannot read weights: not a whole \.npz file .*; copy or make"):
        read_arrays(tmp_path / "a.npz")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ModelError, match="No such file or directory; check the path"):
        read_arrays(tmp_path / "a.npz")
