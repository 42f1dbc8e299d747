"""A FHIR response that comes from elsewhere: the very same answers, or a sentence that refuses it.

Whatever could mean something else than it seems to is refused: a repeated or unknown item, a code
of another system, a display that belongs to another option, an answer nobody was asked for.
Source: HL7 FHIR R4 (4.0.1) QuestionnaireResponse; R4 JSON (no empty and no doubled properties).
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from reprlib import Repr
from typing import Any

from decision_aid import rules
from decision_aid.answers import AnswerError, parse
from decision_aid.interop.fhir import VALUES
from decision_aid.model import Aid, Answer, Question

#: Codes of QuestionnaireResponse.status (FHIR R4) under which answers may be used.
_USABLE = ("in-progress", "completed", "amended", "stopped")
_WRONG = "entered-in-error"
#: FHIR R4 dateTime; whether such a day exists is seen by reading it.
_DATE_TIME = re.compile(
    r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d))?)?)?", re.ASCII
)
_ITEM = {"id", "extension", "linkId", "definition", "text", "answer", "item"}
_ANSWER = {"id", "extension"}
_CODING = {"id", "extension", "system", "version", "code", "display", "userSelected"}
#: What changes the meaning of all that stands beside it (FHIR R4, 2.5.2).
_MODIFIERS = ("modifierExtension", "implicitRules")
_DAMAGED = "The answers in this FHIR response are damaged"
_short = Repr()
_short.maxstring = _short.maxother = _short.maxlong = 80


def read_response(aid: Aid, resource: object) -> dict[str, Answer]:
    """The answers in a QuestionnaireResponse of this aid. Raises AnswerError."""
    if not isinstance(resource, Mapping) or resource.get("resourceType") != "QuestionnaireResponse":
        raise AnswerError("This is not a FHIR QuestionnaireResponse.")
    _check_questionnaire(aid, resource)
    _check_status(resource)
    _check_authored(resource)
    raw: dict[str, object] = {}
    seen: set[str] = set()
    for item in _items(resource):
        link = item["linkId"]
        if link in seen:
            raise AnswerError(f"{_short.repr(link)} stands twice in this FHIR response.")
        seen.add(link)
        question = aid.questions.get(link)
        if question:
            raw[link] = _value(aid, question, item)
        elif link not in _other_links(aid):
            raise AnswerError(f"{_short.repr(link)} is not an item of this questionnaire.")
        elif "answer" in item:
            raise AnswerError(f"{_short.repr(link)} is no question, yet it has an answer.")
    answers = parse(aid, {link: value for link, value in raw.items() if value is not None})
    if not_asked := answers.keys() - rules.active(aid, answers).keys():
        first = min(not_asked, key=list(answers).index)
        raise AnswerError(f"{first} has an answer, yet beside the other answers it is not asked.")
    return answers


def _check_questionnaire(aid: Aid, resource: Mapping[str, Any]) -> None:
    canonical, _, version = str(resource.get("questionnaire", "")).partition("|")
    if canonical != aid.url:
        raise AnswerError(
            f"These answers belong to another questionnaire: {_short.repr(canonical)}."
        )
    if version != aid.version:
        given = f"to version {version[:80]}" if version else "to a version that is not named"
        raise AnswerError(f"These answers were given {given}; this is version {aid.version}.")
    for name in _MODIFIERS:
        if name in resource:
            raise AnswerError(f"{name} could change what these answers mean; it is not read.")


def _check_status(resource: Mapping[str, Any]) -> None:
    status = resource.get("status")
    if status == _WRONG:
        raise AnswerError(f"The status of these answers is {_WRONG!r}: they must not be used.")
    if status not in _USABLE:
        raise AnswerError(
            f"The status of these answers is {_short.repr(status)}; "
            f"it must be one of: {', '.join(_USABLE)}."
        )


def _check_authored(resource: Mapping[str, Any]) -> None:
    authored = resource.get("authored")
    if authored is None and "authored" not in resource:
        return
    try:
        if not isinstance(authored, str) or not _DATE_TIME.fullmatch(authored):
            raise ValueError
        datetime.fromisoformat(f"{authored}-01-01"[:10] if len(authored) < 11 else authored)
    except ValueError:
        raise AnswerError(f"authored is {_short.repr(authored)}, which is no FHIR date.") from None


def _items(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every item, those within items after them. Raises AnswerError for what is no item."""
    rows = node.get("item", [])
    if not isinstance(rows, list):
        raise AnswerError(f"{_DAMAGED}: item is {_short.repr(rows)}, and no list.")
    for row in rows:
        if not isinstance(row, Mapping) or not isinstance(row.get("linkId"), str):
            raise AnswerError(f"{_DAMAGED}: an item has no linkId.")
        if unknown := sorted(row.keys() - _ITEM):
            raise AnswerError(f"{_DAMAGED}: {_short.repr(unknown[0])} in an item is not read.")
        yield row
        yield from _items(row)


def _other_links(aid: Aid) -> frozenset[str]:
    """The link ids of pages and of texts that only are read."""
    pages = (f"page.{page.id}{part}" for page in aid.pages for part in ("", ".intro"))
    return frozenset((*pages, *(f"{question}.help" for question in aid.questions)))


def _value(aid: Aid, question: Question, item: Mapping[str, Any]) -> object:
    """The answer to one question as an answers file has it, or None when there is none."""
    text = item.get("text", question.text)
    if not isinstance(text, str) or text.split() != question.text.split():
        raise AnswerError(f"{question.id} is worded {_short.repr(text)}; the question is another.")
    if "answer" not in item:
        return None
    rows = item["answer"]
    if not isinstance(rows, list) or not rows:
        raise AnswerError(f"{_DAMAGED}: {question.id} has no list of answers.")
    values = [_one(aid, question, row) for row in rows]
    if question.kind in ("many", "body"):
        if len(set(values)) < len(values):
            raise AnswerError(f"{question.id} has the same answer twice.")
        return values
    if len(values) > 1:
        raise AnswerError(f"{question.id} takes one answer, and has {len(values)}.")
    return values[0]


def _one(aid: Aid, question: Question, row: object) -> Any:
    wanted = VALUES[question.kind]
    if not isinstance(row, Mapping) or wanted not in row:
        raise AnswerError(f"{_DAMAGED}: an answer to {question.id} has no {wanted}.")
    if unknown := sorted(row.keys() - {wanted} - _ANSWER):
        raise AnswerError(
            f"{_DAMAGED}: {_short.repr(unknown[0])} in an answer to {question.id} is not read."
        )
    value = row[wanted]
    if question.options:
        return _code(aid, question, value)
    if wanted == "valueString" and not isinstance(value, str):
        raise AnswerError(f"{question.id}: {_short.repr(value)} is not a text.")
    if wanted == "valueInteger" and type(value) is not int:
        raise AnswerError(f"{question.id}: {_short.repr(value)} is not a whole number.")
    return value


def _code(aid: Aid, question: Question, coding: object) -> str:
    """The id of an option, when system, code and display all mean it."""
    if not isinstance(coding, Mapping) or coding.keys() - _CODING:
        raise AnswerError(f"{_DAMAGED}: {question.id} has no coding that can be read.")
    system, code, display = (coding.get(name) for name in ("system", "code", "display"))
    if system != f"{aid.url}/{question.id}":
        raise AnswerError(f"{question.id}: {_short.repr(system)} is not the code system of it.")
    option = question.option(code) if isinstance(code, str) else None
    if option is None:
        raise AnswerError(f"{question.id}: {_short.repr(code)} is not an option.")
    if "display" in coding and display != option.text:
        raise AnswerError(
            f"{question.id}: the code {option.id!r} means {option.text!r}, "
            f"but {_short.repr(display)} stands beside it."
        )
    return option.id
