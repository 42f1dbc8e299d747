"""The three personas that are measured: one with much to say, one with less, one who skips all."""

from datetime import datetime
from functools import cache

from decision_aid import summary
from decision_aid.answers import parse
from decision_aid.content.loader import load
from decision_aid.model import Aid, Answers
from tests.personas import persona

NAMES = ("margaret", "daniel", "silent")
MADE_ON = datetime(2026, 5, 12, 9, 40)


@cache
def aid() -> Aid:
    """The shipped content."""
    return load()


def answers(name: str) -> Answers:
    """What a persona answers."""
    return parse(aid(), persona(name).answers)


def told(name: str) -> summary.Summary:
    """What is shown of a persona."""
    return summary.build(aid(), answers(name), made_on=MADE_ON)
