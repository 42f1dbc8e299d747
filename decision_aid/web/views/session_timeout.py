"""How long a visit lasts: the warning before it ends, one more stretch, and the clinic's tablet.

WCAG 2.2, 2.2.1: whoever runs out of time is told two minutes before, and one press gives more.
"""

from datetime import timedelta
from typing import Any

from flask import Blueprint, abort, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from decision_aid.storage.repository import Stale
from decision_aid.web import security
from decision_aid.web.session import NoJourney, clear_device, find, need, services

blueprint = Blueprint("session_timeout", __name__)

#: A tablet that nobody touches for this long wipes itself.
TABLET_SECONDS = 10 * 60
#: How long before the end the warning stands.
WARNING_SECONDS = 120


def context() -> dict[str, Any]:
    """For every page of a journey: the seconds until it ends. Loads nothing by itself."""
    visit = g.get("visit")
    if not visit:
        return {"ends_in": None}
    time = services().clock()
    now = int(time.timestamp())
    if services().settings.tablet:
        return {"ends_in": TABLET_SECONDS, "now": now}
    return {"ends_in": max(0, (visit.expires - time) // timedelta(seconds=1)), "now": now}


@blueprint.post("/stay")
def stay() -> ResponseReturnValue:
    """One more stretch of time. The answers are kept as long again from now.

    The script of the page gets the new end as JSON; without scripts the start page leads on.
    """
    visit, at = need(), services()
    try:
        visit.expires = at.store.extend(visit.token)
    except Stale:
        raise NoJourney from None
    if request.accept_mimetypes.best == "text/html":
        response = make_response(redirect(url_for("journey.start"), 303))
    else:
        response = make_response(_time_left())
    security.set_token(response, visit.token, keep=security.kept_for(request))
    return response


@blueprint.get("/time-left")
def time_left() -> dict[str, int]:
    """The server's time and the seconds that are left, for a page that cannot trust its clock."""
    find()
    return _time_left()


def _time_left() -> dict[str, int]:
    """``now`` in seconds of the server's clock; ``seconds`` until the end, 0 when it is over."""
    return {"now": int(services().clock().timestamp()), "seconds": context()["ends_in"] or 0}


@blueprint.get("/still-there")
def ask() -> ResponseReturnValue:
    """On a tablet without scripts: asks whether somebody is there, and wipes if nobody is."""
    if not services().settings.tablet:
        abort(404)
    return render_template("session_timeout/still_there.html", seconds=WARNING_SECONDS)


@blueprint.get("/next-person")
def next_person() -> ResponseReturnValue:
    """On a tablet: wipe, and back to the start for the next person."""
    foreign = request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none")
    if not services().settings.tablet or foreign:
        abort(404)
    clear_device()
    response = redirect(url_for("journey.start"), 303)
    security.clear(response)
    return response
