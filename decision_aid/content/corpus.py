"""Every text that a patient reads, with the place where it stands and the figures beside it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from decision_aid.content.parser import Parser
from decision_aid.content.source_locations import Location
from decision_aid.model import Aid, Evidence, Question


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One paragraph or label. ``figures`` are shown with it.

    ``told`` is what the guide tells: all of its numbers are results. The others ask, and
    ``bounds`` are the numbers of their scales, options and rules.
    """

    where: tuple[str, Location]
    id: str
    text: str
    figures: tuple[Evidence, ...] = ()
    bounds: frozenset[str] = field(default=frozenset())
    told: bool = True
    #: Words of a table or of the surgeon's page, no sentence to a patient.
    label: bool = False
    #: A figure beside it is missing or broken, which is said elsewhere: its numbers are not judged.
    blind: bool = False

    def around(self, start: int, end: int) -> str:
        """A stretch of the text with a little of what stands before and after it, quoted."""
        first = self.text.rfind(" ", 0, max(0, start - 20)) + 1 if start > 20 else 0
        last = self.text.find(" ", end + 30)
        before, after = "…" if first else "", "…" if last > 0 else ""
        return f"“{before}{self.text[first : last if last > 0 else None]}{after}”"

    @property
    def start(self) -> str:
        """The first words, by which its line is found."""
        return " ".join(self.text.split(" ")[:6])


#: Short sentences that only the surgeon reads.
_FOR_SURGEON = ("surgeon_title", "reported_not_verified", "gap", "not_put", "way_printed")


def texts(aid: Aid, reader: Parser) -> Iterator[Text]:
    """All of them, empty ones left out."""
    for text in (*_told(aid, reader), *_asked(aid, reader), *_figures(aid, reader)):
        if text.text.strip():
            yield text


def _records(aid: Aid, ids: Iterable[str]) -> tuple[Evidence, ...]:
    return tuple(aid.evidence_by_id[id_] for id_ in ids if id_ in aid.evidence_by_id)


def _of_section(aid: Aid, section_id: str) -> tuple[Evidence, ...]:
    section = aid.section_by_id.get(section_id)
    return _records(aid, section.evidence if section else ())


def _told(aid: Aid, reader: Parser) -> Iterator[Text]:
    for section in aid.sections:
        where = reader.places["Section", section.id]
        figures = _records(aid, section.evidence)
        blind = len(figures) < len(section.evidence)
        reasons = (section.frames_differ, section.parts_differ)
        parts = (section.title, *section.text, *section.good, *section.bad, section.how_sure)
        for text in (*parts, section.fit, *section.do, *section.ask, *reasons):
            told = section.group not in ("safety", "card")
            yield Text(
                where=where, id=section.id, text=text, figures=figures, told=told, blind=blind
            )
    for row in aid.expectations:
        where, figures = reader.places["Expectation", row], _records(aid, row.evidence)
        for text in (row.published, row.talk):
            if text:
                blind = len(figures) < len(row.evidence)
                yield Text(where=where, id=row.question, text=text, figures=figures, blind=blind)
    for stage in aid.timeline:
        where, figures = reader.places["Stage", stage], _of_section(aid, stage.section)
        blind = stage.section not in aid.section_by_id
        yield Text(where=where, id=stage.when, text=stage.text, figures=figures, blind=blind)
    for bearing in aid.bearings:
        where, figures = reader.places["Bearing", bearing], _records(aid, bearing.evidence)
        blind = len(figures) < len(bearing.evidence)
        yield Text(where=where, id=bearing.option, text=bearing.why, figures=figures, blind=blind)
    for danger in aid.dangers:
        where = reader.places["Danger", danger.id]
        for text in (danger.lead, danger.say, danger.why, *danger.card):
            yield Text(where=where, id=danger.id, text=text, told=False)
    for item in aid.contradictions:
        where = reader.places["Contradiction", item.id]
        bounds = frozenset(str(condition.answer) for condition in item.enable_when.leaves())
        yield Text(where=where, id=item.id, text=item.text, told=False, bounds=bounds)
    for question in aid.suggested_questions:
        where = reader.places["SuggestedQuestion", question.id]
        yield Text(where=where, id=question.id, text=question.text, told=False)


def _asked(aid: Aid, reader: Parser) -> Iterator[Text]:
    for page in aid.pages:
        where = reader.places["Page", page.id]
        bounds = frozenset(bound for question in page.questions for bound in _bounds(question))
        for text in (page.title, *page.intro):
            yield Text(where=where, id=page.id, text=text, told=False, bounds=bounds)
    for question in aid.questions.values():
        where, bounds = reader.places["Question", question.id], _bounds(question)
        figures = _of_section(aid, question.section)
        for text in _labels(question):
            yield Text(
                where=where, id=question.id, text=text, figures=figures, told=False, bounds=bounds
            )
    for part in aid.parts:
        yield Text(where=reader.places["Part", part.id], id=part.id, text=part.title, told=False)
    for name, text in aid.words.items():
        label = name in _FOR_SURGEON
        where = ("questions.toml", ("words",))
        yield Text(where=where, id=name, text=text, told=False, label=label)


def _bounds(question: Question) -> frozenset[str]:
    parts = (part for option in question.options for part in option.id.split("_"))
    return frozenset({str(question.minimum), str(question.maximum), *parts})


def _labels(question: Question) -> Iterator[str]:
    yield from (question.text, question.hint, question.helper_text, question.feedback)
    yield from (question.low, question.high)
    for option in question.options:
        yield from (option.heading, option.text, option.hint)


def _figures(aid: Aid, reader: Parser) -> Iterator[Text]:
    for record in aid.evidence:
        where = reader.places["Evidence", record.id]
        for text in (record.sentence, record.reason):
            yield Text(where=where, id=record.id, text=text, figures=(record,))
        labels = (record.population, record.time, record.outcome, record.opposite)
        for text in (*labels, *(arm.label for arm in record.arms)):
            yield Text(where=where, id=record.id, text=text, figures=(record,), label=True)
