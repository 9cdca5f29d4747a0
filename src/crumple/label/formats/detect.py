"""Which format a file or folder is in, by what is in it."""

from contextlib import suppress
from pathlib import Path

from crumple.errors import DataError
from crumple.label.formats.coco import FILE_NAME as COCO_FILE
from crumple.label.formats.cvat import FILE_NAME as CVAT_FILE
from crumple.label.formats.markup import read_xml
from crumple.label.formats.reading import label_files, load_json
from crumple.label.formats.yolo import DATA_FILE

GIVE = "give --format cvat, via, labelme, roboflow, yolo or voc"


def detect(path: Path) -> str:
    """The name of the format. Raises DataError if it cannot be told."""
    if not path.exists():
        raise DataError(f"{path}: there is no such file or folder")
    if path.is_file():
        return _of_file(path)
    if (path / DATA_FILE).is_file():
        return "yolo"
    if (path / CVAT_FILE).is_file():
        return "cvat"
    if label_files(path, COCO_FILE):
        return "roboflow"
    files = label_files(path, ".json") or label_files(path, ".xml")
    for file in files:
        with suppress(DataError):  # one that is broken, or beside the labels, as VIA's attributes
            return _of_file(file)
    if not files:
        raise DataError(f"{path}: holds no label file that is known here; {GIVE}")
    return _of_file(files[0])


def _of_file(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix == ".zip":
        raise DataError(f"{path}: is an archive; unpack it and give its folder")
    name = None
    if suffix in (".yaml", ".yml"):
        name = "yolo"
    elif suffix == ".xml":
        name = {"annotations": "cvat", "annotation": "voc"}.get(read_xml(path).tag)
    elif suffix == ".json":
        name = _of_json(load_json(path))
    if name is None:
        raise DataError(f"{path}: is in no format that is known here; {GIVE}")
    return name


def _of_json(content: object) -> str | None:
    if isinstance(content, list):
        content = dict(enumerate(content))
    if not isinstance(content, dict):
        return None
    if "shapes" in content and "imagePath" in content:
        return "labelme"
    if "images" in content and "annotations" in content:
        return "roboflow"
    entries = content.get("_via_img_metadata", content)
    if isinstance(entries, dict) and any(isinstance(one, dict) and "regions" in one for one in entries.values()):
        return "via"
    return None
