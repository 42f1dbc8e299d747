"""The journey: the first screen, one screen after the other, one answer posted."""

import re
from dataclasses import replace
from math import ceil
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from decision_aid import rules
from decision_aid.model import Answer, Answers, Journey, Page, Question
from decision_aid.storage.repository import Stale
from decision_aid.web import forms, progress, recovery, security
from decision_aid.web.fragments import address
from decision_aid.web.session import (
    NoJourney,
    Session,
    after_answering,
    again,
    ask_everything,
    barrier,
    find,
    gained_pages,
    must_stop,
    need,
    new_pages,
    opened,
    record_advice,
    resume,
    services,
    set_aside,
)
from decision_aid.web.views import guide

blueprint = Blueprint("journey", __name__)

#: What a clinic's launch link may carry: an opaque word with letters and digits, never a name,
#: a date or a number that means somebody.
_REFERENCE = re.compile(r"(?=.*[A-Za-z])(?=.*[0-9])[A-Za-z0-9_-]{8,64}")


@blueprint.get("/")
def start() -> ResponseReturnValue:
    """What this is, and the button that starts it. Nothing is stored before it is pressed."""
    aid = services().aid
    page = aid.pages[0]
    reference = request.args.get("reference", "")
    if reference and not _REFERENCE.fullmatch(reference):
        return render_template("journey/bad_link.html"), 400
    visit = find()
    return render_template(
        "journey/start.html",
        page=page,
        fields=forms.show(page.questions, {}, helper=False),
        visit=visit,
        onward=resume(visit.journey) if visit else None,
        reference=reference,
        minutes={
            # Questions that only some answers bring come on top: about a tenth.
            "full": 5 * ceil(1.1 * progress.measure(aid, page, {}).minutes / 5),
            "short": progress.measure(aid.short_way, page, {}).minutes,
        },
    )


@blueprint.post("/start")
def begin() -> ResponseReturnValue:
    """Open a journey and put its token into the one cookie. An open journey is gone on with."""
    at = services()
    page = at.aid.pages[0]
    if find() is not None:
        return redirect(url_for(".page", page_id=page.id), 303)
    reading = forms.read(page.questions, request.form, helper=False)
    first = recovery.sent_page()
    typed = forms.read(first.questions, request.form, helper=False) if first else reading
    if first and typed.errors:
        return _begin_again(first, typed)
    reference = request.form.get("reference", "")
    journey = Journey(
        started=at.clock(),
        reference=reference if _REFERENCE.fullmatch(reference) else "",
        short=request.form.get("way") == "short",
    )
    journey = after_answering(journey, page, reading.answers)
    journey = replace(journey, answers={**journey.answers, **typed.answers})
    visit = open_journey(journey)
    following = rules.next_page(visit.way, page.id, visit.answers)
    response = redirect(url_for(".page", page_id=following), 303)
    own_device = request.form.get("keep") == "yes"
    keep = at.settings.hours * 3600 if own_device and not at.settings.tablet else None
    security.set_token(response, visit.token, keep=keep)
    return response


def _begin_again(page: Page, reading: forms.Reading) -> ResponseReturnValue:
    """What was typed before the visit ended, once more, with what has to be mended in it."""
    fields = tuple(field for field in reading.fields if field.error or field.id in reading.answers)
    args: dict[str, Any] = {"problem": "ended", "page": page, "fields": fields}
    return render_template("journey/not_saved.html", start=True, rev="", **args), 422


def open_journey(journey: Journey) -> Session:
    """A new row in the store with this journey in it."""
    at = services()
    token = at.store.create()
    stored = at.store.load(token)
    if stored is None:
        raise NoJourney
    visit = opened(token, stored)
    visit.save(journey)
    return visit


@blueprint.post("/all-questions")
def take_full_way() -> ResponseReturnValue:
    """Leave the short way: the questions that were not put are put now, one page after another."""
    visit = need()
    if visit.journey.short:
        visit.change(ask_everything)
    args: dict[str, Any] = {"return": "more"}
    return redirect(url_for(".page", page_id=resume(visit.journey).id, **args), 303)


def _page_or_404(page_id: str) -> Page:
    page = services().aid.page_by_id.get(page_id)
    return page or abort(404)


@blueprint.get("/page/<page_id>")
def page(page_id: str) -> ResponseReturnValue:
    """One screen of the journey."""
    aid = services().aid
    page, visit = _page_or_404(page_id), need()
    stop = barrier(visit.journey, page)
    if stop:
        return redirect(url_for(stop), 303)
    if page.id not in rules.active(visit.way, visit.answers).asked:
        following = rules.next_page(aid, page.id, visit.answers)
        return redirect(url_for(".page", page_id=following), 303)
    if page.kind != "questions":
        return guide.show(page, visit, **_around(page, visit))
    fields = forms.show(_questions(page, visit), visit.answers, helper=visit.helper)
    if "again" in request.args:
        fields = tuple([_asked_again(field, visit) for field in fields])
    return _question_page(page, visit, fields)


def _asked_again(field: forms.FieldView, visit: Session) -> forms.FieldView:
    """A question that was left empty and is asked once more, with a kind word."""
    empty = field.question.ask_twice and field.id not in visit.answers
    return replace(field, error=services().aid.words["please_tick"]) if empty else field


def _questions(page: Page, visit: Session) -> tuple[Question, ...]:
    page = visit.way.page_by_id[page.id]
    asked = rules.visible_questions(visit.way, page, visit.answers)
    return guide.with_suggestions(asked, visit)


def _around(page: Page, visit: Session) -> dict[str, Any]:
    """What stands around every screen: the way back, the progress, what changed."""
    aid = services().aid
    urgent = rules.holds(aid.section_by_id["advice_urgent"].enable_when, visit.answers)
    asked = _returning()
    return {
        "back": _back(page, visit, asked),
        "progress": progress.measure(visit.way, page, visit.answers),
        "changed": request.args.get("changed") == "1",
        "set_aside": set_aside(visit.journey),
        "new_pages": new_pages(visit.journey),
        "advice": urgent and page is _after_safety(visit),
        "feedback": guide.feedback(page, visit),
        "note_helper": visit.helper and page is aid.pages[1],
        "action": address("journey.answer", page_id=page.id, **asked),
    }


def _returning() -> dict[str, Any]:
    """Where this page was opened from: the check page, or the questions still open."""
    place = request.args.get("return")
    return {"return": place} if place in ("check", "more") else {}


def _after_safety(visit: Session) -> Page:
    aid = services().aid
    onset = aid.page_of["seen_by_doctor"].id
    return aid.page_by_id[rules.next_page(visit.way, onset, visit.answers)]


def _back(page: Page, visit: Session, asked: dict[str, Any]) -> str | None:
    if asked == {"return": "check"}:
        return address("journey.page", page_id="check")
    before = rules.previous_page(visit.way, page.id, visit.answers)
    return before and address("journey.page", page_id=before)


def _question_page(
    page: Page, visit: Session, fields: tuple[forms.FieldView, ...], status: int = 200
) -> ResponseReturnValue:
    around = _around(page, visit)
    if around["advice"]:
        record_advice(visit)
    wrong = [field for field in fields if field.error]
    html = render_template(
        "journey/page.html",
        page=page,
        visit=visit,
        fields=fields,
        wrong=wrong,
        again="again" in request.values,
        **around,
    )
    return html, status


@blueprint.post("/page/<page_id>")
def answer(page_id: str) -> ResponseReturnValue:
    """One screen sent in: checked, merged, saved, and on to the next."""
    page, visit = _page_or_404(page_id), need()
    stop = barrier(visit.journey, page)
    if stop:
        return redirect(url_for(stop), 303)
    if page.id not in visit.way.page_by_id:
        return redirect(url_for(".page", page_id=page.id), 303)
    questions = _questions(page, visit)
    reading = forms.read(questions, request.form, helper=visit.helper)
    if reading.errors:
        return _question_page(page, visit, reading.fields, 422)
    given = reading.answers
    given.pop(request.form.get("take_back", ""), None)
    saved = {q.id: visit.answers[q.id] for q in questions if q.id in visit.answers}
    late = request.form.get("rev") not in (None, str(visit.rev))
    if late and saved and saved != given:
        return _stale(page, visit, given)
    before = visit.journey
    try:
        visit.save(after_answering(before, page, given))
    except Stale:
        return _raced(page, visit, given)
    return redirect(_onward(page, visit, before), 303)


def _raced(page: Page, visit: Session, given: dict[str, Answer]) -> ResponseReturnValue:
    """Another tab saved between our load and our save: the same answers are no conflict."""
    visit = again(visit)
    if all(visit.answers.get(q.id) == given.get(q.id) for q in _questions(page, visit)):
        return redirect(_onward(page, visit, visit.journey), 303)
    return _stale(page, visit, given)


def _stale(page: Page, visit: Session, given: Answers) -> ResponseReturnValue:
    """Both versions of a screen that two tabs sent in; the person picks, neither is lost."""
    questions = _questions(page, visit)
    theirs = guide.lines(questions, visit.answers)
    mine = guide.lines(questions, given)
    sent = [item for item in request.form.items(multi=True) if item[0] not in _OURS]
    html = render_template(
        "journey/stale.html",
        page=page,
        visit=visit,
        questions=questions,
        theirs=theirs,
        mine=mine,
        sent=sent,
        action=address("journey.answer", page_id=page.id, **_returning()),
    )
    return html, 409


_OURS = ("csrf_token", "rev", "take_back")


def _left_empty(page: Page, visit: Session) -> bool:
    """Whether to ask once more: never when the stop page waits, and not a second time."""
    asked = [q for q in _questions(page, visit) if q.ask_twice]
    return (
        any(question.id not in visit.answers for question in asked)
        and "again" not in request.form
        and not must_stop(visit.journey)
    )


def _onward(page: Page, visit: Session, before: Journey) -> str:
    """Where a saved page leads: the next one, or back to the check page it was opened from."""
    args: dict[str, Any] = {}
    if _left_empty(page, visit):
        return address("journey.page", page_id=page.id, again="1", **_returning())
    following = rules.next_page(visit.way, page.id, visit.answers)
    gained = gained_pages(before, visit.journey)
    pending = [p for p in new_pages(visit.journey) if p.id in gained]
    if pending or set_aside(visit.journey) != set_aside(before):
        args["changed"] = "1"
    asked = _returning()
    if asked == {"return": "check"}:
        following = pending[0].id if pending else "check"
        if pending:
            args["return"] = "check"
    if asked == {"return": "more"}:
        left = resume(visit.journey)
        following = left.id if left.questions else "check"
        args |= asked
    if request.form.get("take_back"):
        following = page.id
    return address("journey.page", page_id=following, **args)
