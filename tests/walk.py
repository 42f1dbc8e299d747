"""A patient at the real application: forms are read from the pages and sent in."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser

from flask import Flask, request
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from decision_aid.answers import to_json
from decision_aid.model import Answer, Answers, Journey
from decision_aid.storage.repository import Repository
from decision_aid.web.session import Session, need, services

Data = dict[str, str | list[str]]


class _Inputs(HTMLParser):
    """Hidden inputs and input names of the main form of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str], set[str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {key: value or "" for key, value in attrs}
        if tag == "form":
            self.forms.append((found.get("action", ""), {}, set()))
        elif tag in ("input", "textarea") and self.forms and "name" in found:
            self.forms[-1][2].add(found["name"])
            if found.get("type") == "hidden":
                self.forms[-1][1][found["name"]] = found.get("value", "")


def forms(html: str) -> list[tuple[str, dict[str, str], set[str]]]:
    """Each form of a page: its action, its hidden values, the names of its inputs."""
    parser = _Inputs()
    parser.feed(html)
    return parser.forms


class Patient:
    """One person with one browser."""

    def __init__(self, client: FlaskClient, answers: Answers) -> None:
        self.client = client
        self.answers = to_json(answers)
        self.visited: list[str] = []
        self.page: TestResponse = client.get("/")

    @property
    def html(self) -> str:
        """The page that is on the screen."""
        return self.page.get_data(as_text=True)

    @property
    def place(self) -> str:
        """The path of the page on the screen."""
        return self.page.request.path

    def open(self, path: str) -> None:
        """Go to an address."""
        self.page = self.client.get(path, follow_redirects=True)

    def send(self, action: str, **extra: str) -> None:
        """Send in the form that leads to ``action``, with this person's answers in it."""
        action_found, hidden, names = next(f for f in forms(self.html) if action in f[0])
        data: dict[str, object] = {n: self.answers[n] for n in names if n in self.answers}
        data |= hidden | extra
        self.page = self.client.post(action_found, data=data, follow_redirects=True)

    def walk(self) -> Iterator[str]:
        """From the first screen to the last, yielding the path of each screen on the way."""
        self.send("/start")
        for _ in range(60):
            self.visited.append(self.place)
            yield self.place
            if self.place in ("/exit", "/page/done"):
                return
            if self.place == "/stop":
                self.send("/stop", how="go_on", understood="yes")
            elif re.search(r'<form[^>]*action="[^"]*/page/', self.html):
                self.send("/page/")
            else:
                after = re.search(r'href="(/page/[a-z_]+)"[^>]*class="[^"]*button', self.html)
                after = after or re.search(
                    r'class="[^"]*button[^"]*"[^>]*href="(/page/[a-z_]+)"', self.html
                )
                assert after, f"no way on from {self.place}"
                self.open(after[1])
        raise AssertionError(f"the journey does not end: {self.visited}")


def meanwhile(app: Flask, act: Callable[[Session], object]) -> None:
    """In the next form that is sent, act between its reading of the answers and its saving."""

    def once() -> None:
        if request.method == "POST" and hooks:
            hooks.pop()(need())

    hooks = [act]
    app.before_request_funcs.setdefault(None, []).append(once)


def store_of(app: Flask) -> Repository:
    """Where this application keeps answers."""
    store: Repository = app.extensions["decision_aid"].store
    return store


def other_tab(found: Session, **answers: Answer) -> None:
    """Another tab of the same person saves these answers."""
    answered = {**found.journey.answers, **answers}
    services().store.save(found.token, replace(found.journey, answers=answered), found.rev)


class Browser:
    """One browser at the application. Forms are sent with what stands hidden in the page."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client: FlaskClient = app.test_client()

    def get(self, path: str) -> TestResponse:
        """Open an address without following where it sends."""
        return self.client.get(path)

    def text(self, path: str) -> str:
        """What stands on a page."""
        response = self.client.get(path, follow_redirects=True)
        return unescape(response.text)

    def send(self, path: str, data: Data | None = None, shown: str = "") -> TestResponse:
        """Send a form. ``shown`` is the page it stands on, when that was opened earlier.

        What is left empty is left empty a second time too.
        """
        html = shown or self.client.get(path.replace("/start", "/")).text
        hidden = dict(re.findall(r'name="(csrf_token|rev)" value="([^"]*)"', html))
        return self.client.post(path, data={"again": "1", **hidden, **(data or {})})

    def start(self, **data: str | list[str]) -> "Browser":
        """Press Start."""
        assert self.send("/start", data).status_code == 303
        return self

    def journey(self) -> Journey:
        """The journey that this browser's cookie opens."""
        cookie = self.client.get_cookie("decision-aid")
        stored = store_of(self.app).load(cookie.value) if cookie else None
        assert stored is not None
        return stored.journey
