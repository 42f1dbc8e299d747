"""A patient over HTTP with as little work of her own as possible: the journey is worked out once.

The pages and answers of a persona are recorded from the application in this process. Walking
repeats them with the form token and the revision that the server sends. Any answer but the one
that was recorded is an error: another status, another page after a form, no PDF.
"""

import http.client
import json
import os
import re
import tempfile
import time
from collections.abc import Iterator
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from benchmarks import patients
from decision_aid import create_app
from decision_aid.settings import Settings
from tests.walk import Patient, forms

#: Method, path, and the answers that are sent.
Step = tuple[str, str, tuple[tuple[str, str], ...]]
#: Method, path, seconds.
Taken = tuple[str, str, float]
_TOKEN = re.compile(rb'name="csrf_token" value="([^"]*)"')
_REVISION = re.compile(rb'name="rev" value="([^"]*)"')


class Refused(Exception):  # noqa: N818 - what a load test counts
    """The server answered otherwise than it did when the journey was recorded."""


@cache
def steps(name: str) -> tuple[Step, ...]:
    """What a persona opens and sends, from the first page to the last.

    Locust is handed them in the file ``BENCH_STEPS``: the program itself starts threads and
    processes, which gevent does not bear.
    """
    if handed := os.environ.get("BENCH_STEPS"):
        rows = json.loads(Path(handed).read_text("utf-8"))[name]
        return tuple((method, path, tuple(map(tuple, data))) for method, path, data in rows)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        app = create_app(Settings(instance=Path(folder), database_url="memory").with_keys())
        found = tuple(_record(Patient(app.test_client(), patients.answers(name))))
        # The check page was opened: what is made ahead there must not go on beside a measurement.
        app.extensions["decision_aid"].ahead.close()
        return found


def _record(patient: Patient) -> Iterator[Step]:
    yield "GET", "/", ()
    walk, start = patient.walk(), patient.html
    place = next(walk)
    yield "POST", "/start", _sent(patient, start, "/start")
    while True:
        yield "GET", place, ()
        html, before = patient.html, place
        place = next(walk, "")
        if not place:
            return
        if re.search(r'<form[^>]*action="[^"]*/page/', html):
            yield "POST", before, _sent(patient, html, "/page/")
        elif before == "/stop":
            yield "POST", before, (("how", "go_on"), ("understood", "yes"))


def _sent(patient: Patient, html: str, action: str) -> tuple[tuple[str, str], ...]:
    _, hidden, names = next(form for form in forms(html) if action in form[0])
    found: dict[str, Any] = {n: patient.answers[n] for n in names if n in patient.answers}
    hidden = {k: v for k, v in hidden.items() if k not in ("csrf_token", "rev")}
    pairs = []
    for key, value in (found | hidden).items():
        values = value if isinstance(value, (list, tuple)) else [value]
        pairs += [(key, str(item)) for item in values]
    return tuple(pairs)


class Walker:
    """One person with one browser.

    She keeps one connection open, or makes a new one for each request: then any process of the
    server may answer, as behind a proxy.
    """

    def __init__(self, port: int, name: str, *, keep: bool = True) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._name, self._keep = name, keep
        self._cookie = ""
        self._page = b""

    def walk(self, *, until: str = "") -> Iterator[Taken]:
        """The whole journey, or what comes before the page ``until``. Raises Refused."""
        way = steps(self._name)
        for (method, path, data), after in zip_longest(way, way[1:]):
            if path == until:
                return
            if method == "GET":
                yield method, path, self.open(path)
            else:
                yield method, path, self.send(path, data, after[1] if after else "")

    def open(self, path: str) -> float:
        """Read a page: the seconds that it took."""
        status, _, page, took = self._ask("GET", path)
        _expect(status == 200 and page.rstrip().endswith(b"</html>"), path, status)
        self._page = page
        return took

    def send(self, path: str, data: tuple[tuple[str, str], ...], to: str) -> float:
        """Send in a form that leads to another page, which is not opened yet."""
        status, where, _, took = self._ask("POST", path, data)
        _expect(status == 303 and where.partition("#")[0] == to, path, status, where)
        return took

    def fetch(self, reader: str) -> float:
        """Press a button of the last page: the seconds until the whole PDF is there."""
        path = f"/document/{reader}.pdf"
        status, where, paper, took = self._ask("POST", path)
        whole = paper.startswith(b"%PDF-") and paper.rstrip().endswith(b"%%EOF")
        _expect(status == 200 and whole, path, status, where)
        return took

    def _ask(
        self, method: str, path: str, data: tuple[tuple[str, str], ...] = ()
    ) -> tuple[int, str, bytes, float]:
        headers = {"Cookie": self._cookie} if self._cookie else {}
        body = None
        if method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            body = urlencode([*data, *self._hidden()])
        began = time.perf_counter()
        self._connection.request(method, path, body, headers)
        response = self._connection.getresponse()
        answer = response.read()
        took = time.perf_counter() - began
        if not self._keep:
            self._connection.close()
        if cookie := response.getheader("Set-Cookie"):
            self._cookie = cookie.partition(";")[0]
        return response.status, response.getheader("Location", ""), answer, took

    def _hidden(self) -> list[tuple[str, str]]:
        found = {"csrf_token": _TOKEN.search(self._page), "rev": _REVISION.search(self._page)}
        return [(name, match[1].decode()) for name, match in found.items() if match]

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


def _expect(found: bool, path: str, status: int, where: str = "") -> None:
    if not found:
        raise Refused(f"{path}: {status} {where}".rstrip())
