"""Every kind of page, read and sent in, in this process and through the servers.

In this process: one call of the WSGI application, the making of its environment included. The
journey is a whole one, read from the store and decrypted each time. The floor is a Flask view
that returns one word.
"""

import http.client
import io
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.test import EnvironBuilder

from benchmarks import patients, servers
from benchmarks.constant import app as constant
from benchmarks.measure import (
    Goal,
    Part,
    Row,
    Task,
    measure,
    milliseconds,
    percentile,
    spread,
    table,
)
from benchmarks.walking import Walker
from decision_aid import create_app, rules
from decision_aid.settings import Settings
from tests import postgres
from tests.walk import Patient, forms

FLOOR = "Flask constant (floor)"
_WHO = "margaret"
_ROUNDS = 15
_REPEAT = 3
_MOST_GET, _MOST_POST, _MOST_RULES = 8.0, 12.0, 1.0
_COOKIE = "decision-aid"


class Visitor:
    """A patient who has answered everything, and calls of the application in her name."""

    def __init__(self, app: Flask, *, pages: int = 100) -> None:
        self.app = app
        self._patient = Patient(app.test_client(), patients.answers(_WHO))
        self.visited = list(islice(self._patient.walk(), pages))
        cookie = self._patient.client.get_cookie(_COOKIE)
        assert cookie is not None
        self.cookie = cookie.value

    def form(self, path: str) -> tuple[str, bytes]:
        """Where the form of a page is sent, and what is sent: the same answers once more."""
        html = self._patient.client.get(path).text
        action, hidden, names = next(form for form in forms(html) if form[0] == path)
        data: dict[str, Any] = {
            n: self._patient.answers[n] for n in names if n in self._patient.answers
        }
        hidden.pop("rev", None)
        builder = EnvironBuilder(method="POST", data=data | hidden)
        body = builder.get_environ()["wsgi.input"].read()
        return action, body


def call(
    app: Flask, path: str, *, cookie: str = "", body: bytes | None = None
) -> Callable[[], bytes]:
    """One call of an application, environment included."""
    headers = {"Cookie": f"{_COOKIE}={cookie}"} if cookie else {}

    def work() -> bytes:
        environ = EnvironBuilder(
            path=path,
            method="GET" if body is None else "POST",
            headers=headers,
            input_stream=None if body is None else io.BytesIO(body),
            content_type=None if body is None else "application/x-www-form-urlencoded",
            content_length=None if body is None else len(body),
        ).get_environ()
        status: list[str] = []
        answer = app.wsgi_app(environ, lambda line, _headers, _info=None: status.append(line))
        data = b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
        assert status[0][:3] in ("200", "303"), (path, status)
        return data

    return work


def _application(folder: Path, store: str) -> Flask:
    settings = Settings(instance=folder, database_url=store or None)
    return create_app(settings.with_keys())


def _tasks(visitor: Visitor) -> Iterator[Task]:
    """The floor, then every page of the journey and around it."""
    yield Task(FLOOR, call(constant, "/"))
    yield Task("GET start", call(visitor.app, "/"))
    for path in dict.fromkeys((*visitor.visited, "/page/done")):
        if path.startswith("/page/"):
            yield Task(f"GET {_name(path)}", call(visitor.app, path, cookie=visitor.cookie))
    for path in (
        "/text",
        "/about",
        "/safety-card",
        "/come-back",
        "/come-back/enter",
        "/clear",
        "/left",
        "/health",
    ):
        yield Task(f"GET {path[1:]}", call(visitor.app, path, cookie=visitor.cookie))
    for path in dict.fromkeys(visitor.visited):
        if path.startswith("/page/") and patients.aid().page_by_id[path[6:]].questions:
            action, body = visitor.form(path)
            work = call(visitor.app, action, cookie=visitor.cookie, body=body)
            yield Task(f"POST {_name(path)}", work)


def _name(path: str) -> str:
    """The page, and the kinds of its questions."""
    page = patients.aid().page_by_id[path.removeprefix("/page/")]
    kinds = ", ".join(dict.fromkeys(question.kind for question in page.questions))
    return f"{page.id} ({len(page.questions)}: {kinds})" if page.questions else page.id


@contextmanager
def stores() -> Iterator[dict[str, str]]:
    """Addresses of the three stores; PostgreSQL only where it is installed."""
    found = {"SQLite": "", "memory": "memory"}
    where = postgres._programs()
    cluster = postgres.Cluster(where) if where else None
    if cluster:
        found["PostgreSQL"] = cluster.url.replace("+psycopg", "")
    try:
        yield found
    finally:
        if cluster:
            cluster.remove()


def _in_process(found: dict[str, str]) -> dict[str, dict[str, Row]]:
    rows: dict[str, dict[str, Row]] = {}
    for name, address in found.items():
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            visitor = Visitor(_application(Path(folder), address))
            rows[name] = measure(_tasks(visitor), _ROUNDS, repeat=_REPEAT)
    return rows


def _rules() -> Row:
    aid, answers = patients.aid(), patients.answers(_WHO)
    task = Task("rules, all findings", lambda: rules.findings(aid, answers))
    return measure([task], 30, repeat=5)[task.name]


# --- through the servers -----------------------------------------------------------------------


def _over_the_wire(found: dict[str, str]) -> list[tuple[object, ...]]:
    """Walk the journey through each server: milliseconds a page beside the constant."""
    lines = []
    for kind in ("waitress", "gunicorn"):
        with servers.constant(kind) as server:
            floor = _quick(server)
        for store, address in found.items():
            if kind == "waitress" and store == "memory":
                continue
            with servers.product(kind, address) as server:
                gets, posts = _journeys(server)
            lines.append(
                (kind, store, milliseconds(floor), *_pair(gets, floor), *_pair(posts, floor))
            )
    return lines


def _pair(times: list[float], floor: list[float]) -> tuple[str, str, str]:
    ratio = percentile(times, 0.5) / percentile(floor, 0.5)
    return (
        f"{milliseconds(times)} ({spread(times)})",
        f"{percentile(times, 0.95):.1f}",
        f"{ratio:.1f}",
    )


def _quick(server: servers.Server) -> list[float]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    times = []
    for _ in range(200):
        began = time.perf_counter()
        server.request(connection, "/")
        times.append((time.perf_counter() - began) * 1000)
    return times


def _journeys(server: servers.Server) -> tuple[list[float], list[float]]:
    """Wall time of each GET and each POST of five journeys, one after the other."""
    gets: list[float] = []
    posts: list[float] = []
    for _ in range(5):
        walker = Walker(server.port, _WHO)
        for kind, _path, took in walker.walk():
            (posts if kind == "POST" else gets).append(took * 1000)
    return gets, posts


# --- what is told --------------------------------------------------------------------------------


def part() -> Part:
    """Measure and tell."""
    with stores() as found:
        rows = _in_process(found)
        wire = _over_the_wire(found)
    first = rows["SQLite"]
    floor = first[FLOOR].median
    lines = [
        (
            name,
            milliseconds(row.times),
            spread(row.times),
            f"{row.median / floor:.1f}",
            f"{row.calls:,}",
            *(
                milliseconds(rows[s][name].times) if name in rows[s] else "-"
                for s in list(rows)[1:]
            ),
        )
        for name, row in first.items()
    ]
    findings = _rules()
    others = " | ".join(f"{store}, ms" for store in list(rows)[1:])
    text = "\n\n".join(
        (
            "In this process, processor time, SQLite; the same pages on the other stores beside it "
            "(for PostgreSQL the time of the database is not counted).",
            table(f"page | ms | min-max | x constant | calls | {others}", lines),
            f"The rules, all findings of one patient: {milliseconds(findings.times)} ms "
            f"({spread(findings.times)}), {findings.calls:,} calls.",
            "Through a server on loopback, one journey after another; wall time, client included.",
            table(
                "server | store | constant, ms | GET ms (min-max) | p95 | x constant "
                "| POST ms (min-max) | p95 | x constant",
                wire,
            ),
        )
    )
    return Part("Pages", text, list(_goals(first, findings)))


def _goals(rows: dict[str, Row], findings: Row) -> Iterator[Goal]:
    floor = rows[FLOOR].median
    for method, most in (("GET", _MOST_GET), ("POST", _MOST_POST)):
        asked = {n: r.median / floor for n, r in rows.items() if n.startswith(method) and "(" in n}
        worst = max(asked, key=lambda name: asked[name])
        yield Goal(
            f"question page, {method}, with decryption, x the Flask constant in process",
            f"at most {most:g}",
            f"median {percentile(asked.values(), 0.5):.1f}, most {asked[worst]:.1f} ({worst})",
            asked[worst] <= most,
        )
    yield Goal(
        "rules for one patient, all findings",
        f"at most {_MOST_RULES:g} ms",
        f"{findings.median:.2f} ms",
        findings.median <= _MOST_RULES,
    )
