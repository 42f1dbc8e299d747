"""The web application: content, settings and store put together; a kind page for every error."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Flask, g, render_template
from jinja2 import StrictUndefined
from werkzeug.exceptions import Conflict, HTTPException, InternalServerError, ServiceUnavailable

from decision_aid import resources
from decision_aid.content import loader
from decision_aid.settings import Settings, dialled
from decision_aid.storage.repository import Repository, Stale, StorageUnavailable
from decision_aid.web import fragments, metrics, recovery, security
from decision_aid.web.prerender import Prerender
from decision_aid.web.session import NoJourney, Services, Session, find, signs_passed
from decision_aid.web.views import (
    data_entry,
    documents,
    journey,
    return_code,
    safety,
    session_timeout,
)

#: Status codes with words of their own in error.html; every other code gets those of its class.
_OWN_WORDS = (400, 404, 405, 413, 429, 500, 503)


class _Application(Flask):
    """Flask without its care for asynchronous views: there is none here."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function as it is; asking it of ten functions in each request costs time."""
        return func


def build(
    settings: Settings | None = None,
    store: Repository | None = None,
    clock: Callable[[], datetime] | None = None,
    prerender: Prerender | None = None,
) -> Flask:
    """The application. Raises ContentError or SettingsError: it does not start on a fault."""
    settings = (settings or Settings.from_environment()).with_keys()
    clock = clock or _now
    aid = loader.load(settings.content)
    store = store or Repository(settings.store_url, settings.pepper, clock, hours=settings.hours)
    app = _Application(
        "decision_aid", template_folder=str(resources.find("templates")), static_folder="static"
    )
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(aid=aid, words=aid.words, settings=settings)
    app.jinja_env.filters["dialled"] = dialled
    app.extensions["decision_aid"] = Services(
        aid=aid, settings=settings, store=store, clock=clock, ahead=prerender or Prerender()
    )
    security.init_security(app, settings)
    for module in (journey, safety, documents, return_code, data_entry, session_timeout):
        app.register_blueprint(module.blueprint)
    if settings.metrics:
        metrics.init_metrics(app, settings.instance)
    app.context_processor(session_timeout.context)
    app.context_processor(signs_passed)
    fragments.install(app)
    _register_errors(app)
    return app


def _now() -> datetime:
    return datetime.now().astimezone()


def _register_errors(app: Flask) -> None:
    app.register_error_handler(NoJourney, _no_journey)
    app.register_error_handler(security.CSRFError, _old_form)
    app.register_error_handler(StorageUnavailable, lambda _: _error_page(ServiceUnavailable()))
    app.register_error_handler(Stale, lambda _: _error_page(Conflict()))
    app.register_error_handler(HTTPException, _error_page)


def _no_journey(_error: NoJourney) -> tuple[str, int]:
    """No visit is open here; what was typed is shown, and can begin a new one."""
    g.visit = None
    again = recovery.shown_again("ended", None, start=True)
    return again or render_template("journey/no_session.html"), 403


def _old_form(error: security.CSRFError) -> tuple[str, int, dict[str, str]]:
    """A form whose token is not of this visit. What another site sent is not repeated."""
    if isinstance(error, security.OtherSiteError):
        return _error_page(error)
    try:
        visit = find()
    except StorageUnavailable:
        return _error_page(ServiceUnavailable())
    problem = "old" if visit else "ended"
    again = recovery.shown_again(problem, visit, start=visit is None)
    return (again, 400, {}) if again else _error_page(error)


def _visit_if_reached() -> Session | bool | None:
    """The visit that is open here, None when there is none, False when nobody can tell."""
    try:
        return find()
    except StorageUnavailable:
        return False


def _error_page(error: HTTPException) -> tuple[str, int, dict[str, str]]:
    """An error in plain words. Nothing is logged; an own page of answers is shown again."""
    code = error.code or InternalServerError.code
    if code not in _OWN_WORDS:
        code = 400 if code < 500 else 500
    headers = {"Retry-After": "30"} if code == 503 else {}
    again = None
    if code >= 500:
        again = recovery.shown_again("down", g.get("visit") or None, start=False)
    visit = g.get("visit", False) if code >= 500 else _visit_if_reached()
    page = again or render_template("error.html", code=code, gone=visit is None)
    return page, error.code or 500, headers
