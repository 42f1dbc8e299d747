"""Pieces of pages that are the same for everyone, made once: addresses, questions, inputs.

No answer is kept in them: what a person chose only picks between pieces that are there, and what
a person wrote is put into a gap that was left for it.
"""

from dataclasses import replace
from functools import cache, lru_cache, partial
from typing import Any

import flask
from flask import Flask, g, request
from flask_wtf.csrf import generate_csrf
from jinja2 import Environment
from markupsafe import Markup, escape

from decision_aid.documents import body_map
from decision_aid.model import Option, Page
from decision_aid.web.forms import FieldView

#: One input: its value, how it looks when it is not chosen, and when it is.
_Input = tuple[str, Markup, Markup]
#: Where an answer will stand. No content file can hold this character.
_GAP, _NOTHING = Markup("\0"), Markup()
#: Kinds of questions of which all but the answer is the same for everyone.
_FRAMED = ("one", "many", "scale", "rating", "text")


def install(app: Flask) -> None:
    """Let the templates use them, and the macros that several pages share."""
    env = app.jinja_env
    app.context_processor(context)
    env.globals.update(url_for=address, csrf=_csrf, person=body_map)
    pieces = _Fragments(env)
    env.globals.update(
        field=pieces.field,
        choices=pieces.choices,
        heading=cache(pieces.shell.heading),
        hints=cache(pieces.shell.hints),
        picture=env.get_template("fields/_body_map.html").module,
        parts=env.get_template("macros.html").module,
        figures=env.get_template("guide/figures.html").module,
    )


class _Fragments:
    """The questions of one application, by id, and their inputs."""

    def __init__(self, env: Environment) -> None:
        self._env = env
        self.shell: Any = env.get_template("fields/_shell.html").module
        self._frames: dict[tuple[str, str, bool], list[Markup]] = {}
        self._choices: dict[tuple[str, str, bool], _Input] = {}
        self._steps: dict[str, list[_Input]] = {}

    def field(self, field: FieldView, single: bool, page: Page) -> Markup:
        """A question with what was answered; ``single`` when it is the only one of its page."""
        if field.error or field.question.kind not in _FRAMED:
            return self._draw(field, single, page, self._inputs(field))
        key = field.id, field.text, single
        if key not in self._frames:
            blank = replace(field, value="", values=())
            html = self._draw(blank, single, page, _GAP, _GAP)
            take_back = self.shell.take_back(field.id, field.text)
            self._frames[key] = [*html.split(_GAP), take_back]
        before, *after, take_back = self._frames[key]
        parts = [before, self._inputs(field), *after]
        if len(after) == 2 and field.value:
            parts.insert(3, take_back)
        return Markup("".join(parts))  # noqa: S704 - made by the templates

    def _draw(
        self, field: FieldView, single: bool, page: Page, inputs: Markup, taken: Markup = _NOTHING
    ) -> Markup:
        kind = "scale" if field.question.kind == "rating" else field.question.kind
        template = self._env.get_template(f"fields/{kind}.html")
        html = template.render(f=field, single=single, page=page, inputs=inputs, taken=taken)
        return Markup(html)  # noqa: S704 - made by the templates

    def _inputs(self, field: FieldView) -> Markup:
        match field.question.kind:
            case "one":
                return self.choices(field, "radio", field.options)
            case "many":
                return self.choices(field, "checkbox", field.options)
            case "scale" | "rating":
                if field.id not in self._steps:
                    self._steps[field.id] = self._scale(field)
                return _picked(self._steps[field.id], (field.value,))
            case _:
                return escape(field.value)

    def choices(self, field: FieldView, kind: str, offered: tuple[Option, ...]) -> Markup:
        """Choices of a question, chosen or not."""
        name, shared, found = field.id, True, []
        for option in offered:
            # What excludes all others stands apart from those before it.
            parted = option.exclusive and not shared and kind == "checkbox"
            key = name, option.id, parted
            if key not in self._choices:
                off, on = (
                    self.shell.choice(name, option, kind, parted, on) for on in (False, True)
                )
                self._choices[key] = option.id, off, on
            found.append(self._choices[key])
            shared = option.exclusive
        return _picked(found, (field.value, *field.values))

    def _scale(self, field: FieldView) -> list[_Input]:
        q = field.question
        ends = {q.minimum: q.low, q.maximum: q.high}
        return [
            (str(n), *(self.shell.step(q.id, n, ends.get(n, ""), on) for on in (False, True)))
            for n in range(q.minimum, q.maximum + 1)
        ]


def _picked(inputs: list[_Input], chosen: tuple[str, ...]) -> Markup:
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
    return _made(request.script_root, endpoint, **values)


def context() -> dict[str, Any]:
    """For every page: the same, with the root of the addresses looked up once."""
    return {"url_for": partial(_made, request.script_root)}


@lru_cache(maxsize=512)
def _made(_root: str, endpoint: str, **values: Any) -> str:
    return flask.url_for(endpoint, **values)
