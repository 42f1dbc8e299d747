"""A journey as the bytes that are kept, and back."""

import json
from datetime import datetime

from decision_aid.model import Answer, Journey


def to_bytes(journey: Journey) -> bytes:
    """A journey as JSON."""
    moments = {
        name: value.isoformat()
        for name in ("advice_shown", "went_on", "started")
        if (value := getattr(journey, name)) is not None
    }
    plain = {
        "answers": dict(journey.answers),
        "seen": journey.seen,
        "brought": journey.brought,
        "reference": journey.reference,
        "short": journey.short,
    }
    return json.dumps({**plain, **moments}, separators=(",", ":")).encode()


def from_bytes(data: bytes) -> Journey:
    """The journey that ``to_bytes`` wrote; what a newer program added is left out."""
    raw = json.loads(data)
    kept: dict[str, Answer] = {
        key: tuple(value) if type(value) is list else value
        for key, value in raw.get("answers", {}).items()
    }
    return Journey(
        answers=kept,
        seen=tuple(raw.get("seen", ())),
        brought=tuple(raw.get("brought", ())),
        reference=str(raw.get("reference", "")),
        short=bool(raw.get("short", False)),
        advice_shown=_moment(raw.get("advice_shown")),
        went_on=_moment(raw.get("went_on")),
        started=_moment(raw.get("started")),
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
