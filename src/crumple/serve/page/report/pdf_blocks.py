"""What the PDF report is put together from: words, tables, pictures, pages with numbers."""

from collections.abc import Sequence
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import Color, HexColor, white
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Image, Paragraph, Table, TableStyle

from crumple.colours import css, damage_colour
from crumple.serve.page.report import wording
from crumple.serve.page.report.content import NumberedFinding

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


def box(words: str) -> Table:
    """A remark on a tinted ground."""
    block = Table([[text(words)]], colWidths=[WIDTH])
    block.setStyle(TableStyle([("BACKGROUND", (0, 0), (-1, -1), WARNING), ("VALIGN", (0, 0), (-1, -1), "TOP")]))
    return block


def damage(one: NumberedFinding) -> Paragraph:
    """The damage's name beside its colour."""
    square = f'<font color="{css(damage_colour(one.finding.damage))}">\u25a0</font> '
    return Paragraph(square + escape(one.finding.title), STYLES["plain"])


def severity(one: NumberedFinding) -> Table:
    """A severity on its colour; on none where nobody confirmed the damage and the model does not hold it for likely."""
    name, sure = one.finding.severity, wording.sure(one.finding)
    pill = Table([[text(name, "pill-severe" if sure and name == "severe" else "pill")]], colWidths=[18 * mm])
    padding = [(f"{side}PADDING", (0, 0), (-1, -1), 1) for side in ("TOP", "BOTTOM")]
    ground = ("BACKGROUND", (0, 0), (-1, -1), PILLS[name]) if sure else ("BOX", (0, 0), (-1, -1), 0.4, QUIET)
    pill.setStyle(TableStyle([ground, *padding]))
    pill.hAlign = "LEFT"
    return pill


def picture(data: bytes, width: float) -> Image:
    """A JPEG file, `width` points wide unless that makes it taller than a third of a page."""
    across, down = ImageReader(BytesIO(data)).getSize()
    scale = min(width / across, A4[1] / 3 / down)
    return Image(BytesIO(data), across * scale, down * scale)


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
    "pill": style(7.8, alignment=1),
    "pill-severe": style(7.8, colour=white, alignment=1),
}


@cache
def load_fonts() -> None:
    """Make the fonts known to ReportLab."""
    for name in (REGULAR, BOLD):
        pdfmetrics.registerFont(TTFont(name, FONTS / f"{name}.ttf"))
