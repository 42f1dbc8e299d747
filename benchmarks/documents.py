"""Surgeon's page and patient copy of three personas, beside the floor and other engines.

The floor is WeasyPrint printing one line, as its documentation shows. Chromium prints the same
HTML; Typst and ReportLab set the same words and pictures in a comparable page.
"""

import io
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial

import pikepdf
import weasyprint

from benchmarks import patients, peers
from benchmarks.machine import memory, shared_out
from benchmarks.measure import Goal, Part, Row, Task, measure, milliseconds, spread, table
from decision_aid import clinic_documents
from decision_aid.documents import renderer
from decision_aid.documents.renderer import RenderedPdf, RenderJob
from decision_aid.settings import Settings

FLOOR = "WeasyPrint, one line (floor)"
_ONE_LINE = "<!doctype html><html lang=en><title>x</title><p>One line."
_SETTINGS = Settings(clinic_name="The clinic", clinic_phone="+00 000 000")
#: Rounds of each kind.
_ROUNDS = {"patient copy": 4, "surgeon's page": 11}
KINDS = tuple(_ROUNDS)
_CALLS = {"surgeon's page": 260_000, "patient copy": 200_000}
_FLOORS = {"surgeon's page": 8.0, "patient copy": 4.0}
_CHROMIUM = 0.8


def floor() -> bytes:
    """The least that WeasyPrint can do, done naively."""
    pdf: bytes = weasyprint.HTML(string=_ONE_LINE).write_pdf()
    return pdf


def ours(kind: str, name: str, draw: Callable[[RenderJob], RenderedPdf] = renderer.render) -> bytes:
    """A document as the product makes it, drawn in this process."""
    page = patients.told(name)
    if kind == KINDS[0]:
        return clinic_documents.patient(page, _SETTINGS, draw=draw)
    return clinic_documents.surgeon(page, _SETTINGS, draw=draw)


def html(kind: str, name: str) -> str:
    """The HTML of a document with its style sheet inside, for printing elsewhere."""
    jobs: list[RenderJob] = []

    def keep(job: RenderJob) -> RenderedPdf:
        jobs.append(job)
        return renderer.render(job)

    ours(kind, name, keep)
    job = jobs[-1]
    return job.html.replace("</head>", f"<style>{job.css}</style></head>", 1)


def _tasks(kind: str, name: str, made: dict[str, bytes]) -> Iterator[Task]:
    """One document by each engine. What was made last is kept in ``made``."""
    source = html(kind, name)
    blocks = peers.blocks(source)
    columns = 2 if kind == KINDS[1] else 1

    def keep(label: str, work: Callable[[], bytes]) -> Callable[[], None]:
        return lambda: made.update({label: work()})

    def task(engine_name: str, work: Callable[[], bytes], **more: object) -> Task:
        label = f"{kind}, {name}, {engine_name}"
        return Task(label, keep(label, work), **more)  # type: ignore[arg-type]

    yield task("this program", partial(ours, kind, name))
    with suppress(peers.Missing):
        browser = peers.chromium()
        yield task(
            "Chromium", partial(browser.pdf, source), clock=browser.processor_time, counted=False
        )
    yield task("Typst", partial(peers.typst_pdf, blocks, columns), counted=False)
    yield task("ReportLab", partial(peers.reportlab_pdf, blocks, columns))


def _measured() -> tuple[dict[str, Row], dict[str, Row]]:
    """Rows of every document, and the floor beside each kind."""
    rows: dict[str, Row] = {}
    floors: dict[str, Row] = {}
    for kind, rounds in _ROUNDS.items():
        made: dict[str, bytes] = {}
        tasks = [Task(FLOOR, floor)]
        for name in patients.NAMES:
            tasks += _tasks(kind, name, made)
        found = measure(tasks, rounds)
        floors[kind] = found.pop(FLOOR)
        floors[kind].size = len(floor()) / 1024
        for label, row in found.items():
            row.size = len(made[label]) / 1024
            row.pages = len(pikepdf.open(io.BytesIO(made[label])).pages)
        rows |= found
    return rows, floors


def part() -> Part:
    """Measure and tell."""
    with _closing():
        rows, floors = _measured()
        sizes = _memories()
    lines = [
        (
            f"{FLOOR}, beside the {kind}",
            1,
            milliseconds(row.times),
            spread(row.times),
            milliseconds(row.wall),
            "1.0",
            f"{row.calls:,}",
            f"{row.size:.0f}",
        )
        for kind, row in floors.items()
    ]
    for label, row in rows.items():
        base = floors[next(kind for kind in KINDS if label.startswith(kind))].median
        each = row.median / row.pages
        lines.append(
            (
                label,
                row.pages,
                milliseconds(row.times),
                spread(row.times),
                milliseconds(row.wall),
                f"{each / base:.1f}",
                f"{row.calls / row.pages:,.0f}" if row.calls else "-",
                f"{row.size:.0f}",
            )
        )
    head = (
        "document | pages | processor ms | min-max | wall ms | a page x floor | calls a page | kB"
    )
    text = (
        "Processor time of all processes that do the work. Chromium: warm, a new page each, "
        "tagged. Typst: warm, PDF/UA-1. ReportLab: untagged. Both set the same words; their "
        "layout is simpler. Calls are Python and C calls, the same on every machine.\n\n"
        + table(head, lines)
        + "\n\n"
        + table("engine after ten documents | MB", sizes)
    )
    return Part("Documents", text, list(_goals(rows, floors)))


def _goals(rows: dict[str, Row], floors: dict[str, Row]) -> Iterator[Goal]:
    for kind in reversed(KINDS):
        mine = {n: rows[f"{kind}, {n}, this program"] for n in patients.NAMES}
        each = {n: row.median / row.pages for n, row in mine.items()}
        base = floors[kind].median
        found = " · ".join(f"{n} {value / base:.1f}" for n, value in each.items())
        most = _FLOORS[kind]
        yield Goal(
            f"{kind}, warm, processor time a page, x the floor",
            f"at most {most:g}",
            found,
            max(each.values()) / base <= most,
        )
        beside = {
            n: each[n] / (row.median / row.pages)
            for n in patients.NAMES
            if (row := rows.get(f"{kind}, {n}, Chromium"))
        }
        found = " · ".join(f"{n} {value:.2f}" for n, value in beside.items()) or "no Chromium"
        yield Goal(
            f"{kind}, warm, processor time a page, x warm Chromium",
            f"at most {_CHROMIUM}",
            found,
            bool(beside) and max(beside.values()) <= _CHROMIUM,
        )
        calls = {n: row.calls / row.pages for n, row in mine.items()}
        yield Goal(
            f"{kind}, calls a page",
            f"at most {_CALLS[kind]:,}",
            " · ".join(f"{n} {value:,.0f}" for n, value in calls.items()),
            max(calls.values()) <= _CALLS[kind],
        )


# --- memory, each engine in a process of its own ----------------------------------------------


def _memories() -> Iterator[tuple[str, str]]:
    kind, name = KINDS[1], patients.NAMES[0]
    yield "this program", _in_its_own("benchmarks.documents")
    for peer in ("Typst", "ReportLab"):
        yield peer, _in_its_own("benchmarks.peers", peer, told=html(kind, name))
    with suppress(peers.Missing):
        yield "Chromium, all processes (PSS)", f"{shared_out(peers.chromium().processes()):.0f}"


def _in_its_own(*words: str, told: str = "") -> str:
    order = [sys.executable, "-m", *words]
    answer = subprocess.run(
        order, input=told, capture_output=True, text=True, check=True, timeout=300
    )
    return f"{float(answer.stdout):.0f}"


def _ten() -> float:
    """Ten documents in this process; then its memory in megabytes."""
    for _ in range(10):
        ours(KINDS[1], patients.NAMES[0])
    return memory(os.getpid())[0]


@contextmanager
def _closing() -> Iterator[None]:
    try:
        yield
    finally:
        peers.close()


if __name__ == "__main__":
    print(_ten())
