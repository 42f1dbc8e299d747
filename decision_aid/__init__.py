"""A shared decision-making questionnaire for people who consider lumbar decompression surgery."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from flask import Flask

    from decision_aid.settings import Settings
    from decision_aid.storage.repository import Repository

__version__ = "0.1.0"


def create_app(
    settings: Settings | None = None,
    store: Repository | None = None,
    clock: Callable[[], datetime] | None = None,
) -> Flask:
    """The web application. Content and settings are read once; a fault in either stops the start.

    Flask is imported here and not above, so that the rules can be used without it.
    """
    from decision_aid.web import build

    return build(settings, store, clock)
