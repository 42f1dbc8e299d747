"""Many patients at once, by locust on loopback, think time cut; and the wait for a PDF.

The client runs on the same cores as the server: what it takes is told beside the results.
"""

import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks import arrivals, machine, patients, servers
from benchmarks.measure import Goal, Part, percentile, table
from benchmarks.walking import steps

#: Seconds that are counted, and before them those that are not: more where people have to spread.
_SECONDS, _WARM, _SPREAD = 15, 5, 15
#: People at once when think time is cut.
_PEOPLE = 8
#: People who click, each pausing 2 to 4 seconds, and those who print meanwhile.
_CLICKING, _PAUSE, _PRINTING = 50, "2-4", 2
#: Journeys a second that reach their end.
_RATES = (1.0, 0.5)
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
    #: Processors that the client and the server kept busy.
    client: float
    server: float
    #: Megabytes: each web process, and everything together (PSS).
    workers: tuple[float, ...]
    whole: float


def _locust(
    server: servers.Server, people: int, *, pause: str = "0-0", until: str = "", papers: int = 0
) -> Load:
    warm = _WARM if pause == "0-0" else _SPREAD
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        order = [sys.executable, "-m", "locust", "-f", "benchmarks/locustfile.py", "--headless"]
        order += ["-u", str(people + papers), "-r", str(people + papers)]
        order += ["-t", f"{warm + _SECONDS}s", "--csv", f"{folder}/found", "--only-summary"]
        handed = Path(folder, "steps.json")
        handed.write_text(json.dumps({name: steps(name) for name in patients.NAMES}), "utf-8")
        told = {
            "BENCH_STEPS": str(handed),
            "BENCH_PORT": str(server.port),
            "BENCH_PAUSE": pause,
            "BENCH_UNTIL": until,
            "BENCH_PAPERS": str(papers),
            "BENCH_WARM": str(warm),
        }
        began, used, before = time.perf_counter(), server.processor_time(), os.times()
        subprocess.run(
            order,
            cwd=servers.ROOT,
            env=os.environ | told,
            capture_output=True,
            timeout=3 * (warm + _SECONDS),
        )
        seconds, after = time.perf_counter() - began, os.times()
        client = after.children_user + after.children_system
        client -= before.children_user + before.children_system
        with Path(folder, "found_stats.csv").open() as file:
            rows = list(csv.DictReader(file))
    server_used = server.processor_time() - used
    return _load(rows, server, client / seconds, server_used / seconds)


def _load(rows: list[dict[str, str]], server: servers.Server, client: float, used: float) -> Load:
    pages = [row for row in rows if row["Name"] == "page"]
    journeys = [row for row in rows if row["Name"] == "journey"]
    papers = [row for row in rows if row["Type"] == "PDF"]
    return Load(
        journeys=_succeeded(journeys),
        requests=_succeeded(pages),
        failures=sum(int(row["Failure Count"]) for row in (*pages, *journeys, *papers)),
        p50=_worst(pages, "50%"),
        p95=_worst(pages, "95%"),
        p99=_worst(pages, "99%"),
        papers=_succeeded(papers),
        client=client,
        server=used,
        workers=tuple(web_workers(server)),
        whole=machine.shared_out(machine.tree(server.pid)),
    )


def _succeeded(rows: list[dict[str, str]]) -> int:
    return sum(int(row["Request Count"]) - int(row["Failure Count"]) for row in rows)


def _worst(rows: list[dict[str, str]], column: str) -> float:
    """The worse of reading and sending in."""
    return max((float(row[column]) for row in rows), default=float("nan"))


def web_workers(server: servers.Server) -> list[float]:
    """Megabytes of each process that serves pages, its alone (USS)."""
    processes = [p for p in machine.tree(server.pid) if not machine.uses(p.pid, "pango")]
    sizes = [machine.memory(p.pid)[1] for p in processes if machine.uses(p.pid, "sqlite")]
    return sizes or [machine.memory(server.pid)[1]]


def paper_workers(server: servers.Server) -> list[float]:
    """Megabytes of each process that makes PDFs (resident)."""
    found = machine.tree(server.pid)
    return [machine.memory(p.pid)[0] for p in found if machine.uses(p.pid, "pango")]


# --- what is told --------------------------------------------------------------------------------


def part() -> Part:
    """Measure and tell."""
    loads: dict[str, Load] = {}
    for workers in (1, 2):
        with servers.product("gunicorn", workers=workers) as server:
            name = f"gunicorn, web processes: {workers}, {_PEOPLE} people, no pause"
            loads[name] = _locust(server, _PEOPLE)
    with servers.product("waitress") as server:
        loads[f"waitress, 1 process, {_PEOPLE} people, no pause"] = _locust(server, _PEOPLE)
    with servers.product("gunicorn") as server:
        quiet = _locust(server, _CLICKING, pause=_PAUSE, until="/page/check")
        busy = _locust(server, _CLICKING, pause=_PAUSE, papers=_PRINTING)
        paper = paper_workers(server)
    loads[f"gunicorn, 1 web process, {_CLICKING} people, {_PAUSE} s a page, no PDFs"] = quiet
    loads[f"the same, whole journeys, while {_PRINTING} people print without pause"] = busy
    cost, waits = arrivals.cost(), {rate: arrivals.waits(rate) for rate in _RATES}
    text = "\n\n".join((_loads_told(loads, paper), arrivals.told(cost, waits)))
    return Part("Journeys", text, list(_goals(loads, quiet, busy, waits[_RATES[0]])))


def _loads_told(loads: dict[str, Load], paper: list[float]) -> str:
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
    return "\n\n".join(
        (
            f"Locust, {_SECONDS} seconds each after {_WARM} (people who pause: {_SPREAD}) that are "
            "not counted, on the same cores as the server. A journey has "
            f"{min(requests)} to {max(requests)} requests; an answer that is not the one expected "
            "(status, next page, a whole page, a PDF) is an error. Times are of the worse of GET "
            "and POST. Where a journey reaches the check page both papers are begun, unless twelve "
            "of a kind wait. Memory of a web process is its alone (USS); of all together PSS.",
            table(head, lines),
            f"Memory of the PDF workers after it: {_sizes(paper)}.",
        )
    )


def _sizes(sizes: list[float]) -> str:
    return ", ".join(f"{size:.0f} MB" for size in sizes) or "none was started"


def _goals(
    loads: dict[str, Load], quiet: Load, busy: Load, waits: arrivals.Waits
) -> Iterator[Goal]:
    slow = percentile(waits.all, 0.95)
    yield Goal(
        "wait after a click on a PDF button on the done page, one journey a second",
        f"p95 at most {_WAIT:g} ms",
        f"{slow:.0f} ms, {len(waits.all)} clicks, {len(waits.refused)} refused",
        slow <= _WAIT and not waits.refused,
    )
    yield Goal(
        f"pages while {_CLICKING} patients click and PDFs are made",
        f"p95 under {_STALL:g} x the quiet p95",
        f"{busy.p95:.0f} ms against {quiet.p95:.0f} ms: {busy.p95 / quiet.p95:.1f} x, "
        f"{busy.papers} PDFs, {busy.failures} errors",
        busy.p95 < _STALL * quiet.p95 and not busy.failures and busy.papers > 0,
    )
    shipped = (load for name, load in loads.items() if "waitress" not in name)
    most = max(size for load in shipped for size in load.workers)
    yield Goal(
        "memory of a web worker that has not imported WeasyPrint",
        f"at most {_WEB:g} MB",
        f"{most:.0f} MB (its alone, after the load; behind gunicorn as shipped)",
        most <= _WEB,
    )
