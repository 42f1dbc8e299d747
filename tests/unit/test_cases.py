"""Small sets of answers that once went wrong, each with what must come out."""

import json
from pathlib import Path

import pytest

from decision_aid import rules
from decision_aid.answers import parse
from decision_aid.content.loader import load

AID = load()
CASES = sorted((Path(__file__).parent.parent / "cases").glob("*.json"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_each_case_comes_out_right(path: Path) -> None:
    """Its flags and dangers are complete, and no section that it rules out is told as true."""
    case = json.loads(path.read_text())
    answers = rules.active(AID, parse(AID, case["answers"]))
    found = rules.findings(AID, answers)

    assert list(found.flags.emergency) == case["emergency"]
    assert list(found.flags.urgent) == case["urgent"]
    assert [danger.id for danger in rules.dangers(AID, answers)] == case["dangers"]
    sure = {finding.id for finding in found.sections if finding.certain}
    assert sure.isdisjoint(case.get("sections_must_not_hold", ()))
    assert ("stop_emergency" in sure) == bool(case["emergency"])
