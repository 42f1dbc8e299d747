"""HTML -> PDF/UA-1 with WeasyPrint: no file and no address is ever opened, same input, same bytes.

WeasyPrint is imported on the first document only: it takes a second and needs Pango.
It must never run in two threads at once; `render_pool.render` is the safe way in.
"""

import hashlib
import importlib
import logging
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from io import StringIO
from types import ModuleType
from typing import Any

#: The id of the element that begins the continuation sheet.
CONTINUED = "continued"
#: The name of the answers inside the surgeon's PDF.
ATTACHED = "answers.json"

_NEEDED = (
    "PDFs need the Pango library: install libpango-1.0-0, libpangoft2-1.0-0 and "
    "libharfbuzz-subset0 (Debian, Ubuntu) or pango (Homebrew, MSYS2), then start again."
)


class PdfUnavailable(Exception):  # noqa: N818 - a state of the machine, not a mistake
    """No PDF can be made; the text is one sentence that says what is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderJob:
    """One document to draw."""

    html: str
    #: The style sheet of the document; parsed once for all documents that share it.
    css: str = ""
    #: More pages than this before the continuation sheet: no PDF is made (0: no limit).
    most_pages: int = 0
    #: JSON that travels inside the PDF as ``ATTACHED`` (empty: none).
    attached: str = ""
    #: For archives: PDF/A-3a (ISO 19005-3) as well as PDF/UA-1 (ISO 14289-1), in one file.
    archive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedPdf:
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


def render(job: RenderJob) -> RenderedPdf:
    """Draw one document in this process. Raises PdfUnavailable."""
    weasyprint, fonts, fetcher = _weasyprint()
    html = weasyprint.HTML(string=job.html, url_fetcher=fetcher)
    variant = "pdf/a-3a" if job.archive else "pdf/ua-1"
    sheets = [_style_sheet(job.css)] if job.css else []
    document = html.render(font_config=fonts, stylesheets=sheets, pdf_variant=variant)
    pages = _pages_before_continuation(document.pages)
    if job.most_pages and pages > job.most_pages:
        return RenderedPdf(pdf=b"", pages=pages)
    signs, log = _Signs(), logging.getLogger("weasyprint")
    log.addHandler(signs)
    try:
        pdf: bytes = document.write_pdf(
            finisher=_finish_archive if job.archive else _finish,
            pdf_variant=variant,
            # Optional outside archives (ISO 32000-1, 14.4), and all is written once more for it.
            pdf_identifier=_identifier(job) if job.archive else False,
            attachments=[_attachment(weasyprint, job.attached)] if job.attached else [],
        )
    finally:
        log.removeHandler(signs)
    return RenderedPdf(pdf=pdf, pages=pages, missing="".join(sorted(signs.found)))


def _identifier(job: RenderJob) -> bytes:
    return hashlib.sha256((job.css + job.html).encode()).digest()[:16]


def _attachment(weasyprint: ModuleType, text: str) -> Any:
    made = datetime(2026, 1, 1)  # The same answers make the same bytes, whenever they are printed.
    return weasyprint.Attachment(
        string=text,
        name=ATTACHED,
        description="The answers as a FHIR R4 QuestionnaireResponse",
        relationship="Data",
        created=made,
        modified=made,
    )


def _is_file(thing: object) -> bool:
    return isinstance(thing, dict) and thing.get("Type") == "/Filespec"


def _finish(_document: object, pdf: Any) -> None:
    """Say of the attachment that it is the data of this document (ISO 32000-2, 14.13)."""
    files: list[Any] = [o for o in pdf.objects if _is_file(o)]
    for file in files:
        file["AFRelationship"] = "/Data"
    if files:
        pdf.catalog["AF"] = "[" + " ".join(file.reference.decode() for file in files) + "]"


def _finish_archive(document: object, pdf: Any) -> None:
    """Add the PDF/UA identifier, and what it means, to the metadata of a PDF/A."""
    _finish(document, pdf)
    number = int(pdf.catalog["Metadata"].split()[0])
    metadata = pdf.objects[number]
    ((packet),) = metadata.stream
    metadata.stream = [packet.replace(b"</rdf:RDF>", _UA_METADATA + b"</rdf:RDF>")]
    metadata.compress = False


#: PDF/UA-1 (ISO 14289-1, 5) as an extension schema of PDF/A (ISO 19005-3, 6.6.2.3).
_UA_METADATA = b"""<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<pdfuaid:part>1</pdfuaid:part></rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
 xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 to which the file conforms</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>
"""


def _pages_before_continuation(pages: Any) -> int:
    found = (number for number, page in enumerate(pages) if CONTINUED in page.anchors)
    return next(found, len(pages))


@cache
def _style_sheet(css: str) -> Any:
    weasyprint, fonts, fetcher = _weasyprint()
    return weasyprint.CSS(string=css, font_config=fonts, url_fetcher=fetcher)


@cache
def _weasyprint() -> tuple[ModuleType, Any, Any]:
    try:
        # WeasyPrint prints a notice about a missing library before it raises.
        with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
            weasyprint = importlib.import_module("weasyprint")
            fonts = importlib.import_module("weasyprint.text.fonts")
            urls = importlib.import_module("weasyprint.urls")
    except (ImportError, OSError):
        raise PdfUnavailable(_NEEDED) from None
    log = logging.getLogger("weasyprint")
    log.handlers = [logging.NullHandler()]
    log.propagate = False
    return weasyprint, fonts.FontConfiguration(), urls.URLFetcher(allowed_protocols={"data"})
