"""Each figure as a record: checked in time, whole, and the same frame for all of its groups."""

from datetime import date

from decision_aid.content.parser import Parser
from decision_aid.content.source_locations import Location
from decision_aid.model import Aid, Arm, Evidence

#: Denominators that people can compare.
_PER = (100, 1000, 10000)


def examine(aid: Aid, reader: Parser, today: date) -> None:
    """Note what is wrong with the records of ``evidence.toml``."""
    for record in aid.evidence:
        where = reader.places["Evidence", record.id]
        _dates(reader, where, record, today)
        _shape(reader, where, record)
        for arm in record.arms:
            _arm(reader, where, record, arm)


def _dates(reader: Parser, where: tuple[str, Location], record: Evidence, today: date) -> None:
    if not record.sources:
        message = "the figure has no source; name the [[source]] in which it was read"
        reader.fault(where, record.id, message, "sources")
    if record.review_by < today:
        message = (
            f"to be reviewed by {record.review_by}: check the source again, then set checked_on "
            "and review_by"
        )
        reader.fault(where, record.id, message, "review_by")
    if record.checked_on > today:
        message = f"checked_on is {record.checked_on}, a day to come; write the day of the check"
        reader.fault(where, record.id, message, "checked_on")
    elif today <= record.review_by <= record.checked_on:
        message = f"review_by {record.review_by} is not after checked_on {record.checked_on}"
        reader.fault(where, record.id, message, "review_by")


def _shape(reader: Parser, where: tuple[str, Location], record: Evidence) -> None:
    if record.measure == "people":
        if record.per not in _PER:
            message = f"per is {record.per}; use 100, 1000 or 10000"
            reader.fault(where, record.id, message, "per")
        if not record.opposite:
            message = "opposite is missing: both ways round must be told"
            reader.fault(where, record.id, message, "outcome")
        if not record.arms:
            message = "a count of people needs arms: each group with its count"
            reader.fault(where, record.id, message, "measure")
    if record.measure == "score":
        if record.scale_high <= record.scale_low:
            message = "a score needs scale_low and scale_high: the ends of its scale"
            reader.fault(where, record.id, message, "measure")
        if not record.arms:
            message = "a score needs arms: each group with its mean"
            reader.fault(where, record.id, message, "measure")
    for name in ("population", "time", "sentence", "reason", "outcome"):
        if not getattr(record, name).strip():
            reader.fault(where, record.id, f"{name} is empty", name)


def _arm(reader: Parser, where: tuple[str, Location], record: Evidence, arm: Arm) -> None:
    people = record.measure == "people"
    low, high = (0, record.per) if people else (record.scale_low, record.scale_high)
    if low < high and not low <= arm.count <= high:
        message = f"{arm.label}: {arm.count:g} is not between {low} and {high}"
        reader.fault(where, record.id, message, "arms")
    if people and arm.count != int(arm.count):
        message = f"{arm.label}: {arm.count:g} people; whole people only"
        reader.fault(where, record.id, message, "arms")
    if arm.low is not None and arm.high is not None and not arm.low <= arm.count <= arm.high:
        message = f"{arm.label}: {arm.count:g} is outside its range {arm.low:g} to {arm.high:g}"
        reader.fault(where, record.id, message, "arms")
