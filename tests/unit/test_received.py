"""Responses that come from elsewhere: read as they were meant, or refused in a sentence."""

import copy
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decision_aid import rules
from decision_aid.answers import AnswerError, json_value, parse
from decision_aid.content.loader import load
from decision_aid.interop import fhir, received
from tests.personas import persona

AID = load()
ANSWERS = rules.active(AID, parse(AID, persona("margaret").answers))
RESPONSE = json.loads(
    json.dumps(fhir.response(AID, ANSWERS, authored=datetime(2026, 5, 12, 9, 40)))
)

Json = dict[str, Any]


def item(resource: Json, link: str) -> Json:
    """The item with a link id."""
    return next(i for group in resource["item"] for i in group["item"] if i["linkId"] == link)


def coding(resource: Json, link: str) -> Json:
    """The first coding of an item."""
    found: Json = item(resource, link)["answer"][0]["valueCoding"]
    return found


def double(resource: Json, link: str, answer: Json) -> None:
    """A second item of the same question, with another answer."""
    resource["item"][0]["item"].append({"linkId": link, "answer": [answer]})


def drop(resource: Json, link: str) -> None:
    """Without an item."""
    for group in resource["item"]:
        group["item"] = [i for i in group["item"] if i["linkId"] != link]


def coded(question: str, code: str) -> Json:
    """An answer that is an option."""
    option = AID.questions[question].option(code)
    assert option
    system = f"{AID.url}/{question}"
    return {"valueCoding": {"system": system, "code": code, "display": option.text}}


def alone(link: str, answer: Json) -> Callable[[Json], None]:
    """A response with nothing but one answer."""

    def change(resource: Json) -> None:
        resource["item"] = [{"linkId": link, "answer": [answer]}]

    return change


def put(**values: object) -> Callable[[Json], None]:
    """Other values at the top."""
    return lambda resource: resource.update(values)


#: What is wrong, how it is made, what the sentence names.
PLANTED: list[tuple[str, Callable[[Json], object], str]] = [
    ("twice", lambda r: double(r, "leg_pain", {"valueInteger": 0}), "'leg_pain' stands twice"),
    (
        "contradictory",
        lambda r: double(r, "emergency_symptoms", coded("emergency_symptoms", "bladder")),
        "'emergency_symptoms' stands twice",
    ),
    ("same page twice", lambda r: r["item"].append(r["item"][0]), "stands twice"),
    ("status", put(status="nonsense"), "'nonsense'; it must be one of"),
    ("no status", lambda r: r.pop("status"), "status of these answers is None"),
    ("status of a wrong record", put(status="entered-in-error"), "must not be used"),
    ("no date", put(authored="not a date"), "authored is 'not a date'"),
    ("no such day", put(authored="2026-02-30"), "authored is '2026-02-30'"),
    ("no such hour", put(authored="2026-02-03T25:00:00Z"), "authored is '2026-02-03T25:00:00Z'"),
    ("no zone", put(authored="2026-02-03T12:00:00"), "which is no FHIR date"),
    ("date null", put(authored=None), "authored is None"),
    ("date a number", put(authored=20260512), "authored is 20260512"),
    (
        "display of another option",
        lambda r: coding(r, "leg_side").update(code="left", display="Right"),
        "'left' means 'Left', but 'Right' stands beside it",
    ),
    (
        "foreign system",
        lambda r: coding(r, "leg_side").update(system="http://snomed.info/sct"),
        "leg_side: 'http://snomed.info/sct' is not the code system",
    ),
    ("no system", lambda r: coding(r, "leg_side").pop("system"), "None is not the code system"),
    (
        "system of another question",
        lambda r: coding(r, "leg_side").update(system=f"{AID.url}/leg_pain"),
        "is not the code system of it",
    ),
    ("unheard-of code", lambda r: coding(r, "leg_side").update(code="up"), "'up' is not an option"),
    ("never asked", lambda r: drop(r, "tried"), "yet beside the other answers it is not asked"),
    (
        "never asked, alone",
        alone("helped_exercise", coded("helped_exercise", "a_little")),
        "helped_exercise has an answer, yet",
    ),
    (
        "another wording",
        lambda r: item(r, "leg_pain").update(text="How well do you feel?"),
        "leg_pain is worded 'How well do you feel?'",
    ),
    ("unheard-of item", alone("pain_leg", {"valueInteger": 3}), "'pain_leg' is not an item"),
    ("answer of a page", alone("page.body", {"valueInteger": 3}), "is no question"),
    ("modifier", put(modifierExtension=[{"url": "urn:not"}]), "modifierExtension could change"),
    ("rules", put(implicitRules="urn:not"), "implicitRules could change"),
    (
        "modifier of an item",
        lambda r: item(r, "leg_pain").update(modifierExtension=[{}]),
        "'modifierExtension' in an item",
    ),
    ("text as number", alone("goal", {"valueInteger": 3}), "goal has no valueString"),
    ("number as text", alone("leg_pain", {"valueString": "3"}), "leg_pain has no valueInteger"),
    ("truth as number", alone("leg_pain", {"valueInteger": True}), "True is not a whole number"),
    ("out of range", alone("leg_pain", {"valueInteger": 11}), "11 is outside 0 to 10"),
    ("endless", alone("weight_kg", {"valueDecimal": 1e400}), "weight_kg: inf"),
    (
        "two values",
        alone("leg_pain", {"valueInteger": 3, "valueString": "4"}),
        "'valueString' in an answer to leg_pain",
    ),
    (
        "two answers",
        lambda r: item(r, "leg_pain")["answer"].append({"valueInteger": 9}),
        "leg_pain takes one answer, and has 2",
    ),
    (
        "same choice twice",
        lambda r: item(r, "worries")["answer"].append(item(r, "worries")["answer"][0]),
        "worries has the same answer twice",
    ),
    (
        "none beside one",
        lambda r: item(r, "emergency_symptoms").update(
            answer=[coded("emergency_symptoms", code) for code in ("none", "bladder")]
        ),
        "'none' cannot stand together",
    ),
    ("no answers", lambda r: item(r, "leg_pain").update(answer=[]), "has no list of answers"),
    ("answer a number", lambda r: item(r, "leg_pain").update(answer=5), "has no list of answers"),
    ("answers numbers", lambda r: item(r, "leg_pain").update(answer=[5]), "has no valueInteger"),
    ("item a number", put(item=5), "damaged: item is 5"),
    ("item null", put(item=None), "damaged: item is None"),
    ("items numbers", put(item=[1]), "an item has no linkId"),
    ("link a list", put(item=[{"linkId": ["goal"]}]), "an item has no linkId"),
    ("other questionnaire", put(questionnaire="urn:x|1"), "another questionnaire"),
    ("other version", put(questionnaire=f"{AID.url}|9.9"), "given to version 9.9"),
    ("no version", put(questionnaire=AID.url), "a version that is not named"),
    ("other resource", put(resourceType="Patient"), "not a FHIR QuestionnaireResponse"),
]


@pytest.mark.parametrize(("name", "change", "says"), PLANTED, ids=[row[0] for row in PLANTED])
def test_what_could_mean_something_else_is_refused(
    name: str, change: Callable[[Json], object], says: str
) -> None:
    """The last of two items won; status, date, system and display were not looked at."""
    resource = copy.deepcopy(RESPONSE)
    change(resource)

    with pytest.raises(AnswerError) as refused:
        received.read_response(AID, resource)
    assert says in str(refused.value), name
    assert str(refused.value).endswith(".")


def test_items_without_end_are_refused() -> None:
    """A thousand items within items ended with a traceback."""
    nested: Json = {"linkId": "page.body"}
    for _ in range(5000):
        nested = {"linkId": "page.body", "item": [nested]}

    with pytest.raises(AnswerError, match="stands twice"):
        received.read_response(AID, {**RESPONSE, "item": [nested]})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"status": "completed", "status": "in-progress"}', "'status' stands twice"),
        ('{"item": [{"linkId": "a", "linkId": "b"}]}', "'linkId' stands twice"),
        ('{"leg_pain": NaN}', "NaN is no number"),
        ('{"leg_pain": ' + "9" * 5000 + "}", "has 5000 digits"),
        ("[" * 100_000, "too many brackets"),
        ("{", "not JSON"),
    ],
    ids=lambda text: text[:20],
)
def test_json_that_says_two_things_is_refused(text: str, says: str) -> None:
    """Of a doubled name the last value counted; a number of 5000 digits was told in code words."""
    with pytest.raises(AnswerError, match=says):
        json_value(text)


def test_what_other_programs_may_write_is_read() -> None:
    """Ids, extensions, texts left out and parts of a date change nothing."""
    resource = copy.deepcopy(RESPONSE)
    resource.update(authored="2026-05", status="amended", id="x", meta={"versionId": "1"})
    for group in resource["item"]:
        group.pop("text")
        for one in group["item"]:
            one.pop("text")
            one["extension"] = [{"url": "urn:x", "valueString": "y"}]
            for answer in one["answer"]:
                answer["id"] = "a"
                answer.get("valueCoding", {}).pop("display", None)

    assert received.read_response(AID, resource) == ANSWERS


def places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to each part of a resource."""
    pairs = enumerate(node) if isinstance(node, list) else node.items()
    for key, child in list(pairs):
        yield (*path, key)
        if isinstance(child, (dict, list)):
            yield from places(child, (*path, key))


PLACES = list(places(RESPONSE))
#: What a slip or another program may leave at a place.
OTHERS: list[Any] = [
    *(None, True, 0, 3, -1, 1e400, "", "left", "none", "unknown", "2026-13-01", [], {}, [{}]),
    *({"linkId": "leg_pain"}, [{"valueInteger": 1}], [{"linkId": "goal"}]),
]


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_a_changed_response_is_refused_or_says_the_same(data: st.DataObject) -> None:
    """One part taken out, doubled or replaced: never other answers than the response shows.

    A changed value is what the response shows, so it may be read if it is an answer in its place.
    """
    resource = copy.deepcopy(RESPONSE)
    path = data.draw(st.sampled_from(PLACES))
    node: Any = resource
    for key in path[:-1]:
        node = node[key]
    how = data.draw(st.sampled_from(["remove", "double", "replace", "rename"]))
    if how == "remove":
        del node[path[-1]]
    elif how == "double" and isinstance(node, list):
        node.insert(data.draw(st.integers(0, len(node))), copy.deepcopy(node[path[-1]]))
    elif how == "rename" and isinstance(node, dict):
        node[data.draw(st.sampled_from(["x", "item", "answer", "valueString"]))] = node.pop(
            path[-1]
        )
    else:
        node[path[-1]] = data.draw(st.sampled_from(OTHERS))
    try:
        read = received.read_response(AID, resource)
    except AnswerError as refusal:
        said = str(refusal)
    else:
        said = "."
        assert read == shown(resource)
    assert said.endswith(".")


def shown(resource: Json) -> dict[str, Any]:
    """The answers that stand in a resource, each item once, read without the program's help."""
    found: dict[str, Any] = {}
    for group in resource.get("item", []):
        for one in group.get("item", []):
            values = [
                v["code"] if isinstance(v, dict) else v
                for answer in one.get("answer", ())
                for k, v in answer.items()
                if k.startswith("value")
            ]
            assert one["linkId"] not in found
            if values and values != [""]:
                many = AID.questions[one["linkId"]].kind in ("many", "body")
                order = [o.id for o in AID.questions[one["linkId"]].options]
                found[one["linkId"]] = tuple(sorted(values, key=order.index)) if many else values[0]
    return found
