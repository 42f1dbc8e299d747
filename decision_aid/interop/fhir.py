"""FHIR R4: the questions as a Questionnaire, the answers as a QuestionnaireResponse.

Pages are groups, so that what hides a page hides its questions. A skipped question is absent,
``unknown`` is its own code, set-aside answers never leave.
Source: HL7 FHIR R4 (4.0.1) Questionnaire and QuestionnaireResponse.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from decision_aid import rules
from decision_aid.model import Aid, Answer, Answers, Condition, Page, Question, Rule
from decision_aid.summary import Event

Json = dict[str, Any]

_TYPES = {
    "one": "choice",
    "many": "choice",
    "body": "choice",
    "scale": "integer",
    "rating": "integer",
    "number": "decimal",
    "text": "string",
}
#: The kind of a question to the property that carries an answer to it.
VALUES = {
    "one": "valueCoding",
    "many": "valueCoding",
    "body": "valueCoding",
    "scale": "valueInteger",
    "rating": "valueInteger",
    "number": "valueDecimal",
    "text": "valueString",
}
_EXTENSION = "http://hl7.org/fhir/StructureDefinition/"
_UNITS = "http://unitsofmeasure.org"
_ITEM_CONTROL = "http://hl7.org/fhir/questionnaire-item-control"


def questionnaire(aid: Aid) -> Json:
    """The whole set of questions as a FHIR R4 Questionnaire."""
    return {
        "resourceType": "Questionnaire",
        "id": aid.id.replace("_", "-"),
        "url": aid.url,
        "version": aid.version,
        "name": "".join(word.capitalize() for word in aid.id.split("_")),
        "title": aid.title,
        "status": "active" if aid.approved_by else "draft",
        "subjectType": ["Patient"],
        "language": aid.language,
        "date": aid.published.isoformat(),
        **({"approvalDate": aid.published.isoformat()} if aid.approved_by else {}),
        # No lastReviewDate: the content says when it is due for review, not when it last was.
        "effectivePeriod": {
            "start": aid.published.isoformat(),
            "end": aid.review_by.isoformat(),
        },
        "item": [_group(aid, page) for page in aid.pages if page.questions],
    }


def _group(aid: Aid, page: Page) -> Json:
    return {
        "linkId": f"page.{page.id}",
        "text": page.title,
        "type": "group",
        **_enable_when(aid, page.enable_when),
        "item": [*_intro(page), *(_item(aid, question) for question in page.questions)],
    }


def _intro(page: Page) -> Iterator[Json]:
    """What stands above the questions: it says which time or case they ask about."""
    if page.intro:
        yield {"linkId": f"page.{page.id}.intro", "text": " ".join(page.intro), "type": "display"}


def _item(aid: Aid, question: Question) -> Json:
    item: Json = {
        "linkId": question.id,
        "text": question.text,
        "type": _TYPES[question.kind],
        **_enable_when(aid, question.enable_when),
    }
    if question.options:
        item["answerOption"] = [
            {
                **(
                    {"extension": [_extension("questionnaire-optionExclusive", Boolean=True)]}
                    if option.exclusive
                    else {}
                ),
                "valueCoding": _coding(aid, question, option.id),
            }
            for option in question.options
        ]
    if question.kind in ("many", "body"):
        item["repeats"] = True
        if question.limit:
            item["extension"] = [_extension("questionnaire-maxOccurs", Integer=question.limit)]
    if question.kind in ("scale", "rating"):
        item["extension"] = [
            _extension("minValue", Integer=question.minimum),
            _extension("maxValue", Integer=question.maximum),
        ]
    if question.kind == "number":
        item["extension"] = [
            _extension("minValue", Decimal=question.minimum),
            _extension("maxValue", Decimal=question.maximum),
            *([_unit(question)] if question.unit else []),
        ]
    if question.kind == "text":
        item["maxLength"] = question.limit
    if question.hint or question.low:
        item["item"] = [_help(question)]
    return item


def _unit(question: Question) -> Json:
    coding = {"system": _UNITS, "code": question.unit, "display": question.unit}
    return _extension("questionnaire-unit", Coding=coding)


def _help(question: Question) -> Json:
    """The one help text: the hint, and what the ends of a scale mean."""
    ends = (
        f"{question.minimum}: {question.low}. {question.maximum}: {question.high}."
        if question.low
        else ""
    )
    control = {"coding": [{"system": _ITEM_CONTROL, "code": "help", "display": "Help-Button"}]}
    return {
        "linkId": f"{question.id}.help",
        "text": f"{question.hint} {ends}".strip(),
        "type": "display",
        "extension": [_extension("questionnaire-itemControl", CodeableConcept=control)],
    }


def _extension(name: str, **value: object) -> Json:
    ((kind, content),) = value.items()
    return {"url": _EXTENSION + name, f"value{kind}": content}


def _coding(aid: Aid, question: Question, code: str) -> Json:
    option = question.option(code)
    return {
        "system": f"{aid.url}/{question.id}",
        "code": code,
        "display": option.text if option else code,
    }


def _enable_when(aid: Aid, rule: Rule) -> Json:
    conditions = list(rule.leaves())
    if not conditions:
        return {}
    several = len(conditions) == 1 and isinstance(conditions[0].answer, tuple)
    return {
        "enableWhen": [row for condition in conditions for row in _when(aid, condition)],
        "enableBehavior": "any" if several else rule.behavior,
    }


def _when(aid: Aid, condition: Condition) -> Iterator[Json]:
    question = aid.questions[condition.question]
    answers = condition.answer if isinstance(condition.answer, tuple) else (condition.answer,)
    for answer in answers:
        row: Json = {"question": question.id, "operator": condition.operator}
        if isinstance(answer, bool):
            yield {**row, "answerBoolean": answer}
        elif isinstance(answer, int):
            kind = "answerDecimal" if question.kind == "number" else "answerInteger"
            yield {**row, kind: answer}
        else:
            yield {**row, "answerCoding": _coding(aid, question, answer)}


def response(
    aid: Aid,
    answers: Answers,
    *,
    authored: datetime | None = None,
    reference: str = "",
    events: Iterable[Event] = (),
) -> Json:
    """One person's answers as a FHIR R4 QuestionnaireResponse.

    ``events`` are told as extensions, for FHIR R4 has no element for them.
    """
    kept = rules.active(aid, answers)
    groups = [
        {
            "linkId": f"page.{page.id}",
            "text": page.title,
            "item": [
                {
                    "linkId": question.id,
                    "text": question.text,
                    "answer": list(_answers(aid, question, kept[question.id])),
                }
                for question in page.questions
                if question.id in kept
            ],
        }
        for page in aid.pages
    ]
    items = [group for group in groups if group["item"]]
    told = [
        {"url": f"{aid.url}/{event.id.replace('_', '-')}", "valueDateTime": _moment(event.at)}
        for event in events
    ]
    return {
        "resourceType": "QuestionnaireResponse",
        **({"extension": told} if told else {}),
        **(
            {"identifier": {"system": f"{aid.url}/appointment", "value": reference}}
            if reference
            else {}
        ),
        "questionnaire": f"{aid.url}|{aid.version}",
        "status": _status(aid, kept),
        "language": aid.language,
        **_source(aid, kept),
        **({"authored": _moment(authored)} if authored else {}),
        # FHIR has no empty lists.
        **({"item": items} if items else {}),
    }


def _moment(moment: datetime) -> str:
    """A FHIR instant with its own zone, or with the zone of this machine when it has none."""
    return (moment if moment.tzinfo else moment.astimezone()).isoformat()


def _status(aid: Aid, answers: Answers) -> str:
    """`completed` once something was chosen after the guide, where a person makes up their mind.

    Only coded answers count, so that the file and the square code on paper say the same.
    """
    guide = next((place for place, page in enumerate(aid.pages) if page.kind == "guide"), 0)
    deciding = (question for page in aid.pages[guide:] for question in page.questions)
    chosen = any(question.kind != "text" and question.id in answers for question in deciding)
    return "completed" if chosen else "in-progress"


def _source(aid: Aid, answers: Answers) -> Json:
    """Who answered, as a role; no person is named."""
    option = aid.questions["answered_by"].option(str(answers.get("answered_by")))
    if option is None:
        return {}
    kind = "RelatedPerson" if option.id == "someone_else" else "Patient"
    return {"source": {"type": kind, "display": option.text}}


def _answers(aid: Aid, question: Question, answer: Answer) -> Iterator[Json]:
    for value in answer if isinstance(answer, tuple) else (answer,):
        coded = _coding(aid, question, str(value)) if question.options else value
        yield {VALUES[question.kind]: coded}
