"""Speed, size and growth beside floors and peers, in one run: ``python3 run.py bench``.

Words after it choose parts: ``python3 run.py bench documents pages``; then nothing is written.
Ratios travel between machines; milliseconds do not.
"""

import importlib
import logging
import sys
import time
from datetime import date
from importlib.metadata import version
from pathlib import Path

from benchmarks import machine
from benchmarks.measure import Part, table

RESULTS = Path(__file__).with_name("RESULTS.md")
#: What stands in the way of a goal, should it not be met.
HINDRANCES = Path(__file__).with_name("hindrances.md")
PARTS = ("start", "pages", "journeys", "documents", "growth")
_PEERS = ("weasyprint", "flask", "typst", "reportlab", "playwright", "locust")


def main(words: list[str]) -> None:
    """Measure the parts that were named, or all, and write the results."""
    logging.disable(logging.WARNING)
    chosen = words or list(PARTS)
    about, began = machine.describe(), time.monotonic()
    found: list[Part] = []
    for name in chosen:
        print(f"{name} ...", file=sys.stderr, flush=True)
        found.append(importlib.import_module(f"benchmarks.{name}").part())
        text = results(found, about, time.monotonic() - began)
        if not words:
            # After each part: a run that is broken off has told what it found.
            RESULTS.write_text(text, "utf-8")
    print(text)


def results(found: list[Part], about: str, seconds: float) -> str:
    """The whole page."""
    versions = ", ".join(f"{name} {version(name)}" for name in _PEERS)
    parts = "\n\n".join(f"## {part.title}\n\n{part.text}" for part in found)
    return f"""# Results

Made by `python3 run.py bench` on {date.today().isoformat()} in {seconds / 60:.0f} minutes.
{about}.
{versions}.

Processor time unless it says otherwise; what is compared was measured in turn, round after round.
Median, with minimum and maximum. Use the ratios: they travel between machines.

## Goals

{goals(found)}

{parts}
"""


def goals(found: list[Part]) -> str:
    """The table of goals, and for each that is not met what stands in the way."""
    rows = [
        (goal.what, goal.goal, goal.found, "met" if goal.met else "**not met**")
        for part in found
        for goal in part.goals
    ]
    missed = [goal.what for part in found for goal in part.goals if not goal.met]
    reasons = hindrances()
    lines = [f"- {what}: {reasons.get(what, 'not looked into yet')}" for what in missed]
    told = "\n\nWhat stands in the way:\n\n" + "\n".join(lines) if lines else ""
    return table("what | goal | found | ", rows) + told


def hindrances() -> dict[str, str]:
    """For each goal that was looked into, the sentence that says what stands in its way."""
    rows = HINDRANCES.read_text("utf-8").splitlines()
    pairs = (row[2:].split(": ", 1) for row in rows if row.startswith("- "))
    return {pair[0]: pair[1] for pair in pairs if len(pair) == 2}


if __name__ == "__main__":
    main(sys.argv[1:])
