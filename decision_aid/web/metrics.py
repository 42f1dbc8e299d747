"""Counts for Prometheus, where a clinic asks for them: of events, never of answers or persons.

All processes of a machine count into one small SQLite file in the instance folder. What patients
do is told in fives, so that nobody can see from one count to the next that a person was there.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

from flask import Flask, Response, request

from decision_aid.settings import SettingsError

_STARTS = ("journey.begin", "data_entry.begin")
_PAPERS = ("documents.document", "documents.card_pdf")
#: Name, what it is, and what it is counted in.
_HELP = {
    "journeys_started": ("Journeys begun.", 5),
    "journeys_finished": ("Times the last page was shown; loading it again counts too.", 5),
    "pdfs_made": ("PDFs handed out.", 5),
    "pdfs_refused": ("PDFs refused: too many at once, too slow, or a fault.", 1),
    "responses_4xx": ("Requests refused: pages that are not there, stale or forged forms.", 1),
    "responses_5xx": ("Requests that the program or its database failed.", 1),
}


def init_metrics(app: Flask, folder: Path) -> None:
    """Count this application's events and tell them at ``/metrics``. Raises SettingsError."""
    counts = Counts(folder / "counts.db")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(folder / "counts.db", os.O_RDWR | os.O_CREAT, 0o600))
        counts.add("starts")
    except (OSError, sqlite3.Error):
        raise SettingsError(
            f"{folder} cannot be written, so nothing can be counted; "
            "set DECISION_AID_INSTANCE, or DECISION_AID_METRICS to no."
        ) from None

    @app.after_request
    def count(response: Response) -> Response:
        with suppress(sqlite3.Error):
            for name in _events(response):
                counts.add(name)
        return response

    @app.get("/metrics")
    def metrics() -> Response:
        return Response(_text(counts.read()), mimetype="text/plain; version=0.0.4")


def _events(response: Response) -> Iterator[str]:
    """What this response means, by its route and status alone."""
    place, status = request.endpoint, response.status_code
    if place in _STARTS and status == 303 and "Set-Cookie" in response.headers:
        yield "journeys_started"
    if place == "journey.page" and request.view_args == {"page_id": "done"} and status == 200:
        yield "journeys_finished"
    if place in _PAPERS and status in (200, 503):
        yield "pdfs_made" if status == 200 else "pdfs_refused"
    if status >= 400:
        yield f"responses_{status // 100}xx"


class Counts:
    """Numbers by name that only grow. Each method may raise ``sqlite3.Error``."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, name: str) -> None:
        """One more."""
        with self._open() as file, file:
            file.execute(
                "INSERT INTO counts VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET n = n + 1",
                [name],
            )

    def read(self) -> dict[str, int]:
        """All of them."""
        with self._open() as file:
            return dict(file.execute("SELECT name, n FROM counts"))

    def _open(self) -> closing[sqlite3.Connection]:
        file = sqlite3.connect(self._path, timeout=1)
        file.execute("PRAGMA synchronous=OFF")
        file.execute("CREATE TABLE IF NOT EXISTS counts (name TEXT PRIMARY KEY, n INTEGER)")
        return closing(file)


def _text(counts: dict[str, int]) -> str:
    """The text format of Prometheus, version 0.0.4."""
    lines = []
    for name, (says, step) in _HELP.items():
        metric = f"decision_aid_{name}_total"
        told = f"{says} Rounded down to fives." if step > 1 else says
        lines += [f"# HELP {metric} {told}", f"# TYPE {metric} counter"]
        lines.append(f"{metric} {counts.get(name, 0) // step * step}")
    return "\n".join(lines) + "\n"
