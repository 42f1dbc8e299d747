"""The rules: what is asked, what is told, and why."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decision_aid import rules
from decision_aid.answers import is_unknown, parse
from decision_aid.content.load import load
from decision_aid.model import Answer, Condition, Rule
from tests.personas import Persona, personas
from tests.strategies import raw_answers

AID = load()
SAFETY = {
    "emergency": [o.id for o in AID.questions["emergency_symptoms"].options if o.id != "none"],
    "urgent": [o.id for o in AID.questions["urgent_symptoms"].options if o.id != "none"],
}
PERSONAS = personas()


def by_name(persona: Persona) -> str:
    return persona.name


@pytest.mark.parametrize("persona", PERSONAS, ids=by_name)
def test_each_persona_sees_what_concerns_them_and_nothing_ruled_out(persona: Persona) -> None:
    """A section that a persona must see is there, one ruled out is not, and doubt is marked."""
    found = rules.findings(AID, parse(AID, persona.answers))
    certain = {finding.id for finding in found.sections if finding.certain}
    maybe = {finding.id for finding in found.sections if not finding.certain}

    assert set(persona.sees) - certain == set()
    assert set(persona.maybe) - maybe == set()
    assert set(persona.sees_not) & (certain | maybe) == set()


@pytest.mark.parametrize("persona", PERSONAS, ids=by_name)
def test_each_persona_has_exactly_these_flags_contradictions_and_gaps(persona: Persona) -> None:
    """Flags, scope, contradictions and expectation gaps are complete and nothing is added."""
    found = rules.findings(AID, parse(AID, persona.answers))

    assert list(found.flags.emergency) == persona.emergency
    assert list(found.flags.urgent) == persona.urgent
    assert (found.scope.id if found.scope else None) == persona.scope
    assert sorted(finding.id for finding in found.contradictions) == sorted(persona.contradictions)
    assert [finding.id for finding in found.gaps] == persona.gaps
    if persona.dominance:
        assert found.dominance == persona.dominance
    if persona.sure is not None:
        assert found.sure.score == persona.sure


def test_personas_cover_every_symptom_condition_scope_exit_and_contradiction() -> None:
    """No emergency or urgent symptom, condition, exit or contradiction is without a persona."""
    findings = [rules.findings(AID, parse(AID, p.answers)) for p in PERSONAS]
    seen = {f.id for found in findings for f in (*found.contradictions, *found.sections)}
    exits = {found.scope.id for found in findings if found.scope}

    assert {f for found in findings for f in found.flags.emergency} == set(SAFETY["emergency"])
    assert {f for found in findings for f in found.flags.urgent} == set(SAFETY["urgent"])
    assert exits == {"under_18", "tumour", "infection", "fracture", "scoliosis", "inflammatory"}
    assert {c.id for c in AID.contradictions} <= seen
    assert {section.id for section in AID.sections} <= seen


@pytest.mark.parametrize(
    ("leg", "back", "worse", "expected"),
    [
        (7, 4, "leg", "leg_dominant"),
        (7, 4, None, "leg_dominant"),
        (7, 4, "unknown", "leg_dominant"),
        (4, 7, "back", "back_dominant"),
        (4, 7, None, "back_dominant"),
        (5, 5, "leg", "leg_dominant"),
        (5, 5, "same", "mixed"),
        (5, 5, None, "mixed"),
        (7, 4, "same", "mixed"),
        (7, 4, "back", "unclear"),
        (0, 5, "leg", "unclear"),
        (0, 0, None, "unclear"),
        (None, 5, None, "unclear"),
        (None, None, "leg", "leg_dominant"),
        (None, None, "unknown", "unclear"),
        (None, None, None, "unclear"),
    ],
)
def test_dominance(leg: int | None, back: int | None, worse: str | None, expected: str) -> None:
    """The scales say which pain leads, the patient's word breaks a tie, a clash is unclear."""
    given_ = {"leg_pain": leg, "back_pain": back, "worse_pain": worse}

    assert rules.dominance({k: v for k, v in given_.items() if v is not None}) == expected


@pytest.mark.parametrize(
    ("weight", "band"),
    [
        (73.9, "under_18_5"),
        (74, "18_5_to_25"),
        (99.9, "18_5_to_25"),
        (100, "25_to_30"),
        (120, "30_to_35"),
        (139.9, "30_to_35"),
        (140, "35_plus"),
    ],
)
def test_bmi_band(weight: float, band: str) -> None:
    """At 2 m a band starts at its lower end: 18.5, 25, 30 and 35 kg/m2."""
    assert rules.bmi_band({"height_cm": 200, "weight_kg": weight}) == band


@pytest.mark.parametrize("behavior", ["all", "any"])
def test_doubt_never_rules_out_what_the_truth_would_show(behavior: str) -> None:
    """Unknown and nothing never make a rule less true than some answer would."""
    rule = Rule(
        behavior=behavior,  # type: ignore[arg-type]
        conditions=(
            Condition(question="a", operator="=", answer="yes"),
            Condition(question="b", operator="=", answer="yes"),
        ),
    )
    for other in ("yes", "no"):
        truths = {a: rules.evaluate(rule, {"a": a, "b": other})[0] for a in ("yes", "no")}
        for doubt in ({"b": other}, {"a": "unknown", "b": other}):
            truth = rules.evaluate(rule, doubt)[0]
            assert min(truths.values()) <= truth <= max(truths.values())
            if len(set(truths.values())) == 2:
                assert truth in (rules.Truth.SKIPPED, rules.Truth.UNKNOWN)


def test_every_combination_of_safety_answers_keeps_its_flags() -> None:
    """Each of the 2^10 x 2^7 sets of symptoms gives exactly its own flags and stops or not."""
    for size in range(len(SAFETY["emergency"]) + 1):
        for emergency in itertools.combinations(SAFETY["emergency"], size):
            for mask in range(2 ** len(SAFETY["urgent"])):
                urgent = tuple(u for i, u in enumerate(SAFETY["urgent"]) if mask >> i & 1)
                answers: dict[str, Answer] = {
                    "emergency_symptoms": emergency or ("none",),
                    "urgent_symptoms": urgent or ("none",),
                }
                flags = rules.flags(answers)
                assert (flags.emergency, flags.urgent) == (emergency, urgent)
                assert rules.must_stop(answers) == bool(emergency)


@settings(max_examples=150, deadline=None)
@given(raw=raw_answers(AID))
def test_no_other_answer_hides_a_flag(raw: dict[str, object]) -> None:
    """Whatever else is answered, a ticked symptom is a flag and its advice is a section."""
    answers = parse(AID, raw)
    found = rules.findings(AID, answers)
    shown = {finding.id for finding in found.sections}

    for question, flags, section in (
        ("emergency_symptoms", found.flags.emergency, "stop_emergency"),
        ("urgent_symptoms", found.flags.urgent, "advice_urgent"),
    ):
        value = answers.get(question, ())
        assert isinstance(value, tuple)
        ticked = tuple(v for v in value if v != "none")
        assert flags == ticked
        assert (section in shown) == bool(ticked)


@settings(max_examples=100, deadline=None)
@given(raw=raw_answers(AID), data=st.data())
def test_a_skipped_condition_or_operation_shows_more_never_less(
    raw: dict[str, object], data: st.DataObject
) -> None:
    """Leaving out what condition or operation it is keeps every condition and operation shown."""
    question = data.draw(st.sampled_from(["condition", "operation"]))
    with_it = rules.sections(AID, rules.active(AID, parse(AID, raw)))
    without = {key: value for key, value in raw.items() if key != question}
    shown = {f.id for f in rules.sections(AID, rules.active(AID, parse(AID, without)))}
    group = [f.id for f in with_it if AID.section_by_id[f.id].group == question]

    assert set(group) <= shown


@settings(max_examples=100, deadline=None)
@given(raw=raw_answers(AID))
def test_because_names_questions_that_were_asked(raw: dict[str, object]) -> None:
    """A reason is a question, never a derived fact; a sure tailored section names an answer."""
    answers = rules.active(AID, parse(AID, raw))
    for finding in rules.sections(AID, answers):
        assert set(finding.because) <= set(AID.questions)
        if finding.certain and AID.section_by_id[finding.id].enable_when.conditions:
            assert set(finding.because) & set(answers)


@settings(max_examples=100, deadline=None)
@given(raw=raw_answers(AID))
def test_the_journey_visits_every_visible_page_once_and_ends(raw: dict[str, object]) -> None:
    """Next and previous are each other's reverse over exactly the visible pages."""
    answers = parse(AID, raw)
    pages = [page.id for page in rules.visible_pages(AID, answers)]
    walked = [pages[0]]
    while (after := rules.next_page(AID, walked[-1], answers)) != walked[-1]:
        assert rules.previous_page(AID, after, answers) == walked[-1]
        walked.append(after)

    assert walked == pages


@settings(max_examples=100, deadline=None)
@given(raw=raw_answers(AID))
def test_unanswered_are_exactly_the_asked_questions_without_an_answer(
    raw: dict[str, object],
) -> None:
    """Unknown is an answer; set-aside questions are not asked; everything else is named."""
    found = rules.findings(AID, parse(AID, raw))
    kept = rules.active(AID, parse(AID, raw))

    assert not set(found.unanswered) & set(kept)
    assert not any(is_unknown(kept.get(question)) for question in found.unanswered)


def test_an_undone_change_brings_the_later_answers_back() -> None:
    """An answer set aside by a change counts again when the change is undone."""
    answers = parse(AID, {"health": ["diabetes"], "diabetes_control": "not_good"})
    changed = answers | {"health": ("none",)}

    assert "diabetes_control" not in rules.active(AID, changed)
    assert rules.active(AID, changed | {"health": ("diabetes",)}) == answers
