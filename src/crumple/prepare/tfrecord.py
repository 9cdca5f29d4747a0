"""TFRecord files of tf.train.Example messages, written and read without TensorFlow.

Beam writes the records, and Protocol Buffers, which Beam brings, the messages: their descriptors are given here.

Source: tensorflow/core/example/{example,feature}.proto; docs/prepare.md has the features as a table.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

# kind of a value -> field of Feature, and the type of its values (numbers of descriptor.proto: bytes, float, int64)
_LISTS = {"bytes_list": (1, "BytesList", 12), "float_list": (2, "FloatList", 2), "int64_list": (3, "Int64List", 3)}
_REPEATED, _OPTIONAL, _MESSAGE, _STRING = 3, 1, 11, 9

Value = bytes | str | bool | int | float


def write_tfrecord(path: Path, examples: Iterable[Mapping[str, Value]]) -> None:
    """Write examples, features by name, in the order given; the same bytes every time.

    Text becomes UTF-8 bytes, bool an integer, integers from 2**63 on the negative number of the same 64 bits.
    """
    from apache_beam.io.tfrecordio import _TFRecordUtil

    with path.open("wb") as file:
        for features in examples:
            example = _example_class()()
            for name, value in features.items():
                _set(example.features.feature[name], value)
            _TFRecordUtil.write_record(file, example.SerializeToString(deterministic=True))


def read_tfrecord(path: Path) -> Iterator[dict[str, bytes | int | float]]:
    """The examples of a file that `write_tfrecord` wrote. Raises ValueError where it is damaged."""
    from apache_beam.io.tfrecordio import _TFRecordUtil

    with path.open("rb") as file:
        while (record := _TFRecordUtil.read_record(file)) is not None:
            features = _example_class().FromString(record).features.feature
            yield {name: getattr(feature, feature.WhichOneof("kind")).value[0] for name, feature in features.items()}


def _set(feature: Any, value: Value) -> None:
    if isinstance(value, float):
        feature.float_list.value.append(value)
    elif isinstance(value, int):
        feature.int64_list.value.append(int(np.uint64(value).astype(np.int64)) if value >= 0 else value)
    else:
        feature.bytes_list.value.append(value.encode() if isinstance(value, str) else value)


@cache
def _example_class() -> Any:
    """The message class tensorflow.Example, in a pool of its own: TensorFlow, where it is loaded, has one too."""
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

    file = descriptor_pb2.FileDescriptorProto(name="example.proto", package="tensorflow", syntax="proto3")
    feature = file.message_type.add(name="Feature")
    feature.oneof_decl.add(name="kind")
    for name, (number, kind, of) in _LISTS.items():
        file.message_type.add(name=kind).field.add(name="value", number=1, label=_REPEATED, type=of)
        _field(feature, name, number, _OPTIONAL, kind).oneof_index = 0
    features = file.message_type.add(name="Features")
    entry = features.nested_type.add(name="FeatureEntry")
    entry.options.map_entry = True
    entry.field.add(name="key", number=1, label=_OPTIONAL, type=_STRING)
    _field(entry, "value", 2, _OPTIONAL, "Feature")
    _field(features, "feature", 1, _REPEATED, "Features.FeatureEntry")
    _field(file.message_type.add(name="Example"), "features", 1, _OPTIONAL, "Features")
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("tensorflow.Example"))


def _field(message: Any, name: str, number: int, label: int, kind: str) -> Any:
    return message.field.add(name=name, number=number, label=label, type=_MESSAGE, type_name=f".tensorflow.{kind}")
