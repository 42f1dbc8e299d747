"""Which answers lead to which sections, and back, for authors and reviewing clinicians."""

from collections import defaultdict
from html import escape

from decision_aid.model import Aid, Condition, Rule
from decision_aid.rules import FACTS

_NO_RULE = "everyone"


def forward(aid: Aid) -> list[tuple[str, str]]:
    """Each section with its rule in words."""
    return [(section.id, in_words(section.enable_when)) for section in aid.sections]


def back(aid: Aid) -> list[tuple[str, str]]:
    """Each question with the sections, pages and questions that look at it."""
    uses: dict[str, list[str]] = defaultdict(list)
    rules: list[tuple[str, Rule]] = [(s.id, s.enable_when) for s in aid.sections]
    rules += [(c.id, c.enable_when) for c in aid.contradictions]
    rules += [(q.id, q.enable_when) for q in aid.suggested_questions]
    rules += [(f"page {page.id}", page.enable_when) for page in aid.pages]
    rules += [(f"question {q.id}", q.enable_when) for q in aid.questions.values()]
    for name, rule in rules:
        for condition in rule.leaves():
            for question in FACTS.get(condition.question, (condition.question,)):
                if name not in uses[question]:
                    uses[question].append(name)
    for option in aid.questions["worries"].options:
        if option.section and option.section not in uses["worries"]:
            uses["worries"].append(option.section)
    return [(q, ", ".join(uses[q]) or "for the surgeon only") for q in aid.questions]


def in_words(rule: Rule) -> str:
    """A rule as one line: "condition = herniated_disc and duration = ..."."""
    if not rule.conditions:
        return _NO_RULE
    joint = " and " if rule.behavior == "all" else " or "
    return joint.join(
        f"({in_words(part)})" if isinstance(part, Rule) else _condition(part)
        for part in rule.conditions
    )


def _condition(condition: Condition) -> str:
    if condition.operator == "exists":
        return f"{condition.question} {'answered' if condition.answer else 'not answered'}"
    answers = condition.answer if isinstance(condition.answer, tuple) else (condition.answer,)
    return f"{condition.question} {condition.operator} {' | '.join(map(str, answers))}"


_TABLES = (("section", "shown when", forward), ("question", "looked at by", back))


def text(aid: Aid) -> str:
    """Both tables as plain text."""
    blocks = []
    for left, right, table in _TABLES:
        rows = [(left, right), *table(aid)]
        width = max(len(name) for name, _ in rows)
        blocks.append("\n".join(f"{name:<{width}}  {words}" for name, words in rows))
    return "\n\n".join(blocks)


def html(aid: Aid) -> str:
    """Both tables as one HTML page."""
    tables = []
    for left, right, table in _TABLES:
        rows = "\n".join(
            f"<tr><th scope=row>{escape(name)}</th><td>{escape(words)}</td></tr>"
            for name, words in table(aid)
        )
        head = f"<tr><th scope=col>{left}</th><th scope=col>{right}</th></tr>"
        tables.append(f"<table><thead>{head}</thead><tbody>\n{rows}\n</tbody></table>")
    title = f"Map of {escape(aid.title)} {escape(aid.version)}"
    return (
        f"<!doctype html>\n<html lang={aid.language}><meta charset=utf-8><title>{title}</title>\n"
        f"<h1>{title}</h1>\n" + "\n".join(tables) + "\n</html>"
    )
