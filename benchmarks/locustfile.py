"""Whole journeys for locust; ``benchmarks.journeys`` starts it.

``BENCH_PORT`` is where the server listens. ``BENCH_PAUSE`` is the least and the most seconds
between two requests of a person ("0-0": think time cut). ``BENCH_PAPERS`` is the number of further
people who fetch PDFs one after the other.
"""

import os
import random
import time
from collections.abc import Iterator

import gevent.monkey

gevent.monkey.patch_all()

from locust import User, constant, task  # noqa: E402 - after patching

from benchmarks import patients, walking  # noqa: E402

PORT = int(os.environ["BENCH_PORT"])
LEAST, MOST = map(float, os.environ.get("BENCH_PAUSE", "0-0").split("-"))
PAPERS = int(os.environ.get("BENCH_PAPERS", "0"))
for _name in patients.NAMES:
    walking.steps(_name)


class _Person(User):
    abstract = True
    wait_time = constant(0)

    def report(self, kind: str, name: str, took: float, error: Exception | None = None) -> None:
        self.environment.events.request.fire(
            request_type=kind,
            name=name,
            response_time=took * 1000,
            response_length=0,
            exception=error,
            context={},
        )

    def pause(self) -> None:
        time.sleep(random.uniform(LEAST, MOST))


class Patient(_Person):
    """Answers everything, again and again."""

    @task
    def journey(self) -> None:
        """One whole journey."""
        began = time.perf_counter()
        walker = walking.Walker(PORT, random.choice(patients.NAMES))
        try:
            for kind, _path, took in self._steps(walker):
                self.report(kind, "page", took)
            self.report("ALL", "journey", time.perf_counter() - began)
        except (walking.Refused, OSError) as error:
            self.report("ALL", "journey", time.perf_counter() - began, error)
        finally:
            walker.close()

    def _steps(self, walker: walking.Walker) -> Iterator[walking.Taken]:
        for step in walker.walk():
            yield step
            self.pause()


class Receptionist(_Person):
    """Has answered everything and prints, one document after the other."""

    fixed_count = PAPERS

    def on_start(self) -> None:
        """Walk to the last page once."""
        self.walker = walking.Walker(PORT, "margaret")
        list(self.walker.walk())

    @task
    def paper(self) -> None:
        """The surgeon's page, then the patient copy."""
        for reader in ("surgeon", "patient"):
            began = time.perf_counter()
            try:
                _, _, took = self.walker.take("POST", f"/document/{reader}.pdf")
                self.report("PDF", reader, took)
            except (walking.Refused, OSError) as error:
                self.report("PDF", reader, time.perf_counter() - began, error)


if not PAPERS:
    del Receptionist
