"""Answers: what fits, what is refused and in which words."""

import json

import pytest
from hypothesis import given, settings

from decision_aid.answers import AnswerError, loads, parse, to_json
from decision_aid.content.loader import load
from tests.strategies import raw_answers

AID = load()


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        ({"leg_pian": 7}, "'leg_pian' is not a question (did you mean 'leg_pain'?)"),
        ({"leg_pain": 11}, "leg_pain: 11 is outside 0 to 10"),
        ({"leg_pain": "7"}, "leg_pain: '7' is not a whole number"),
        ({"leg_pain": 6.5}, "leg_pain: 6.5 is not a whole number"),
        ({"leg_pain": True}, "leg_pain: True is not a whole number"),
        ({"leg_pain": float("nan")}, "leg_pain: nan is not a number"),
        ({"height_cm": 99}, "height_cm: 99 is outside 100 to 230"),
        ({"condition": "spinal_stenosis"}, "condition: 'spinal_stenosis' is not a list"),
        ({"condition": ["stenosis"]}, "condition: 'stenosis' is not an option"),
        ({"worse_pain": "legs"}, "did you mean 'leg'?"),
        ({"worse_pain": ["leg"]}, "worse_pain: ['leg'] is not an option"),
        ({"emergency_symptoms": ["none", "bladder"]}, "'none' cannot stand together"),
        ({"condition": ["unknown", "spinal_stenosis"]}, "'unknown' cannot stand together"),
        ({"worries": ["infection", "bleeding", "dying", "wheelchair"]}, "at most 3 options"),
        ({"goal": "x" * 201}, "goal: the text has 201 characters; at most 200 fit"),
        ({"goal": 5}, "goal: 5 is not a text"),
        ({"goal": None}, "goal: None is not a text"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused_in_a_sentence(
    raw: dict[str, object], says: str
) -> None:
    """The sentence names the question, what was found and what is allowed."""
    with pytest.raises(AnswerError) as error:
        parse(AID, raw)

    assert says in str(error.value)


def test_every_fault_is_named_at_once() -> None:
    """Two faults in one file are told in one go."""
    with pytest.raises(AnswerError) as error:
        parse(AID, {"leg_pian": 7, "back_pain": 12})

    assert "leg_pian" in str(error.value)
    assert "back_pain" in str(error.value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "7",
        "{",
        '{"answers": []}',
        '{"answer": {}}',
        '{"answers": {}, "name": "x"}',
        "[" * 100_000,
    ],
)
def test_a_file_of_another_shape_is_refused(text: str) -> None:
    """What is no answers file gets a sentence, never a traceback."""
    with pytest.raises(AnswerError):
        loads(AID, text)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  walk\tto the\nshop ", "walk to the shop"),
        ("nul\x00byte", "nul byte"),
        ("turn\u202earound", "turnaround"),
        ("سوق", "سوق"),
        ("👩‍🦽 go", "👩‍🦽 go"),
        ("e\u0301", "é"),
        ("ที่นี่ שִׁ֖ית ộ", "ที่นี่ שִׁ֖ית ộ"),
        ("x" + "\u0301" * 90 + " walk", "x" + "\u0301" * 4 + "… walk"),
    ],
)
def test_text_is_kept_as_typed_without_control_characters(typed: str, kept: str) -> None:
    """Own words keep every letter of every script; only what cannot be printed goes.

    What is stacked on one letter without end ends in a mark.
    """
    assert parse(AID, {"goal": typed}) == {"goal": kept}


def test_nothing_chosen_and_nothing_typed_is_skipped() -> None:
    """An empty list and an empty text are no answers."""
    assert parse(AID, {"tried": [], "goal": "  "}) == {}


@settings(max_examples=100, deadline=None)
@given(raw=raw_answers(AID))
def test_answers_survive_the_way_through_json(raw: dict[str, object]) -> None:
    """What is written to an answers file is read back the same."""
    answers = parse(AID, raw)
    text = json.dumps({"answers": to_json(answers)})

    assert loads(AID, text) == answers
