"""The record in other forms: FHIR, plain text and the code on the page."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings

from decision_aid import rules, summary
from decision_aid.answers import AnswerError, parse
from decision_aid.content.loader import load
from decision_aid.interop import fhir, plain_text, qr_payload, received
from decision_aid.model import Answers
from tests.personas import Persona, persona, personas
from tests.strategies import raw_answers

AID = load()
QUESTIONNAIRE = fhir.questionnaire(AID)
MADE_ON = datetime(2026, 5, 12, 9, 40)


def enabled(item: Mapping[str, Any], given_: Mapping[str, list[Any]]) -> bool:
    """FHIR R4 enableWhen, read from the specification and not from the rules module."""
    outcomes = []
    for when in item.get("enableWhen", []):
        ((_, wanted),) = ((k, v) for k, v in when.items() if k.startswith("answer"))
        values = given_.get(when["question"], [])
        match when["operator"]:
            case "=":
                outcomes.append(any(same(value, wanted) for value in values))
            case ">":
                outcomes.append(any(value > wanted for value in values))
            case "exists":
                outcomes.append(bool(values) == wanted)
            case operator:
                raise AssertionError(f"the test does not know {operator}")
    if not outcomes:
        return True
    return all(outcomes) if item["enableBehavior"] == "all" else any(outcomes)


def same(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, Mapping):
        return bool(value["system"] == wanted["system"] and value["code"] == wanted["code"])
    return bool(value == wanted)


def shown(answers: Answers) -> set[str]:
    """The questions that a FHIR client would show for these answers."""
    asked: set[str] = set()
    given_: dict[str, list[Any]] = {}
    values = {
        item["linkId"]: [next(iter(a.values())) for a in item["answer"]]
        for group in fhir.response(AID, answers).get("item", ())
        for item in group["item"]
    }
    for group in QUESTIONNAIRE["item"]:
        if not enabled(group, given_):
            continue
        for item in group["item"]:
            if item["type"] != "display" and enabled(item, given_):
                asked.add(item["linkId"])
                given_[item["linkId"]] = values.get(item["linkId"], [])
    return asked


@settings(max_examples=100, deadline=None)
@given(raw=raw_answers(AID))
def test_the_exported_conditions_show_exactly_what_the_rules_ask(raw: dict[str, object]) -> None:
    """An independent reading of enableWhen shows the same questions as the rules."""
    answers = parse(AID, raw)
    asked = {
        question.id
        for page in rules.visible_pages(AID, answers)
        for question in rules.visible_questions(AID, page, answers)
    }

    assert shown(answers) == asked


@settings(max_examples=100, deadline=None)
@given(raw=raw_answers(AID))
def test_a_response_is_read_back_without_what_was_set_aside(raw: dict[str, object]) -> None:
    """The response carries every active answer, and nothing that was set aside."""
    answers = parse(AID, raw)

    assert received.read_response(AID, fhir.response(AID, answers)) == rules.active(AID, answers)


@settings(max_examples=100, deadline=None)
@given(raw=raw_answers(AID))
def test_the_code_carries_every_coded_answer_and_no_free_text(raw: dict[str, object]) -> None:
    """What the code gives back is the answers without the patient's own words."""
    answers = parse(AID, raw)
    coded = {k: v for k, v in answers.items() if AID.questions[k].kind != "text"}

    assert qr_payload.decode(AID, qr_payload.encode(AID, answers, MADE_ON)) == (
        coded,
        MADE_ON.astimezone(),
    )


@pytest.mark.parametrize("patient", personas(), ids=lambda patient: patient.name)
def test_questionnaire_and_responses_are_valid_fhir(patient: Persona) -> None:
    """The FHIR R4B models accept the questionnaire and the response of each persona."""
    from fhir.resources.R4B.questionnaire import Questionnaire
    from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse

    response = fhir.response(AID, parse(AID, patient.answers), authored=MADE_ON)

    assert Questionnaire.model_validate(QUESTIONNAIRE).url == AID.url
    assert (
        QuestionnaireResponse.model_validate(response).questionnaire == f"{AID.url}|{AID.version}"
    )


@pytest.mark.parametrize(
    ("answers", "status"),
    [
        ({}, "in-progress"),
        ({"emergency_symptoms": ["bladder"], "leg_pain": 7, "worries": ["dying"]}, "in-progress"),
        ({"own_question_1": "How long?"}, "in-progress"),
        ({"leaning": "not_ready"}, "completed"),
        ({"know_waiting": "unknown"}, "completed"),
    ],
    ids=str,
)
def test_a_response_is_completed_once_the_person_came_to_decide(
    answers: dict[str, object], status: str
) -> None:
    """Who stopped before the guide, or chose nothing after it, is not said to have finished."""
    assert fhir.response(AID, parse(AID, answers))["status"] == status


def test_the_questionnaire_claims_no_date_that_the_content_does_not_give() -> None:
    """No review is claimed, no approval before a clinician gave it; when review is due is said."""
    approved = fhir.questionnaire(replace(AID, approved_by="Dr. A. Example"))
    drafted = fhir.questionnaire(replace(AID, approved_by=""))

    assert "lastReviewDate" not in approved
    assert approved["approvalDate"] == AID.published.isoformat()
    assert "approvalDate" not in drafted
    assert drafted["effectivePeriod"]["end"] == AID.review_by.isoformat()


def test_each_coding_of_a_response_is_an_option_of_the_questionnaire() -> None:
    """System, code and display of an answer are those of the option."""
    options = [
        option["valueCoding"]
        for group in QUESTIONNAIRE["item"]
        for item in group["item"]
        for option in item.get("answerOption", [])
    ]
    given_ = [
        answer["valueCoding"]
        for group in fhir.response(AID, parse(AID, persona("margaret").answers))["item"]
        for item in group["item"]
        for answer in item["answer"]
        if "valueCoding" in answer
    ]

    assert len(given_) > 30
    assert all(coding in options for coding in given_)


def test_every_condition_says_how_it_is_joined() -> None:
    """EnableBehavior stands wherever enableWhen does, so that no client has to guess."""
    items = [i for group in QUESTIONNAIRE["item"] for i in (group, *group["item"])]

    assert all(("enableWhen" in item) == ("enableBehavior" in item) for item in items)


def test_the_export_says_all_that_a_person_reads_on_the_screen() -> None:
    """The time that a page asks about, the ends of a scale and the unit are not lost."""
    groups = {group["linkId"]: group for group in QUESTIONNAIRE["item"]}
    items = {item["linkId"]: item for group in groups.values() for item in group["item"]}
    for page in AID.pages:
        if page.questions and page.intro:
            assert items[f"page.{page.id}.intro"]["text"] == " ".join(page.intro)
            assert groups[f"page.{page.id}"]["item"][0]["linkId"] == f"page.{page.id}.intro"
    for question in AID.questions.values():
        helped = items[question.id].get("item", [])
        assert len(helped) == bool(question.hint or question.low)
        for part in (question.hint, question.low, question.high):
            assert not part or part in helped[0]["text"]
        units = [
            e["valueCoding"]["code"]
            for e in items[question.id].get("extension", ())
            if e["url"].endswith("questionnaire-unit")
        ]
        assert units == [question.unit][: bool(question.unit)]


def _walk(node: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(node, Mapping):
        yield node
    for child in node.values() if isinstance(node, Mapping) else node:
        if isinstance(child, (dict, list)):
            yield from _walk(child)


def test_required_codes_and_link_ids_are_right() -> None:
    """What the FHIR models let through: codes of R4, one link id a thing, systems, displays."""
    things = list(_walk(QUESTIONNAIRE["item"]))
    items = [thing for thing in things if "linkId" in thing]
    links = [item["linkId"] for item in items]
    kinds = {"group", "display", "choice", "integer", "decimal", "string"}

    assert len(links) == len(set(links))
    assert {item["type"] for item in items} <= kinds
    assert QUESTIONNAIRE["status"] in ("draft", "active")
    for item in items:
        assert ("answerOption" in item) == (item["type"] == "choice")
        assert ("maxLength" in item) == (item["type"] == "string")
        assert item.get("enableBehavior", "all") in ("all", "any")
    for when in (when for item in items for when in item.get("enableWhen", ())):
        assert when["operator"] in ("exists", "=", "!=", ">", "<", ">=", "<=")
        assert when["question"] in links
    codings = [thing for thing in things if "code" in thing]
    assert all(coding["system"] and coding["display"] for coding in codings)
    assert not [thing for thing in things if "reference" in thing or "answerValueSet" in thing]


@pytest.mark.parametrize(
    ("who", "kind"), [("patient", "Patient"), ("someone_else", "RelatedPerson"), (None, None)]
)
def test_the_source_is_a_role_and_names_nobody(who: str | None, kind: str | None) -> None:
    """Who answered stands in the response without a name; not said, it is absent."""
    answers = parse(AID, {"answered_by": who} if who else {})
    assert fhir.response(AID, answers).get("source", {}).get("type") == kind


@pytest.mark.parametrize(
    ("text_", "says"),
    [
        ("https://example.org", "not made by this decision aid"),
        ("DA2", "damaged"),
        ("DA2::::::", "damaged"),
        ("DA2ABCDEF", "damaged"),
        ("DA2éé", "damaged"),
    ],
)
def test_a_foreign_or_damaged_code_is_refused(text_: str, says: str) -> None:
    """A code that cannot be trusted gets a sentence, never half of the answers."""
    with pytest.raises(AnswerError, match=says):
        qr_payload.decode(AID, text_)


def test_one_changed_character_is_noticed() -> None:
    """Any single wrong character makes the code refused."""
    good = qr_payload.encode(AID, parse(AID, persona("margaret").answers), MADE_ON)
    for place in range(3, len(good)):
        wrong = good[:place] + ("A" if good[place] != "A" else "B") + good[place + 1 :]
        with pytest.raises(AnswerError):
            qr_payload.decode(AID, wrong)


@pytest.mark.parametrize("patient", personas(), ids=lambda patient: patient.name)
def test_the_plain_text_has_80_columns_and_starts_with_safety(patient: Persona) -> None:
    """The text fits a record, safety stands first, and not answered is never printed as no."""
    page = plain_text.page(summary.build(AID, parse(AID, patient.answers), made_on=MADE_ON))

    assert max(len(line) for line in page.splitlines()) <= 80
    assert page.index("1 URGENT SYMPTOMS") < page.index("2 MY GOAL")
    for symptom in (*patient.emergency, *patient.urgent):
        option = next(
            found
            for question in ("emergency_symptoms", "urgent_symptoms")
            if (found := AID.questions[question].option(symptom))
        )
        assert option.short in page.replace("\n  ", " ")
    if not patient.answers:
        assert page.count("NOT ANSWERED: ") == 2


def test_the_plain_text_names_what_is_not_answered_once() -> None:
    """An empty area says so; each question without an answer is named at the end, not as a no."""
    answers = {"leg_pain": 7, "other_cause": ["fracture"], "steroids": "unknown"}
    made = summary.build(AID, parse(AID, answers), made_on=MADE_ON)
    page = plain_text.page(made)
    flat = " ".join(page.split())
    missing = flat.partition("NOT ANSWERED ")[2].rpartition("NOT ANSWERED ")[2]

    assert "4 TRIED\nnot answered\n" in page
    assert "Other cause: fracture" in page
    assert "Steroid tablets: does not know" in page
    assert made.not_answered
    statements = {AID.questions[q].short for q in made.findings.knowledge.unanswered}
    assert [n for n in made.not_answered if n not in missing and n not in statements] == []
    assert f"understanding ({len(statements)} questions)" in missing
    assert page.index("PLEASE CLARIFY") < page.index("6 WHAT MATTERS")
