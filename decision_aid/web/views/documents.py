"""Taking something along, clearing, leaving, and the pages about this tool."""

from statistics import median

from flask import (
    Blueprint,
    Response,
    abort,
    make_response,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue

from decision_aid import clinic_documents
from decision_aid.content.lint.readability import section_grades
from decision_aid.content.reports import ipdas
from decision_aid.interop import plain_text as plain
from decision_aid.interop import sundae as about_
from decision_aid.model import Aid
from decision_aid.storage.repository import StorageUnavailable
from decision_aid.web import security
from decision_aid.web.session import barrier, clear_device, find, need, services

blueprint = Blueprint("documents", __name__)


def _pdf(data: bytes, name: str) -> Response:
    """A download with a fixed name: no word of the patient stands in it."""
    response = Response(data, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    return response


@blueprint.route("/document/<reader>.pdf", methods=["GET", "POST"])
def document(reader: str) -> ResponseReturnValue:
    """The surgeon's page or the patient copy."""
    if reader not in ("surgeon", "patient"):
        abort(404)
    visit, settings = need(), services().settings
    stop = barrier(visit.journey, services().aid.pages[-1])
    if stop:
        return redirect(url_for(stop), 303)
    summary = visit.summary()
    large = request.args.get("large") == "1"
    ready = None if large else services().ahead.take(visit.token, reader, summary.check_value)
    try:
        if ready:
            data = ready
        elif reader == "surgeon":
            data = clinic_documents.surgeon(summary, settings)
        else:
            data = clinic_documents.patient(summary, settings, large=large)
    except clinic_documents.PdfUnavailable as error:
        return _no_paper(error, url_for("journey.page", page_id=services().aid.pages[-1].id))
    return _pdf(data, {"surgeon": "for-my-surgeon", "patient": "my-copy"}[reader])


def _no_paper(error: clinic_documents.PdfUnavailable, back: str) -> ResponseReturnValue:
    page = make_response(
        render_template("documents/no_document.html", reason=str(error), back=back), 503
    )
    if isinstance(error, clinic_documents.PdfBusy):
        page.headers["Retry-After"] = "30"
    return page


@blueprint.get("/about.json")
def about_json() -> ResponseReturnValue:
    """What a study reports of this aid (SUNDAE items 8 to 12), to copy."""
    return about_.about(services().aid)


@blueprint.get("/card.pdf")
def card_pdf() -> ResponseReturnValue:
    """The safety card to cut out, for everybody, with or without a journey."""
    at = services()
    try:
        data = clinic_documents.card(at.aid, at.settings)
    except clinic_documents.PdfUnavailable as error:
        return _no_paper(error, url_for("safety.card"))
    return _pdf(data, "safety-card")


@blueprint.get("/text")
def as_text() -> ResponseReturnValue:
    """The surgeon's page as plain text, to paste into a record."""
    visit = need()
    stop = barrier(visit.journey, services().aid.pages[-1])
    if stop:
        return redirect(url_for(stop), 303)
    return Response(plain.page(visit.summary()), mimetype="text/plain")


@blueprint.get("/clear")
def ask_clear() -> str:
    """Ask once before everything is deleted."""
    return render_template("journey/clear.html", visit=find())


@blueprint.post("/clear")
def clear() -> ResponseReturnValue:
    """Delete the row and the cookie, and have the browser forget the pages."""
    if not clear_device():
        response = redirect(url_for(".cleared", later="1"), 303)
    else:
        after = "journey.start" if services().settings.tablet else ".cleared"
        response = redirect(url_for(after), 303)
    security.clear(response)
    return response


@blueprint.get("/cleared")
def cleared() -> str:
    """A page that holds nothing; it says so when our copy could not be deleted yet."""
    later = request.args.get("later") == "1"
    until = services().store.latest_end().astimezone() if later else None
    return render_template("journey/cleared.html", until=until)


@blueprint.post("/leave")
def leave() -> ResponseReturnValue:
    """Off the screen at once; the answers stay until they expire or are cleared."""
    return redirect(url_for(".left"), 303)


@blueprint.get("/left")
def left() -> str:
    """A page that says nothing to whoever looks over a shoulder."""
    return render_template("journey/left.html")


@blueprint.get("/about")
def about() -> str:
    """Who made this, from what, and what happens to the answers."""
    aid = services().aid
    grades = section_grades(aid)
    hardest = sorted(aid.sections, key=lambda section: -grades[section.id])
    return render_template(
        "about/about.html",
        middle=median(grades.values()),
        grades=[(section.title, grades[section.id]) for section in hardest],
        unlike=_reasons(aid),
        ipdas=ipdas.sheet(aid),
    )


def _reasons(aid: Aid) -> dict[str, list[str]]:
    """Why figures are counted, or options are told, in unlike ways -> titles of the sections."""
    found: dict[str, list[str]] = {}
    for section in aid.sections:
        for reason in filter(None, (section.frames_differ, section.parts_differ)):
            found.setdefault(reason, []).append(section.title)
    return found


@blueprint.get("/clinic.css")
def clinic_css() -> Response:
    """The clinic's colour. The dark scheme keeps its own, which is light enough to read."""
    accent = services().settings.accent
    rule = f"@media (prefers-color-scheme: light) {{ :root {{ --accent: {accent} }} }}"
    return Response(rule if accent else "", mimetype="text/css")


@blueprint.get("/clinic-logo")
def clinic_logo() -> Response:
    """The clinic's logo file."""
    logo = services().settings.logo
    return send_file(logo) if logo else abort(404)


@blueprint.get("/health")
def health() -> Response:
    """Whether the program is up, for whoever watches the machine."""
    return make_response({"status": "ok", "content": services().aid.checksum})


@blueprint.get("/ready")
def ready() -> ResponseReturnValue:
    """Whether answers can be kept, for a load balancer: 200 or 503, and not a word more."""
    try:
        services().store.check()
    except StorageUnavailable:
        return {"status": "no database"}, 503
    return {"status": "ok"}
