"""What is asked next, which sections, flags, contradictions and gaps, and because of what.

Pure functions of the aid and the answers. A rule has four outcomes, ordered so that *all* is
the least and *any* the greatest of its conditions: ruled out, not answered, not known, true.
So an unknown or missing answer can only ever show more.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from enum import IntEnum
from functools import cached_property
from typing import Literal

from decision_aid.applicability import fit
from decision_aid.model import (
    UNKNOWN,
    Aid,
    Answer,
    Answers,
    Condition,
    Contradiction,
    Danger,
    Expectation,
    Finding,
    Findings,
    Flags,
    Group,
    Knowledge,
    Option,
    Page,
    Question,
    Rule,
    Section,
    SuggestedQuestion,
    Sure,
)

Dominance = Literal["leg_dominant", "back_dominant", "mixed", "no_pain", "unclear"]

#: Derived facts, usable like questions in sections.toml, and the questions they come from.
FACTS: Mapping[str, tuple[str, ...]] = {
    "dominance": ("leg_pain", "back_pain", "worse_pain"),
    "bmi_band": ("height_cm", "weight_kg"),
    "pain_order": ("leg_pain", "back_pain"),
}
FACT_VALUES: Mapping[str, tuple[str, ...]] = {
    "dominance": ("leg_dominant", "back_dominant", "mixed", "no_pain"),
    "bmi_band": ("under_18_5", "18_5_to_25", "25_to_30", "30_to_35", "35_plus"),
    "pain_order": ("leg", "back", "same"),
}
#: Points on a scale of 0 to 10 by which one pain must exceed the other to lead by itself: the
#: smallest change that patients with long back pain notice (Suzuki 2020, PLoS One 15:e0229228).
CLEAR_LEAD = 2
READING_ORDER: tuple[Group, ...] = (
    "safety",
    "scope",
    "condition",
    "option",
    "operation",
    "benefit",
    "risk",
    "shift",
    "recovery",
    "alternative",
    "card",
)
#: Sections of these groups are shown only when their rule is surely true.
_ONLY_WHEN_TRUE = ("safety", "scope")


class Truth(IntEnum):
    """The outcome of a rule."""

    NO = 0
    SKIPPED = 1
    UNKNOWN = 2
    YES = 3


#: Looking a member up in its class takes longer than comparing it.
_NO, _SKIPPED, _NOT_KNOWN, _YES = Truth


def dominance(answers: Answers) -> Dominance:
    """Which pain leads: by a clear lead on the scales, or by one point and the patient's word.

    A clash of word and scales is unclear; no pain on both scales is no lead of either.
    """
    leg, back, worse = (answers.get(q) for q in FACTS["dominance"])
    if not isinstance(leg, int) or not isinstance(back, int):
        return "unclear"
    if leg == back == 0:
        return "no_pain"
    lead, other = ("leg", "back") if leg > back else ("back", "leg")
    if leg != back and worse == other:
        return "unclear"
    clear = abs(leg - back) >= (1 if worse == lead else CLEAR_LEAD)
    if not clear or worse == "same":
        return "mixed"
    return "leg_dominant" if lead == "leg" else "back_dominant"


def bmi(answers: Answers) -> float | None:
    """Body mass index in kg/m2, or None when a measure is missing."""
    height, weight = answers.get("height_cm"), answers.get("weight_kg")
    if not isinstance(height, (int, float)) or not isinstance(weight, (int, float)):
        return None
    return weight / (height / 100) ** 2


def bmi_band(answers: Answers) -> str | None:
    """Body mass index as a band of the WHO classes, or None when a measure is missing."""
    index = bmi(answers)
    if index is None:
        return None
    upper_ends = (18.5, 25, 30, 35)
    return FACT_VALUES["bmi_band"][sum(index >= end for end in upper_ends)]


def _pain_order(answers: Answers) -> str | None:
    leg, back = answers.get("leg_pain"), answers.get("back_pain")
    if not isinstance(leg, int) or not isinstance(back, int):
        return None
    return "same" if leg == back else "leg" if leg > back else "back"


def _fact(name: str, answers: Answers) -> Answer | None:
    """A derived fact; None when nothing that it comes from was answered."""
    if name == "bmi_band":
        return bmi_band(answers)
    if name == "pain_order":
        return _pain_order(answers)
    fact = dominance(answers)
    asked = any(question in answers for question in FACTS[name])
    return fact if fact != "unclear" else UNKNOWN if asked else None


def _compare(condition: Condition, answers: Answers) -> Truth:
    name = condition.question
    value = _fact(name, answers) if name in FACTS else answers.get(name)
    if condition.operator == "exists":
        return _YES if (value is not None) == condition.answer else _NO
    if value is None:
        return _SKIPPED
    wanted = condition.answer if isinstance(condition.answer, tuple) else (condition.answer,)
    values = value if isinstance(value, tuple) else (value,)
    if UNKNOWN in values and UNKNOWN not in wanted:
        return _NOT_KNOWN
    if condition.unsure and not set(values).isdisjoint(condition.unsure):
        return _NOT_KNOWN
    if condition.operator in ("=", "!="):
        among = not set(values).isdisjoint(wanted)
        return _YES if among == (condition.operator == "=") else _NO
    return _YES if _ordered(condition, value) else _NO


def _ordered(condition: Condition, value: Answer) -> bool:
    if not isinstance(value, (int, float)) or not isinstance(condition.answer, (int, float)):
        return False
    match condition.operator:
        case ">":
            return value > condition.answer
        case "<":
            return value < condition.answer
        case ">=":
            return value >= condition.answer
        case _:
            return value <= condition.answer


def truth(rule: Rule, answers: Answers) -> Truth:
    """The outcome of a rule. A rule without conditions is true."""
    if not rule.conditions:
        return _YES
    every = rule.behavior == "all"
    outcome, final = (_YES, _NO) if every else (_NO, _YES)
    for part in rule.conditions:
        found = truth(part, answers) if isinstance(part, Rule) else _compare(part, answers)
        if found < outcome if every else found > outcome:
            outcome = found
        if outcome is final:
            break
    return outcome


def because(rule: Rule, answers: Answers) -> tuple[str, ...]:
    """The questions that decided a rule, in its order."""
    outcome = truth(rule, answers)
    found: dict[str, None] = {}
    for part in rule.conditions:
        if isinstance(part, Rule):
            if truth(part, answers) is outcome:
                found |= dict.fromkeys(because(part, answers))
        elif _compare(part, answers) is outcome:
            found |= dict.fromkeys(_sources(part.question, answers))
    return tuple(found)


def _sources(name: str, answers: Answers) -> tuple[str, ...]:
    asked = FACTS.get(name, (name,))
    return tuple(question for question in asked if question in answers) or asked


def holds(rule: Rule, answers: Answers) -> bool:
    """Whether a rule is surely true."""
    return not rule.conditions or truth(rule, answers) is _YES


# --- the journey -----------------------------------------------------------------------------


class Active(dict[str, Answer]):
    """Answers without those set aside, and what they ask for: one pass through the journey."""

    def __init__(self, aid: Aid) -> None:
        super().__init__()
        self.aid = aid
        #: The questions that are put on each page that is shown, by page id, in order.
        self.asked: dict[str, tuple[Question, ...]] = {}

    @cached_property
    def put(self) -> set[str]:
        """The ids of all questions that are put."""
        return {question.id for asked in self.asked.values() for question in asked}


def active(aid: Aid, answers: Answers) -> Active:
    """The answers to questions that are asked; the others are set aside, not lost."""
    if isinstance(answers, Active) and answers.aid is aid:
        return answers
    kept = Active(aid)
    # A rule looks at earlier pages only, so its outcome stands from its first use.
    outcomes: dict[int, bool] = {}
    for page in aid.pages:
        asked = page.questions
        if page.id in aid.rules_of:
            whole = True
            for key, rule in aid.rules_of[page.id].items():
                if key not in outcomes:
                    outcomes[key] = holds(rule, kept)
                whole = whole and outcomes[key]
            if not outcomes[id(page.enable_when)]:
                continue
            if not whole:
                asked = tuple([q for q in asked if outcomes[id(q.enable_when)]])
        kept.asked[page.id] = asked
        for question in asked:
            name = question.id
            if name in answers:
                kept[name] = answers[name]
    return kept


def visible_pages(aid: Aid, answers: Answers) -> tuple[Page, ...]:
    """The pages that these answers ask for, in order."""
    return tuple([aid.page_by_id[name] for name in active(aid, answers).asked])


def visible_questions(aid: Aid, page: Page, answers: Answers) -> tuple[Question, ...]:
    """The questions of a page that these answers ask for; none of a page that is not shown."""
    return active(aid, answers).asked.get(page.id, ())


def next_page(aid: Aid, page_id: str, answers: Answers) -> str:
    """The page after this one; the last page stays where it is."""
    return _neighbour(aid, page_id, answers, 1) or page_id


def previous_page(aid: Aid, page_id: str, answers: Answers) -> str | None:
    """The page before this one, or None on the first."""
    return _neighbour(aid, page_id, answers, -1)


def _neighbour(aid: Aid, page_id: str, answers: Answers, step: int) -> str | None:
    shown = active(aid, answers).asked
    order = list(aid.page_by_id)[::step]
    after = order[order.index(page_id) + 1 :]
    return next((page for page in after if page in shown), None)


# --- the findings ----------------------------------------------------------------------------


def flags(aid: Aid, answers: Answers) -> Flags:
    """Emergency and urgent symptoms that were ticked.

    Other answers can make an urgent one an emergency, and never take a symptom away.
    """
    urgent = [o for o in _ticked(aid, answers, "urgent_symptoms") if not o.harmless]
    raised = [o for o in urgent if o.emergency_when and holds(o.emergency_when, answers)]
    emergency = [*_ticked(aid, answers, "emergency_symptoms"), *raised]
    return Flags(
        emergency=tuple(option.id for option in emergency),
        urgent=tuple(option.id for option in urgent if option not in raised),
    )


def _ticked(aid: Aid, answers: Answers, question: str) -> tuple[Option, ...]:
    """The options that were chosen, without those that exclude all others."""
    value = answers.get(question)
    chosen = value if isinstance(value, tuple) else ()
    options = aid.questions[question].options
    return tuple([option for option in options if option.id in chosen and not option.exclusive])


def must_stop(aid: Aid, answers: Answers) -> bool:
    """Whether the stop page comes next: an emergency symptom, whatever else was answered."""
    return bool(flags(aid, answers).emergency)


def dangers(aid: Aid, answers: Answers) -> tuple[Danger, ...]:
    """What may stand behind the emergency symptoms that were ticked, most pressing first."""
    ticked = set(flags(aid, answers).emergency)
    return tuple(danger for danger in aid.dangers if ticked & set(danger.signs))


def scope(aid: Aid, answers: Answers) -> Finding | None:
    """Why this aid is not for this person: the option that says so, or None."""
    for condition in aid.section_by_id["scope_exit"].enable_when.leaves():
        value = answers.get(condition.question, ())
        wanted = condition.answer if isinstance(condition.answer, tuple) else (condition.answer,)
        for item in value if isinstance(value, tuple) else (value,):
            if item in wanted:
                return Finding(id=str(item), because=(condition.question,))
    return None


def sections(aid: Aid, answers: Answers) -> tuple[Finding, ...]:
    """The sections to show in reading order, each with the questions that selected it."""
    worries = _worries(aid, answers)
    found: list[tuple[tuple[int, int, int], Finding]] = []
    for section in aid.sections:
        worry = section.id in worries
        outcome = _YES if worry else truth(section.enable_when, answers)
        if outcome >= _least(section):
            reasons = because(section.enable_when, answers)
            if worry:
                reasons = tuple(dict.fromkeys((*reasons, "worries")))
            certain = outcome is _YES
            first = worry or (section.first_when is not None and holds(section.first_when, answers))
            place = (READING_ORDER.index(section.group), not first, not certain)
            found.append((place, Finding(id=section.id, because=reasons, certain=certain)))
    return tuple(finding for _, finding in sorted(found, key=lambda item: item[0]))


def _least(section: Section) -> Truth:
    if section.group in _ONLY_WHEN_TRUE:
        return _YES
    return _NOT_KNOWN if section.group == "shift" else _SKIPPED


def _worries(aid: Aid, answers: Answers) -> set[str]:
    return {option.section for option in _ticked(aid, answers, "worries")} - {""}


def expectation(aid: Aid, question: str, answers: Answers) -> Expectation | None:
    """What published groups of people like this one reached; None where no figure is theirs."""
    rows = (row for row in aid.expectations if row.question == question)
    return next((row for row in rows if holds_for(aid, row.evidence, answers)), None)


def holds_for(aid: Aid, evidence: Iterable[str], answers: Answers) -> bool:
    """Whether every one of these figures is of people like this one, or of people in general."""
    records = [aid.evidence_by_id[name] for name in evidence]
    return all(fit(record.applies_to, answers) in ("fits", "general") for record in records)


def people(aid: Aid, evidence: Iterable[str]) -> Rule:
    """For whom all of these figures hold, as a rule."""
    fields = (field for name in evidence for field in aid.evidence_by_id[name].applies_to)
    return Rule(conditions=tuple(dict.fromkeys(fields)))


def gaps(aid: Aid, answers: Answers) -> Iterator[Finding]:
    """Expectations that published results do not support."""
    for question in dict.fromkeys(row.question for row in aid.expectations):
        row = expectation(aid, question, answers)
        if row and row.gap_when and holds(row.gap_when, answers):
            reasons = dict.fromkeys((question, *because(people(aid, row.evidence), answers)))
            yield Finding(id=question, because=tuple(reasons), text=row.talk)


def _true_findings(
    rows: Iterable[Contradiction | SuggestedQuestion], answers: Answers
) -> Iterator[Finding]:
    for row in rows:
        if holds(row.enable_when, answers):
            yield Finding(id=row.id, because=because(row.enable_when, answers), text=row.text)


def suggestions(aid: Aid, answers: Answers) -> tuple[Finding, ...]:
    """Questions for the surgeon that these answers suggest, most important first."""
    return tuple(_true_findings(aid.ranked_suggestions, answers))


def offered_ids(aid: Aid, answers: Answers) -> tuple[str, ...]:
    """The suggestions that are offered: those that fit, then those already picked."""
    fitting = [
        row.id
        for row in aid.ranked_suggestions
        if not row.enable_when.conditions or truth(row.enable_when, answers) is _YES
    ]
    picked = (option.id for option in _ticked(aid, answers, "question_picks"))
    return tuple(dict.fromkeys((*fitting, *picked)))


def offered(aid: Aid, question: Question, answers: Answers) -> Question:
    """The question that offers suggestions, with those that are offered."""
    if question.id != "question_picks":
        return question
    options = (question.option(name) for name in offered_ids(aid, answers))
    return replace(question, options=tuple(option for option in options if option))


def _sure(aid: Aid, answers: Answers) -> Sure:
    ids = [question for question in aid.questions if question.startswith("sure_")]
    given = [question for question in ids if question in answers]
    yes = [question for question in given if answers[question] == "yes"]
    return Sure(
        score=len(yes) if given else None,
        unanswered=tuple(question for question in ids if question not in given),
        said_no=tuple(question for question in given if question not in yes),
    )


def _knowledge(aid: Aid, answers: Answers) -> Knowledge:
    asked = [question for question in aid.questions.values() if question.right]
    given = [question for question in asked if question.id in answers]
    right = tuple(question.id for question in given if answers[question.id] == question.right)
    return Knowledge(
        right=right,
        missed=tuple(question.id for question in given if question.id not in right),
        unanswered=tuple(question.id for question in asked if question not in given),
    )


def _unanswered(aid: Aid, answers: Answers) -> Iterator[str]:
    for page in visible_pages(aid, answers):
        for question in visible_questions(aid, page, answers):
            if question.id not in answers:
                yield question.id


def findings(aid: Aid, answers: Answers) -> Findings:
    """Everything that follows from one person's answers; set-aside answers count for nothing."""
    kept = active(aid, answers)
    return Findings(
        flags=flags(aid, kept),
        scope=scope(aid, kept),
        dominance=dominance(kept),
        sections=sections(aid, kept),
        contradictions=tuple(_true_findings(aid.contradictions, kept)),
        gaps=tuple(gaps(aid, kept)),
        questions=suggestions(aid, kept),
        sure=_sure(aid, kept),
        knowledge=_knowledge(aid, kept),
        unanswered=tuple(_unanswered(aid, kept)),
    )
