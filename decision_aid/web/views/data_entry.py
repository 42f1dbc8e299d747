"""Fast entry of a paper form by staff: one screen a part, keyboard only, the same questions."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from decision_aid.documents.blank_form import BlankForm
from decision_aid.model import Answer, Answers, Journey, Page, Part, Question
from decision_aid.storage.repository import Stale
from decision_aid.web import data_entry_form, forms, security
from decision_aid.web.session import Session, after_answering, again, barrier, find, need, services
from decision_aid.web.views.journey import open_journey

blueprint = Blueprint("data_entry", __name__)


@blueprint.before_request
def only_where_set() -> None:
    """The clinic switches this on; elsewhere there is no such page."""
    if not services().settings.key_in:
        abort(404)


@blueprint.get("/key-in")
def show() -> ResponseReturnValue:
    """Before the first part: how it works, and one button."""
    return render_template("data_entry/start.html", visit=find(), parts=_parts())


@blueprint.post("/key-in")
def begin() -> ResponseReturnValue:
    """A new journey for the form on the desk."""
    if find() is not None:
        return redirect(url_for(".show"), 303)
    visit = open_journey(Journey(started=services().clock()))
    response = redirect(url_for(".part", part_id=_parts()[0].id), 303)
    security.set_token(response, visit.token)
    return response


@blueprint.get("/key-in/<part_id>")
def part(part_id: str) -> ResponseReturnValue:
    """One part of the form."""
    visit, (found, pages) = need(), _part_or_404(part_id)
    stop = barrier(visit.journey, pages[0])
    if stop:
        return redirect(url_for(stop), 303)
    typed = {
        q.id: data_entry_form.code(q, visit.journey.answers)
        for page in pages
        for q in page.questions
    }
    return _screen(visit, found, pages, typed, {})


@blueprint.post("/key-in/<part_id>")
def save(part_id: str) -> ResponseReturnValue:
    """One part typed in: checked like the screens, saved at once, and on to the next part."""
    visit, (found, pages) = need(), _part_or_404(part_id)
    stop = barrier(visit.journey, pages[0])
    if stop:
        return redirect(url_for(stop), 303)
    questions = tuple(q for page in pages for q in page.questions)
    form, errors = data_entry_form.posted(questions, request.form)
    reading = forms.read(questions, form, helper=False)
    errors = reading.errors | errors
    if errors:
        typed = {q.id: request.form.get(q.id, "") for q in questions}
        return _screen(visit, found, pages, typed, errors, 422)
    late = request.form.get("rev") not in (None, str(visit.rev))
    if late and _conflicts(visit, questions, reading.answers):
        return _stale(visit, found, pages, reading.answers)
    try:
        visit.save(_merged(visit.journey, pages, reading.answers))
    except Stale:
        visit = again(visit)
        if _held(visit, questions) != reading.answers:
            return _stale(visit, found, pages, reading.answers)
    return redirect(_onward(found), 303)


def _onward(found: Part) -> str:
    """The next part, or the check page after the last."""
    following = _parts().index(found) + 1
    if following == len(_parts()):
        return url_for("journey.page", page_id="check")
    return url_for(".part", part_id=_parts()[following].id)


def _held(visit: Session, questions: tuple[Question, ...]) -> dict[str, Answer]:
    answers = visit.journey.answers
    return {q.id: answers[q.id] for q in questions if q.id in answers}


def _conflicts(visit: Session, questions: tuple[Question, ...], given: Answers) -> bool:
    """Whether another tab saved something else for this part since it was shown."""
    return _held(visit, questions) not in ({}, given)


def _stale(
    visit: Session, found: Part, pages: tuple[Page, ...], given: Answers
) -> ResponseReturnValue:
    """The part as it was typed, with what another tab saved beside each line that differs."""
    questions = [q for page in pages for q in page.questions]
    typed = {q.id: request.form.get(q.id, "") for q in questions}
    kept = visit.journey.answers
    saved = {
        q.id: data_entry_form.code(q, kept) for q in questions if kept.get(q.id) != given.get(q.id)
    }
    return _screen(visit, found, pages, typed, {}, 409, saved)


def _merged(journey: Journey, pages: tuple[Page, ...], given: dict[str, Answer]) -> Journey:
    """The journey with every page of a part sent in, also answers the form did not ask for."""
    for page in pages:
        journey = after_answering(
            journey, page, {q.id: given[q.id] for q in page.questions if q.id in given}
        )
    return journey


def _parts() -> tuple[Part, ...]:
    aid = services().aid
    asking = {page.part for page in aid.pages if page.questions}
    return tuple(part for part in aid.parts if part.id in asking)


def _part_or_404(part_id: str) -> tuple[Part, tuple[Page, ...]]:
    aid = services().aid
    found = next((part for part in _parts() if part.id == part_id), None) or abort(404)
    return found, tuple(page for page in aid.pages if page.part == part_id and page.questions)


def _screen(
    visit: Session,
    part: Part,
    pages: tuple[Page, ...],
    typed: dict[str, str],
    errors: dict[str, str],
    status: int = 200,
    saved: dict[str, str] | None = None,
) -> ResponseReturnValue:
    html = render_template(
        "data_entry/part.html",
        visit=visit,
        part=part,
        parts=_parts(),
        pages=pages,
        blank=BlankForm(services().aid),
        typed=typed,
        errors=errors,
        saved=saved,
        wrong=_wrong(pages, errors),
    )
    return html, status


def _wrong(pages: tuple[Page, ...], errors: dict[str, str]) -> list[Question]:
    return [q for page in pages for q in page.questions if q.id in errors]
