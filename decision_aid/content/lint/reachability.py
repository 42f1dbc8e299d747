"""What leads nowhere: rules that cannot come true, answers that nothing looks at."""

from collections.abc import Iterable, Iterator
from itertools import islice, product
from math import prod

from decision_aid.content.parser import Parser
from decision_aid.content.source_locations import Location
from decision_aid.model import UNKNOWN, Aid, Answer, Condition, Question, Rule
from decision_aid.rules import FACTS, holds, people

#: So many sets of answers are tried; a rule with more of them is taken to be possible.
_MOST_TRIES = 60_000
#: Values of the questions behind a derived fact that bring out each of its values.
_FOR_FACTS = {
    "leg_pain": (2, 8, 5),
    "back_pain": (5, 2, 8),
    "height_cm": (170,),
    "weight_kg": (50, 65, 80, 95, 120),
}


def examine(aid: Aid, reader: Parser) -> None:
    """Every rule can come true, and every answer leads somewhere or to the surgeon alone."""
    for where, id_, rule, key in _rules(aid, reader):
        if not possible(aid, rule):
            message = "no answers make this rule true; change a condition, or take it out"
            reader.fault(where, id_, message, key)
    _shadowed(aid, reader)
    if not reader.broken:
        _idle_answers(aid, reader)


# --- rules that cannot come true -------------------------------------------------------------


def _rules(aid: Aid, reader: Parser) -> Iterator[tuple[tuple[str, Location], str, Rule, str]]:
    for kind, rows in (
        ("Page", aid.pages),
        ("Question", aid.questions.values()),
        ("Section", aid.sections),
        ("Contradiction", aid.contradictions),
        ("SuggestedQuestion", aid.suggested_questions),
    ):
        for row in rows:
            yield reader.places[kind, row.id], row.id, row.enable_when, "enable_when"
    for section in aid.sections:
        if section.first_when:
            both = Rule(conditions=(section.enable_when, section.first_when))
            yield reader.places["Section", section.id], section.id, both, "first_when"
    for expected in aid.expectations:
        where = reader.places["Expectation", expected]
        if known(aid, expected.evidence):
            theirs = people(aid, expected.evidence)
            yield where, expected.question, theirs, "evidence"
            if expected.gap_when:
                both = Rule(conditions=(theirs, expected.gap_when))
                yield where, expected.question, both, "gap_when"


def _shadowed(aid: Aid, reader: Parser) -> None:
    """Of the expectations of a question the first that applies is used; each must have a turn."""
    rows = [row for row in aid.expectations if known(aid, row.evidence)]
    for index, row in enumerate(rows):
        theirs = people(aid, row.evidence)
        earlier = [people(aid, r.evidence) for r in rows[:index] if r.question == row.question]
        if possible(aid, theirs) and not possible(aid, theirs, earlier):
            message = "never used: an earlier expectation of this question always applies before it"
            where = reader.places["Expectation", row]
            reader.fault(where, row.question, message, "evidence")


def known(aid: Aid, evidence: Iterable[str]) -> bool:
    """Whether every one of these figures exists; one that does not is told elsewhere."""
    return all(name in aid.evidence_by_id for name in evidence)


def possible(aid: Aid, rule: Rule, never: list[Rule] | None = None) -> bool:
    """Whether some answers to asked questions make a rule true, and none of ``never``."""
    never = never or []
    questions = _involved(aid, [rule, *never])
    leaves = [leaf for name in questions for leaf in _asked_when(aid, name).leaves()]
    leaves += [leaf for one in (rule, *never) for leaf in one.leaves()]
    choices = [_candidates(aid.questions[name], leaves) for name in questions]
    for values in islice(product(*choices), _MOST_TRIES):
        given = zip(questions, values, strict=True)
        answers = {name: value for name, value in given if value is not None}
        if (
            holds(rule, answers)
            and all(holds(_asked_when(aid, name), answers) for name in answers)
            and not any(holds(other, answers) for other in never)
        ):
            return True
    return prod(map(len, choices)) > _MOST_TRIES


def _asked_when(aid: Aid, name: str) -> Rule:
    return Rule(conditions=(aid.page_of[name].enable_when, aid.questions[name].enable_when))


def _involved(aid: Aid, rules: list[Rule]) -> list[str]:
    """The questions that decide some rules, and those that decide whether they are asked."""
    found: list[str] = []
    waiting = list(rules)
    while waiting:
        for leaf in waiting.pop().leaves():
            for name in FACTS.get(leaf.question, (leaf.question,)):
                if name in aid.questions and name not in found:
                    found.append(name)
                    waiting.append(_asked_when(aid, name))
    return found


def _candidates(question: Question, leaves: list[Condition]) -> list[Answer | None]:
    """Answers worth trying: those that some condition tells from the others."""
    mine = [leaf for leaf in leaves if leaf.question == question.id]
    wanted: list[object] = []
    for leaf in mine:
        if leaf.operator != "exists":
            wanted += leaf.answer if isinstance(leaf.answer, tuple) else [leaf.answer]
    if question.options:
        ids = [option.id for option in question.options]
        named = [id_ for id_ in ids if id_ in wanted]
        others = [id_ for id_ in ids if id_ not in wanted]
        if any(question.id in asked for asked in FACTS.values()):
            named, others = ids, []
        found: list[Answer | None] = [*named, *others[:1]]
        if question.kind != "one":
            sets = [tuple(named), *((id_,) for id_ in [*named, *others[:1]])]
            found = [value for value in sets if value]
    elif question.kind == "text":
        found = ["x"]
    else:
        near = {n + step for n in wanted if isinstance(n, int) for step in (-1, 0, 1)}
        ends = {question.minimum, question.maximum}
        numbers = [*_FOR_FACTS.get(question.id, ()), *sorted(near | ends)]
        found = [n for n in numbers if question.minimum <= n <= question.maximum]
    return [*found, None]


# --- what nothing looks at -------------------------------------------------------------------


def _idle_answers(aid: Aid, reader: Parser) -> None:
    used: dict[str, set[str]] = {}
    leaves = [condition for _, _, rule, _ in _rules(aid, reader) for condition in rule.leaves()]
    for condition in (*leaves, *(field for record in aid.evidence for field in record.applies_to)):
        for name in FACTS.get(condition.question, (condition.question,)):
            whole = condition.question in FACTS or condition.operator != "="
            answers = {"*"} if whole else {*map(str, condition.wanted), *condition.unsure}
            used.setdefault(name, set()).update(answers)
    for bearing in aid.bearings:
        used.setdefault(bearing.value, set()).add("*")
    for asked in aid.questions.values():
        idle = _idle(asked, used.get(asked.id, set()))
        where = reader.places["Question", asked.id]
        if idle and not asked.surgeon_only:
            message = (
                f"no rule looks at {', '.join(idle[:4])}; use it in a rule, or write "
                "surgeon_only = true"
            )
            reader.fault(where, asked.id, message, idle[0])
        if asked.surgeon_only and not idle:
            message = "surgeon_only is not true of it: rules look at every answer; take it out"
            reader.fault(where, asked.id, message, "surgeon_only")


def _idle(question: Question, used: set[str]) -> list[str]:
    """What of a question no rule looks at; an empty answer list stands for the whole of it."""
    if question.right or "*" in used:
        return []
    if not question.options:
        return [] if used else [question.id]
    return [
        option.id
        for option in question.options
        if not (option.id in used or option.section or option.exclusive or option.id == UNKNOWN)
    ]
