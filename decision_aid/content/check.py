"""``decision-aid check``: all faults and warnings of the content at once."""

from pathlib import Path

from decision_aid.content import lint, reach
from decision_aid.content.faults import Fault
from decision_aid.content.load import read


def check(directory: Path | None = None) -> list[Fault]:
    """Everything that is wrong, in the order of files and lines."""
    reader = read(directory)
    if reader.aid:
        lint.examine(reader.aid, reader)
        reach.examine(reader.aid, reader)
    return sorted(set(reader.faults))
