"""The command that shows an author every screen and document without filling in the form."""

from dataclasses import replace
from pathlib import Path

import click

from decision_aid.cli import common
from decision_aid.content.diagnostics import did_you_mean


@click.command()
@click.argument("answers", nargs=-1, type=click.Path(exists=True, dir_okay=False))
@click.option("--page", "page_id", default="", help="Begin at the screen with this id.")
@click.option("--port", default=8001, show_default=True, type=click.IntRange(1, 65535))
def preview(answers: tuple[str, ...], page_id: str, port: int) -> None:
    """Show every screen and document of the given answers, and follow changes of the content."""
    import waitress

    from decision_aid.settings import LOOPBACK, SettingsError
    from decision_aid.web.preview import INDEX, Preview

    aid = common.aid()
    if page_id and page_id not in aid.page_by_id:
        raise common.Refused(f"No such page {page_id!r}{did_you_mean(page_id, aid.page_by_id)}.")
    for file in answers:
        common.answers(aid, file)
    settings = replace(common.settings(), database_url="memory", trusted_hosts=LOOPBACK)
    files = {Path(file).stem: Path(file) for file in answers}
    try:
        app = Preview(settings.with_keys(), files)
        server = waitress.create_server(app, host="127.0.0.1", port=port, ident=None)
    except SettingsError as error:
        raise common.Refused(str(error)) from None
    except OSError as error:
        message = f"Port {port} cannot be used: {error.strerror}. Another: --port {port + 1}"
        raise common.Refused(message) from None
    place = f"{INDEX}0/page/{page_id}" if page_id else INDEX
    click.echo(f"The preview is at http://127.0.0.1:{port}{place}   (Ctrl+C ends it)")
    try:
        server.run()
    finally:
        server.close()
