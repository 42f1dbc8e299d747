"""Whole journeys for locust; ``benchmarks.journeys`` starts it.

``BENCH_PORT`` is where the server listens. ``BENCH_PAUSE`` is the least and the most seconds
between two requests of a person ("0-0": think time cut). ``BENCH_UNTIL`` is the page before which
people begin anew. ``BENCH_PAPERS`` is the number of further people who fetch PDFs one after the
other. In the first ``BENCH_WARM`` seconds only errors count; people who pause spread over their
first journey meanwhile, so that not all stand on the same page.
"""

import os
import random
import time
from http.client import HTTPException

import gevent.monkey

gevent.monkey.patch_all()

from locust import User, constant, task  # noqa: E402 - after patching

from benchmarks import patients, walking  # noqa: E402

PORT = int(os.environ["BENCH_PORT"])
LEAST, MOST = map(float, os.environ.get("BENCH_PAUSE", "0-0").split("-"))
UNTIL = os.environ.get("BENCH_UNTIL", "")
PAPERS = int(os.environ.get("BENCH_PAPERS", "0"))
WARM = float(os.environ.get("BENCH_WARM", "0"))
LENGTH = max(len(walking.steps(name)) for name in patients.NAMES)


class _Person(User):
    abstract = True
    wait_time = constant(0)

    def report(self, kind: str, name: str, took: float, error: Exception | None = None) -> None:
        if not error and time.time() - self.environment.stats.start_time < WARM:
            return
        self.environment.events.request.fire(
            request_type=kind,
            name=name,
            response_time=took * 1000,
            response_length=0,
            exception=error,
            context={},
        )


class Patient(_Person):
    """Answers everything, again and again."""

    def on_start(self) -> None:
        """Somewhere on the way."""
        self.hurry = random.randrange(LENGTH) if MOST else 0

    @task
    def journey(self) -> None:
        """One whole journey."""
        began = time.perf_counter()
        walker = walking.Walker(PORT, random.choice(patients.NAMES))
        try:
            for kind, _path, took in walker.walk(until=UNTIL):
                self.report(kind, "page", took)
                self.pause()
            self.report("ALL", "journey", time.perf_counter() - began)
        except (walking.Refused, OSError, HTTPException) as error:
            self.report("ALL", "journey", time.perf_counter() - began, error)
        finally:
            walker.close()

    def pause(self) -> None:
        """Read and think."""
        self.hurry -= 1
        if self.hurry < 0:
            time.sleep(random.uniform(LEAST, MOST))


class Receptionist(_Person):
    """Has answered everything and prints, one document after the other, none of them made ahead."""

    fixed_count = PAPERS

    def on_start(self) -> None:
        """Walk to the last page once, past the check page where papers are made ahead."""
        self.walker = walking.Walker(PORT, "margaret")
        list(self.walker.walk(until="/page/check"))
        self.walker.open("/page/done")

    @task
    def paper(self) -> None:
        """The surgeon's page, then the patient copy."""
        for reader in ("surgeon", "patient"):
            began = time.perf_counter()
            try:
                self.report("PDF", reader, self.walker.fetch(reader))
            except (walking.Refused, OSError, HTTPException) as error:
                self.report("PDF", reader, time.perf_counter() - began, error)


if not PAPERS:
    del Receptionist
