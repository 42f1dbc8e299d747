"""The named patients of personas.toml."""

import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Persona:
    """One patient: answers as in an answers file, and what must follow from them."""

    name: str
    about: str
    answers: dict[str, object]
    sees: list[str] = field(default_factory=list)
    maybe: list[str] = field(default_factory=list)
    sees_not: list[str] = field(default_factory=list)
    emergency: list[str] = field(default_factory=list)
    urgent: list[str] = field(default_factory=list)
    contradictions: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    dominance: str | None = None
    scope: str | None = None
    sure: int | None = None


@cache
def personas() -> list[Persona]:
    """Every patient in the file."""
    data = tomllib.loads(Path(__file__).with_name("personas.toml").read_text("utf-8"))
    return [Persona(**row) for row in data["persona"]]


def persona(name: str) -> Persona:
    """The patient with this name."""
    return next(p for p in personas() if p.name == name)
