"""Which answers lead to what, and back, for authors and reviewing clinicians.

Each rule stands in the words that people read, with its ids beside them.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from decision_aid import resources
from decision_aid.model import Aid, Condition, Question, Rule
from decision_aid.rules import FACTS, people

_OPERATORS = {
    "=": "is",
    "!=": "is not",
    ">": "is above",
    "<": "is below",
    ">=": "is at least",
    "<=": "is at most",
}
_ANY = "any answer"
NO_RULE = "no rule looks at it; it is counted or printed for the talk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Something that a rule decides: what it is, its id, what people read, and its rules.

    Each rule has a word in front: "shown", "first in its group".
    """

    kind: str
    id: str
    label: str
    rules: tuple[tuple[str, Rule], ...]

    @property
    def anchor(self) -> str:
        """A name for links within the page."""
        return f"{self.kind}-{self.id}".replace(" ", "-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question and, for each answer that some rule looks at, what it leads to."""

    question: Question
    #: Words and id of the answer -> what it leads to, and what it keeps away.
    answers: tuple[tuple[str, str, tuple[Told, ...], tuple[Told, ...]], ...]


def forward(aid: Aid) -> list[Told]:
    """Everything that is told, asked or marked, with its rules."""
    return list(_told(aid))


def _told(aid: Aid) -> Iterator[Told]:
    for section in aid.sections:
        rules = [("shown", section.enable_when)]
        if section.first_when:
            rules.append(("first in its group", section.first_when))
        yield Told(kind="section", id=section.id, label=section.title, rules=tuple(rules))
    for page in aid.pages:
        yield _one("page", page.id, page.title, "put", page.enable_when)
    for question in aid.questions.values():
        yield _one("question", question.id, question.text, "put", question.enable_when)
    for mark in aid.contradictions:
        yield _one("contradiction", mark.id, mark.text, "printed", mark.enable_when)
    for number, row in enumerate(aid.expectations, 1):
        rules = [("used", people(aid, row.evidence))]
        if row.gap_when:
            rules.append(("marked as a gap", row.gap_when))
        id_ = f"{row.question}-{number}"
        yield Told(kind="expectation", id=id_, label=row.published, rules=tuple(rules))
    for idea in aid.suggested_questions:
        yield _one("suggested question", idea.id, idea.text, "suggested", idea.enable_when)


def _one(kind: str, id_: str, label: str, word: str, rule: Rule) -> Told:
    return Told(kind=kind, id=id_, label=label, rules=((word, rule),))


def back(aid: Aid) -> list[Asked]:
    """Each question, and what each of its answers leads to."""
    leads: dict[tuple[str, str], list[Told]] = defaultdict(list)
    keeps: dict[tuple[str, str], list[Told]] = defaultdict(list)
    for told in _told(aid):
        for condition in (leaf for _, rule in told.rules for leaf in rule.leaves()):
            found = keeps if condition.operator == "!=" else leads
            for key in _looked_at(condition):
                if told not in found[key]:
                    found[key].append(told)
    sections = {told.id: told for told in _told(aid) if told.kind == "section"}
    for question in aid.questions.values():
        for option in question.options:
            if option.section:
                leads[question.id, option.id].append(sections[option.section])
    for bearing in aid.bearings:
        leads[bearing.value, _ANY].append(sections[bearing.option])
    return [_asked(question, leads, keeps) for question in aid.questions.values()]


def _asked(
    question: Question,
    leads: dict[tuple[str, str], list[Told]],
    keeps: dict[tuple[str, str], list[Told]],
) -> Asked:
    names = [(_ANY, ""), *((option.text, option.id) for option in question.options)]
    rows = [
        (words, id_, tuple(leads[question.id, id_ or _ANY]), tuple(keeps[question.id, id_ or _ANY]))
        for words, id_ in names
    ]
    return Asked(question=question, answers=tuple(row for row in rows if row[2] or row[3]))


def _looked_at(condition: Condition) -> Iterator[tuple[str, str]]:
    """Question and answer; a fact and a number look at any answer of their questions."""
    wanted = condition.answer if isinstance(condition.answer, tuple) else (condition.answer,)
    if condition.question in FACTS:
        yield from ((question, _ANY) for question in FACTS[condition.question])
    elif condition.operator in ("=", "!="):
        yield from ((condition.question, str(answer)) for answer in wanted)
    else:
        yield condition.question, _ANY


def in_ids(rule: Rule) -> str:
    """A rule as an author writes it: "condition = herniated_disc and ..."; empty: everyone."""
    return _joined(rule, _ids)


def in_words(aid: Aid, rule: Rule) -> str:
    """The same in the words of the surgeon's page: "when Your condition is “herniated disc”"."""
    words = _joined(rule, lambda condition: _words(aid, condition))
    return f"when {words}" if words else "for everyone"


def _joined(rule: Rule, say: Callable[[Condition], str]) -> str:
    parts = [
        f"({_joined(part, say)})" if isinstance(part, Rule) else say(part)
        for part in rule.conditions
    ]
    return (" and " if rule.behavior == "all" else " or ").join(parts)


def _ids(condition: Condition) -> str:
    if condition.operator == "exists":
        return f"{condition.question} {'answered' if condition.answer else 'not answered'}"
    answers = condition.answer if isinstance(condition.answer, tuple) else (condition.answer,)
    return f"{condition.question} {condition.operator} {' | '.join(map(str, answers))}"


def _words(aid: Aid, condition: Condition) -> str:
    question = aid.questions.get(condition.question)
    name = question.short if question else condition.question.replace("_", " ")
    if condition.operator == "exists":
        return f"{name} is {'answered' if condition.answer else 'not answered'}"
    answers = condition.answer if isinstance(condition.answer, tuple) else (condition.answer,)
    found = [question.option(str(answer)) if question else None for answer in answers]
    said = [
        f"“{option.short}”" if option else str(answer).replace("_", " ")
        for option, answer in zip(found, answers, strict=True)
    ]
    return f"{name} {_OPERATORS[condition.operator]} {' or '.join(said)}"


def text(aid: Aid) -> str:
    """Both ways as plain text: ids first, so that they can be searched for."""
    lines = ["WHAT IS TOLD, AND TO WHOM", ""]
    for told in forward(aid):
        lines.append(f"{told.id}  ({told.kind}) {told.label}")
        for word, rule in told.rules:
            ids = in_ids(rule)
            lines.append(f"    {word} {in_words(aid, rule)}" + (f"  [{ids}]" if ids else ""))
    lines += ["", "WHAT IS ASKED, AND WHAT EACH ANSWER LEADS TO", ""]
    for asked in back(aid):
        lines.append(f"{asked.question.id}  {asked.question.text}")
        for words, id_, leads, keeps in asked.answers:
            names = ", ".join(told.id for told in leads)
            away = f"keeps away {', '.join(told.id for told in keeps)}" if keeps else ""
            said = f"{words} [{id_}]" if id_ else words
            lines.append(f"    {said}: {'; '.join(filter(None, (names, away)))}")
        if not asked.answers:
            lines.append(f"    {NO_RULE}")
    return "\n".join(lines)


def html(aid: Aid) -> str:
    """Both ways as one HTML page, with links between them."""
    return (
        resources.templates()
        .get_template("about/traceability.html")
        .render(
            aid=aid,
            told=forward(aid),
            asked=back(aid),
            in_words=partial(in_words, aid),
            in_ids=in_ids,
            no_rule=NO_RULE,
        )
    )
