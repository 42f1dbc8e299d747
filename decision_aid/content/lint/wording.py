"""What an author's editor would mark in the words: hard, long, judging or vague."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from decision_aid.content.corpus import Text, texts
from decision_aid.content.diagnostics import Severity
from decision_aid.content.lint import balance, comparability, unsourced_numbers
from decision_aid.content.lint.readability import grade, sentences
from decision_aid.content.parser import Parser
from decision_aid.model import Aid

#: Highest grade of a paragraph, the grade aimed at, and most words in a sentence.
MOST_GRADE, AIM_GRADE, MOST_WORDS = 8, 6, 20
#: The grade of a label or a very short sentence says nothing.
_SHORT = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    """Words that are not for patients. See ``lint.toml``."""

    says: str
    pattern: re.Pattern[str]
    where: Literal["all", "told"] = "all"
    severity: Severity = "fault"
    unless: Literal["", "number", "figure"] = ""


@cache
def _rules() -> tuple[_Rule, ...]:
    data = tomllib.loads(Path(__file__).with_name("wording.toml").read_text("utf-8"))
    rules = []
    for row in data["rule"]:
        pattern = re.compile("|".join(row.pop("patterns")), re.IGNORECASE)
        rules.append(_Rule(pattern=pattern, **row))
    return tuple(rules)


def examine(aid: Aid, reader: Parser) -> None:
    """Note what should be mended in the words and numbers of an aid."""
    for text in texts(aid, reader):
        for rule in _rules():
            _forbidden(reader, text, rule)
        unsourced_numbers.examine(text, reader)
        _plain(aid, reader, text)
    comparability.examine(aid, reader)
    balance.examine(aid, reader)


def _forbidden(reader: Parser, text: Text, rule: _Rule) -> None:
    if (rule.where == "told" and not text.told) or (rule.unless == "figure" and text.blind):
        return
    if (rule.unless and re.search(r"\d", text.text)) or (rule.unless == "figure" and text.figures):
        return
    for found in rule.pattern.finditer(text.text):
        # A question asks for the number.
        if rule.unless and text.text[found.end() :].split(".")[0].endswith("?"):
            continue
        words = found[0].strip(" .!?")
        message = f"{words!r} in {text.around(*found.span())}: {rule.says}"
        reader.fault(text.where, text.id, message, text.start, rule.severity)
        return


def _plain(aid: Aid, reader: Parser, text: Text) -> None:
    if text.label:
        return
    for sentence in sentences(text.text):
        count, at = len(sentence.split()), text.text.index(sentence)
        if count > MOST_WORDS:
            message = (
                f"{count} words in one sentence, at most {MOST_WORDS}; make two of it: "
                f"{text.around(at, at + 30)}"
            )
            reader.fault(text.where, text.id, message, text.start, "warning")
    found_grade = grade(text.text, aid.allowed_terms)
    if found_grade > MOST_GRADE and len(text.text.split()) > _SHORT:
        message = (
            f"reading grade {found_grade:.1f}, at most {MOST_GRADE} and {AIM_GRADE} is the aim; "
            f"use shorter words and sentences: {text.around(0, 30)}"
        )
        reader.fault(text.where, text.id, message, text.start, "warning")
