"""Commands for those who hand the aid to patients: papers, exchange, the server."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

import click

from decision_aid import answers as answers_
from decision_aid import summary
from decision_aid.cli import common
from decision_aid.content.loader import ContentError

if TYPE_CHECKING:
    from flask import Flask, Response

_MADE_ON = click.DateTime(formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M%z"])
_MADE_ON_HELP = "Date and time to print: YYYY-MM-DDTHH:MM, and the zone if another (-05:00)."


@click.command()
@click.argument("answers")
@click.option("--for", "reader", type=click.Choice(["surgeon", "patient"]), required=True)
@click.option("-o", "--output", required=True, help="File to write, or - for standard output.")
@click.option("--made-on", type=_MADE_ON, help=_MADE_ON_HELP)
@click.option("--large", is_flag=True, help="Patient copy in 18 point.")
def pdf(answers: str, reader: str, output: str, made_on: datetime | None, large: bool) -> None:
    """Write the surgeon's page or the patient copy as a PDF."""
    from decision_aid import clinic_documents
    from decision_aid.documents import pdf_files, renderer

    missing: set[str] = set()

    def draw(job: renderer.RenderJob) -> renderer.RenderedPdf:
        drawn = renderer.render(job)
        missing.update(drawn.missing)
        return drawn

    aid = common.aid()
    page = summary.build(aid, common.answers(aid, answers), made_on=common.moment(made_on))
    with common.paper() as settings:
        if reader == "surgeon":
            data = clinic_documents.surgeon(page, settings, draw=draw)
        else:
            data = clinic_documents.patient(page, settings, large=large, draw=draw)
    common.write(output, data)
    if missing:
        click.echo(pdf_files.told_of("".join(sorted(missing))), err=True)


@click.command()
@click.argument("answers")
@click.option("--made-on", type=_MADE_ON, help=_MADE_ON_HELP)
def text(answers: str, made_on: datetime | None) -> None:
    """The surgeon's page as plain text, to paste into a record."""
    from decision_aid.interop import plain_text as plain

    aid = common.aid()
    page = summary.build(aid, common.answers(aid, answers), made_on=common.moment(made_on))
    click.echo(plain.page(page), nl=False)


@click.command()
@click.argument("file")
def read(file: str) -> None:
    """The FHIR response in FILE: a PDF, a scan of the page, or the text of its square code."""
    from decision_aid.interop import importer

    aid = common.aid()
    try:
        with click.open_file(file, "rb") as opened:
            resource = importer.read(aid, opened)
    except OSError as error:
        raise common.Refused(f"{file} cannot be read: {error.strerror}.") from None
    except answers_.AnswerError as error:
        raise common.Refused(str(error)) from None
    click.echo(json.dumps(resource, indent=2, ensure_ascii=False))


@click.group()
def fhir() -> None:
    """FHIR R4 JSON on standard output."""


@fhir.command()
def questionnaire() -> None:
    """The questions as a FHIR Questionnaire."""
    from decision_aid.interop import fhir as exchange

    click.echo(json.dumps(exchange.questionnaire(common.aid()), indent=2, ensure_ascii=False))


@fhir.command()
@click.argument("answers")
def response(answers: str) -> None:
    """The answers as a FHIR QuestionnaireResponse."""
    from decision_aid.interop import fhir as exchange

    aid = common.aid()
    resource = exchange.response(aid, common.answers(aid, answers))
    click.echo(json.dumps(resource, indent=2, ensure_ascii=False))


@click.command()
@click.option("-o", "--output", required=True, help="File to write, or - for standard output.")
def card(output: str) -> None:
    """The safety card: signs to act on, to keep at home."""
    from decision_aid import clinic_documents

    _write_for_everyone(output, clinic_documents.card)


@click.command()
@click.option("-o", "--output", required=True, help="File to write, or - for standard output.")
def paper(output: str) -> None:
    """The blank questionnaire in large print."""
    from decision_aid import clinic_documents

    _write_for_everyone(output, clinic_documents.form)


def _write_for_everyone(output: str, make: Callable[..., bytes]) -> None:
    """A paper that needs no answers, drawn in this process."""
    from decision_aid.documents import renderer

    with common.paper() as settings:
        data = make(common.aid(), settings, draw=renderer.render)
    common.write(output, data)


@click.command()
def purge() -> None:
    """Delete what has expired."""
    from decision_aid.settings import Settings, SettingsError
    from decision_aid.storage.repository import Repository, StorageUnavailable

    try:
        settings = Settings.from_environment().with_keys()
        count = Repository(settings.store_url, settings.pepper).purged
    except (SettingsError, StorageUnavailable) as error:
        raise common.Refused(str(error)) from None
    click.echo(f"Expired journeys deleted: {count}.")


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
def serve(host: str, port: int) -> None:
    """Start the web application; answers are kept in an embedded store unless set otherwise."""
    import waitress

    from decision_aid import create_app
    from decision_aid.settings import LOOPBACK, Settings, SettingsError
    from decision_aid.storage.repository import StorageUnavailable

    try:
        settings = Settings.from_environment().with_keys()
        if host not in LOOPBACK and set(settings.trusted_hosts) <= set(LOOPBACK):
            raise SettingsError(
                f"To listen on {host}, set DECISION_AID_TRUSTED_HOSTS to the name of this site."
            )
        app = create_app(settings)
        _warm_up_after_the_first_page(app)
        server = waitress.create_server(app, host=host, port=port, ident=None, threads=8)
    except ContentError as error:
        raise common.faulty(error) from None
    except (SettingsError, StorageUnavailable) as error:
        raise common.Refused(str(error)) from None
    except OSError as error:
        raise common.Refused(
            f"Port {port} on {host} cannot be used: {error.strerror}. "
            f"Another port: serve --port {port + 1}"
        ) from None
    click.echo(f"The decision aid is at http://{host}:{port}/   (Ctrl+C ends it)")
    try:
        server.run()
    finally:
        server.close()


def _warm_up_after_the_first_page(app: "Flask") -> None:
    """Let the worker for papers import its library once somebody has come, and not before."""
    from decision_aid.documents import render_pool

    cold = [True]

    @app.after_request
    def warm_up(response: "Response") -> "Response":
        if cold and response.mimetype == "text/html":
            cold.clear()
            response.call_on_close(render_pool.warm_up)
        return response
