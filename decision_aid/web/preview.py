"""Every screen and document of given answers, without filling in the form: for authors.

The real application, with an embedded store in memory and a blueprint that opens a journey with
the answers in it. When a content file changes, the application is built anew; while the files
have faults these are shown as a page, and the last sound content can still be looked at.
"""

from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from flask import Blueprint, Flask, abort, current_app, redirect, render_template
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Request, Response

from decision_aid import answers as answers_
from decision_aid import resources, rules
from decision_aid.content import loader
from decision_aid.content.source_files import FILES
from decision_aid.model import Aid, Answers, Journey
from decision_aid.settings import Settings
from decision_aid.web import build, security
from decision_aid.web.prerender import Prerender
from decision_aid.web.session import services

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: Set by whoever wants to go on with the last sound content while the files have faults.
_LAST_SOUND = "preview_last_sound"

#: Where the preview begins.
INDEX = "/preview/"

blueprint = Blueprint("preview", __name__, url_prefix=INDEX)


@blueprint.get("")
def index() -> ResponseReturnValue:
    """The patients, each with the screens and documents that their answers bring."""
    aid = services().aid
    people = [
        (number, name, rules.visible_pages(aid, answers))
        for number, (name, answers) in enumerate(_patients())
    ]
    return render_template("preview/index.html", people=people)


@blueprint.get("<int:patient>/<path:place>")
def show(patient: int, place: str) -> ResponseReturnValue:
    """Open a journey with these answers and go to an address of the application."""
    people = _patients()
    if patient >= len(people):
        abort(404)
    at = services()
    journey = Journey(
        answers=people[patient][1],
        seen=tuple(page.id for page in at.aid.pages),
        started=at.clock(),
        went_on=at.clock(),
    )
    token = at.store.create()
    at.store.save(token, journey, 1)
    response = redirect(f"/{place}", 303)
    security.set_token(response, token, keep=None)
    return response


def _patients() -> list[tuple[str, Answers]]:
    found: list[tuple[str, Answers]] = current_app.config["PREVIEW_PATIENTS"]
    return found


class Preview:
    """A WSGI application that follows the content files and the answers files."""

    def __init__(self, settings: Settings, patients: Mapping[str, Path]) -> None:
        """Raises ContentError or AnswerError when there is no sound state to begin with.

        ``patients`` are answers files by name; without any, one person who answers nothing.
        """
        self._settings = settings
        self._patients = patients
        self._lock = Lock()
        self._faults: list[str] = []
        self._stamp = self._written()
        self._app: WSGIApplication = self._built()

    def __call__(self, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        """Answer one request with the newest sound content, or with what is wrong."""
        with self._lock:
            self._follow()
        request = Request(environ)
        if not self._faults:
            return self._app(environ, start)
        if request.args.get("last") == "sound":
            response = redirect(INDEX)
            response.set_cookie(_LAST_SOUND, "yes", samesite="Strict")
            return response(environ, start)
        if request.cookies.get(_LAST_SOUND) or request.path.startswith("/static/"):
            return self._app(environ, start)
        return Response(_faults_page(self._faults), 500, mimetype="text/html")(environ, start)

    def _follow(self) -> None:
        stamp = self._written()
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._app, self._faults = self._built(), []
        except loader.ContentError as error:
            self._faults = [str(fault) for fault in error.faults]
        except answers_.AnswerError as error:
            self._faults = [str(error)]

    def _built(self) -> Flask:
        app = build(self._settings, prerender=Prerender(waiting=0))
        aid: Aid = app.extensions["decision_aid"].aid
        app.config["PREVIEW_PATIENTS"] = [
            (name, answers_.loads(aid, path.read_bytes())) for name, path in self._patients.items()
        ] or [("nobody: nothing is answered", {})]
        app.register_blueprint(blueprint)
        return app

    def _written(self) -> tuple[int, ...]:
        folder = self._settings.content
        files = [resources.find(name) if folder is None else folder / name for name in FILES]
        return tuple(
            path.stat().st_mtime_ns if path.exists() else 0
            for path in (*files, *self._patients.values())
        )


def _faults_page(faults: list[str]) -> str:
    rows = "".join(f"<li><code>{escape(fault)}</code></li>" for fault in faults)
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>The content has faults</title>'
        "<h1>The content has faults</h1><p>Mend these, save, and load this page again.</p>"
        f'<ul>{rows}</ul><p><a href="/?last=sound">Go on with the last sound content</a></p></html>'
    )
