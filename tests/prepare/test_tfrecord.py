import struct

import pytest

from crumple.prepare.tfrecord import read_tfrecord, write_tfrecord

EXAMPLE = {"image/encoded": b"\xff\xd8", "name": "wörter", "n": -3, "hash": 2**64 - 1, "share": 0.5, "seen": True}


def test_what_is_written_is_read_again_and_always_the_same(tmp_path):
    for name in ("one", "two"):
        write_tfrecord(tmp_path / name, [EXAMPLE, {"n": 7}])
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    first, second = read_tfrecord(tmp_path / "one")
    assert first == EXAMPLE | {"name": "wörter".encode(), "hash": -1, "seen": 1} and second == {"n": 7}


def test_the_message_as_its_definition_says(tmp_path):
    write_tfrecord(tmp_path / "one", [{"n": 7}])
    data = (tmp_path / "one").read_bytes()
    message = data[12:-4]
    assert struct.unpack("<Q", data[:8]) == (len(message),)
    # Example.features = 1, Features.feature = 1 (a map: key = 1, value = 2), Feature.int64_list = 3, value = 1, packed
    assert message == bytes.fromhex("0a0c 0a0a 0a01 6e 1205 1a03 0a01 07")


def test_a_damaged_file(tmp_path):
    write_tfrecord(tmp_path / "one", [EXAMPLE])
    data = bytearray((tmp_path / "one").read_bytes())
    data[20] ^= 1
    (tmp_path / "one").write_bytes(data)
    with pytest.raises(ValueError, match="Mismatch"):
        list(read_tfrecord(tmp_path / "one"))


@pytest.mark.slow
def test_tensorflow_reads_it(tmp_path):
    tensorflow = pytest.importorskip("tensorflow")
    write_tfrecord(tmp_path / "one", [EXAMPLE])
    [record] = tensorflow.data.TFRecordDataset(str(tmp_path / "one"))
    feature = tensorflow.train.Example.FromString(record.numpy()).features.feature
    assert feature["image/encoded"].bytes_list.value == [b"\xff\xd8"] and feature["n"].int64_list.value == [-3]
    assert feature["share"].float_list.value == [0.5]
