"""How things are measured: all in turn, round after round, with processor time and calls."""

import statistics
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

Work = Callable[[], object]


def processor_time() -> float:
    """Seconds of processor time of this process."""
    return time.process_time()


@dataclass
class Row:
    """One thing measured: milliseconds per round, and what is known beside them."""

    name: str
    #: Processor time, or wall time where ``clock`` was another.
    times: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)
    #: Python and C calls of one run; 0: not counted.
    calls: int = 0
    #: Kilobytes of what was made.
    size: float = 0.0
    pages: int = 1

    @property
    def median(self) -> float:
        """The median in milliseconds."""
        return statistics.median(self.times)


def count_calls(work: Work) -> int:
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


@dataclass(frozen=True)
class Task:
    """Something to measure."""

    name: str
    work: Work
    #: Seconds of processor time used so far by whoever does the work.
    clock: Callable[[], float] = processor_time
    #: Whether calls in this process mean anything.
    counted: bool = True


def measure(tasks: Iterable[Task], rounds: int, *, repeat: int = 1) -> dict[str, Row]:
    """Each task once to warm up, then all in turn: ``rounds`` times the mean of ``repeat``."""
    todo = list(tasks)
    rows = {task.name: Row(task.name) for task in todo}
    for task in todo:
        task.work()
    for _ in range(rounds):
        for task in todo:
            used, began = task.clock(), time.perf_counter()
            for _ in range(repeat):
                task.work()
            row = rows[task.name]
            row.wall.append((time.perf_counter() - began) * 1000 / repeat)
            row.times.append((task.clock() - used) * 1000 / repeat)
    for task in todo:
        if task.counted:
            rows[task.name].calls = count_calls(task.work)
    return rows


def spread(times: list[float]) -> str:
    """The least and the most of some milliseconds."""
    return f"{_short(min(times))}-{_short(max(times))}"


def _short(number: float) -> str:
    return (
        f"{number:.0f}" if number >= 100 else f"{number:.1f}" if number >= 10 else f"{number:.2f}"
    )


def milliseconds(times: list[float]) -> str:
    """The median of some milliseconds."""
    return _short(statistics.median(times))


def percentile(times: Iterable[float], share: float) -> float:
    """The time that this share of the times does not pass."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")


def table(head: str, rows: Iterable[Iterable[object]]) -> str:
    """A Markdown table; ``head`` names the columns with bars between them."""
    columns = head.split("|")
    lines = ["| " + " | ".join(column.strip() for column in columns) + " |"]
    lines.append("|" + "---|" * len(columns))
    lines += ["| " + " | ".join(map(str, row)) + " |" for row in rows]
    return "\n".join(lines)


@dataclass(frozen=True)
class Goal:
    """A goal, what was found, and whether it is met."""

    what: str
    goal: str
    found: str
    met: bool


@dataclass
class Part:
    """One part of the results: its text, and the goals it can answer."""

    title: str
    text: str
    goals: list[Goal] = field(default_factory=list)
