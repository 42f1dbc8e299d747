"""The pages that stand in the way: the emergency stop and the end of this aid's scope."""

from dataclasses import replace

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from decision_aid import rules
from decision_aid.model import Journey
from decision_aid.web.session import Session, counting, must_stop, need, record_advice, services

blueprint = Blueprint("safety", __name__)


@blueprint.get("/stop")
def stop() -> ResponseReturnValue:
    """What to do now. The time at which it was shown is kept for the surgeon."""
    visit = need()
    if not rules.must_stop(services().aid, visit.answers):
        return _onward(visit)
    record_advice(visit)
    return _stop_page(visit)


def _stop_page(visit: Session, error: str = "", status: int = 200) -> ResponseReturnValue:
    html = render_template(
        "safety/stop.html",
        dangers=rules.dangers(services().aid, visit.answers),
        symptoms=visit.summary().ticked("emergency"),
        error=error,
    )
    return html, status


@blueprint.post("/stop")
def pass_stop() -> ResponseReturnValue:
    """Going on: the person has ticked that they understand."""
    visit, now = need(), services().clock()
    if not must_stop(visit.journey):
        return _onward(visit)
    if request.form.get("understood") != "yes":
        return _stop_page(visit, "Please tick “I understand” if you want to go on now.", 422)
    aid = services().aid
    shown = rules.flags(aid, visit.answers)

    def passed(journey: Journey) -> Journey:
        """Past the stop page, unless another tab has ticked other symptoms meanwhile."""
        same = rules.flags(aid, counting(journey)) == shown
        return replace(journey, went_on=now) if same else journey

    visit.change(passed)
    return _onward(visit)


def _onward(visit: Session) -> ResponseReturnValue:
    signs = services().aid.page_of["emergency_symptoms"].id
    following = rules.next_page(visit.way, signs, visit.answers)
    return redirect(url_for("journey.page", page_id=following), 303)


@blueprint.get("/exit")
def leave_scope() -> ResponseReturnValue:
    """Why this aid is not for this person, and what to do instead."""
    visit, aid = need(), services().aid
    if must_stop(visit.journey):
        return redirect(url_for(".stop"), 303)
    finding = rules.scope(aid, visit.answers)
    if finding is None:
        return _onward(visit)
    option = aid.questions[finding.because[0]].option(finding.id)
    return render_template(
        "safety/exit.html",
        section=aid.section_by_id["scope_exit"],
        reason=option.text if option else "",
        question=aid.questions[finding.because[0]],
        page=aid.page_of[finding.because[0]],
        card=aid.section_by_id["safety_card"],
        summary=visit.summary(),
    )


@blueprint.get("/safety-card")
def card() -> str:
    """The signs to act on, for everybody, with or without a journey."""
    return render_template("safety/card.html", card=services().aid.section_by_id["safety_card"])
