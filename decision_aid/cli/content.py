"""Commands for those who write and review the content."""

import json
import sys
from dataclasses import astuple
from pathlib import Path

import click

from decision_aid import confined, rules
from decision_aid.cli import common
from decision_aid.content.check import check as check_content
from decision_aid.content.diagnostics import Diagnostic
from decision_aid.model import Aid, Answer, Finding

#: Seconds of work and bytes of memory of a check; the shipped content takes a tenth.
_SECONDS = 60
_MEMORY = 1 << 30


@click.command()
@click.argument("directory", type=click.Path(exists=True, file_okay=False), required=False)
@click.option("--strict", is_flag=True, help="Warnings fail too.")
def check(directory: str | None, strict: bool) -> None:
    """Check questions.toml, sections.toml and evidence.toml: every fault at once."""
    folder = Path(directory) if directory else common.settings().content
    try:
        rows = confined.call(_checked, folder, seconds=_SECONDS, memory=_MEMORY)
    except confined.Exceeded:
        raise common.Refused(
            "The three files take too long or too much memory to be read; look for one that is no "
            "content, or for a table with very many parts."
        ) from None
    faults = [Diagnostic(*row) for row in rows]
    for fault in faults:
        click.echo(str(fault), err=True)
    bad = [fault for fault in faults if strict or fault.severity == "fault"]
    if bad:
        sys.exit(1)
    click.echo("The content is sound." if not faults else f"{len(faults)} warnings, no faults.")


def _checked(folder: Path | None) -> list[tuple[object, ...]]:
    return [astuple(fault) for fault in check_content(folder)]


@click.command()
@click.argument("answers")
def explain(answers: str) -> None:
    """What the rules conclude from ANSWERS (a JSON file, or - for standard input)."""
    aid = common.aid()
    click.echo(
        json.dumps(explanation(aid, common.answers(aid, answers)), indent=2, ensure_ascii=False)
    )


def explanation(aid: Aid, answers: dict[str, Answer]) -> dict[str, object]:
    """The findings as JSON values: see "The command line" in the README."""
    found = rules.findings(aid, answers)
    return {
        "flags": {"emergency": list(found.flags.emergency), "urgent": list(found.flags.urgent)},
        "scope": found.scope.id if found.scope else None,
        "dominance": found.dominance,
        "sections": [{**_row(finding), "certain": finding.certain} for finding in found.sections],
        "contradictions": [_row(finding) for finding in found.contradictions],
        "gaps": [_row(finding) for finding in found.gaps],
        "questions": [_row(finding) for finding in found.questions],
        "sure": {
            "score": found.sure.score,
            "said_no": list(found.sure.said_no),
            "unanswered": list(found.sure.unanswered),
        },
        "knowledge": {
            "right": list(found.knowledge.right),
            "missed": list(found.knowledge.missed),
            "unanswered": list(found.knowledge.unanswered),
        },
        "unanswered": list(found.unanswered),
    }


def _row(finding: Finding) -> dict[str, object]:
    row: dict[str, object] = {"id": finding.id, "because": list(finding.because)}
    return {**row, "text": finding.text} if finding.text else row


@click.command()
def ipdas() -> None:
    """The IPDAS score sheet, computed from the content."""
    from decision_aid.content.reports import ipdas as sheet

    click.echo(sheet.text(common.aid()))


@click.command(name="map")
@click.option("--html", is_flag=True, help="As an HTML table.")
def map_(html: bool) -> None:
    """Which answers lead to which sections, and back."""
    from decision_aid.content.reports import traceability as content_map

    aid = common.aid()
    click.echo(content_map.html(aid) if html else content_map.text(aid))


@click.command()
def grades() -> None:
    """The reading grade of every section, hardest first."""
    from statistics import median

    from decision_aid.content.lint.readability import section_grades

    found = section_grades(common.aid())
    for name, grade in sorted(found.items(), key=lambda item: -item[1]):
        click.echo(f"{grade:5.1f}  {name}")
    click.echo(f"{median(found.values()):5.1f}  median of {len(found)}")


@click.command()
def about() -> None:
    """What a study reports of this aid (SUNDAE items 8 to 12), as JSON."""
    from decision_aid.interop import sundae as card_

    click.echo(json.dumps(card_.about(common.aid()), indent=2, ensure_ascii=False))
