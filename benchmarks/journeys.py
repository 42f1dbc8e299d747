"""Many patients at once, by locust on loopback, think time cut; and the wait for a PDF.

The client runs on the same two cores as the server: what it takes is told beside the results.
"""

import csv
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks import machine, patients, servers
from benchmarks.measure import Goal, Part, percentile, table
from benchmarks.walking import Refused, Walker, steps

_SECONDS = 15
#: People at once when think time is cut.
_PEOPLE = 8
#: People who click, each pausing 2 to 4 seconds, and those who print meanwhile.
_CLICKING, _PAUSE, _PRINTING = 50, "2-4", 2
#: One journey a second reaches the end; seconds that a person reads the last two pages.
_ARRIVALS, _READING = 20, (3.0, 2.0)
_WAIT, _STALL, _WEB = 100.0, 3.0, 45.0


@dataclass(frozen=True)
class Load:
    """What one run of locust found."""

    journeys: int
    requests: int
    failures: int
    #: Milliseconds of a page.
    p50: float
    p95: float
    p99: float
    papers: int
    seconds: float
    #: Share of a processor that the client and the server took.
    client: float
    server: float
    #: Megabytes: each web worker, and everything together (PSS).
    workers: tuple[float, ...]
    whole: float


def _locust(server: servers.Server, people: int, *, pause: str = "0-0", papers: int = 0) -> Load:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        order = [sys.executable, "-m", "locust", "-f", "benchmarks/locustfile.py", "--headless"]
        order += ["-u", str(people + papers), "-r", str(people), "-t", f"{_SECONDS}s"]
        order += ["--csv", f"{folder}/found", "--only-summary", "--stop-timeout", "5"]
        handed = Path(folder, "steps.json")
        handed.write_text(json.dumps({name: steps(name) for name in patients.NAMES}), "utf-8")
        told = {
            "BENCH_STEPS": str(handed),
            "BENCH_PORT": str(server.port),
            "BENCH_PAUSE": pause,
            "BENCH_PAPERS": str(papers),
        }
        began, used = time.perf_counter(), server.processor_time()
        before = os.times()
        environment = os.environ | told
        subprocess.run(
            order, cwd=servers.ROOT, env=environment, capture_output=True, timeout=4 * _SECONDS
        )
        seconds, after = time.perf_counter() - began, os.times()
        client = after.children_user + after.children_system
        client -= before.children_user + before.children_system
        with Path(folder, "found_stats.csv").open() as file:
            rows = list(csv.DictReader(file))
    return _load(
        rows, server, seconds, client / seconds, (server.processor_time() - used) / seconds
    )


def _load(
    rows: list[dict[str, str]],
    server: servers.Server,
    seconds: float,
    client: float,
    used: float,
) -> Load:
    pages = [row for row in rows if row["Name"] == "page"]
    journeys = [row for row in rows if row["Name"] == "journey"]
    papers = [row for row in rows if row["Type"] == "PDF"]
    everything = machine.tree(server.pid)
    web = [machine.memory(p.pid)[1] for p in everything if not machine.uses(p.pid, "pango")]
    return Load(
        journeys=sum(int(row["Request Count"]) - int(row["Failure Count"]) for row in journeys),
        requests=sum(int(row["Request Count"]) for row in pages),
        failures=sum(int(row["Failure Count"]) for row in (*pages, *journeys, *papers)),
        p50=_worst(pages, "50%"),
        p95=_worst(pages, "95%"),
        p99=_worst(pages, "99%"),
        papers=sum(int(row["Request Count"]) - int(row["Failure Count"]) for row in papers),
        seconds=seconds,
        client=client,
        server=used,
        workers=tuple(web),
        whole=machine.shared_out(everything),
    )


def _worst(rows: list[dict[str, str]], column: str) -> float:
    """The worse of reading and sending in."""
    return max((float(row[column]) for row in rows), default=float("nan"))


# --- the wait for a PDF --------------------------------------------------------------------------


@dataclass
class Waits:
    """Milliseconds from the click to the last byte of the PDF, and what was refused."""

    surgeon: list[float]
    patient: list[float]
    refused: int = 0


def _waits(server: servers.Server) -> Waits:
    """One journey a second reaches the check page, reads it, goes on, reads, and clicks."""
    found, threads = Waits([], []), []
    ready = [_at_the_end(server, patients.NAMES[n % 2]) for n in range(_ARRIVALS)]
    for number, walker in enumerate(ready):
        reader = ("surgeon", "patient")[number % 2]
        threads.append(threading.Thread(target=_click, args=(walker, reader, found)))
        threads[-1].start()
        time.sleep(1)
    for thread in threads:
        thread.join()
    return found


def _at_the_end(server: servers.Server, name: str) -> Walker:
    walker = Walker(server.port, name)
    for method, path, data in steps(name):
        if path == "/page/check":
            break
        walker.take(method, path, data)
    return walker


def _click(walker: Walker, reader: str, found: Waits) -> None:
    try:
        walker.take("GET", "/page/check")
        time.sleep(_READING[0])
        walker.take("GET", "/page/done")
        time.sleep(_READING[1])
        times = found.surgeon if reader == "surgeon" else found.patient
        times.append(walker.take("POST", f"/document/{reader}.pdf")[2] * 1000)
    except (Refused, OSError):
        found.refused += 1
    finally:
        walker.close()


# --- what is told --------------------------------------------------------------------------------


def part() -> Part:
    """Measure and tell."""
    loads: dict[str, Load] = {}
    for workers in (1, 2):
        with servers.product("gunicorn", workers=workers) as server:
            loads[f"gunicorn, {workers} workers, {_PEOPLE} people, no pause"] = _locust(
                server, _PEOPLE
            )
    with servers.product("waitress") as server:
        loads[f"waitress, 1 process, {_PEOPLE} people, no pause"] = _locust(server, _PEOPLE)
    with servers.product("gunicorn", workers=2) as server:
        quiet = _locust(server, _CLICKING, pause=_PAUSE)
        busy = _locust(server, _CLICKING, pause=_PAUSE, papers=_PRINTING)
        paper = _paper_workers(server)
    loads[f"gunicorn, 2 workers, {_CLICKING} people, {_PAUSE} s between clicks"] = quiet
    loads[f"the same while {_PRINTING} people print without pause"] = busy
    with servers.product("gunicorn", workers=2) as server:
        waits = _waits(server)
    return Part("Journeys", _text(loads, waits, paper), list(_goals(loads, quiet, busy, waits)))


def _paper_workers(server: servers.Server) -> list[float]:
    found = machine.tree(server.pid)
    return [machine.memory(p.pid)[0] for p in found if machine.uses(p.pid, "pango")]


def _text(loads: dict[str, Load], waits: Waits, paper: list[float]) -> str:
    requests = [len(steps(name)) for name in patients.NAMES]
    head = (
        "load | journeys a second | pages a second | p50 ms | p95 | p99 | errors | PDFs "
        "| server, cores | client, cores | each web process, MB | all, MB"
    )
    lines = [
        (
            name,
            f"{load.journeys / _SECONDS:.2f}",
            f"{load.requests / _SECONDS:.0f}",
            f"{load.p50:.0f}",
            f"{load.p95:.0f}",
            f"{load.p99:.0f}",
            load.failures,
            load.papers,
            f"{load.server:.2f}",
            f"{load.client:.2f}",
            ", ".join(f"{size:.0f}" for size in load.workers),
            f"{load.whole:.0f}",
        )
        for name, load in loads.items()
    ]
    waited = [
        (reader, len(times), *(f"{percentile(times, share):.0f}" for share in (0.5, 0.95, 1)))
        for reader, times in (("surgeon's page", waits.surgeon), ("patient copy", waits.patient))
    ]
    return "\n\n".join(
        (
            f"Locust, {_SECONDS} seconds each, on the same cores as the server. A journey has "
            f"{min(requests)} to {max(requests)} requests. Times are of the worse of GET and POST. "
            "Memory of a web process is its alone (USS), the first one being the master; of all "
            "together PSS.",
            table(head, lines),
            f"Memory of the PDF workers after it: {_sizes(paper)}.",
            "Wait after a click on a PDF button, one journey a second reaching the check page, "
            f"{_READING[0]:g} s there and {_READING[1]:g} s on the last page; "
            f"{waits.refused} refused.",
            table("document | clicks | p50 ms | p95 | most", waited),
        )
    )


def _sizes(sizes: list[float]) -> str:
    return ", ".join(f"{size:.0f} MB" for size in sizes) or "none was started"


def _goals(loads: dict[str, Load], quiet: Load, busy: Load, waits: Waits) -> Iterator[Goal]:
    times = [*waits.surgeon, *waits.patient]
    slow = percentile(times, 0.95)
    yield Goal(
        "wait after a click on a PDF button on the done page, one journey a second",
        f"p95 at most {_WAIT:g} ms",
        f"{slow:.0f} ms, {waits.refused} refused",
        slow <= _WAIT and not waits.refused,
    )
    yield Goal(
        f"pages while {_CLICKING} patients click and PDFs are made",
        f"p95 under {_STALL:g} x the quiet p95",
        f"{busy.p95:.0f} ms against {quiet.p95:.0f} ms: {busy.p95 / quiet.p95:.1f} x, "
        f"{busy.papers} PDFs, {busy.failures} errors",
        busy.p95 < _STALL * quiet.p95 and not busy.failures,
    )
    most = max(size for load in loads.values() for size in load.workers)
    yield Goal(
        "memory of a web worker that has not imported WeasyPrint",
        f"at most {_WEB:g} MB",
        f"{most:.0f} MB (its alone)",
        most <= _WEB,
    )
