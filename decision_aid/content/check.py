"""``decision-aid check``: all faults and warnings of the content at once."""

from pathlib import Path

from decision_aid.content.diagnostics import Diagnostic
from decision_aid.content.lint import reachability, wording
from decision_aid.content.loader import read


def check(directory: Path | None = None) -> list[Diagnostic]:
    """Everything that is wrong, in the order of files and lines."""
    reader = read(directory)
    if reader.aid:
        wording.examine(reader.aid, reader)
        reachability.examine(reader.aid, reader)
    return sorted(set(reader.faults))
