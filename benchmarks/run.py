"""Speed and size beside a floor, measured in one interleaved run: ``python3 run.py bench``.

Times are processor milliseconds of this process, median of the rounds with minimum and maximum.
Ratios travel between machines; milliseconds do not.
"""

import json
import logging
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flask import Flask

from decision_aid import create_app, rules, summary
from decision_aid.answers import parse
from decision_aid.content.load import load
from decision_aid.paper import render
from decision_aid.settings import Settings
from tests.personas import persona
from tests.walk import Patient

ROUNDS = 15
RESULTS = Path(__file__).with_name("RESULTS.md")
MADE_ON = datetime(2026, 5, 12, 9, 40)
_FLOOR = "<!doctype html><html lang=en><title>x</title><p>One line."


@dataclass
class Row:
    """One thing measured: processor milliseconds per round, and calls in one run."""

    name: str
    work: Callable[[], object]
    times: list[float]
    calls: int = 0

    @property
    def median(self) -> float:
        """Median processor time in milliseconds."""
        return statistics.median(self.times)


def count_calls(work: Callable[[], object]) -> int:
    """Python and C calls of one run: the same on any machine."""
    calls = 0

    def tick(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(tick)
    try:
        work()
    finally:
        sys.setprofile(None)
    return calls


def measure(works: dict[str, Callable[[], object]], rounds: int = ROUNDS) -> dict[str, Row]:
    """Every work warmed once, then all of them in turn, round after round."""
    rows = {name: Row(name, work, []) for name, work in works.items()}
    for row in rows.values():
        row.work()
    for _ in range(rounds):
        for row in rows.values():
            before = time.process_time()
            row.work()
            row.times.append((time.process_time() - before) * 1000)
    for row in rows.values():
        row.calls = count_calls(row.work)
    return rows


def papers() -> dict[str, Callable[[], object]]:
    """The PDFs of a full and of an empty questionnaire, beside the engine's one-line document."""
    import weasyprint

    aid = load()
    pages = {
        name: summary.build(aid, parse(aid, persona(name).answers), made_on=MADE_ON)
        for name in ("margaret", "daniel", "silent")
    }
    works: dict[str, Callable[[], object]] = {
        "WeasyPrint, one line, naive (floor)": lambda: weasyprint.HTML(string=_FLOOR).write_pdf()
    }
    for name, page in pages.items():
        works[f"surgeon page, {name}"] = lambda page=page: render.surgeon(page)
        works[f"patient copy, {name}"] = lambda page=page: render.patient(page)
    return works


def screens(folder: Path) -> dict[str, Callable[[], object]]:
    """Pages in process with decryption, beside a view that returns a constant."""
    floor = Flask("floor")
    floor.add_url_rule("/", view_func=lambda: "constant")
    floor_client = floor.test_client()
    aid = load()
    app = create_app(Settings(instance=folder, trusted_hosts=("localhost",)).with_keys())
    patient = Patient(app.test_client(), parse(aid, persona("margaret").answers))
    list(patient.walk())

    client = patient.client
    answers = parse(aid, persona("margaret").answers)
    return {
        "Flask constant (floor)": lambda: floor_client.get("/"),
        "GET question page": lambda: client.get("/page/pain"),
        "GET guide": lambda: client.get("/page/guide"),
        "GET check page": lambda: client.get("/page/check"),
        "rules, all findings": lambda: rules.findings(aid, answers),
        "load content": load,
    }


def table(rows: dict[str, Row]) -> str:
    """A Markdown table with ratios to the first row."""
    floor = next(iter(rows.values())).median
    head = ["| what | median ms | min-max ms | ratio | calls |", "|---|---|---|---|---|"]
    lines = [
        f"| {row.name} | {row.median:.2f} | {min(row.times):.2f}-{max(row.times):.2f} "
        f"| {row.median / floor:.1f} | {row.calls:,} |"
        for row in rows.values()
    ]
    return "\n".join([*head, *lines])


def start_times() -> dict[str, float]:
    """Seconds of wall time: importing the application, and importing it with WeasyPrint."""
    found = {}
    for name in ("decision_aid.web", "weasyprint"):
        before = time.perf_counter()
        subprocess.run([sys.executable, "-c", f"import {name}"], check=True, capture_output=True)
        found[name] = round(time.perf_counter() - before, 2)
    return found


def main() -> None:
    """Measure everything and write the table."""
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as folder:
        pages = measure(screens(Path(folder)), rounds=100)
    pdfs = measure(papers())
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    machine = (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}"
    )
    text = f"""# Results

Made by `python3 run.py bench` on {machine}.
Processor time of the process, one interleaved run.

## Documents

{table(pdfs)}

Memory of the process after all of it: {memory:.0f} MB.

## Pages, in process

{table(pages)}

## Start

Seconds to import: {json.dumps(start_times())}.
"""
    RESULTS.write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    main()
