"""What leads nowhere: rules that cannot come true, answers that nothing looks at."""

from collections.abc import Iterator

from decision_aid.content.lines import Place
from decision_aid.content.reader import Reader
from decision_aid.model import UNKNOWN, Aid, Question, Rule
from decision_aid.rules import FACTS


def examine(aid: Aid, reader: Reader) -> None:
    """Every rule can come true, and every answer leads somewhere or to the surgeon alone."""
    used: dict[str, set[str]] = {}
    for where, id_, rule in _rules(aid, reader):
        if not _possible(aid, rule):
            message = "no answers make this rule true"
            reader.fault(where, id_, message, "enable_when")
        for condition in rule.leaves():
            wanted = condition.answer if isinstance(condition.answer, tuple) else ()
            answers = set(wanted) or {str(condition.answer)}
            for name in FACTS.get(condition.question, (condition.question,)):
                whole = condition.question in FACTS or condition.operator != "="
                used.setdefault(name, set()).update({"*"} if whole else answers)
    for bearing in aid.bearings:
        used.setdefault(bearing.value, set()).add("*")
    for question in aid.questions.values():
        idle = _idle(question, used.get(question.id, set()))
        where = reader.places["Question", question.id]
        if idle and not question.surgeon_only:
            message = (
                f"no rule looks at {', '.join(idle[:4])}; use it in a rule, or write "
                "surgeon_only = true"
            )
            reader.fault(where, question.id, message, idle[0])
        if question.surgeon_only and not idle:
            message = "surgeon_only is not true of it: rules look at every answer"
            reader.fault(where, question.id, message, "surgeon_only")


def _rules(aid: Aid, reader: Reader) -> Iterator[tuple[tuple[str, Place], str, Rule]]:
    for kind, rows in (
        ("Page", aid.pages),
        ("Question", aid.questions.values()),
        ("Section", aid.sections),
        ("Contradiction", aid.contradictions),
        ("SuggestedQuestion", aid.suggested_questions),
    ):
        for row in rows:
            yield reader.places[kind, row.id], row.id, row.enable_when
    for section in aid.sections:
        if section.first_when:
            yield reader.places["Section", section.id], section.id, section.first_when
    for expectation in aid.expectations:
        where = reader.places["Expectation", expectation]
        yield where, expectation.question, expectation.enable_when
        yield where, expectation.question, expectation.applies_when


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


def _possible(aid: Aid, rule: Rule) -> bool:
    """Whether some answers make it true: two answers to one question exclude each other."""
    if rule.behavior == "any" and rule.conditions:
        return any(_possible(aid, Rule(conditions=(part,))) for part in rule.conditions)
    left: dict[str, set[str]] = {}
    for part in rule.conditions:
        if isinstance(part, Rule):
            if not _possible(aid, part):
                return False
        elif part.operator == "=" and _single(aid.questions.get(part.question), part.question):
            answers = set(part.answer) if isinstance(part.answer, tuple) else {str(part.answer)}
            left[part.question] = left.get(part.question, answers) & answers
    return all(left.values())


def _single(question: Question | None, name: str) -> bool:
    return name in FACTS or (question is not None and question.kind == "one")
