"""The papers of the personas: each is made once in a test run, with what was said over it."""

import io
import logging
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, cached_property

import page
import pikepdf

from decision_aid import clinic_documents, summary
from decision_aid.answers import parse
from decision_aid.content.loader import load
from decision_aid.documents import renderer
from decision_aid.documents.pdf_files import Render
from decision_aid.settings import Settings
from tests.personas import persona

AID = load()
MADE_ON = datetime(2026, 5, 12, 9, 40)
CLINIC = Settings(emergency_number="112", clinic_phone="030 123")
PDF_A, PDF_UA = page.ValidationProfile.PDF_A_3A, page.ValidationProfile.PDF_UA_1


@dataclass(frozen=True, kw_only=True)
class Printed:
    """A paper, and WeasyPrint's warnings while it was made."""

    pdf: bytes
    said: tuple[str, ...]

    @cached_property
    def faults(self) -> list[str]:
        """What an independent checker finds against PDF/UA-1."""
        return faults(self.pdf)

    @cached_property
    def text(self) -> str:
        """The printed words, as they stand."""
        return text_of(self.pdf, "-raw")

    @cached_property
    def spoken(self) -> str:
        """The text of the tags, in the order in which it is read aloud. Slow: a second a copy."""
        words = ["pdfinfo", "-struct-text", "-"]
        done = subprocess.run(words, input=self.pdf, capture_output=True, check=True)
        return " ".join(re.findall(r'^\s*"(.*)"$', done.stdout.decode(), re.MULTILINE))

    @cached_property
    def outside(self) -> list[str]:
        """The words that run off the paper, with their page."""
        found = text_of(self.pdf, "-bbox").split("<page ")[1:]
        return [word for page in enumerate(found, 1) for word in _outside(*page)]

    @cached_property
    def order(self) -> list[tuple[int, int]]:
        """Page and number of every marked piece, in the order in which it is read aloud."""
        with pikepdf.open(io.BytesIO(self.pdf)) as opened:
            pages = {page.objgen: number for number, page in enumerate(opened.pages)}
            return list(_pieces(opened.Root.StructTreeRoot, pages, -1))


#: Points that stay white at every edge of the paper.
_EDGE = 14


def _outside(number: int, page: str) -> Iterator[str]:
    """Words of one page, as ``pdftotext -bbox`` gives it, that stand over its edge."""
    width, height = (float(size) for size in re.findall(r'(?:width|height)="([\d.]+)"', page)[:2])
    word = r'xMin="(.*?)" yMin="(.*?)" xMax="(.*?)" yMax="(.*?)">(.*?)</word>'
    for *box, text in re.findall(word, page):
        left, top, right, bottom = map(float, box)
        if min(left, top, width - right, height - bottom) < _EDGE:
            yield f"{number}: {text}"


def _pieces(
    tag: pikepdf.Object, pages: Mapping[tuple[int, int], int], page: int
) -> Iterator[tuple[int, int]]:
    """The marked content below a tag, depth first (ISO 32000-1, 14.7.4)."""
    page = pages[tag.Pg.objgen] if "/Pg" in tag else page
    kids = tag.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, int):
            yield page, kid
        elif "/MCID" in kid:
            yield pages[kid.Pg.objgen] if "/Pg" in kid else page, int(kid.MCID)
        else:
            yield from _pieces(kid, pages, page)


#: The checker takes a carriage return that ends a stream for a part of the line end after it.
#: Whether each length is right is asked of qpdf instead.
_MISREAD = "PDFA3A-STREAM-LENGTH-001"


def faults(pdf: bytes, profile: page.ValidationProfile = PDF_UA) -> list[str]:
    """What an independent checker finds, and qpdf."""
    found = page.validate_pdf_bytes(pdf, profile=profile).failures
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        damage = opened.check_pdf_syntax()
    return [*damage, *(str(fault) for fault in found if fault.rule_id != _MISREAD)]


def text_of(pdf: bytes, *words: str) -> str:
    """The words that poppler reads."""
    done = subprocess.run(
        ["pdftotext", *words, "-", "-"], input=pdf, capture_output=True, check=True
    )
    return done.stdout.decode()


@contextmanager
def listening() -> Iterator[list[str]]:
    """What WeasyPrint warns of, style sheets that were read before included."""
    said: list[str] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(record.getMessage())

    renderer._weasyprint()  # When it is loaded it takes every ear away.
    ear, log = Ear(logging.WARNING), logging.getLogger("weasyprint")
    log.addHandler(ear)
    renderer._style_sheet.cache_clear()
    try:
        yield said
    finally:
        log.removeHandler(ear)


def printed(make: Callable[[Render], bytes]) -> Printed:
    """Made in this process."""
    with listening() as said:
        return Printed(pdf=make(renderer.render), said=tuple(said))


@cache
def summary_of(name: str) -> summary.Summary:
    """What a named patient said, and what follows."""
    return summary.build(AID, parse(AID, persona(name).answers), made_on=MADE_ON)


@cache
def surgeon(name: str, *, archive: bool = False) -> Printed:
    """The surgeon's page of a named patient, with the answers in it."""
    settings = replace(CLINIC, archive=archive)
    return printed(lambda draw: clinic_documents.surgeon(summary_of(name), settings, draw=draw))


@cache
def patient(name: str, *, large: bool = False, archive: bool = False) -> Printed:
    """The patient copy of a named patient."""
    settings = replace(CLINIC, archive=archive)
    return printed(
        lambda draw: clinic_documents.patient(summary_of(name), settings, large=large, draw=draw)
    )


@cache
def card(paper: str = "A4") -> Printed:
    """The safety card of a clinic with a long name."""
    name = "The Clinic of a Long Name, with its Department"
    settings = replace(CLINIC, paper_size=paper, clinic_name=name)
    return printed(lambda draw: clinic_documents.card(AID, settings, draw=draw))


@cache
def form(paper: str = "A4") -> Printed:
    """The blank form."""
    settings = replace(CLINIC, paper_size=paper)
    return printed(lambda draw: clinic_documents.form(AID, settings, draw=draw))
