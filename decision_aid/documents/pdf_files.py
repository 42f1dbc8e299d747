"""The four papers as PDF: `surgeon`, `patient`, `card` and `form`.

Everything is drawn in the worker process unless another ``draw`` is given.
Each raises PdfUnavailable, or PdfBusy when the worker has no time.
"""

import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from functools import cache

from decision_aid import resources
from decision_aid.documents import charts, render_pool
from decision_aid.documents.blank_form import BlankForm
from decision_aid.documents.overflow import LEVELS, Overflow
from decision_aid.documents.patient_copy import PatientCopy
from decision_aid.documents.render_pool import PdfBusy
from decision_aid.documents.renderer import PdfUnavailable, RenderedPdf, RenderJob
from decision_aid.documents.surgeon_page import SurgeonPage
from decision_aid.model import Aid
from decision_aid.summary import Summary

__all__ = ["PdfBusy", "PdfUnavailable", "card", "form", "patient", "surgeon"]

Render = Callable[[RenderJob], RenderedPdf]
#: Level of fullness and missing signs -> HTML.
_Html = Callable[[int, str], str]

#: Stands where a sign could not be printed because no font has it.
MARK = "\N{REPLACEMENT CHARACTER}"


def surgeon(
    summary: Summary,
    *,
    paper: str = "A4",
    clinic_name: str = "",
    code: str = "",
    attached: str = "",
    archive: bool = False,
    draw: Render = render_pool.render,
) -> bytes:
    """The surgeon's page: one page; what does not fit stands on a marked second sheet.

    ``code`` is printed as a square code: the coded answers, as `exchange.code` writes them.
    ``attached`` is the FHIR response, kept inside the file. ``archive``: PDF/A-3a too.
    """

    def html(level: int, missing: str) -> str:
        return _html(
            "surgeon",
            summary.aid,
            missing,
            title=summary.aid.words["surgeon_title"],
            made_on=summary.made_on,
            clinic_name=clinic_name,
            code=code,
            summary=summary,
            sheet=SurgeonPage(summary, Overflow(level)),
        )

    job = RenderJob(html="", css=_css("surgeon", paper), attached=attached, archive=archive)
    return _pdf(html, draw, job, one_page=True)


def patient(
    summary: Summary,
    *,
    emergency_number: str,
    paper: str = "A4",
    large: bool = False,
    clinic_name: str = "",
    clinic_phone: str = "",
    archive: bool = False,
    draw: Render = render_pool.render,
) -> bytes:
    """The patient copy in 14 point, or 18 point when ``large``."""

    def html(_: int, missing: str) -> str:
        return _html(
            "patient",
            summary.aid,
            missing,
            title=summary.aid.words["patient_title"],
            made_on=summary.made_on,
            large=large,
            clinic_name=clinic_name,
            emergency_number=emergency_number,
            clinic_phone=clinic_phone,
            summary=summary,
            copy=PatientCopy(summary),
        )

    return _pdf(html, draw, RenderJob(html="", css=_css("patient", paper), archive=archive))


def card(
    aid: Aid,
    *,
    emergency_number: str,
    paper: str = "A4",
    clinic_name: str = "",
    clinic_phone: str = "",
    draw: Render = render_pool.render,
) -> bytes:
    """The safety card, to cut out and keep at home."""
    section = aid.section_by_id["safety_card"]

    def html(_: int, missing: str) -> str:
        return _html(
            "card",
            aid,
            missing,
            title=section.title,
            made_on=aid.published,
            clinic_name=clinic_name,
            emergency_number=emergency_number,
            clinic_phone=clinic_phone,
            section=section,
        )

    return _pdf(html, draw, RenderJob(html="", css=_css("patient", paper)))


def form(
    aid: Aid,
    *,
    emergency_number: str,
    paper: str = "A4",
    clinic_name: str = "",
    draw: Render = render_pool.render,
) -> bytes:
    """The blank questionnaire in large print; conditions stand as plain "go to" words."""

    def html(_: int, missing: str) -> str:
        return _html(
            "form",
            aid,
            missing,
            title=aid.title,
            made_on=aid.published,
            clinic_name=clinic_name,
            emergency_number=emergency_number,
            blank=BlankForm(aid),
        )

    return _pdf(html, draw, RenderJob(html="", css=_css("form", paper)))


def _pdf(html: _Html, draw: Render, job: RenderJob, *, one_page: bool = False) -> bytes:
    """Drawn once more with a visible mark in place of every sign that no font has."""
    missing = ""
    with render_pool.admit():
        while True:
            if one_page:
                drawn = _fit(html, missing, draw, job)
            else:
                drawn = draw(replace(job, html=html(0, missing)))
            found = set(drawn.missing) - set(missing)
            if not found:
                return drawn.pdf
            missing += "".join(sorted(found))


def _fit(html: _Html, missing: str, draw: Render, job: RenderJob) -> RenderedPdf:
    """The fullest page that fits: each level moves more away, so halving finds it."""

    def attempt(level: int) -> RenderedPdf:
        most = 1 if level < LEVELS else 0
        return draw(replace(job, html=html(level, missing), most_pages=most))

    fitting = attempt(0)
    if fitting.pdf:
        return fitting
    low, high = 0, LEVELS
    while high - low > 1:
        middle = (low + high) // 2
        drawn = attempt(middle)
        if drawn.pdf:
            high, fitting = middle, drawn
        else:
            low = middle
    return fitting if fitting.pdf else attempt(LEVELS)


def _html(
    name: str,
    aid: Aid,
    missing: str,
    *,
    made_on: date | datetime,
    large: bool = False,
    **context: object,
) -> str:
    text = (
        resources.templates()
        .get_template(f"print/{name}.html")
        .render(
            aid=aid,
            words=aid.words,
            made_on=made_on,
            made_on_w3c=_w3c(made_on),
            large=large,
            charts=charts,
            missing=told_of(missing) if missing else "",
            **context,
        )
    )
    return text.translate(dict.fromkeys(map(ord, missing), MARK))


@cache
def _css(name: str, paper: str) -> str:
    """The style sheet of one paper: what all share, the page, its own."""
    own, base = (
        resources.templates().get_template(f"print/{n}.css").render(charts=charts)
        for n in (name, "base")
    )
    page = f"@page {{ size: {paper} }}\n@page wide {{ size: {paper} landscape }}\n"
    return base + page + own


def _w3c(moment: date | datetime) -> str:
    """The time with its zone; without one it is the time of this machine."""
    if not isinstance(moment, datetime):
        return moment.isoformat()
    return (moment if moment.tzinfo else moment.astimezone()).isoformat(timespec="seconds")


def told_of(missing: str) -> str:
    """What is said, on the paper and on the screen, of signs that no font has."""
    return (
        f"{MARK} stands for a sign ({_names(missing)}) that no font of this computer has. "
        "A font such as fonts-noto adds it."
    )


def _names(signs: str) -> str:
    """The scripts of the missing signs: "CJK, HANGUL, emoji"."""
    return ", ".join(dict.fromkeys(map(_script, signs)))


def _script(sign: str) -> str:
    named = {"So": "emoji", "Co": "a private sign"}.get(unicodedata.category(sign))
    if named:
        return named
    return unicodedata.name(sign, "UNKNOWN").split()[0].split("-")[0]
