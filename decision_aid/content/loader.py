"""The aid in the three content files, whole and sound, or all of its faults."""

from pathlib import Path

from decision_aid import resources
from decision_aid.content import integrity
from decision_aid.content.diagnostics import Diagnostic
from decision_aid.content.parser import Parser
from decision_aid.content.source_files import FILES
from decision_aid.model import Aid


class ContentError(ValueError):
    """The content has faults; ``faults`` holds them all."""

    def __init__(self, faults: list[Diagnostic]) -> None:
        self.faults = faults
        super().__init__(str(faults[0]))


def load(directory: Path | None = None) -> Aid:
    """The aid in a folder, or the one that is shipped. Raises ContentError."""
    reader = read(directory)
    faults = [fault for fault in reader.faults if fault.severity == "fault"]
    if faults or reader.aid is None:
        raise ContentError(sorted(faults))
    return reader.aid


def read(directory: Path | None = None) -> Parser:
    """The three files as far as they can be read, and the faults found on the way."""
    reader = Parser({name: _path(name, directory) for name in FILES})
    reader.aid = reader.build()
    if reader.aid:
        integrity.examine(reader.aid, reader)
    return reader


def _path(name: str, directory: Path | None) -> Path:
    return resources.find(name) if directory is None else directory / name
