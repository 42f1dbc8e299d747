"""What every command is given: settings, content, answers; each bad one ends it in a sentence."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from decision_aid import answers as answers_
from decision_aid.content.loader import ContentError, load
from decision_aid.interop import qr_payload
from decision_aid.model import Aid, Answer

if TYPE_CHECKING:
    from decision_aid.settings import Settings

#: More than an answers file may have; no more of a file is read.
_MOST_BYTES = 1_000_000


class Refused(click.ClickException):
    """A sentence for the person at the keyboard; exit 2."""

    exit_code = 2


def settings() -> "Settings":
    """What the clinic has set; a wrong setting ends the command."""
    from decision_aid.settings import Settings, SettingsError

    try:
        return Settings.from_environment()
    except SettingsError as error:
        raise Refused(str(error)) from None


def aid() -> Aid:
    """The sound content of the folder that is set, or what is shipped."""
    try:
        return load(settings().content)
    except ContentError as error:
        raise faulty(error) from None


def faulty(error: ContentError) -> Refused:
    """The sentence for content that cannot be used."""
    return Refused(
        f"The content has faults; run `decision-aid check` to see them all. First: {error}"
    )


def answers(aid: Aid, file: str) -> dict[str, Answer]:
    """The answers in a file, or from standard input (``-``)."""
    try:
        with click.open_file(file, "rb") as opened:
            text = opened.read(_MOST_BYTES)
    except OSError as error:
        raise Refused(f"{file} cannot be read: {error.strerror}.") from None
    try:
        return answers_.loads(aid, text)
    except answers_.AnswerError as error:
        raise Refused(str(error)) from None


def moment(given: datetime | None) -> datetime:
    """The time to print, with its zone: the one that was given, or now."""
    if given is None:
        return datetime.now().astimezone()
    if given.year not in qr_payload.YEARS:
        raise Refused(f"--made-on must be from {qr_payload.YEARS[0]} to {qr_payload.YEARS[-1]}.")
    if given.tzinfo:
        return given
    made = given.astimezone()
    if made.replace(tzinfo=None) != given:
        raise Refused(
            f"--made-on {given:%Y-%m-%dT%H:%M}: there was no such time here, for the clocks were "
            "put forward. Give another time, or the zone with it."
        )
    return made


def write(output: str, data: bytes) -> None:
    """Write a file, or to standard output (``-``)."""
    if output == "-":
        sys.stdout.buffer.write(data)
        return
    try:
        Path(output).write_bytes(data)
    except OSError as error:
        raise Refused(f"{output} cannot be written: {error.strerror}.") from None


@contextmanager
def paper() -> Iterator["Settings"]:
    """The clinic's settings; what stops a paper is told in one sentence."""
    from decision_aid.clinic_documents import PdfUnavailable

    try:
        yield settings()
    except PdfUnavailable as error:
        raise Refused(str(error)) from None
