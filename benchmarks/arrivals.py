"""Patients who arrive one after the other, finish, and press a PDF button: the wait, the cost."""

import threading
import time
from dataclasses import dataclass, field
from http.client import HTTPException
from statistics import fmean

from benchmarks import patients, servers
from benchmarks.measure import percentile, table
from benchmarks.walking import Refused, Walker

#: How many finish; seconds that a person reads the check page, then the last page.
_ARRIVALS, _READING = 40, (10.0, 3.0)
#: Journeys one after the other whose processor time is taken.
_JOURNEYS = 9
_READERS = ("surgeon", "patient")


@dataclass(frozen=True)
class Cost:
    """Seconds of processor time of the server for one journey: its pages, and both papers."""

    pages: float
    papers: float

    @property
    def whole(self) -> float:
        """Of a patient who takes both papers along."""
        return self.pages + self.papers


def cost() -> Cost:
    """One journey after the other, the papers without having been made ahead."""
    with servers.product("gunicorn") as server:
        times = []
        for number in range(_JOURNEYS + len(patients.NAMES)):
            walker = Walker(server.port, patients.NAMES[number % len(patients.NAMES)])
            began = server.processor_time()
            list(walker.walk(until="/page/check"))
            walker.open("/page/done")
            walked = server.processor_time()
            for reader in _READERS:
                walker.fetch(reader)
            times.append((walked - began, server.processor_time() - walked))
            walker.close()
    # The first ones warm up.
    pages, papers = zip(*times[len(patients.NAMES) :], strict=True)
    return Cost(fmean(pages), fmean(papers))


@dataclass
class Waits:
    """Milliseconds from the click to the last byte of the PDF, by reader; what was refused."""

    times: dict[str, list[float]] = field(default_factory=lambda: {r: [] for r in _READERS})
    refused: list[str] = field(default_factory=list)
    #: Milliseconds of every page on the way.
    pages: list[float] = field(default_factory=list)

    @property
    def all(self) -> list[float]:
        """Every wait."""
        return [time for times in self.times.values() for time in times]


def waits(rate: float) -> Waits:
    """So many patients a second do the whole journey; each second one presses the other button.

    Each request comes on a connection of its own, as a proxy may send it: to any web process.
    """
    found, threads = Waits(), []
    with servers.product("gunicorn") as server:
        for name in patients.NAMES:  # to warm up: each process has started what makes PDFs
            list(Walker(server.port, name, keep=False).walk())
        time.sleep(8)
        for number in range(_ARRIVALS):
            walker = Walker(server.port, patients.NAMES[number % 2], keep=False)
            reader = _READERS[number // 2 % 2]
            threads.append(threading.Thread(target=_come, args=(walker, reader, found)))
            threads[-1].start()
            time.sleep(1 / rate)
        for thread in threads:
            thread.join()
    return found


def _come(walker: Walker, reader: str, found: Waits) -> None:
    try:
        for _kind, _path, took in walker.walk(until="/page/check"):
            found.pages.append(took * 1000)
        found.pages.append(walker.open("/page/check") * 1000)
        time.sleep(_READING[0])
        found.pages.append(walker.open("/page/done") * 1000)
        time.sleep(_READING[1])
        found.times[reader].append(walker.fetch(reader) * 1000)
    except (Refused, OSError, HTTPException) as error:
        found.refused.append(str(error))
    finally:
        walker.close()


def told(cost: Cost, waited: dict[float, Waits]) -> str:
    """What was found, in words and a table."""
    lines = [
        (
            f"{rate:g}",
            {"surgeon": "surgeon's page", "patient": "patient copy"}[reader],
            len(times),
            *(f"{percentile(times, share):.0f}" for share in (0.5, 0.95, 1)),
            ", ".join([str(len(found.refused)), *sorted(set(found.refused))]),
        )
        for rate, found in waited.items()
        for reader, times in found.times.items()
    ]
    return "\n\n".join(
        (
            "Patients who arrive one after the other, walk to the check page, read it for "
            f"{_READING[0]:g} s and the last page for {_READING[1]:g} s, and press a button; "
            "gunicorn as `deploy/` starts it, a new connection for each request. Wait until the "
            "whole PDF is there:",
            table(
                "journeys a second | document | clicks | p50 ms | p95 | most | refused (both)",
                lines,
            ),
            "The pages of their journeys meanwhile, p95: "
            + ", ".join(
                f"{percentile(found.pages, 0.95):.0f} ms at {rate:g} a second"
                for rate, found in waited.items()
            )
            + ".",
            f"Processor time of the server for one journey: pages {cost.pages:.2f} s, both papers "
            f"{cost.papers:.2f} s.",
        )
    )
