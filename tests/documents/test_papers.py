"""The papers a clinic asks for name only tests that exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAPERS = [*sorted(ROOT.glob("docs/security/*.md")), *sorted(ROOT.glob("docs/safety/*.md"))]
SOURCES = "\n".join(path.read_text("utf-8") for path in ROOT.glob("tests/**/test_*.py"))
TESTS = set(re.findall(r"def (test_\w+)\(", SOURCES))


def named(paper: Path) -> set[str]:
    """The tests that a paper names."""
    return set(re.findall(r"`(test_\w+)`", paper.read_text("utf-8")))


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.name)
def test_each_named_test_exists(paper: Path) -> None:
    """A promise names a test that can be run."""
    assert named(paper) - TESTS == set()


def test_each_promise_names_a_test() -> None:
    """No row of the table of promises is without proof."""
    text = (ROOT / "docs" / "security" / "promises.md").read_text("utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| ") and "promise |" not in line]
    assert len(rows) > 10
    assert [row for row in rows if "`test_" not in row] == []


def test_each_hazard_has_a_control_with_a_test() -> None:
    """No hazard is held off by words alone: its row names a test that exists."""
    text = (ROOT / "docs" / "safety" / "hazard-log.md").read_text("utf-8")
    rows = [line for line in text.splitlines() if re.match(r"\| H\d+ \|", line)]
    assert [row.split("|")[1].strip() for row in rows] == [f"H{n + 1}" for n in range(len(rows))]
    assert len(rows) >= 13
    assert [row for row in rows if not set(re.findall(r"`(test_\w+)`", row)) & TESTS] == []
