"""The rules: what is asked, what is told, and why."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decision_aid import rules
from decision_aid.answers import is_unknown, parse
from decision_aid.content.loader import load
from decision_aid.model import Answer, Answers, Condition, Rule
from decision_aid.summary import build
from tests.personas import Persona, persona, personas
from tests.strategies import raw_answers

AID = load()
SAFETY = {
    "emergency": [o.id for o in AID.questions["emergency_symptoms"].options if not o.exclusive],
    "urgent": [o.id for o in AID.questions["urgent_symptoms"].options if not o.exclusive],
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

    emergency = {f for found in findings for f in found.flags.emergency}
    urgent = {f for found in findings for f in found.flags.urgent}
    assert set(SAFETY["emergency"]) <= emergency
    assert emergency | urgent == {*SAFETY["emergency"], *SAFETY["urgent"]} - {"both_legs_long"}
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
        # One point is no lead, unless the patient says so.
        (6, 5, None, "mixed"),
        (6, 5, "unknown", "mixed"),
        (6, 5, "leg", "leg_dominant"),
        (6, 5, "same", "mixed"),
        (6, 5, "back", "unclear"),
        (5, 6, "back", "back_dominant"),
        # The word alone is no lead either.
        (5, 5, "leg", "mixed"),
        (5, 5, "same", "mixed"),
        (5, 5, None, "mixed"),
        (7, 4, "same", "mixed"),
        (7, 4, "back", "unclear"),
        (0, 5, "leg", "unclear"),
        (0, 0, None, "no_pain"),
        (0, 0, "leg", "no_pain"),
        (None, 5, None, "unclear"),
        (None, None, "leg", "unclear"),
        (None, None, "unknown", "unclear"),
        (None, None, None, "unclear"),
    ],
)
def test_dominance(leg: int | None, back: int | None, worse: str | None, expected: str) -> None:
    """A lead needs two points, or one and the patient's word; a clash is unclear."""
    given_ = {"leg_pain": leg, "back_pain": back, "worse_pain": worse}

    assert rules.dominance({k: v for k, v in given_.items() if v is not None}) == expected


def test_no_pain_and_a_narrow_lead_bring_no_section_of_a_lead() -> None:
    """Pain of 0 and 0 rules both leads out; unanswered pains rule nothing out."""
    leads = {"shift_leg_dominant", "shift_back_dominant"}
    for pains in ({"leg_pain": 0, "back_pain": 0}, {"leg_pain": 6, "back_pain": 5}):
        assert not leads & {f.id for f in rules.findings(AID, parse(AID, pains)).sections}
    clash = parse(AID, {"leg_pain": 7, "back_pain": 4, "worse_pain": "back"})
    assert leads <= {f.id for f in rules.findings(AID, clash).sections if not f.certain}


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


def evaluate(rule: Rule, answers: Answers) -> tuple[rules.Truth, tuple[str, ...]]:
    """The outcome of a rule, and the questions that decided it."""
    return rules.truth(rule, answers), rules.because(rule, answers)


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
        truths = {a: evaluate(rule, {"a": a, "b": other})[0] for a in ("yes", "no")}
        for doubt in ({"b": other}, {"a": "unknown", "b": other}):
            truth = evaluate(rule, doubt)[0]
            assert min(truths.values()) <= truth <= max(truths.values())
            if len(set(truths.values())) == 2:
                assert truth in (rules.Truth.SKIPPED, rules.Truth.UNKNOWN)


def every_set(of: list[str]) -> Iterator[tuple[str, ...]]:
    sizes = range(len(of) + 1)
    return itertools.chain.from_iterable(itertools.combinations(of, size) for size in sizes)


def signs(
    emergency: tuple[str, ...] = (), urgent: tuple[str, ...] = (), onset: str | None = None
) -> dict[str, Answer]:
    """Both questions on signs answered, and when it began."""
    answers: dict[str, Answer] = {
        "emergency_symptoms": emergency or ("none",),
        "urgent_symptoms": urgent or ("none",),
    }
    return answers | ({"symptom_onset": onset} if onset else {})


def keeps(answers: dict[str, Answer]) -> None:
    """Every ticked sign is a flag; an emergency is never less; the two advices follow the flags."""
    flags = rules.flags(AID, answers)
    ticked = {*answers["emergency_symptoms"], *answers["urgent_symptoms"]} - {"none"}  # type: ignore[misc]
    assert {*flags.emergency, *flags.urgent} == ticked - {"both_legs_long"}
    assert set(answers["emergency_symptoms"]) - {"none"} <= set(flags.emergency)  # type: ignore[arg-type]
    assert rules.must_stop(AID, answers) == bool(flags.emergency) == told("stop_emergency", answers)
    old = bool(answers["emergency_symptoms"] != ("none",)) and answers.get("symptom_onset") in (
        "three_months",
        "longer",
    )
    assert told("advice_urgent", answers) == (bool(flags.urgent) or old)
    dangers = rules.dangers(AID, answers)
    assert all(sum(sign in d.signs for d in dangers) == 1 for sign in flags.emergency)
    assert all(set(danger.signs) & set(flags.emergency) for danger in dangers)


def told(section: str, answers: Answers) -> bool:
    return rules.holds(AID.section_by_id[section].enable_when, answers)


def test_every_set_of_signs_keeps_its_flags() -> None:
    """All sets of emergency signs, all sets of urgent ones, and all pairs of one of each."""
    for emergency in every_set(SAFETY["emergency"]):
        keeps(signs(emergency))
    for urgent in every_set(SAFETY["urgent"]):
        keeps(signs(urgent=urgent))
        keeps(signs(urgent=urgent, onset="today"))
    onsets = (None, *(option.id for option in AID.questions["symptom_onset"].options))
    for one, other, onset in itertools.product(SAFETY["emergency"], SAFETY["urgent"], onsets):
        keeps(signs((one,), (other,), onset))


@pytest.mark.parametrize(
    ("answers", "stops", "urgent"),
    [
        (signs(urgent=("both_legs_long",)), False, False),
        (signs(urgent=("both_legs_slowly_worse",)), False, True),
        (signs(("both_legs_new",)), True, False),
        (signs(("both_legs_weak",)), True, False),
        (signs(("both_legs",)), True, False),
        (signs(urgent=("foot_drop",), onset="longer"), False, True),
        (signs(urgent=("foot_drop",), onset="two_weeks"), True, False),
        (signs(("foot_drop_new",)), True, False),
        (signs(urgent=("sexual_change",)), False, True),
        (signs(urgent=("sexual_change", "both_legs_long")), True, False),
        (signs(urgent=("sexual_change", "swollen_calf")), False, True),
        (signs(urgent=("cancer_history",)), False, True),
        (signs(urgent=("fever_mild",)), False, True),
        (signs(("fever_at_risk",)), True, False),
        (signs(("bladder",), onset="longer"), True, True),
        (signs(("bladder",), onset="today"), True, False),
    ],
    ids=str,
)
def test_which_signs_stop_and_which_need_a_doctor(
    answers: Answers, stops: bool, urgent: bool
) -> None:
    """Years of both legs aching stop nobody; what is fresh, spreading or not alone does."""
    assert rules.must_stop(AID, answers) is stops
    assert told("advice_urgent", answers) is urgent


def test_no_sign_is_printed_as_new() -> None:
    """The page prints the onset beside it, which may be months ago."""
    options = (
        *AID.questions["emergency_symptoms"].options,
        *AID.questions["urgent_symptoms"].options,
    )
    assert [o.short for o in options if "new" in o.short.lower().split()] == []


@settings(max_examples=150, deadline=None)
@given(raw=raw_answers(AID))
def test_no_other_answer_hides_a_flag(raw: dict[str, object]) -> None:
    """Whatever else is answered, a ticked symptom is a flag and its advice is a section."""
    answers = parse(AID, raw)
    found = rules.findings(AID, answers)
    shown = {finding.id for finding in found.sections}

    for question in ("emergency_symptoms", "urgent_symptoms"):
        value = answers.get(question, ())
        assert isinstance(value, tuple)
        flags = {*found.flags.emergency}
        flags |= {*found.flags.urgent} if question == "urgent_symptoms" else set()
        assert set(value) - {"none", "both_legs_long"} <= flags
    assert ("stop_emergency" in shown) == bool(found.flags.emergency)
    assert not found.flags.urgent or "advice_urgent" in shown


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


@pytest.mark.parametrize(
    ("operator", "below", "same", "above"),
    [
        (">", "NO", "NO", "YES"),
        ("<", "YES", "NO", "NO"),
        (">=", "NO", "YES", "YES"),
        ("<=", "YES", "YES", "NO"),
        ("=", "NO", "YES", "NO"),
        ("!=", "YES", "NO", "YES"),
    ],
)
def test_each_comparison_at_and_beside_its_number(
    operator: str, below: str, same: str, above: str
) -> None:
    """A comparison is exact at its number; words and lists never count as numbers."""
    condition = Condition(question="a", operator=operator, answer=5)  # type: ignore[arg-type]
    rule = Rule(behavior="all", conditions=(condition,))
    found = [evaluate(rule, {"a": value})[0].name for value in (4, 5, 6)]
    assert found == [below, same, above]
    assert evaluate(rule, {"a": 5.0})[0].name == same
    if operator not in ("=", "!="):
        assert evaluate(rule, {"a": "many"})[0] is rules.Truth.NO
        assert evaluate(rule, {"a": ("5", "6")})[0] is rules.Truth.NO
        worded = Condition(question="a", operator=operator, answer="five")  # type: ignore[arg-type]
        assert evaluate(Rule(conditions=(worded,)), {"a": 5})[0] is rules.Truth.NO


@pytest.mark.parametrize("wanted", [True, False])
def test_exists_asks_only_whether_there_is_an_answer(wanted: bool) -> None:
    """Any answer counts, unknown too; nothing does not."""
    rule = Rule(conditions=(Condition(question="a", operator="exists", answer=wanted),))
    assert rules.holds(rule, {"a": "unknown"}) is wanted
    assert rules.holds(rule, {"a": 0}) is wanted
    assert rules.holds(rule, {}) is not wanted


def test_because_names_what_decided_and_nothing_else() -> None:
    """A true *all* names every condition; otherwise those with the outcome of the whole rule."""
    a, b = (Condition(question=name, operator="=", answer="yes") for name in "ab")
    both, either = Rule(behavior="all", conditions=(a, b)), Rule(behavior="any", conditions=(a, b))
    yes, no = rules.Truth.YES, rules.Truth.NO
    assert evaluate(both, {"a": "yes", "b": "yes"}) == (yes, ("a", "b"))
    assert evaluate(both, {"a": "yes", "b": "no"}) == (no, ("b",))
    assert evaluate(either, {"a": "yes", "b": "no"}) == (yes, ("a",))
    assert evaluate(either, {"a": "yes", "b": "yes"}) == (yes, ("a", "b"))
    assert evaluate(either, {"a": "no", "b": "no"}) == (no, ("a", "b"))
    c = Condition(question="c", operator="=", answer="yes")
    nested = Rule(behavior="all", conditions=(c, Rule(behavior="any", conditions=(a, b))))
    assert evaluate(nested, {"a": "no", "b": "yes", "c": "yes"}) == (yes, ("c", "b"))
    mixed = Rule(behavior="all", conditions=(Rule(behavior="any", conditions=(a, b)), a))
    assert evaluate(mixed, {"a": "yes", "b": "no"}) == (yes, ("a",))


def test_a_derived_fact_names_the_questions_it_came_from() -> None:
    """Only those answered; all of them when none was."""
    rule = Rule(conditions=(Condition(question="dominance", operator="=", answer="leg_dominant"),))
    assert evaluate(rule, {"leg_pain": 7, "back_pain": 4})[1] == ("leg_pain", "back_pain")
    assert evaluate(rule, {"worse_pain": "leg"}) == (rules.Truth.UNKNOWN, ("worse_pain",))
    assert evaluate(rule, {})[1] == ("leg_pain", "back_pain", "worse_pain")


def test_equal_pain_has_no_order() -> None:
    """The scales say leg, back or the same."""
    rule = Rule(conditions=(Condition(question="pain_order", operator="=", answer="leg"),))
    assert rules.holds(rule, {"leg_pain": 5, "back_pain": 4})
    assert not rules.holds(rule, {"leg_pain": 5, "back_pain": 5})
    assert not rules.holds(rule, {"leg_pain": 4, "back_pain": 5})


@pytest.mark.parametrize("seen", ["yes", "no", "unknown", None])
@pytest.mark.parametrize("onset", ["today", "longer", None])
def test_no_other_answer_lifts_the_stop(seen: str | None, onset: str | None) -> None:
    """A ticked emergency symptom stops, whoever has checked it and however old it is."""
    answers: dict[str, Answer] = {"emergency_symptoms": (SAFETY["emergency"][0],)}
    answers |= {"seen_by_doctor": seen} if seen else {}
    answers |= {"symptom_onset": onset} if onset else {}
    assert rules.must_stop(AID, answers)


def test_flags_come_from_ticked_boxes_only() -> None:
    """No answer and an answer that is no list give no flag."""
    assert rules.flags(AID, {}).emergency == ()
    assert rules.flags(AID, {"emergency_symptoms": "none", "urgent_symptoms": "x"}).urgent == ()


@pytest.mark.parametrize(
    ("answers", "exit_", "because"),
    [
        ({}, None, None),
        ({"age": "under_18"}, "under_18", "age"),
        ({"other_cause": ("tumour",)}, "tumour", "other_cause"),
        ({"other_cause": ("none",)}, None, None),
        ({"age": "under_18", "other_cause": ("fracture",)}, "under_18", "age"),
    ],
)
def test_scope_names_the_option_and_the_question(
    answers: dict[str, Answer], exit_: str | None, because: str | None
) -> None:
    """Who is outside the scope reads because of which answer; others stay inside."""
    found = rules.scope(AID, answers)
    assert (found.id if found else None) == exit_
    assert (found.because if found else None) == ((because,) if because else None)


def test_scope_compares_whole_answers() -> None:
    """An answer that is only a part of the word that ends the journey does not end it."""
    section = AID.section_by_id["scope_exit"]
    rule = Rule(conditions=(Condition(question="age", operator="=", answer="under_18"),))
    sections = tuple(replace(s, enable_when=rule) if s is section else s for s in AID.sections)
    assert rules.scope(replace(AID, sections=sections), {"age": "under"}) is None
    assert rules.scope(replace(AID, sections=sections), {"age": "under_18"}) is not None


def test_a_worry_brings_its_section_first_and_surely() -> None:
    """A worried-about risk stands first in its group, is certain, and names the worry."""
    risks = [s.id for s in AID.sections if s.group == "risk"]
    for option in AID.questions["worries"].options:
        if not option.section:
            continue
        answers = parse(AID, {"worries": [option.id], "condition": ["spinal_stenosis"]})
        found = {f.id: f for f in rules.sections(AID, answers)}
        finding = found[option.section]
        assert finding.certain
        assert "worries" in finding.because
        if option.section in risks:
            assert next(name for name in found if name in risks) == option.section
    calm = rules.sections(AID, parse(AID, {"worries": ["none"]}))
    assert not any("worries" in finding.because for finding in calm)


def test_within_a_group_first_come_the_first_then_the_certain() -> None:
    """Reading order: the group, what is put first, what is certain, then the content's order."""
    yes = Condition(question="a", operator="=", answer="yes")
    rows = [
        replace(AID.sections[0], id="doubt", enable_when=Rule(conditions=(yes,)), first_when=None),
        replace(AID.sections[0], id="plain", enable_when=Rule(conditions=()), first_when=None),
        replace(
            AID.sections[0],
            id="first",
            enable_when=Rule(conditions=(yes,)),
            first_when=Rule(conditions=(replace(yes, question="b"),)),
        ),
    ]
    aid = replace(AID, sections=tuple(replace(row, group="risk") for row in rows))
    order = [(f.id, f.certain) for f in rules.sections(aid, {"a": "unknown", "b": "yes"})]
    assert order == [("first", False), ("plain", True), ("doubt", False)]
    later = [f.id for f in rules.sections(aid, {"a": "unknown", "b": "no"})]
    assert later == ["plain", "doubt", "first"]


def test_a_gap_tells_the_words_for_these_people_and_why() -> None:
    """The first row whose figures hold is told, with the reasons that chose it."""
    assert rules.expectation(AID, "no such question", {}) is None
    answers = parse(
        AID,
        {
            "expect_leg_pain": "gone",
            "condition": ["spondylolisthesis"],
            "slip_type": "wear",
            "earlier_surgery": "none",
        },
    )
    row = rules.expectation(AID, "expect_leg_pain", answers)
    assert row
    assert row.evidence == ("ds_fusion_2y",)
    (gap,) = rules.gaps(AID, answers)
    assert (gap.id, gap.text) == ("expect_leg_pain", row.talk)
    assert gap.because[:2] == ("expect_leg_pain", "condition")
    unknown = parse(AID, {"expect_leg_pain": "gone", "condition": ["unknown"]})
    assert rules.expectation(AID, "expect_leg_pain", unknown) is None
    assert list(rules.gaps(AID, unknown)) == []


@given(raw_answers(AID))
def test_no_figure_of_other_people_stands_beside_a_hope_or_a_value(raw: dict[str, object]) -> None:
    """Whatever was answered, each figure is of people like this one, or in general."""
    answers = rules.active(AID, parse(AID, raw))
    summary = build(AID, answers, made_on=datetime(2026, 5, 12, 9, 40))
    rows = (rules.expectation(AID, q, answers) for q in AID.questions)
    told = [name for row in rows if row for name in row.evidence]
    told += [o.figure.record.id for v in summary.values_known for o in v.options if o.figure]
    for name in told:
        for field in AID.evidence_by_id[name].applies_to:
            answer = answers[field.question]
            chosen = answer if isinstance(answer, tuple) else (answer,)
            assert set(field.wanted) & set(chosen), (name, field, answer)
    assert {gap.id for gap in rules.gaps(AID, answers)} <= {
        row.question for q in AID.questions if (row := rules.expectation(AID, q, answers))
    }


def test_contradictions_and_suggestions_carry_their_reason_and_words() -> None:
    """What is said of an answer names the answers and uses the words of the content."""
    answers = parse(AID, {"leg_pain": 0, "back_pain": 5, "worse_pain": "leg"})
    found = {finding.id: finding for finding in rules.findings(AID, answers).contradictions}
    row = next(row for row in AID.contradictions if row.id == "leg_worse_but_zero")
    assert found["leg_worse_but_zero"].text == row.text
    assert set(found["leg_worse_but_zero"].because) == {"leg_pain", "worse_pain"}
    texts = {row.id: row.text for row in AID.suggested_questions}
    asked = rules.findings(AID, parse(AID, persona("margaret").answers)).questions
    assert asked
    assert all(finding.text == texts[finding.id] for finding in asked)
    ranks = {row.id: row.rank for row in AID.suggested_questions}
    assert [ranks[f.id] for f in asked] == sorted(ranks[f.id] for f in asked)


def test_sure_and_knowledge_are_counted_exactly() -> None:
    """What was answered, said no to, known, missed and left out is kept apart."""
    sure = [name for name in AID.questions if name.startswith("sure_")]
    quiz = [question for question in AID.questions.values() if question.right]
    nothing = rules.findings(AID, {})
    assert (nothing.sure.score, nothing.sure.unanswered, nothing.sure.said_no) == (
        None,
        tuple(sure),
        (),
    )
    assert nothing.knowledge.unanswered == tuple(question.id for question in quiz)
    wrong = next(o.id for o in quiz[1].options if o.id != quiz[1].right)
    raw = {sure[0]: "yes", sure[1]: "no", quiz[0].id: quiz[0].right, quiz[1].id: wrong}
    found = rules.findings(AID, parse(AID, raw))
    assert (found.sure.score, found.sure.said_no) == (1, (sure[1],))
    assert found.sure.unanswered == tuple(sure[2:])
    assert found.knowledge.right == (quiz[0].id,)
    assert found.knowledge.missed == (quiz[1].id,)
    assert found.knowledge.unanswered == tuple(question.id for question in quiz[2:])


def test_values_are_told_with_what_is_known_and_no_option_comes_out_ahead() -> None:
    """The three rated highest, each with every option; ties are said."""
    values = dict.fromkeys(bearing.value for bearing in AID.bearings)
    made_on = datetime(2026, 5, 12, 9, 40)
    alike = build(AID, parse(AID, dict.fromkeys(values, 5)), made_on=made_on)
    assert len(alike.values_known) == 3
    assert len(alike.values_rated_alike) == len(values) - 3
    for value in alike.values_known:
        assert [option.title for option in value.options] == [
            section.title for section in AID.sections if section.group == "option"
        ]
    rated = parse(AID, {"value_walking": 5, "value_leg_pain": 2, "value_stay_as_is": 0})
    some = build(AID, rated, made_on=made_on)
    assert [value.rating for value in some.values_known] == [5, 2]
    assert some.values_rated_alike == ()
    assert build(AID, {}, made_on=made_on).values_known == ()


def test_suggestions_are_offered_with_those_already_picked() -> None:
    """The question about questions offers what fits, then what was picked before; others stay."""
    question = AID.questions["question_picks"]
    other = AID.questions["worries"]
    assert rules.offered(AID, other, {}) is other
    answers = parse(AID, persona("margaret").answers)
    fitting = [finding.id for finding in rules.suggestions(AID, answers)]
    picked = next(o.id for o in question.options if o.id not in fitting)
    kept = {**answers, "question_picks": (picked, fitting[0])}
    offered = rules.offered(AID, question, kept)
    assert [option.id for option in offered.options] == [*fitting, picked]
    assert replace(offered, options=question.options) == question
    alone = {k: v for k, v in answers.items() if k != "question_picks"}
    shown = [option.id for option in rules.offered(AID, question, alone).options]
    assert shown == fitting


def test_the_first_and_last_page_have_nothing_beyond() -> None:
    """Before the first page there is none; after the last stands the last."""
    pages = rules.visible_pages(AID, {})
    assert rules.previous_page(AID, pages[0].id, {}) is None
    assert rules.next_page(AID, pages[-1].id, {}) == pages[-1].id


def test_answers_that_count_are_worked_out_once_for_each_aid() -> None:
    """What was worked out for one aid is taken as it is, and never for another one."""
    answers = parse(AID, {"health": ["diabetes"], "diabetes_control": "not_good"})
    kept = rules.active(AID, answers)
    assert rules.active(AID, kept) is kept
    fewer = replace(AID, pages=AID.pages[:2])
    assert rules.active(fewer, kept) == rules.active(fewer, answers) != kept


def test_what_is_put_is_known_by_page_and_by_id() -> None:
    """The questions of each page that is shown; none of a page that is not."""
    tried = AID.page_by_id["helped"]
    assert rules.visible_questions(AID, tried, {}) == ()
    answers = {"tried": ("injection",)}
    shown = rules.visible_questions(AID, tried, answers)
    assert [question.id for question in shown] == ["helped_injection"]
    put = rules.active(AID, answers).put
    assert put == {
        question.id
        for page in rules.visible_pages(AID, answers)
        for question in rules.visible_questions(AID, page, answers)
    }
