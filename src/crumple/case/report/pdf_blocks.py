"""What PDF reports are put together from: words, tables, pictures, pages with numbers."""

from collections.abc import Sequence
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reportlab import rl_config
from reportlab.lib.colors import Color, HexColor, white
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import CondPageBreak, Flowable, Image, Paragraph, SimpleDocTemplate, Table, TableStyle

from crumple import __version__
from crumple.assessment.assessment import Severity
from crumple.colours import css, damage_colour

# Pictures as they are: as text they would be a quarter larger, and take longer than all the rest.
rl_config.useA85 = 0

# DejaVu Sans, cut down to Latin, Greek and Cyrillic: the fonts that every PDF reader has know Western Europe only.
FONTS = Path(__file__).with_name("fonts")
REGULAR, BOLD = "DejaVuSans", "DejaVuSans-Bold"

MARGIN = 16 * mm
WIDTH = A4[0] - 2 * MARGIN - 12  # ReportLab's frames keep 6 points to either side
INK, QUIET, LINE, WARNING = HexColor("#1c1d20"), HexColor("#555962"), HexColor("#c9ccd2"), HexColor("#fff1d6")
PILLS = {
    "minor": HexColor("#f3e3a1"),
    "unclear": HexColor("#dfe2e7"),
    "moderate": HexColor("#ffc27d"),
    "severe": HexColor("#d3202f"),
}


def text(words: str, style: str = "plain") -> Paragraph:
    """Words from anywhere: what ReportLab would take for markup is escaped, line breaks stay."""
    return Paragraph(escape(words).replace("\n", "<br/>"), STYLES[style])


def heading(words: str) -> Paragraph:
    return text(words, "heading")


def table_heading(words: str) -> list[Flowable]:
    """A heading over a table that may start low on a page and go on overleaf."""
    return [CondPageBreak(35 * mm), text(words, "table-heading")]


def box(words: str, width: float = WIDTH) -> Table:
    """A remark on a tinted ground."""
    block = Table([[text(words)]], colWidths=[width])
    block.setStyle(TableStyle([("BACKGROUND", (0, 0), (-1, -1), WARNING), ("VALIGN", (0, 0), (-1, -1), "TOP")]))
    return block


def damage(label: str, title: str) -> Paragraph:
    """A damage's name beside its colour."""
    square = f'<font color="{css(damage_colour(label))}">\u25a0</font> '
    return Paragraph(square + escape(title), STYLES["plain"])


def severity(name: Severity) -> Table:
    """A severity on its colour."""
    pill = Table([[text(name, "pill-severe" if name == "severe" else "pill")]], colWidths=[18 * mm])
    padding = [(f"{side}PADDING", (0, 0), (-1, -1), 1) for side in ("TOP", "BOTTOM")]
    pill.setStyle(TableStyle([("BACKGROUND", (0, 0), (-1, -1), PILLS[name]), *padding]))
    pill.hAlign = "LEFT"
    return pill


def picture(file: bytes | Path, width: float, most: float = A4[1] / 3) -> Image:
    """A JPEG file, by its bytes or where it is, `width` points wide unless that makes it taller than `most`."""
    # Of a path, the pixels are read when the page is drawn, and not kept.
    source = BytesIO(file) if isinstance(file, bytes) else str(file)
    across, down = ImageReader(BytesIO(file) if isinstance(file, bytes) else source).getSize()
    scale = min(width / across, most / down)
    return Image(source, across * scale, down * scale)


def build(target: str | BytesIO, title: str, story: list[Flowable]) -> None:
    """Write a PDF of A4 pages with their numbers. target: a path or a buffer."""
    load_fonts()
    file = SimpleDocTemplate(
        target,
        pagesize=A4,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN + 4 * mm,
        title=title,
        author="crumple",
        creator=f"crumple {__version__}",
    )
    file.build(story, canvasmaker=numbered_pages(title))


def table(
    rows: Sequence[Sequence[Any]], shares: Sequence[float], head: Sequence[str] = (), *, lines: bool = True
) -> Table:
    """A table as wide as the page, its columns by their share; its head is repeated on each page."""
    first = [[text(words, "head") for words in head]] if head else []
    # splitInRow: a long note may take more than a page.
    widths = [WIDTH * share for share in shares]
    block = Table([*first, *rows], colWidths=widths, repeatRows=len(first), splitInRow=1)
    block.setStyle(
        TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("RIGHTPADDING", (0, 0), (-1, -1), 6),
                ("TOPPADDING", (0, 0), (-1, -1), 2),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
                *([("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE)] if lines else []),
            ]
        )
    )
    return block


def numbered_pages(title: str) -> type[Canvas]:
    """A canvas that writes "page 2 of 5" once it knows how many there are."""

    class NumberedCanvas(Canvas):  # type: ignore[misc]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self._pages: list[dict[str, Any]] = []

        def showPage(self) -> None:
            self._pages.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for number, page in enumerate(self._pages, start=1):
                self.__dict__.update(page)
                self.setFont(REGULAR, 7.5)
                self.setFillColor(QUIET)
                self.drawString(MARGIN, MARGIN - 2 * mm, title[:90])
                self.drawRightString(A4[0] - MARGIN, MARGIN - 2 * mm, f"page {number} of {len(self._pages)}")
                super().showPage()
            super().save()

    return NumberedCanvas


def style(size: float, font: str = REGULAR, colour: Color = INK, **more: Any) -> ParagraphStyle:
    # splitLongWords: a checksum or a VIN breaks anywhere instead of running off the page.
    return ParagraphStyle(
        "", fontName=font, fontSize=size, leading=size * 1.35, textColor=colour, splitLongWords=1, **more
    )


STYLES = {
    "plain": style(8.5),
    "strong": style(8.5, BOLD),
    "quiet": style(8.5, colour=QUIET),
    "small": style(7.2, colour=QUIET),
    "head": style(7.5, colour=QUIET),
    "title": style(17, BOLD, spaceAfter=2),
    "heading": style(11.5, BOLD, spaceBefore=12, spaceAfter=4, keepWithNext=1),
    "table-heading": style(11.5, BOLD, spaceBefore=12, spaceAfter=4),
    "headline": style(13, BOLD),
    "item": style(9.5, BOLD, spaceBefore=8, spaceAfter=3, keepWithNext=1),
    "pill": style(7.8, alignment=1),
    "pill-severe": style(7.8, colour=white, alignment=1),
}


@cache
def load_fonts() -> None:
    """Make the fonts known to ReportLab."""
    for name in (REGULAR, BOLD):
        pdfmetrics.registerFont(TTFont(name, FONTS / f"{name}.ttf"))
