"""What is asked for the talk and for planning stands on the surgeon's page and in its text."""

import shutil
from datetime import datetime

import pytest

from decision_aid.answers import parse
from decision_aid.content.loader import load
from decision_aid.documents import pdf_files, renderer
from decision_aid.interop import plain_text
from decision_aid.summary import Summary, build
from tests.printed import text_of

AID = load()
#: Each with the words before its answer.
ASKED = {
    "sex": "Sex: ",
    "back_duration": "Back duration ",
    "weak_movement": "Weak movement ",
    "slip_type": "Kind of slip ",
    "sick_leave": "Off work ",
    "weight_medicines": "GLP-1/SGLT2",
    "allergies": "Allergies",
    "sleep_apnoea": "Sleep apnoea",
    "anaesthetic_trouble": "Anaesthetic problem",
    "frailty": "Frailty",
}
WORDS = {"allergy_words": "penicillin, a rash", "medicine_list": "ramipril and aspirin"}
#: What they are asked because of, and what is worked out.
BEFORE = {
    **{"leg_pain": 8, "leg_pain_average": 6, "back_pain": 4, "back_pain_average": 3},
    **{"nerve_symptoms": ["weakness"], "condition": ["spondylolisthesis"], "work": "heavy"},
    **{"height_cm": 170, "weight_kg": 85.5},
}


def with_the(place: int) -> Summary:
    """The summary of who chose the option at this place, or the last before it, of each."""
    chosen: dict[str, object] = {}
    for name in ASKED:
        question = AID.questions[name]
        option = question.options[min(place, len(question.options) - 1)].id
        chosen[name] = [option] if question.kind == "many" else option
    return build(AID, parse(AID, {**BEFORE, **chosen, **WORDS}), made_on=datetime(2026, 5, 12, 9))


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="needs poppler-utils")
@pytest.mark.parametrize(
    "place", range(max(len(AID.questions[name].options) for name in ASKED)), ids=str
)
def test_every_answer_is_printed_on_one_page(place: int) -> None:
    """Each option of each of them, with its label; "does not know" and "no" are told apart."""
    summary = with_the(place)
    pdf = pdf_files.surgeon(summary, paper="A4", draw=renderer.render)
    printed, told = " ".join(text_of(pdf, "-raw").split()), plain_text.page(summary)

    assert "Continued: " not in printed
    for name, label in ASKED.items():
        line = summary.line(name)
        assert f"{line.label}: {line.value}" in told
        after = printed.partition(label)[2]
        assert line.value in after[: 80 + len(line.value)], name
    for wanted in ("Average 6/10 leg pain, 3/10 back pain", "170 cm · 85.5 kg · BMI 29.6"):
        assert wanted in printed
    assert all(f"“{words}”" in printed for words in WORDS.values())
