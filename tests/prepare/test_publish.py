import tarfile

import pytest

from crumple.errors import DataError
from crumple.prepare.publish import check_places
from crumple.prepare.shards import write_shard


def test_a_shard_is_the_same_every_time(tmp_path):
    files = [("b.jpg", b"1"), ("b.json", b"{}" * 300)]
    for name in ("one.tar", "two.tar"):
        write_shard(tmp_path / name, files)
    assert (tmp_path / "one.tar").read_bytes() == (tmp_path / "two.tar").read_bytes()
    with tarfile.open(tmp_path / "one.tar") as tar:
        assert [(member.name, member.mtime, member.uid) for member in tar] == [("b.jpg", 0, 0), ("b.json", 0, 0)]
        assert tar.extractfile("b.json").read() == b"{}" * 300


def test_places_that_would_overwrite_something(tmp_path):
    raw = tmp_path / "data" / "raw"
    raw.mkdir(parents=True)
    for out in (raw, tmp_path / "data", tmp_path):
        with pytest.raises(DataError, match="folder of its own"):
            check_places(str(raw), str(out))
    check_places(str(raw), str(raw / "clean"))
    check_places(str(raw), str(tmp_path / "data" / "rawest"))
    other = tmp_path / "photos"
    (other / "photos").mkdir(parents=True)
    (other / "photos" / "mine.jpg").touch()
    with pytest.raises(DataError, match=r"holds photos/mine\.jpg"):
        check_places(str(raw), str(other))
    (other / "prepare.json").touch()
    check_places(str(raw), str(other))
