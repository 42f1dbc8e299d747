"""The command ``decision-aid``. Bad input ends with one sentence on standard error and exit 2."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from decision_aid import answers as answers_
from decision_aid import rules, summary
from decision_aid.content.check import check as check_content
from decision_aid.content.load import ContentError, load
from decision_aid.model import Aid, Answer, Finding

if TYPE_CHECKING:
    from decision_aid.settings import Settings


class Refused(click.ClickException):
    """A sentence for the person at the keyboard; exit 2."""

    exit_code = 2


@click.group()
def main() -> None:
    """A shared decision-making questionnaire for lumbar decompression surgery."""


def _settings() -> "Settings":
    from decision_aid.settings import Settings, SettingsError

    try:
        return Settings.from_environment()
    except SettingsError as error:
        raise Refused(str(error)) from None


def _aid() -> Aid:
    try:
        return load(_settings().content)
    except ContentError as error:
        raise Refused(
            f"The content has faults; run `decision-aid check` to see them all. First: {error}"
        ) from None


def _answers(aid: Aid, file: str) -> dict[str, Answer]:
    try:
        text = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise Refused(f"{file} cannot be read: {error.strerror}.") from None
    try:
        return answers_.loads(aid, text)
    except answers_.AnswerError as error:
        raise Refused(str(error)) from None


def _write(output: str, data: bytes) -> None:
    if output == "-":
        sys.stdout.buffer.write(data)
        return
    try:
        Path(output).write_bytes(data)
    except OSError as error:
        raise Refused(f"{output} cannot be written: {error.strerror}.") from None


@contextmanager
def _paper() -> Iterator["Settings"]:
    """The clinic's settings; what stops a paper is told in one sentence."""
    from decision_aid.documents import PaperUnavailable

    try:
        yield _settings()
    except PaperUnavailable as error:
        raise Refused(str(error)) from None


@main.command()
@click.argument("directory", type=click.Path(exists=True, file_okay=False), required=False)
@click.option("--strict", is_flag=True, help="Warnings fail too.")
def check(directory: str | None, strict: bool) -> None:
    """Check questions.toml, sections.toml and evidence.toml: every fault at once."""
    faults = check_content(Path(directory) if directory else _settings().content)
    for fault in faults:
        click.echo(str(fault), err=True)
    bad = [fault for fault in faults if strict or fault.severity == "fault"]
    if bad:
        sys.exit(1)
    click.echo("The content is sound." if not faults else f"{len(faults)} warnings, no faults.")


@main.command()
@click.argument("answers")
def explain(answers: str) -> None:
    """What the rules conclude from ANSWERS (a JSON file, or - for standard input)."""
    aid = _aid()
    click.echo(json.dumps(explanation(aid, _answers(aid, answers)), indent=2, ensure_ascii=False))


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


_MADE_ON = click.DateTime(formats=["%Y-%m-%dT%H:%M"])


@main.command()
@click.argument("answers")
@click.option("--for", "reader", type=click.Choice(["surgeon", "patient"]), required=True)
@click.option("-o", "--output", required=True, help="File to write, or - for standard output.")
@click.option("--made-on", type=_MADE_ON, help="Date and time to print, YYYY-MM-DDTHH:MM.")
@click.option("--large", is_flag=True, help="Patient copy in 18 point.")
def pdf(answers: str, reader: str, output: str, made_on: datetime | None, large: bool) -> None:
    """Write the surgeon's page or the patient copy as a PDF."""
    from decision_aid import documents
    from decision_aid.paper import engine, render

    missing: set[str] = set()

    def draw(job: engine.Job) -> engine.Drawn:
        drawn = engine.draw(job)
        missing.update(drawn.missing)
        return drawn

    aid = _aid()
    page = summary.build(aid, _answers(aid, answers), made_on=made_on or datetime.now())
    with _paper() as settings:
        if reader == "surgeon":
            data = documents.surgeon(page, settings, draw=draw)
        else:
            data = documents.patient(page, settings, large=large, draw=draw)
    _write(output, data)
    if missing:
        click.echo(render.told_of("".join(sorted(missing))), err=True)


@main.command()
@click.argument("answers")
@click.option("--made-on", type=_MADE_ON, help="Date and time to print, YYYY-MM-DDTHH:MM.")
def text(answers: str, made_on: datetime | None) -> None:
    """The surgeon's page as plain text, to paste into a record."""
    from decision_aid.exchange import text as plain

    aid = _aid()
    made = made_on or datetime.now()
    click.echo(plain.page(summary.build(aid, _answers(aid, answers), made_on=made)), nl=False)


@main.command()
@click.argument("file")
def read(file: str) -> None:
    """The FHIR response in FILE: a PDF, a scan of the page, or the text of its square code."""
    from decision_aid.exchange import scan

    aid = _aid()
    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        resource = scan.read(aid, data)
    except OSError as error:
        raise Refused(f"{file} cannot be read: {error.strerror}.") from None
    except answers_.AnswerError as error:
        raise Refused(str(error)) from None
    click.echo(json.dumps(resource, indent=2, ensure_ascii=False))


@main.command()
def about() -> None:
    """What a study reports of this aid (SUNDAE items 8 to 12), as JSON."""
    from decision_aid.exchange import about as card_

    click.echo(json.dumps(card_.about(_aid()), indent=2, ensure_ascii=False))


@main.group()
def fhir() -> None:
    """FHIR R4 JSON on standard output."""


@fhir.command()
def questionnaire() -> None:
    """The questions as a FHIR Questionnaire."""
    from decision_aid.exchange import fhir as exchange

    click.echo(json.dumps(exchange.questionnaire(_aid()), indent=2, ensure_ascii=False))


@fhir.command()
@click.argument("answers")
def response(answers: str) -> None:
    """The answers as a FHIR QuestionnaireResponse."""
    from decision_aid.exchange import fhir as exchange

    aid = _aid()
    resource = exchange.response(aid, _answers(aid, answers))
    click.echo(json.dumps(resource, indent=2, ensure_ascii=False))


@main.command()
@click.option("-o", "--output", required=True, help="File to write, or - for standard output.")
def card(output: str) -> None:
    """The safety card: signs to act on, to keep at home."""
    from decision_aid import documents
    from decision_aid.paper import engine

    with _paper() as settings:
        data = documents.card(_aid(), settings, draw=engine.draw)
    _write(output, data)


@main.command()
@click.option("-o", "--output", required=True, help="File to write, or - for standard output.")
def paper(output: str) -> None:
    """The blank questionnaire in large print."""
    from decision_aid import documents
    from decision_aid.paper import engine

    with _paper() as settings:
        data = documents.form(_aid(), settings, draw=engine.draw)
    _write(output, data)


@main.command()
def ipdas() -> None:
    """The IPDAS score sheet, computed from the content."""
    from decision_aid.content import ipdas as sheet

    click.echo(sheet.text(_aid()))


@main.command(name="map")
@click.option("--html", is_flag=True, help="As an HTML table.")
def map_(html: bool) -> None:
    """Which answers lead to which sections, and back."""
    from decision_aid.content import map as content_map

    aid = _aid()
    click.echo(content_map.html(aid) if html else content_map.text(aid))


@main.command()
def grades() -> None:
    """The reading grade of every section, hardest first."""
    from statistics import median

    from decision_aid.content.reading import section_grades

    found = section_grades(_aid())
    for name, grade in sorted(found.items(), key=lambda item: -item[1]):
        click.echo(f"{grade:5.1f}  {name}")
    click.echo(f"{median(found.values()):5.1f}  median of {len(found)}")


@main.command()
def purge() -> None:
    """Delete what has expired."""
    from decision_aid.settings import Settings, SettingsError
    from decision_aid.web.store import Store, StoreUnavailable

    try:
        settings = Settings.from_environment().with_keys()
        count = Store(settings.store_url, settings.pepper).purged
    except (SettingsError, StoreUnavailable) as error:
        raise Refused(str(error)) from None
    click.echo(f"Expired journeys deleted: {count}.")


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
def serve(host: str, port: int) -> None:
    """Start the web application; answers are kept in an embedded store unless set otherwise."""
    import waitress

    from decision_aid import create_app
    from decision_aid.settings import LOOPBACK, Settings, SettingsError
    from decision_aid.web.store import StoreUnavailable

    _aid()
    try:
        settings = Settings.from_environment().with_keys()
        if host not in LOOPBACK and set(settings.trusted_hosts) <= set(LOOPBACK):
            raise SettingsError(
                f"To listen on {host}, set DECISION_AID_TRUSTED_HOSTS to the name of this site."
            )
        app = create_app(settings)
        server = waitress.create_server(app, host=host, port=port, ident=None, threads=8)
    except (SettingsError, StoreUnavailable) as error:
        raise Refused(str(error)) from None
    except OSError as error:
        raise Refused(
            f"Port {port} on {host} cannot be used: {error.strerror}. "
            f"Another port: serve --port {port + 1}"
        ) from None
    click.echo(f"The decision aid is at http://{host}:{port}/   (Ctrl+C ends it)")
    try:
        server.run()
    finally:
        server.close()


if __name__ == "__main__":
    main()
