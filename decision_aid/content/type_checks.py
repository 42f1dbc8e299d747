"""Whether a value of a TOML file fits the type of a field, and in words why not."""

from dataclasses import MISSING, fields
from datetime import date
from functools import cache
from types import UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from decision_aid.content.diagnostics import did_you_mean


@cache
def hints(kind: Any) -> dict[str, Any]:
    """The type of each field of a dataclass, by name."""
    return get_type_hints(kind)


def required(kind: Any) -> list[str]:
    """The fields of a dataclass that have no default."""
    found = fields(kind)
    return [f.name for f in found if f.default is MISSING and f.default_factory is MISSING]


def shown(value: object) -> str:
    """A value as its author wrote it, near enough."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, date) else repr(value)


def misfit(value: object, hint: Any) -> str:
    """What a value should have been, or an empty string when it fits."""
    origin = get_origin(hint)
    if origin is Literal:
        allowed = did_you_mean(value, [str(choice) for choice in get_args(hint)])
        fits = type(value) in (str, int) and value in get_args(hint)
        return "" if fits else f"that is not allowed{allowed}"
    if origin is UnionType:
        return min((misfit(value, part) for part in get_args(hint)), key=len)
    if origin is tuple:
        good = isinstance(value, list) and all(isinstance(item, str) for item in value)
        return "" if good else "it must be a list of texts"
    if origin is not None:
        good = isinstance(value, dict) and all(isinstance(item, str) for item in value.values())
        return "" if good else "it must be a table of texts"
    if hint is float:
        good = type(value) in (int, float) and abs(value) < float("inf")  # type: ignore[arg-type]
    else:
        good = type(value) is hint
    kinds = {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}
    return "" if good else f"it must be {kinds.get(hint, 'a date such as 2026-11-24')}"
