"""YAML files read so that a slip of the pen is an error: one mapping, no key twice."""

import os
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from crumple.errors import DataError
from crumple.files import read_text


class _StrictLoader(yaml.SafeLoader):
    """SafeLoader takes the last of two equal keys silently; in a label map that loses a class."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Hashable] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable):
                raise yaml.constructor.ConstructorError(None, None, "a key must be a plain word", key_node.start_mark)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{key!r} is given twice", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


def read_yaml(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read a YAML file whose top level is a mapping with text keys.

    Raises DataError of one line that names the file (and the line, where YAML itself is broken).
    """
    path = Path(path)
    text = read_text(
        path,
        missing="there is no such file; give the path of a YAML file",
        folder="is a folder; give the path of a YAML file",
        unreadable="check the path and its permissions",
        not_text="cannot be read: it is not UTF-8 text; save it as UTF-8",
    )
    try:
        content = yaml.load(text, Loader=_StrictLoader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        reason = getattr(error, "problem", None) or str(error) or "nested too deeply"
        raise DataError(f"{path}{where}: not valid YAML: {' '.join(str(reason).split())}") from None
    if not isinstance(content, dict):
        raise DataError(
            f"{path}: is {'empty' if content is None else 'not a mapping'}; it must hold 'key: value' lines"
        )
    for key in content:
        if not isinstance(key, str):
            raise DataError(f"{path}: the key {key!r} must be text; put it in quotes")
    return content


def put_field(content: dict[str, Any], field: str, value: Any) -> None:
    """Set a field by its dotted name, as "optimisation.learning_rate", in place of a file's; mappings are joined."""
    *sections, last = field.split(".")
    for section in sections:
        inner = content.get(section)
        content[section] = content = dict(inner) if isinstance(inner, dict) else {}
    both = isinstance(value, dict) and isinstance(content.get(last), dict)
    content[last] = content[last] | value if both else value
