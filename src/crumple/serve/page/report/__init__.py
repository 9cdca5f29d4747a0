"""The printable report of an inspection, as one HTML file and as a PDF."""

from crumple.serve.page.report.html import render_html
from crumple.serve.page.report.pdf import render_pdf

__all__ = ["render_html", "render_pdf"]
