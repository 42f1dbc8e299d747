"""What must hold between the tables: ids, references, the order of the journey, evidence."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Protocol

from decision_aid.content.lines import Place
from decision_aid.content.reader import Reader, did_you_mean
from decision_aid.model import UNKNOWN, Aid, Condition, Page, Question, Rule
from decision_aid.rules import FACT_VALUES, FACTS

_CHOICE = ("one", "many", "body")
_REQUIRED_SECTIONS = ("stop_emergency", "advice_urgent", "scope_exit", "safety_card")


class _HasId(Protocol):
    @property
    def id(self) -> str: ...


def examine(aid: Aid, reader: Reader, today: date | None = None) -> None:
    """Note every fault between the tables of an aid."""
    _unique(aid, reader)
    _parts(aid, reader)
    _questions(aid, reader)
    _journey(aid, reader)
    _sections(aid, reader)
    _evidence(aid, reader, today or date.today())
    _references(aid, reader)


def _where(reader: Reader, kind: str, id_: object) -> tuple[str, Place]:
    return reader.places[kind, id_]


def _unique(aid: Aid, reader: Reader) -> None:
    groups: dict[str, Iterable[_HasId]] = {
        "Page": aid.pages,
        "Part": aid.parts,
        "Question": [question for page in aid.pages for question in page.questions],
        "Section": aid.sections,
        "Evidence": aid.evidence,
        "Source": aid.sources,
        "Contradiction": aid.contradictions,
        "SuggestedQuestion": aid.suggested_questions,
    }
    for kind, rows in groups.items():
        for id_, count in Counter(row.id for row in rows).items():
            if count > 1:
                message = f"the id is used {count} times; each {kind.lower()} needs its own"
                reader.fault(_where(reader, kind, id_), id_, message)
            if not id_.replace("_", "a").isalnum() or id_ != id_.lower() or not id_.isascii():
                message = "an id is made of small letters, digits and _"
                reader.fault(_where(reader, kind, id_), id_, message)


def _parts(aid: Aid, reader: Reader) -> None:
    parts = [part.id for part in aid.parts]
    for page in aid.pages:
        if page.part not in parts:
            message = f"no such part {page.part!r}{did_you_mean(page.part, parts)}"
            reader.fault(_where(reader, "Page", page.id), page.id, message, "part")


def _questions(aid: Aid, reader: Reader) -> None:
    for question in (q for page in aid.pages for q in page.questions):
        where = _where(reader, "Question", question.id)
        if question.kind in _CHOICE and not question.options:
            reader.fault(where, question.id, f"a {question.kind!r} question needs options", "kind")
        if question.kind not in _CHOICE and question.options:
            reader.fault(where, question.id, f"a {question.kind!r} question has no options", "kind")
        if question.kind == "text" and question.limit < 1:
            message = "a text needs a limit, in characters"
            reader.fault(where, question.id, message)
        if question.kind in ("scale", "rating", "number") and question.minimum >= question.maximum:
            message = f"minimum {question.minimum} must be below maximum {question.maximum}"
            reader.fault(where, question.id, message, "maximum")
        for id_, count in Counter(option.id for option in question.options).items():
            if count > 1:
                reader.fault(where, question.id, f"the option {id_!r} stands {count} times", id_)
        if question.right and question.option(question.right) is None:
            options = [option.id for option in question.options]
            message = (
                f"right is {question.right!r}, no option{did_you_mean(question.right, options)}"
            )
            reader.fault(where, question.id, message, "right")


def _journey(aid: Aid, reader: Reader) -> None:
    """Conditions of a page or question look only at questions of earlier pages."""
    earlier: dict[str, Question] = {}
    for page in aid.pages:
        _asked_rule(aid, reader, "Page", page, page.enable_when, earlier)
        for question in page.questions:
            _asked_rule(aid, reader, "Question", question, question.enable_when, earlier)
        earlier |= {question.id: question for question in page.questions}
    for question in aid.short_way.questions.values():
        page = aid.page_of[question.id]
        for condition in (*page.enable_when.leaves(), *question.enable_when.leaves()):
            if condition.question in aid.questions and not aid.questions[condition.question].core:
                message = (
                    f"a core question cannot depend on {condition.question!r}, "
                    "which the short way leaves out"
                )
                reader.fault(_where(reader, "Question", question.id), question.id, message, "core")


def _asked_rule(
    aid: Aid,
    reader: Reader,
    kind: str,
    row: Page | Question,
    rule: Rule,
    earlier: dict[str, Question],
) -> None:
    where = _where(reader, kind, row.id)
    for condition in rule.leaves():
        if condition.question in aid.questions and condition.question not in earlier:
            message = (
                f"{condition.question!r} is not asked before this; a condition may look only at "
                "questions of earlier pages"
            )
            reader.fault(where, row.id, message, condition.question)
        elif condition.question in FACTS:
            message = f"{condition.question!r} is a derived fact; use it in sections.toml only"
            reader.fault(where, row.id, message, condition.question)
        else:
            _condition(aid, reader, where, row.id, condition)
    if any(isinstance(condition, Rule) for condition in rule.conditions):
        message = "all and any cannot be nested here: other programs could not follow"
        reader.fault(where, row.id, message, "enable_when")


def _condition(
    aid: Aid, reader: Reader, where: tuple[str, Place], id_: str, condition: Condition
) -> None:
    name = condition.question
    known = [*aid.questions, *FACTS]
    if name not in known:
        reader.fault(where, id_, f"no such question {name!r}{did_you_mean(name, known)}", name)
        return
    if condition.operator == "exists":
        if not isinstance(condition.answer, bool):
            reader.fault(where, id_, "'exists' takes the answer true or false", name)
        return
    allowed = _answers(aid, name)
    wanted = condition.answer if isinstance(condition.answer, tuple) else (condition.answer,)
    for answer in wanted:
        if allowed is None:
            if isinstance(answer, bool) or not isinstance(answer, (int, float)):
                reader.fault(where, id_, f"{name!r} is a number; {answer!r} is none", name)
        elif answer not in allowed:
            near = did_you_mean(answer, allowed)
            reader.fault(where, id_, f"{name!r} has no option {answer!r}{near}", str(answer))
        elif condition.operator not in ("=", "!="):
            message = f"{name!r} has options; {condition.operator!r} is for numbers"
            reader.fault(where, id_, message, name)


def _answers(aid: Aid, name: str) -> list[str] | None:
    """The answers that a question or fact can have; None for numbers."""
    if name in FACT_VALUES:
        return [*FACT_VALUES[name], UNKNOWN]
    question = aid.questions[name]
    return [option.id for option in question.options] if question.options else None


def _sections(aid: Aid, reader: Reader) -> None:
    for section in aid.sections:
        where = _where(reader, "Section", section.id)
        for rule in (section.enable_when, section.first_when or section.enable_when):
            for condition in rule.leaves():
                _condition(aid, reader, where, section.id, condition)
        if not section.text:
            reader.fault(where, section.id, "the text is empty", "text")
    for name in _REQUIRED_SECTIONS:
        if name not in aid.section_by_id:
            reader.fault(("sections.toml", ()), name, "this section is missing; the aid needs it")
    for kind, rows in (
        ("Contradiction", aid.contradictions),
        ("SuggestedQuestion", aid.suggested_questions),
    ):
        for row in rows:
            for condition in row.enable_when.leaves():
                _condition(aid, reader, _where(reader, kind, row.id), row.id, condition)
    for expectation in aid.expectations:
        where = _where(reader, "Expectation", expectation)
        for rule in (expectation.enable_when, expectation.applies_when):
            for condition in rule.leaves():
                _condition(aid, reader, where, expectation.question, condition)


def _evidence(aid: Aid, reader: Reader, today: date) -> None:
    sources = list(aid.source_by_id)
    for record in aid.evidence:
        where = _where(reader, "Evidence", record.id)
        if not record.sources:
            reader.fault(where, record.id, "the figure has no source", "sources")
        for source in record.sources:
            if source not in sources:
                near = did_you_mean(source, sources)
                reader.fault(where, record.id, f"no such source {source!r}{near}", "sources")
        if record.review_by < today:
            message = f"to be reviewed by {record.review_by}: check the source again"
            reader.fault(where, record.id, message, "review_by")
        if record.measure == "people" and not record.arms:
            reader.fault(where, record.id, "a count of people needs arms", "measure")
        for arm in record.arms:
            top = record.per if record.measure == "people" else record.scale_high
            if not 0 <= arm.count <= top:
                message = f"{arm.label}: {arm.count} is not between 0 and {top}"
                reader.fault(where, record.id, message, "arms")
            if record.measure == "people" and arm.count != int(arm.count):
                message = f"{arm.label}: {arm.count} people; whole people only"
                reader.fault(where, record.id, message, "arms")


def _references(aid: Aid, reader: Reader) -> None:
    evidence, sections = aid.evidence_by_id, aid.section_by_id
    shown = [(_where(reader, "Section", s.id), s.id, s.evidence) for s in aid.sections]
    shown += [(_where(reader, "Expectation", e), e.question, e.evidence) for e in aid.expectations]
    for where, id_, ids in shown:
        for name in ids:
            if name not in evidence:
                near = did_you_mean(name, list(evidence))
                reader.fault(where, id_, f"{name!r} is no figure in evidence.toml{near}", name)
            elif evidence[name].mark.startswith("K"):
                message = (
                    f"{name!r} has the mark {evidence[name].mark}: not checked, not to be shown"
                )
                reader.fault(where, id_, message, name)
    for question in (q for page in aid.pages for q in page.questions):
        where = _where(reader, "Question", question.id)
        for name in (question.section, *(option.section for option in question.options)):
            if name and name not in sections:
                near = did_you_mean(name, list(sections))
                reader.fault(where, question.id, f"no such section {name!r}{near}", name)
    for stage in aid.timeline:
        if stage.section not in sections:
            near = did_you_mean(stage.section, list(sections))
            where = _where(reader, "Stage", stage)
            reader.fault(where, stage.when, f"no such section {stage.section!r}{near}", "section")
    for bearing in aid.bearings:
        where = _where(reader, "Bearing", bearing)
        if bearing.option not in sections:
            near = did_you_mean(bearing.option, list(sections))
            reader.fault(where, bearing.option, f"no such section {bearing.option!r}{near}")
        if bearing.value not in aid.questions:
            near = did_you_mean(bearing.value, list(aid.questions))
            reader.fault(where, bearing.value, f"no such question {bearing.value!r}{near}")
    for expectation in aid.expectations:
        if expectation.question not in aid.questions:
            where = _where(reader, "Expectation", expectation)
            near = did_you_mean(expectation.question, list(aid.questions))
            message = f"no such question {expectation.question!r}{near}"
            reader.fault(where, expectation.question, message)
