"""One request's journey: loaded from the store, guarded, saved. No answer leaves this process."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from flask import current_app, g, request
from werkzeug.exceptions import HTTPException

from decision_aid import rules
from decision_aid.model import Aid, Answers, Journey, Page, Question
from decision_aid.settings import Settings
from decision_aid.storage.repository import Repository, Stale, StoredJourney
from decision_aid.summary import Summary, build, signs
from decision_aid.web import security
from decision_aid.web.prerender import Prerender

#: So often a small change is tried over what other tabs save in the same moment.
_TRIES = 8


class NoJourney(HTTPException):
    """There is no journey behind this request: no cookie, or what it opened is gone."""

    code = 403


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What the application is made of, put together once."""

    aid: Aid
    settings: Settings
    store: Repository
    clock: Callable[[], datetime]
    ahead: Prerender


def services() -> Services:
    """The services of the running application."""
    at: Services = current_app.extensions["decision_aid"]
    return at


@dataclass(slots=True, kw_only=True)
class Session:
    """A journey as it is stored, and the token that opens it."""

    token: str
    journey: Journey
    rev: int
    expires: datetime
    at: Services
    #: The answers that count and whose they were, once asked for.
    _counting: tuple[Journey, rules.Active] | None = None

    @property
    def way(self) -> Aid:
        """The questions that are put: all of them, or those of the short way."""
        return self.at.aid.short_way if self.journey.short else self.at.aid

    @property
    def answers(self) -> rules.Active:
        """The answers that count; those set aside are not among them."""
        if self._counting is None or self._counting[0] is not self.journey:
            self._counting = self.journey, counting(self.journey)
        return self._counting[1]

    @property
    def helper(self) -> bool:
        """Whether somebody else answers; a patient with company still answers as "you"."""
        return self.journey.answers.get("answered_by") == "someone_else"

    def save(self, journey: Journey) -> None:
        """Keep a journey. Raises Stale when another tab was faster."""
        self.rev = self.at.store.save(self.token, journey, self.rev)
        self.journey = journey

    def change(self, how: Callable[[Journey], Journey]) -> None:
        """Keep what ``how`` makes of the journey, or of what another tab has made of it meanwhile.

        Raises NoJourney when it was deleted, and Stale when others are faster again and again.
        """
        for _ in range(_TRIES):
            with suppress(Stale):
                return self.save(how(self.journey))
            fresh = again(self)
            self.journey, self.rev, self.expires = fresh.journey, fresh.rev, fresh.expires
        raise Stale

    def summary(self) -> Summary:
        """What the guide and the documents show."""
        journey = replace(self.journey, answers=self.answers)
        return build(self.at.aid, journey, made_on=self.at.clock())


def find() -> Session | None:
    """The journey that the cookie opens, or None."""
    if "visit" not in g:
        token = security.read_token(request)
        stored = services().store.load(token) if token else None
        g.visit = token and stored and opened(token, stored)
    found: Session | None = g.visit or None
    return found


def clear_device() -> bool:
    """Forget the visit of this device, whatever the database does: True when our copy is gone.

    What could not be deleted is queued. The caller takes the cookie.
    """
    token, at = security.read_token(request), services()
    if not token:
        return True
    at.ahead.forget(token)
    try:
        return at.store.delete_or_queue(token)
    except Stale:
        return True  # No token of ours.


def opened(token: str, stored: StoredJourney) -> Session:
    """The journey as it was read from the store."""
    return Session(
        token=token,
        journey=stored.journey,
        rev=stored.rev,
        expires=stored.expires,
        at=services(),
    )


def again(visit: Session) -> Session:
    """The journey as another tab has left it by now. Raises NoJourney when it was deleted."""
    stored = services().store.load(visit.token)
    if stored is None:
        raise NoJourney
    return opened(visit.token, stored)


def counting(journey: Journey) -> rules.Active:
    """The answers of a journey that count. Worked out once in a request for each set of answers."""
    known: list[tuple[Answers, rules.Active]] = g.setdefault("counting", [])
    for answers, active in known:
        if answers is journey.answers:
            return active
    known.append((journey.answers, rules.active(services().aid, journey.answers)))
    return known[-1][1]


def way(journey: Journey) -> Aid:
    """The aid with the questions that are put on this journey."""
    aid = services().aid
    return aid.short_way if journey.short else aid


def need() -> Session:
    """The journey that the cookie opens. Raises NoJourney."""
    visit = find()
    if visit is None:
        raise NoJourney
    return visit


def must_stop(journey: Journey) -> bool:
    """Whether the emergency page still has to be dealt with."""
    return rules.must_stop(services().aid, counting(journey)) and journey.went_on is None


def barrier(journey: Journey, page: Page) -> str | None:
    """The endpoint that stands before this page: the stop page, the scope exit, or nothing."""
    aid = services().aid
    place = aid.places[page.id]
    if place > aid.places[aid.page_of["emergency_symptoms"].id] and must_stop(journey):
        return "safety.stop"
    scope = rules.scope(aid, counting(journey))
    if scope and place > aid.places[aid.page_of[scope.because[0]].id]:
        return "safety.leave_scope"
    return None


def signs_passed() -> dict[str, object]:
    """For every page of a journey: the emergency signs past whose stop page the person went on.

    Loads nothing by itself.
    """
    visit: Session | None = g.get("visit") or None
    if visit is None or visit.journey.went_on is None:
        return {"signs_passed": ()}
    return {
        "signs_passed": signs(visit.at.aid, rules.flags(visit.at.aid, visit.answers).emergency),
        "checked": visit.answers.get("seen_by_doctor") == "yes",
    }


def record_advice(visit: Session) -> None:
    """Note when the "go now" or "call a doctor" advice was first shown.

    When another tab saves in the same moment, the next screen notes it.
    """
    if visit.journey.advice_shown is None:
        with suppress(Stale):
            visit.save(replace(visit.journey, advice_shown=services().clock()))


def set_aside(journey: Journey) -> tuple[Question, ...]:
    """Answered questions that no longer apply. Their answers are kept and never printed."""
    aid = services().aid
    aside = journey.answers.keys() - counting(journey).keys()
    return tuple(q for q in aid.questions.values() if q.id in aside) if aside else ()


def new_pages(journey: Journey) -> tuple[Page, ...]:
    """Pages that a change of mind brought and that are not sent in yet."""
    if not journey.brought:
        return ()
    pages = rules.visible_pages(way(journey), counting(journey))
    return tuple(page for page in pages if page.id in journey.brought)


def _passed_by(journey: Journey) -> set[str]:
    """Pages of questions not sent in that stand before one that was."""
    pages = rules.visible_pages(way(journey), counting(journey))
    asked = [page.id for page in pages if page.questions]
    last = max((place for place, name in enumerate(asked) if name in journey.seen), default=-1)
    return set(asked[:last]) - set(journey.seen)


def resume(journey: Journey) -> Page:
    """Where to go on: the first screen that was not sent in yet."""
    pages = rules.visible_pages(way(journey), counting(journey))
    asked = [page for page in pages if page.questions]
    left = (page for page in asked if page.id not in journey.seen)
    return next(left, pages[-1])


def after_answering(journey: Journey, page: Page, given: Answers) -> Journey:
    """The journey with one page sent in. New or worse signs bring the stop page back."""
    aid = services().aid
    asked = {q.id for q in _put(journey).asked.get(page.id, ())}
    kept = {key: answer for key, answer in journey.answers.items() if key not in asked}
    merged = {**kept, **given}
    changed = replace(journey, answers={key: merged[key] for key in aid.questions if key in merged})
    again = gained_pages(journey, changed)
    seen = [name for name in (*journey.seen, page.id) if name == page.id or name not in again]
    changed = replace(changed, seen=tuple(dict.fromkeys(seen)))
    brought = {*journey.brought, *(again & _passed_by(changed))} - {page.id}
    changed = replace(changed, brought=tuple(sorted(brought)))
    if _more_pressing(journey.answers, changed.answers):
        onset = aid.page_of["seen_by_doctor"].id
        left = tuple(name for name in changed.seen if name != onset)
        return replace(changed, seen=left, went_on=None)
    return changed


def _more_pressing(before: Answers, after: Answers) -> bool:
    """Whether a new emergency sign was ticked, or one that was checked is no longer the same."""
    aid = services().aid
    signs = set(rules.flags(aid, after).emergency) - set(rules.flags(aid, before).emergency)
    change = after.get("checked_change")
    return bool(signs) or (
        change in ("worse", "unknown") and change != before.get("checked_change")
    )


def _put(journey: Journey) -> rules.Active:
    """What is put on this journey's way."""
    return rules.active(way(journey), counting(journey))


def gained_pages(before: Journey, after: Journey) -> set[str]:
    """Pages that now ask something they did not ask before and that has no answer yet."""
    now, was = _put(after), _put(before).asked
    changed = {name: asked for name, asked in now.asked.items() if asked is not was.get(name)}
    return {
        name
        for name, asked in changed.items()
        if {q.id for q in asked} - {q.id for q in was.get(name, ())} - now.keys()
    }


def ask_everything(journey: Journey) -> Journey:
    """The journey on the full way: pages that now ask more count as not sent in."""
    aid = services().aid
    same = {page.id for page in aid.pages if page in aid.short_way.pages}
    return replace(journey, short=False, seen=tuple(name for name in journey.seen if name in same))
