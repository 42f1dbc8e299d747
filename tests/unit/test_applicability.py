"""Whether a figure holds for a person: every outcome, and the order between them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decision_aid.answers import parse
from decision_aid.applicability import Fit, fit
from decision_aid.content.loader import load
from decision_aid.model import Answers, AppliesTo
from tests.strategies import raw_answers

AID = load()
DISC: AppliesTo = (("condition", ("herniated_disc",)),)
EARLY: AppliesTo = (*DISC, ("duration", ("under_6_weeks", "6_to_12_weeks")))


@pytest.mark.parametrize(
    ("applies_to", "answers", "expected"),
    [
        ((), {}, "general"),
        ((), {"condition": ("spinal_stenosis",)}, "general"),
        (DISC, {}, "unknown"),
        (DISC, {"condition": ("unknown",)}, "unknown"),
        (DISC, {"condition": ("herniated_disc",)}, "fits"),
        (DISC, {"condition": ("herniated_disc", "spinal_stenosis")}, "fits"),
        (DISC, {"condition": ("spinal_stenosis",)}, "other_people"),
        (DISC, {"condition": ("other",)}, "other_people"),
        (EARLY, {"condition": ("herniated_disc",)}, "unknown"),
        (EARLY, {"condition": ("herniated_disc",), "duration": "unknown"}, "unknown"),
        (EARLY, {"condition": ("herniated_disc",), "duration": "6_to_12_weeks"}, "fits"),
        (EARLY, {"condition": ("herniated_disc",), "duration": "over_12_months"}, "other_people"),
        # One answer that rules it out is enough, whatever else is not known.
        (EARLY, {"duration": "over_12_months"}, "other_people"),
        (EARLY, {"condition": ("unknown",), "duration": "over_12_months"}, "other_people"),
    ],
)
def test_each_outcome(applies_to: AppliesTo, answers: Answers, expected: Fit) -> None:
    """Fits, general, unknown and other people."""
    assert fit(applies_to, answers) == expected


@given(raw_answers(AID), st.sampled_from([record.applies_to for record in AID.evidence]))
def test_only_the_named_questions_count(answers: dict[str, object], applies_to: AppliesTo) -> None:
    """Other answers change nothing; whoever fits has answered every question that is named."""
    given_answers = parse(AID, answers)
    named = {question for question, _ in applies_to}
    fewer = {key: answer for key, answer in given_answers.items() if key in named}
    assert fit(applies_to, fewer) == fit(applies_to, given_answers)
    if fit(applies_to, given_answers) == "fits":
        assert named <= given_answers.keys()
