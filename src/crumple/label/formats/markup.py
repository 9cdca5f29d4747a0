"""XML files from strangers: no document types, hence no entities that unfold to gigabytes or fetch files."""

from pathlib import Path
from typing import NoReturn
from xml.etree import ElementTree
from xml.parsers import expat

from crumple.dataset.segmentation import Complaint
from crumple.errors import DataError
from crumple.label.formats.objects import FAR


class Element(ElementTree.Element):
    """An element that knows the line it starts on."""

    line = 0


def read_xml(path: Path) -> Element:
    """The root element. Raises DataError naming file and line."""
    parser, builder = expat.ParserCreate(), ElementTree.TreeBuilder(element_factory=Element)

    def start(tag: str, attributes: dict[str, str]) -> None:
        element = builder.start(tag, attributes)
        element.line = parser.CurrentLineNumber  # type: ignore[attr-defined]

    def refuse(*_: object) -> NoReturn:
        raise DataError(
            f"{path}, line {parser.CurrentLineNumber}: has a document type or entities, which are not read from label "
            "files; take the <!DOCTYPE ...> out"
        )

    parser.StartElementHandler, parser.EndElementHandler = start, builder.end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    parser.buffer_text = True
    try:
        with path.open("rb") as file:
            parser.ParseFile(file)
        return builder.close()  # type: ignore[return-value]
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}") from None
    except (expat.ExpatError, ValueError, LookupError) as error:
        line = getattr(error, "lineno", parser.CurrentLineNumber)
        what = expat.ErrorString(error.code) if isinstance(error, expat.ExpatError) else error
        raise DataError(f"{path}, line {line}: is not XML: {what}; export it again") from None


def attribute(element: Element, name: str) -> str:
    """An attribute that must be there. Raises Complaint."""
    value = element.get(name)
    if value is None:
        raise Complaint(name, "is missing")
    return value


def number(text: str | None, field: str) -> float:
    """A finite number from text. Raises Complaint."""
    try:
        value = float(text or "")
    except ValueError:
        value = float("nan")
    if not abs(value) < FAR:  # also NaN
        raise Complaint(field, f"must be a number, not {text!r:.40}")
    return value


def whole(text: str | None, field: str) -> int:
    """A whole number from text. Raises Complaint."""
    value = number(text, field)
    if value != int(value):
        raise Complaint(field, f"must be a whole number, not {text!r:.40}")
    return int(value)
