"""The four papers as a clinic has set them up, for the command line and the web alike."""

import json

from decision_aid.documents import pdf_files, render_pool
from decision_aid.documents.pdf_files import PdfBusy, PdfUnavailable, Render
from decision_aid.interop import fhir, qr_payload
from decision_aid.model import Aid
from decision_aid.settings import Settings
from decision_aid.summary import Summary

__all__ = ["PdfBusy", "PdfUnavailable", "card", "form", "patient", "surgeon"]


def surgeon(summary: Summary, settings: Settings, *, draw: Render = render_pool.render) -> bytes:
    """The surgeon's page with the coded answers on it and the FHIR response inside the file."""
    answers, made_on = summary.answers, summary.made_on
    response = fhir.response(
        summary.aid,
        answers,
        authored=made_on,
        reference=summary.reference,
        events=summary.events,
    )
    return pdf_files.surgeon(
        summary,
        paper=settings.paper_size,
        clinic_name=settings.clinic_name,
        code=qr_payload.encode(summary.aid, answers, made_on),
        attached=json.dumps(response, ensure_ascii=False) if settings.attach else "",
        archive=settings.archive,
        draw=draw,
    )


def patient(
    summary: Summary, settings: Settings, *, large: bool = False, draw: Render = render_pool.render
) -> bytes:
    """The patient copy in 14 point, or 18 point when ``large``."""
    return pdf_files.patient(
        summary,
        paper=settings.paper_size,
        large=large,
        emergency_number=settings.emergency_number,
        clinic_name=settings.clinic_name,
        clinic_phone=settings.clinic_phone,
        archive=settings.archive,
        draw=draw,
    )


def card(aid: Aid, settings: Settings, *, draw: Render = render_pool.render) -> bytes:
    """The safety card."""
    return pdf_files.card(
        aid,
        paper=settings.paper_size,
        emergency_number=settings.emergency_number,
        clinic_name=settings.clinic_name,
        clinic_phone=settings.clinic_phone,
        draw=draw,
    )


def form(aid: Aid, settings: Settings, *, draw: Render = render_pool.render) -> bytes:
    """The blank questionnaire."""
    return pdf_files.form(
        aid,
        paper=settings.paper_size,
        clinic_name=settings.clinic_name,
        emergency_number=settings.emergency_number,
        draw=draw,
    )
