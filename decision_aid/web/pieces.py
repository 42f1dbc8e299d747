"""Pieces of pages that are the same for everyone, made once: addresses, headings, inputs.

No answer is kept in them: what a person chose only picks between pieces that are there.
"""

from functools import cache, lru_cache
from typing import Any

import flask
from flask import Flask, request


def install(app: Flask) -> None:
    """Let the templates use them, and the macros around every group of inputs."""
    shell: Any = app.jinja_env.get_template("fields/_shell.html").module
    app.jinja_env.globals.update(
        url_for=_address,
        choice=cache(shell.choice),
        heading=cache(shell.heading),
        described=shell.described,
        notes=shell.notes,
        take_back=shell.take_back,
    )


def _address(endpoint: str, **values: Any) -> str:
    return _made(request.script_root, endpoint, tuple(values.items()))


@lru_cache(maxsize=512)
def _made(_root: str, endpoint: str, values: tuple[tuple[str, Any], ...]) -> str:
    return flask.url_for(endpoint, **dict(values))
