"""Label maps: a source's category names -> the project's names (taxonomy.py), from a small YAML file."""

import os
from dataclasses import dataclass
from pathlib import Path

from crumple.errors import DataError
from crumple.strict_yaml import read_yaml

BUILTIN_FOLDER = Path(__file__).parent / "label_maps"


def builtin_label_maps() -> tuple[str, ...]:
    """The names of the label maps that ship with the package."""
    return tuple(sorted(path.stem for path in BUILTIN_FOLDER.glob("*.yaml")))


@dataclass(frozen=True)
class LabelMap:
    """What each category name of a source means here.

    names: source name -> project name, or None for a category that is dropped on purpose.
    split_polygons: project names whose multi-polygon annotations hold several objects, one per polygon.
    """

    name: str
    names: dict[str, str | None]
    split_polygons: frozenset[str] = frozenset()

    @property
    def labels(self) -> tuple[str, ...]:
        """The project names it can yield, sorted."""
        return tuple(sorted({label for label in self.names.values() if label is not None}))

    def only(self, classes: tuple[str, ...]) -> "LabelMap":
        """The same map with categories of other classes dropped: one file may label parts and damage alike."""
        names = {source: label if label in classes else None for source, label in self.names.items()}
        return LabelMap(self.name, names, self.split_polygons & frozenset(classes))

    @classmethod
    def load(cls, source: str | os.PathLike[str]) -> "LabelMap":
        """Read a label map from a YAML file, or take one that ships with the package by its name ("dsmlr", "bilgi").

        Raises DataError naming the file and the field.
        """
        path = Path(source)
        if isinstance(source, str) and path.suffix not in (".yaml", ".yml"):
            if source not in builtin_label_maps():
                known = ", ".join(builtin_label_maps())
                raise DataError(
                    f"label map {source!r}: not one of {known}; for your own, give the path of a .yaml file"
                )
            path = BUILTIN_FOLDER / f"{source}.yaml"
        content = read_yaml(path)
        unknown = sorted(content.keys() - {"about", "names", "split_polygons"})
        if unknown:
            raise DataError(f"{path}: field {unknown[0]!r} is not known; a label map has about, names, split_polygons")
        names = _names(path, content.get("names"))
        split = content.get("split_polygons", [])
        if not isinstance(split, list) or not all(isinstance(label, str) for label in split):
            raise DataError(f"{path}: field split_polygons must be a list of project names, such as [wheel]")
        for label in split:
            if label not in names.values():
                raise DataError(f"{path}: field split_polygons: {label!r} is not a project name that 'names' maps to")
        return cls(path.stem, names, frozenset(split))


def _names(path: Path, value: object) -> dict[str, str | None]:
    if not isinstance(value, dict) or not value:
        raise DataError(f"{path}: field names must map the source's category names to project names")
    for source_name, label in value.items():
        # YAML reads a bare no, on or 7 as something else than text.
        if not isinstance(source_name, str):
            raise DataError(f"{path}: field names: the category name {source_name!r} must be text; put it in quotes")
        if label is not None and (not isinstance(label, str) or not label.strip()):
            raise DataError(
                f"{path}: field names, {source_name!r}: {label!r} must be a project name, or null to drop the category"
            )
    return dict(value)
