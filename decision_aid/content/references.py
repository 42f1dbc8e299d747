"""What one table names in another: each name must exist, and no figure is shown unchecked."""

from collections.abc import Iterator
from typing import NamedTuple

from decision_aid.content.diagnostics import did_you_mean
from decision_aid.content.parser import Parser
from decision_aid.content.source_locations import Location
from decision_aid.model import Aid


class _Reference(NamedTuple):
    where: tuple[str, Location]
    id: str
    kind: str
    name: str


def examine(aid: Aid, reader: Parser) -> None:
    """Note every name that leads nowhere, and every unchecked figure on display."""
    known = {
        "figure": [record.id for record in aid.evidence],
        "section": [section.id for section in aid.sections],
        "question": list(aid.questions),
        "source": [source.id for source in aid.sources],
    }
    _people(aid, reader)
    for reference in _references(aid, reader):
        where, id_, kind, name = reference
        if name in known[kind]:
            _shown(aid, reader, reference)
        elif name not in reader.broken:
            near = did_you_mean(name, known[kind])
            reader.fault(where, id_, f"no such {kind} {name!r}{near}", name)


def _shown(aid: Aid, reader: Parser, reference: _Reference) -> None:
    if reference.kind != "figure" or reference.id == reference.name:
        return
    mark = aid.evidence_by_id[reference.name].mark
    if mark.startswith("K"):
        message = (
            f"{reference.name!r} has the mark {mark}: not checked, not to be shown; read the "
            "source and mark it V, or take it out here"
        )
        reader.fault(reference.where, reference.id, message, reference.name)


def _people(aid: Aid, reader: Parser) -> None:
    """Note every ``applies_to`` that names a question or an option that does not exist."""
    for record in aid.evidence:
        where, id_ = reader.places["Evidence", record.id], record.id
        for condition in record.applies_to:
            name, question = condition.question, aid.questions.get(condition.question)
            if question is None:
                if name not in reader.broken:
                    near = did_you_mean(name, [q.id for q in aid.questions.values() if q.options])
                    reader.fault(where, id_, f"no such question {name!r}{near}", name)
                continue
            options = [option.id for option in question.options]
            for option in map(str, condition.wanted):
                if option not in options:
                    near = did_you_mean(option, options)
                    message = f"{name!r} has no option {option!r}{near}"
                    reader.fault(where, id_, message, option)


def _references(aid: Aid, reader: Parser) -> Iterator[_Reference]:
    for section in aid.sections:
        where = reader.places["Section", section.id]
        yield from (_Reference(where, section.id, "figure", name) for name in section.evidence)
    for row in aid.expectations:
        where = reader.places["Expectation", row]
        yield _Reference(where, row.question, "question", row.question)
        yield from (_Reference(where, row.question, "figure", name) for name in row.evidence)
    for question in aid.questions.values():
        where = reader.places["Question", question.id]
        named = (question.section, *(option.section for option in question.options))
        yield from (_Reference(where, question.id, "section", name) for name in named if name)
    for stage in aid.timeline:
        yield _Reference(reader.places["Stage", stage], stage.when, "section", stage.section)
    for bearing in aid.bearings:
        where = reader.places["Bearing", bearing]
        yield _Reference(where, bearing.option, "section", bearing.option)
        yield _Reference(where, bearing.value, "question", bearing.value)
        yield from (_Reference(where, bearing.value, "figure", name) for name in bearing.evidence)
    for record in aid.evidence:
        where = reader.places["Evidence", record.id]
        yield from (_Reference(where, record.id, "source", name) for name in record.sources)
