"""What happens when there is much of it: documents, stored journeys, questions."""

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from benchmarks import machine, patients
from benchmarks.measure import Goal, Part, Task, measure, milliseconds, spread, table
from benchmarks.pages import Visitor, call
from decision_aid import clinic_documents, create_app, rules, summary
from decision_aid.answers import parse
from decision_aid.content.loader import load
from decision_aid.model import Aid, Journey
from decision_aid.settings import Settings
from decision_aid.storage.repository import Repository

_PDFS, _JOURNEYS = 1_000, 100_000
_SIZES = (10, 100, 1_000)
_PER_PAGE = 5
_WHAT = ("GET", "POST", "rules", "summary")
_WORKER, _FLAT, _LARGE = 100.0, 1.1, 1.5
#: The documents stop here even when they are fewer.
_SECONDS = 300


# --- documents -------------------------------------------------------------------------------


def papers() -> dict[str, list[float]]:
    """Surgeon's pages, two at a time, through the workers: milliseconds, and megabytes as it went.

    Of the largest worker what is resident, of this process what is its alone.
    """
    settings, end = Settings(), time.monotonic() + _SECONDS
    memory, times, own = [], [], []

    def make(number: int) -> None:
        if time.monotonic() > end:
            return
        name = patients.NAMES[number % len(patients.NAMES)]
        page = replace(patients.told(name), reference=f"ref-{number:06}a")
        began = time.perf_counter()
        clinic_documents.surgeon(page, settings)
        times.append((time.perf_counter() - began) * 1000)
        if number % 10 == 9:
            workers = [p for p in machine.tree(os.getpid()) if machine.uses(p.pid, "pango")]
            memory.append(max((machine.memory(p.pid)[0] for p in workers), default=0.0))
            own.append(machine.memory(os.getpid())[1])

    with ThreadPoolExecutor(2) as readers:
        list(readers.map(make, range(_PDFS)))
    return {"memory": memory, "times": times, "own": own}


def _papers_apart() -> dict[str, list[float]]:
    """In a process of its own, which the workers do not load again as their main module."""
    code = "import json; from benchmarks import growth; print(json.dumps(growth.papers()))"
    return cast("dict[str, list[float]]", json.loads(_python(code, _SECONDS + 60)))


def _python(code: str, seconds: float) -> str:
    """What a Python process prints. Raises CalledProcessError or TimeoutExpired."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=_SHIPPED,
        capture_output=True,
        text=True,
        check=True,
        timeout=seconds,
    )
    return done.stdout


# --- stored journeys ---------------------------------------------------------------------------


def _stored() -> list[tuple[object, ...]]:
    """Reading and saving with few and with many journeys in the store."""
    lines = []
    journey = Journey(answers=dict(patients.answers("margaret")), started=datetime.now(UTC))
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        settings = Settings(instance=Path(folder)).with_keys()
        store = Repository(settings.store_url, settings.pepper)
        token = store.create()
        for count in (1, _JOURNEYS):
            _fill(Path(folder), count)
            began = time.perf_counter()
            store = Repository(settings.store_url, settings.pepper)
            opened = (time.perf_counter() - began) * 1000

            def save(store: Repository = store) -> None:
                stored = store.load(token)
                assert stored is not None
                store.save(token, replace(journey, reference=f"r{stored.rev}"), stored.rev)

            tasks = (
                Task("load", lambda store=store: store.load(token)),
                Task("load and save", save),
            )
            rows = measure(tasks, 30, repeat=3)
            size = sum(file.stat().st_size for file in Path(folder).iterdir()) / 1024**2
            lines.append(
                (
                    f"{count:,}",
                    *(f"{milliseconds(r.wall)} ({spread(r.wall)})" for r in rows.values()),
                    f"{opened:.0f}",
                    f"{size:.0f}",
                )
            )
    return lines


def _fill(folder: Path, count: int) -> None:
    """Rows of other patients, as large as ours, so that there are ``count``."""
    with closing(sqlite3.connect(_database(folder))) as connection, connection:
        (there,) = connection.execute("select count(*) from answers").fetchone()
        expires = int(time.time()) + 3600 * 72
        rows = ((os.urandom(16), 1, 1, expires, os.urandom(1500)) for _ in range(count - there))
        connection.executemany(
            "insert into answers (id, v, rev, expires, blob) values (?,?,?,?,?)", rows
        )


def _database(folder: Path) -> Path:
    return next(p for p in folder.iterdir() if p.read_bytes()[:15] == b"SQLite format 3")


# --- questions ---------------------------------------------------------------------------------


def _content(folder: Path, count: int) -> None:
    """The shipped content with so many generated questions more, five to a page."""
    for name in ("sections.toml", "evidence.toml"):
        (folder / name).write_text((_SHIPPED / name).read_text("utf-8"), "utf-8")
    text = (_SHIPPED / "questions.toml").read_text("utf-8")
    mark = '[[page]]\nid = "guide"'
    assert text.count(mark) == 1
    (folder / "questions.toml").write_text(text.replace(mark, _pages(count) + mark), "utf-8")


_SHIPPED = Path(__file__).parent.parent


def _pages(count: int) -> str:
    made = []
    for number in range(count):
        if number % _PER_PAGE == 0:
            made.append(
                f'[[page]]\nid = "more_{number}"\npart = "matters"\ntitle = "More questions"\n'
            )
        condition = 'enable_when = [{question = "leg_pain", operator = "exists", answer = true}]\n'
        made.append(
            f'[[page.question]]\nid = "more_question_{number}"\nkind = "one"\n'
            f'text = "Is this so?"\nshort = "Thing {number}"\n'
            f"{condition if number % 2 else ''}"
            'options = [{id = "yes", text = "Yes", short = "yes"}, '
            '{id = "no", text = "No", short = "no"}]\n'
        )
    return "\n".join(made)


def _questions() -> tuple[list[tuple[object, ...]], dict[int, tuple[float, float]]]:
    """A row of the table for each size; milliseconds of GET and POST by size."""
    loading, tasks = {}, []
    with ExitStack() as folders:
        for count in _SIZES:
            place = Path(folders.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
            _content(place, count)
            began = time.process_time()
            aid = load(place)
            loading[count] = (time.process_time() - began) * 1000
            tasks += _tasks(count, place, aid)
        rows = measure(tasks, 15, repeat=2)
    lines, found = [], {}
    for count in _SIZES:
        mine = [rows[f"{count} {what}"] for what in _WHAT]
        found[count] = (mine[0].median, mine[1].median)
        times = (f"{milliseconds(r.times)} ({spread(r.times)}); {r.calls:,}" for r in mine)
        lines.append((f"{count:,}", f"{loading[count]:.0f}", *times, f"{_weight(count):.0f}"))
    return lines, found


def _tasks(count: int, place: Path, aid: Aid) -> list[Task]:
    """A page of generated questions, read and sent in by somebody who answered up to there."""
    answers = parse(aid, dict(patients.answers("margaret")))
    settings = Settings(instance=place, database_url="memory", content=place).with_keys()
    visitor = Visitor(create_app(settings), pages=12)
    path = "/page/more_0"
    action, body = visitor.form(path)
    work = (
        call(visitor.app, path, cookie=visitor.cookie),
        call(visitor.app, action, cookie=visitor.cookie, body=body),
        lambda: rules.findings(aid, answers),
        lambda: summary.build(aid, answers, made_on=patients.MADE_ON),
    )
    return [Task(f"{count} {what}", do) for what, do in zip(_WHAT, work, strict=True)]


def _weight(count: int) -> float:
    """Megabytes of a process that has loaded so many questions."""
    order = (
        "import sys, tempfile, os; from pathlib import Path; from benchmarks import growth as g, "
        "machine as m; from decision_aid.content.loader import load\n"
        "with tempfile.TemporaryDirectory() as f:\n"
        f"    g._content(Path(f), {count}); aid = load(Path(f)); print(m.memory(os.getpid())[1])"
    )
    return float(_python(order, 120))


# --- what is told --------------------------------------------------------------------------------


def part() -> Part:
    """Measure and tell."""
    papers = _papers_apart()
    stored = _stored()
    lines, sizes = _questions()
    memory, times = papers["memory"], papers["times"]
    fifth = max(1, len(times) // 5)
    text = "\n\n".join(
        (
            f"{len(times):,} surgeon's pages through the PDF workers, two at a time, every text "
            f"different: first fifth {milliseconds(times[:fifth])} ms, last fifth "
            f"{milliseconds(times[-fifth:])} ms (wall). Largest worker: {memory[0]:.0f} MB after "
            f"10, at most {max(memory):.0f} MB, {memory[-1]:.0f} MB at the end; the process that "
            f"asks: {papers['own'][0]:.0f} MB, then {papers['own'][-1]:.0f} MB.",
            "Journeys in the store (SQLite, wall time).",
            table(
                "journeys | load, ms (min-max) | load and save | opening, ms | MB on disk",
                stored,
            ),
            "Generated questions on top of the shipped ones, five to a page, measured in turn: "
            "processor time (min-max); calls.",
            table(
                "questions more | loading the content, ms | GET page, ms | POST page "
                "| rules, all findings | summary | process, MB",
                lines,
            ),
        )
    )
    return Part("Growth", text, list(_goals(memory, len(times), papers["own"], sizes)))


def _goals(
    memory: list[float], count: int, own: list[float], sizes: dict[int, tuple[float, float]]
) -> Iterator[Goal]:
    half = len(memory) // 2
    flat = max(memory[half:]) <= max(memory[:half]) * _FLAT and own[-1] <= own[0] * _FLAT
    yield Goal(
        f"memory after {_PDFS:,} PDFs: flat, the largest PDF worker",
        f"at most {_WORKER:g} MB",
        f"{max(memory):.0f} MB, {'flat' if flat else 'growing'}, {count:,} PDFs",
        max(memory) <= _WORKER and flat and count == _PDFS,
    )
    least, most = sizes[_SIZES[0]], sizes[_SIZES[-1]]
    get, post = most[0] / least[0], most[1] / least[1]
    yield Goal(
        f"{_SIZES[-1]:,} questions, page time beside that of {_SIZES[0]}",
        f"at most {_LARGE:g} x",
        f"GET {get:.1f} x, POST {post:.1f} x",
        max(get, post) <= _LARGE,
    )
