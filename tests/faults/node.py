"""One node for the test of several: store and security as shipped, one number instead of pages."""

import os

from flask import Flask, Response, request
from flask_wtf.csrf import generate_csrf

from decision_aid.model import Journey
from decision_aid.settings import Settings
from decision_aid.web import security
from decision_aid.web.store import Stale, Store, StoreUnavailable


def app() -> Flask:
    """The node, set up from the environment like the real one."""
    settings = Settings.from_environment().with_keys()
    store = Store(settings.store_url, settings.pepper, hours=settings.hours)
    node = Flask("node")
    security.init_security(node, settings)
    node.register_error_handler(StoreUnavailable, lambda error: (str(error), 503))
    node.register_error_handler(Stale, lambda _: ("stale", 409))

    @node.after_request
    def sign(response: Response) -> Response:
        response.headers["X-Node"] = os.environ["NODE"]
        return response

    @node.get("/")
    def show() -> Response | str:
        token = security.read_token(request)
        stored = store.load(token) if token else None
        number = stored.journey.answers["number"] if stored else "none"
        return f"{number} {stored.rev if stored else 0} {generate_csrf()}"

    @node.post("/start")
    def start() -> Response:
        token = store.create()
        store.save(token, Journey(answers={"number": 0}), 1)
        response = Response("started")
        security.set_token(response, token)
        return response

    @node.post("/save")
    def save() -> str:
        token = security.read_token(request) or ""
        journey = Journey(answers={"number": int(request.form["number"])})
        return str(store.save(token, journey, int(request.form["rev"])))

    return node
