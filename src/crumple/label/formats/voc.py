"""Pascal VOC: one XML file a photo, with boxes alone.

Boxes are read as edges in pixels, the photo's corner being 0, as today's tools write them. The challenge's own files
count pixels from 1, so theirs come out up to one pixel too far right and down.
"""

from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

from crumple.dataset.segmentation import Complaint
from crumple.errors import DataError
from crumple.files import write_aside
from crumple.label.formats.markup import Element, number, read_xml, whole
from crumple.label.formats.objects import BOXES, Drawn, DrawnPhoto, Losses, box, known_attributes
from crumple.label.formats.reading import Reading, beside, label_files, within
from crumple.label.shapes import Shape

_YES_OR_NO = ("occluded", "truncated")


def read(path: Path, reading: Reading) -> None:
    """Read one file, or every .xml file below a folder. Raises DataError."""
    files = label_files(path, ".xml")
    if not files:
        raise DataError(f"{path}: holds no .xml file; give the folder Annotations")
    for file in files:
        where = within(file, path)
        with reading.entry(where):
            root = read_xml(file)
            if root.tag != "annotation":
                tag = f"is <{root.tag}>, not Pascal VOC's <annotation>"
                raise DataError(f"{file}, line {root.line}: {tag}; give --format")
            # Some tools leave the size at 0; then the photo's own has to do.
            width, height = (whole(root.findtext(f"size/{name}", "0"), f"size.{name}") for name in ("width", "height"))
            size = (width, height) if width or height else None
            photo = reading.folder.find(beside(where, root.findtext("filename")), size, "filename")
            objects = []
            for element in root.findall("object"):
                with reading.entry(f"{where}, line {element.line}"):  # type: ignore[attr-defined]
                    objects.append(_read_object(element, reading.losses))  # type: ignore[arg-type]
            reading.add(photo, objects, where)


def _read_object(element: Element, losses: Losses) -> Drawn:
    label = element.findtext("name")
    if not label:
        raise Complaint("name", "is missing")
    edges = [number(element.findtext(f"bndbox/{edge}"), f"bndbox.{edge}") for edge in ("xmin", "ymin", "xmax", "ymax")]
    if edges[2] <= edges[0] or edges[3] <= edges[1]:
        raise Complaint("bndbox", f"is empty: x {edges[0]:g} to {edges[2]:g}, y {edges[1]:g} to {edges[3]:g}")
    losses.add(BOXES)
    given = {name: element.findtext(name) for name in _YES_OR_NO}
    yes = known_attributes({name: on for name, on in given.items() if on == "1"})
    return Drawn(label, Shape((box(*edges),)), yes)


def write(photos: Sequence[DrawnPhoto], out: Path, losses: Losses) -> None:
    """Write OUT/<photo>.xml for every photo."""
    for photo in photos:
        root = ElementTree.Element("annotation")
        for name, text in (("folder", ""), ("filename", Path(photo.file_name).name), ("segmented", "0")):
            ElementTree.SubElement(root, name).text = text
        size = ElementTree.SubElement(root, "size")
        for name, value in (("width", photo.width), ("height", photo.height), ("depth", 3)):
            ElementTree.SubElement(size, name).text = str(value)
        for drawn in photo.objects:
            _write_object(root, drawn, losses)
        ElementTree.indent(root)
        with write_aside((out / photo.file_name).with_suffix(".xml")) as path:
            ElementTree.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def _write_object(root: ElementTree.Element, drawn: Drawn, losses: Losses) -> None:
    element = ElementTree.SubElement(root, "object")
    ElementTree.SubElement(element, "name").text = drawn.label
    for name in _YES_OR_NO:
        ElementTree.SubElement(element, name).text = str(int(drawn.attributes.get(name) is True))
    ElementTree.SubElement(element, "difficult").text = "0"
    edges = ElementTree.SubElement(element, "bndbox")
    for name, value in zip(("xmin", "ymin", "xmax", "ymax"), drawn.shape.box, strict=True):
        ElementTree.SubElement(edges, name).text = str(int(value)) if value == int(value) else repr(value)
    if drawn.shape.runs is not None:
        losses.add("VOC has boxes only; masks that became rectangles: {}")
    elif not _is_box(drawn.shape):
        losses.add("VOC has boxes only; polygons that became rectangles: {}")
    if drawn.attributes.keys() - set(_YES_OR_NO):
        losses.add("objects that lost attributes other than occluded and truncated: {}")


def _is_box(shape: Shape) -> bool:
    return len(shape.polygons) == 1 and sorted(shape.polygons[0].tolist()) == sorted(box(*shape.box).tolist())
