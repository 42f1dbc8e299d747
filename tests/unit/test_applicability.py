"""Whether a figure holds for a person: every outcome, and the order between them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decision_aid import rules
from decision_aid.answers import parse
from decision_aid.applicability import Fit, fit
from decision_aid.content.loader import load
from decision_aid.model import Answers, AppliesTo, Rule
from tests.strategies import raw_answers

AID = load()
EARLY = AID.evidence_by_id["ldh_recovery_1y"].applies_to
DISC = EARLY[:1]
LATER = AID.evidence_by_id["ldh_persistent_6m"].applies_to
EVER = AID.evidence_by_id["ldh_sport_2y"].applies_to


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
    named = {field.question for field in applies_to}
    fewer = {key: answer for key, answer in given_answers.items() if key in named}
    assert fit(applies_to, fewer) == fit(applies_to, given_answers)
    if fit(applies_to, given_answers) == "fits":
        assert named <= given_answers.keys()


@pytest.mark.parametrize(
    ("duration", "early", "later", "ever"),
    [
        ("under_6_weeks", "fits", "other_people", "other_people"),
        ("6_to_12_weeks", "fits", "other_people", "fits"),
        ("3_to_4_months", "other_people", "other_people", "fits"),
        ("4_to_6_months", "other_people", "fits", "fits"),
        # Offered no more: nobody can tell on which side of four months it lies.
        ("3_to_6_months", "other_people", "unknown", "fits"),
        ("6_to_12_months", "other_people", "fits", "fits"),
        ("over_12_months", "other_people", "other_people", "fits"),
    ],
)
def test_a_wider_old_answer_fits_only_where_all_that_it_covers_does(
    duration: str, early: Fit, later: Fit, ever: Fit
) -> None:
    """The trials part at 12 weeks and at 4 months, for a figure as for a rule."""
    answers = {"condition": ("herniated_disc",), "duration": duration}
    outcome = {"fits": rules.Truth.YES, "unknown": rules.Truth.UNKNOWN}
    for applies_to, expected in ((EARLY, early), (LATER, later), (EVER, ever)):
        assert fit(applies_to, answers) == expected
        found = rules.truth(Rule(conditions=applies_to), answers)
        assert found is outcome.get(expected, rules.Truth.NO)
