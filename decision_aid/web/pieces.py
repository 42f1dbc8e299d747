"""Pieces of pages that are the same for everyone, made once: addresses, headings, inputs.

No answer is kept in them: what a person chose only picks between pieces that are there.
"""

from functools import cache, lru_cache
from typing import Any

import flask
from flask import Flask, g, request
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from decision_aid.model import Option
from decision_aid.paper import figure
from decision_aid.web.forms import FieldView

#: One input: its value, how it looks when it is not chosen, and when it is.
_Input = tuple[str, Markup, Markup]


def install(app: Flask) -> None:
    """Let the templates use them, and the macros around every group of inputs."""
    shell: Any = app.jinja_env.get_template("fields/_shell.html").module

    @cache
    def options(name: str, kind: str, offered: tuple[Option, ...]) -> tuple[_Input, ...]:
        pairs = zip((None, *offered), offered, strict=False)
        return tuple(
            (o.id, *(shell.choice(name, o, kind, on, before) for on in (False, True)))
            for before, o in pairs
        )

    @cache
    def steps(name: str, least: int, most: int, low: str, high: str) -> tuple[_Input, ...]:
        ends = {least: low, most: high}
        return tuple(
            (str(n), *(shell.step(name, n, ends.get(n, ""), on) for on in (False, True)))
            for n in range(least, most + 1)
        )

    def choices(field: FieldView, kind: str, offered: tuple[Option, ...] | None = None) -> Markup:
        found = options(field.id, kind, field.options if offered is None else offered)
        return _picked(found, (field.value, *field.values))

    def scale(field: FieldView) -> Markup:
        q = field.question
        return _picked(steps(q.id, q.minimum, q.maximum, q.low, q.high), (field.value,))

    app.jinja_env.globals.update(
        url_for=address,
        csrf=_csrf,
        choices=choices,
        steps=scale,
        heading=cache(shell.heading),
        hints=cache(shell.hints),
        take_back=shell.take_back,
        person=figure,
    )


def _picked(inputs: tuple[_Input, ...], chosen: tuple[str, ...]) -> Markup:
    return Markup("".join([on if value in chosen else off for value, off, on in inputs]))  # noqa: S704 - made by the templates


def _csrf() -> Markup:
    """The hidden input that every form needs: made once in a request, the same in each form."""
    if "csrf_input" not in g:
        start = Markup('<input type="hidden" name="csrf_token" value="{}">')
        g.csrf_input = start.format(generate_csrf())
    found: Markup = g.csrf_input
    return found


def address(endpoint: str, **values: Any) -> str:
    """``url_for``, worked out once for each address."""
    return _made(request.script_root, endpoint, tuple(values.items()))


@lru_cache(maxsize=512)
def _made(_root: str, endpoint: str, values: tuple[tuple[str, Any], ...]) -> str:
    return flask.url_for(endpoint, **dict(values))
