"""Other engines: Chromium prints the same HTML; Typst and ReportLab set its words and pictures.

Each is imported or started when it is first used, so that its memory can be measured alone.
"""

import io
import itertools
import json
import os
import shutil
import sys
from collections.abc import Iterable
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from benchmarks import machine

_FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_TYPST = Path(__file__).with_name("peer.typ")
#: Tag and text of one heading, paragraph, list item or table cell; ``img`` has the picture's SVG.
Block = tuple[str, str]


class Missing(Exception):  # noqa: N818 - a state of the machine, not a mistake
    """A peer that this machine does not have."""


# --- Chromium -------------------------------------------------------------------------------


class Chromium:
    """One warm browser; a new page for each document."""

    def __init__(self) -> None:
        from playwright.sync_api import sync_playwright

        program = shutil.which("chromium") or shutil.which("google-chrome")
        if program is None:
            raise Missing
        before = {process.pid for process in machine.tree(os.getpid())}
        self._play = sync_playwright().start()
        self._browser = self._play.chromium.launch(
            executable_path=program, args=[*_FLAGS, "--no-sandbox"]
        )
        self._context = self._browser.new_context()
        self._driver = next(
            p for p in machine.tree(os.getpid()) if p.pid not in before and p.pid != os.getpid()
        )

    def pdf(self, html: str) -> bytes:
        """The HTML as a tagged PDF."""
        page = self._context.new_page()
        page.set_content(html)
        data = page.pdf(tagged=True, prefer_css_page_size=True, print_background=True)
        page.close()
        return data

    def processes(self) -> list[Any]:
        """Every process of the browser, without the driver that talks to it."""
        return [p for p in machine.tree(self._driver.pid) if p.pid != self._driver.pid]

    def processor_time(self) -> float:
        """Seconds of processor time of the browser, those of its ended processes included."""
        return machine.processor_seconds(self.processes())

    def close(self) -> None:
        """End it."""
        self._browser.close()
        self._play.stop()


@cache
def chromium() -> Chromium:
    """The one browser. Raises Missing."""
    return Chromium()


def close() -> None:
    """End the browser if it was started."""
    if chromium.cache_info().currsize:
        chromium().close()
        chromium.cache_clear()


# --- what the two others set ----------------------------------------------------------------


class _Blocks(HTMLParser):
    """Headings, paragraphs, list items, table cells and pictures in reading order."""

    _KINDS = ("h1", "h2", "h3", "h4", "p", "li", "td", "th")

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Block] = []
        self._kind = ""
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self._KINDS:
            self._end()
            self._kind = tag
        elif tag == "img":
            address = dict(attrs).get("src") or ""
            self.found.append(("img", unquote(address.partition(",")[2])))

    def handle_endtag(self, tag: str) -> None:
        if tag in self._KINDS:
            self._end()

    def handle_data(self, data: str) -> None:
        self._text += data if self._kind else ""

    def _end(self) -> None:
        text = " ".join(self._text.split())
        if text:
            self.found.append((self._kind, text))
        self._kind = self._text = ""


def blocks(html: str) -> tuple[Block, ...]:
    """What a document says, without how it looks."""
    parser = _Blocks()
    parser.feed(html)
    return tuple(parser.found)


_numbers = itertools.count(100)


@cache
def _compiler() -> Any:
    import typst

    return typst.Compiler(str(_TYPST))


def typst_pdf(found: Iterable[Block], columns: int) -> bytes:
    """The same words and pictures by Typst, PDF/UA-1.

    Typst remembers what it has set before, so each text gets a number that it has not seen.
    """
    number = next(_numbers)
    shown = [
        (kind, words if kind == "img" else f"{words} {number}")
        for kind, words in found
        if kind != "img" or words.startswith("<svg")
    ]
    inputs = {"blocks": json.dumps(shown), "columns": str(columns)}
    data: bytes = _compiler().compile(format="pdf", pdf_standards="ua-1", sys_inputs=inputs)
    return data


def reportlab_pdf(found: Iterable[Block], columns: int) -> bytes:
    """The same words by ReportLab, a row of dots in place of each picture; untagged."""
    from reportlab.graphics.shapes import Circle, Drawing
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate, Paragraph

    size = 8 if columns == 2 else 14
    base = ParagraphStyle("p", fontName=_reportlab_fonts()[0], fontSize=size, leading=size * 1.25)
    bold = ParagraphStyle("h", base, fontName=_reportlab_fonts()[1], spaceBefore=size / 2)
    story: list[Flowable] = []
    for kind, text in found:
        if kind == "img":
            drawing = Drawing(80, 80)
            for number in range(100):
                drawing.add(Circle(number % 10 * 8 + 4, number // 10 * 8 + 4, 3))
            story.append(drawing)
        else:
            words = text.replace("&", "&amp;").replace("<", "&lt;")
            story.append(Paragraph(words, bold if kind.startswith("h") else base))
    out = io.BytesIO()
    document = BaseDocTemplate(out, pagesize=A4, title="A document")
    width = (A4[0] - 60) / columns
    frames = [Frame(30 + width * n, 30, width, A4[1] - 60) for n in range(columns)]
    document.addPageTemplates(PageTemplate(frames=frames))
    document.build(story)
    return out.getvalue()


@cache
def _reportlab_fonts() -> tuple[str, str]:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFError, TTFont

    folder = Path("/usr/share/fonts/truetype/dejavu")
    try:
        for name in ("DejaVuSans", "DejaVuSans-Bold"):
            pdfmetrics.registerFont(TTFont(name, folder / f"{name}.ttf"))
    except TTFError:
        return "Helvetica", "Helvetica-Bold"
    return "DejaVuSans", "DejaVuSans-Bold"


def _ten(name: str, html: str) -> float:
    """Ten documents in this process; then its memory in megabytes."""
    work = {"Typst": typst_pdf, "ReportLab": reportlab_pdf}[name]
    for _ in range(10):
        work(blocks(html), 2)
    return machine.memory(os.getpid())[0]


if __name__ == "__main__":
    print(_ten(sys.argv[1], sys.stdin.read()))
