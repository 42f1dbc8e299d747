"""What is wrong with the content, where, and what would be right."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

Severity = Literal["fault", "warning"]


@dataclass(frozen=True, slots=True, order=True)
class Diagnostic:
    """One thing that is wrong, where, and what to do about it."""

    file: str
    line: int
    id: str
    message: str
    severity: Severity = "fault"

    def __str__(self) -> str:
        mark = "" if self.severity == "fault" else "warning: "
        return f"{self.file}:{self.line}: {self.id}: {mark}{self.message}"


def did_you_mean(found: object, allowed: Iterable[str]) -> str:
    """What is allowed, and the nearest of it, in words."""
    names = list(allowed)
    close = get_close_matches(str(found), names, 1)
    near = f"; did you mean {close[0]!r}?" if close else ""
    if not names or len(names) > 12:
        return near
    return f"{near} (allowed: {', '.join(names)})"
