"""HTML -> PDF/UA-1 with WeasyPrint: no file and no address is ever opened, same input, same bytes.

WeasyPrint is imported on the first document only: it takes a second and needs Pango.
It must never run in two threads at once; `worker.draw` is the safe way in.
"""

import hashlib
import importlib
import logging
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache
from io import StringIO
from types import ModuleType
from typing import Any

#: The id of the element that begins the continuation sheet.
CONTINUED = "continued"

_NEEDED = (
    "PDFs need the Pango library: install libpango-1.0-0, libpangoft2-1.0-0 and "
    "libharfbuzz-subset0 (Debian, Ubuntu) or pango (Homebrew, MSYS2), then start again."
)


class PaperUnavailable(Exception):  # noqa: N818 - a state of the machine, not a mistake
    """No PDF can be made; the text is one sentence that says what is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One document to draw."""

    html: str
    #: More pages than this before the continuation sheet: no PDF is made (0: no limit).
    most_pages: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """What came of a job. ``pdf`` is empty when the main part had too many pages."""

    pdf: bytes
    #: Pages before the continuation sheet.
    pages: int
    #: Signs that no font on this machine has.
    missing: str = ""


class _Signs(logging.Handler):
    """Collects the signs that no font has."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.found: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        if ".notdef" in str(record.msg) and isinstance(record.args, tuple):
            self.found.add(str(record.args[0]))


def draw(job: Job) -> Drawn:
    """Draw one document in this process. Raises PaperUnavailable."""
    weasyprint, fonts, fetcher = _weasyprint()
    html = weasyprint.HTML(string=job.html, url_fetcher=fetcher)
    document = html.render(font_config=fonts, pdf_variant="pdf/ua-1")
    pages = _pages_before_continuation(document.pages)
    if job.most_pages and pages > job.most_pages:
        return Drawn(pdf=b"", pages=pages)
    signs, log = _Signs(), logging.getLogger("weasyprint")
    log.addHandler(signs)
    try:
        pdf: bytes = document.write_pdf(
            pdf_variant="pdf/ua-1",
            pdf_identifier=hashlib.sha256(job.html.encode()).digest()[:16],
        )
    finally:
        log.removeHandler(signs)
    return Drawn(pdf=pdf, pages=pages, missing="".join(sorted(signs.found)))


def _pages_before_continuation(pages: Any) -> int:
    found = (number for number, page in enumerate(pages) if CONTINUED in page.anchors)
    return next(found, len(pages))


@cache
def _weasyprint() -> tuple[ModuleType, Any, Any]:
    try:
        # WeasyPrint prints a notice about a missing library before it raises.
        with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
            weasyprint = importlib.import_module("weasyprint")
            fonts = importlib.import_module("weasyprint.text.fonts")
            urls = importlib.import_module("weasyprint.urls")
    except (ImportError, OSError):
        raise PaperUnavailable(_NEEDED) from None
    log = logging.getLogger("weasyprint")
    log.handlers = [logging.NullHandler()]
    log.propagate = False
    return weasyprint, fonts.FontConfiguration(), urls.URLFetcher(allowed_protocols={"data"})
