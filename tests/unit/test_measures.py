"""Measures as people write them: understood, or asked again; never silently another value."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from decision_aid import measures
from decision_aid.content.loader import load
from decision_aid.web import forms

AID = load()
HEIGHT, WEIGHT = AID.questions["height_cm"], AID.questions["weight_kg"]


@pytest.mark.parametrize(
    ("text", "unit", "expected"),
    [
        ("170", "cm", 170),
        ("١٧٠", "cm", 170),
        ("۱۷۰", "cm", 170),
        ("१७०", "cm", 170),
        ("１７０", "cm", 170),
        ("\u200b170\ufeff", "cm", 170),
        ("170 cm", "cm", 170),
        ("170cm.", "cm", 170),
        ("1.70", "cm", 170),
        ("1,70", "cm", 170),
        ("1.70 m", "cm", 170),
        ("1,70 metres", "cm", 170),
        ("5'7", "cm", 170.18),
        ("5’7”", "cm", 170.18),
        ("5 ft 7", "cm", 170.18),
        ("5 feet 7 inches", "cm", 170.18),
        ("170.1800", "cm", 170.18),
        ("70,5", "kg", 70.5),
        ("70.5,", "kg", 70.5),
        ("70.30681", "kg", 70.30681),
        ("70 kg", "kg", 70),
        ("154 lb", "kg", 69.853),
        ("11 st 4", "kg", 71.668),
        ("11 stone 4 pounds", "kg", 71.668),
    ],
)
def test_what_people_write_is_understood(text: str, unit: str, expected: float) -> None:
    """Digits of any script, a decimal comma, units, metres, feet and inches, stone and pounds."""
    low, high = (100, 230) if unit == "cm" else (30, 300)
    assert measures.main(text, unit, low, high) == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize(
    ("posted", "box", "words"),
    [
        # Each of these was kept as another value without a word.
        ({"height_cm_ft": "5.11"}, "ft", "whole feet"),
        ({"height_cm_ft": "5", "height_cm_in": "20"}, "in", "12 inches"),
        ({"weight_kg_st": "11", "weight_kg_lb": "14"}, "lb", "14 pounds"),
        ({"weight_kg_st": "12", "weight_kg_lb": "20"}, "lb", "14 pounds"),
        ({"weight_kg_st": "11.4"}, "st", "whole stone"),
        ({"height_cm": "5'20"}, "in", "12 inches"),
        ({"height_cm_ft": "five"}, "ft", "feet in figures"),
        ({"height_cm": "tall"}, "", "such as 150"),
        ({"height_cm": "17"}, "", "between 100 and 230"),
        ({"height_cm": "170", "height_cm_ft": "6"}, "", "do not match"),
    ],
)
def test_what_cannot_be_meant_is_asked_and_its_box_named(
    posted: dict[str, str], box: str, words: str
) -> None:
    """The message is about the box that it leads to; nothing is kept."""
    name = next(iter(posted)).partition("_")[0]
    question = HEIGHT if name == "height" else WEIGHT
    reading = forms.read((question,), MultiDict(posted), helper=False)
    assert reading.answers == {}
    assert words in reading.errors[question.id]
    assert reading.fields[0].target == (f"{question.id}_{box}" if box else question.id)


@pytest.mark.parametrize(
    ("question", "posted", "kept"),
    [
        # The box that the page had filled gives way to the one that was typed into.
        (WEIGHT, {"weight_kg": "69.9", "weight_kg_shown": "69.9", "weight_kg_st": "11",
                  "weight_kg_lb": "3"}, 71.2),
        (HEIGHT, {"height_cm": "170.2", "height_cm_shown": "170.2", "height_cm_ft": "5",
                  "height_cm_in": "7.5"}, 171.4),
        (HEIGHT, {"height_cm": "171", "height_cm_shown": "170.2"}, 171),
        (HEIGHT, {"height_cm": "", "height_cm_shown": "170.2"}, None),
        (HEIGHT, {"height_cm_ft": "5 ft", "height_cm_in": "7"}, 170.2),
    ],
)  # fmt: skip
def test_a_correction_counts(question: object, posted: dict[str, str], kept: float | None) -> None:
    """What was typed is kept, never what was shown before."""
    reading = forms.read((question,), MultiDict(posted), helper=False)  # type: ignore[arg-type]
    assert reading.errors == {}
    assert next(iter(reading.answers.values()), None) == kept


@given(st.integers(1000, 2300).map(lambda tenths: tenths / 10))
def test_every_way_of_writing_a_height_says_the_same(height: float) -> None:
    """Centimetres, metres, with a comma, in other digits: within a millimetre."""
    arabic = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
    for text in (
        f"{height}",
        f"{height} cm",
        f"{height:.1f}".replace(".", ","),
        f"{height / 100:.3f} m",
        f"{height / 100:.3f}",
        f"{height}".translate(arabic),
    ):
        assert measures.main(text, "cm", 100, 230) == pytest.approx(height, abs=0.06)


@given(st.integers(4, 7), st.integers(0, 23).map(lambda halves: halves / 2))
def test_feet_and_inches_come_back_as_typed(feet: int, inches: float) -> None:
    """What is shown beside the box is what was typed, to the half inch."""
    posted = {"height_cm_ft": f"{feet}", "height_cm_in": f"{inches:g}"}
    reading = forms.read((HEIGHT,), MultiDict(posted), helper=False)
    kept = reading.answers.get("height_cm")
    if kept is not None:
        assert forms.in_other_units("cm", kept) == f"{feet} feet {inches:g} inches"
