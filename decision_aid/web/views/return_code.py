"""Save and come back: the return code that opens a journey on any device, without an account."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from decision_aid.storage.repository import Stale
from decision_aid.web import security
from decision_aid.web.session import NoJourney, find, need, opened, resume, services

blueprint = Blueprint("return_code", __name__)

#: Tries with a code from one address in an hour: of any kind, and of those that were wrong.
_MOST_TRIES, _MOST_WRONG, _WINDOW = 60, 5, 3600


@blueprint.get("/come-back")
def show() -> ResponseReturnValue:
    """How to save and come back; with a code in hand, where to type it."""
    visit = find()
    has_code = bool(visit and services().store.has_code(visit.token))
    return render_template("return_code/return_code.html", visit=visit, has_code=has_code, code="")


@blueprint.post("/come-back/code")
def make_code() -> ResponseReturnValue:
    """A new return code, shown this once. One that was made before stops working."""
    visit = need()
    try:
        code = services().store.issue_code(visit.token)
    except Stale:
        raise NoJourney from None
    return render_template("return_code/return_code.html", visit=visit, has_code=True, code=code)


@blueprint.post("/come-back/withdraw")
def withdraw() -> ResponseReturnValue:
    """Make the return code useless, and end what it opened on other devices."""
    visit = need()
    try:
        token = services().store.withdraw(visit.token)
    except Stale:
        raise NoJourney from None
    services().ahead.forget(visit.token)
    response = redirect(url_for(".show"), 303)
    security.set_token(response, token, keep=security.kept_for(request))
    return response


@blueprint.post("/come-back")
def enter() -> ResponseReturnValue:
    """Open the journey of a return code on this device."""
    store = services().store
    address = request.remote_addr or ""
    if not store.allow("code", address, _MOST_TRIES, _WINDOW):
        return _refuse("many", 429)
    if find() is not None:
        return redirect(url_for(".show"), 303)
    token = store.redeem(request.form.get("code", ""))
    stored = store.load(token) if token else None
    if token is None or stored is None:
        few = store.allow("wrong code", address, _MOST_WRONG, _WINDOW)
        return _refuse("wrong", 422) if few else _refuse("many", 429)
    visit = opened(token, stored)
    response = redirect(url_for("journey.page", page_id=resume(visit.journey).id), 303)
    security.set_token(response, token)
    return response


def _refuse(problem: str, status: int) -> ResponseReturnValue:
    typed = request.form.get("code", "")[:60]
    html = render_template("return_code/enter_code.html", problem=problem, typed=typed)
    return html, status


@blueprint.get("/come-back/enter")
def ask_code() -> ResponseReturnValue:
    """Where a return code is typed in."""
    if find() is not None:
        return redirect(url_for(".show"), 303)
    return render_template("return_code/enter_code.html", problem="", typed="")
