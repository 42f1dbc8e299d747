"""What must hold between the tables: ids, references, the order of the journey, evidence."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Protocol

from decision_aid.content import evidence_records, references, strings
from decision_aid.content.diagnostics import did_you_mean
from decision_aid.content.parser import Parser
from decision_aid.content.source_locations import Location
from decision_aid.model import UNKNOWN, Aid, Condition, Page, Question, Rule
from decision_aid.rules import FACT_VALUES, FACTS

_CHOICE = ("one", "many", "body")
_REQUIRED_SECTIONS = ("stop_emergency", "advice_urgent", "scope_exit", "safety_card")

#: Questions that safety, the derived facts, the guide and the surgeon's page name themselves.
_REQUIRED_QUESTIONS = (
    "answered_by",
    "emergency_symptoms",
    "urgent_symptoms",
    "seen_by_doctor",
    "worries",
    "tried",
    *dict.fromkeys(question for asked in FACTS.values() for question in asked),
)


class _HasId(Protocol):
    @property
    def id(self) -> str: ...


def examine(aid: Aid, reader: Parser, today: date | None = None) -> None:
    """Note every fault between the tables of an aid."""
    _unique(aid, reader)
    _parts(aid, reader)
    _questions(aid, reader)
    _journey(aid, reader)
    _sections(aid, reader)
    _dangers(aid, reader)
    _head(aid, reader, today or date.today())
    strings.examine(aid, reader)
    evidence_records.examine(aid, reader, today or date.today())
    references.examine(aid, reader)


def _dangers(aid: Aid, reader: Parser) -> None:
    """Every emergency sign belongs to exactly one danger: no stop page without its words."""
    question, urgent = (aid.questions.get(name) for name in _REQUIRED_QUESTIONS[1:3])
    signs = [o.id for o in question.options if not o.exclusive] if question else []
    for option in (o for o in (urgent.options if urgent else ()) if o.emergency_when):
        signs.append(option.id)
        for condition in option.emergency_when.leaves() if option.emergency_when else ():
            where = _where(reader, "Question", "urgent_symptoms")
            _condition(aid, reader, where, option.id, condition)
    named = [sign for danger in aid.dangers for sign in danger.signs]
    for danger in aid.dangers:
        for sign in danger.signs:
            if question and sign not in signs:
                message = f"{sign!r} is no emergency sign{did_you_mean(sign, signs)}"
                reader.fault(reader.places["Danger", danger.id], danger.id, message, sign)
    for sign in signs if not reader.broken else ():
        if named.count(sign) != 1:
            message = f"{sign!r} belongs to {named.count(sign)} dangers; it must be one"
            reader.fault(("sections.toml", ()), "danger", message)


def _head(aid: Aid, reader: Parser, today: date) -> None:
    """The aid as a whole: reviewed in time, and with the questions that the program itself uses."""
    where = ("questions.toml", ("aid",))
    if aid.review_by < today:
        message = f"to be reviewed by {aid.review_by}: read all of it again, then set review_by"
        reader.fault(where, aid.id, message, "review_by")
    for name in ("title", "version", "draft_notice"):
        if not getattr(aid, name).strip():
            reader.fault(where, aid.id, f"{name} is empty", name)
    for name in _REQUIRED_QUESTIONS:
        if name not in aid.questions and name not in reader.broken:
            message = "this question is missing; the aid needs it"
            reader.fault(("questions.toml", ()), name, message)


def _where(reader: Parser, kind: str, id_: object) -> tuple[str, Location]:
    return reader.places[kind, id_]


def _unique(aid: Aid, reader: Parser) -> None:
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


def _parts(aid: Aid, reader: Parser) -> None:
    parts = [part.id for part in aid.parts]
    for page in aid.pages:
        if page.part not in parts and page.part not in reader.broken:
            message = f"no such part {page.part!r}{did_you_mean(page.part, parts)}"
            reader.fault(_where(reader, "Page", page.id), page.id, message, "part")


def _questions(aid: Aid, reader: Parser) -> None:
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
        options = [option.id for option in question.options]
        for name in (name for option in question.options for name in option.covers):
            if name not in options:
                near = did_you_mean(name, options)
                message = f"an option covers {name!r}, which is no option here{near}"
                reader.fault(where, question.id, message, name)
        if question.right and question.option(question.right) is None:
            message = (
                f"right is {question.right!r}, no option{did_you_mean(question.right, options)}"
            )
            reader.fault(where, question.id, message, "right")


def _journey(aid: Aid, reader: Parser) -> None:
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
    reader: Parser,
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
    aid: Aid, reader: Parser, where: tuple[str, Location], id_: str, condition: Condition
) -> None:
    name = condition.question
    known = [*aid.questions, *FACTS]
    if name in reader.broken:
        return
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


def _sections(aid: Aid, reader: Parser) -> None:
    for section in aid.sections:
        where = _where(reader, "Section", section.id)
        for rule in (section.enable_when, section.first_when or section.enable_when):
            for condition in rule.leaves():
                _condition(aid, reader, where, section.id, condition)
        if not section.text:
            reader.fault(where, section.id, "the text is empty", "text")
    for name in _REQUIRED_SECTIONS:
        if name not in aid.section_by_id and name not in reader.broken:
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
        for condition in expectation.gap_when.leaves() if expectation.gap_when else ():
            _condition(aid, reader, where, expectation.question, condition)
