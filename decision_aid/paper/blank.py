"""The blank form: every question with a number, every condition as plain "go to" words."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from decision_aid.model import ALWAYS, Aid, Condition, Page, Question, Rule

_COMPARED = {">": "more than", ">=": "at least", "<": "less than", "<=": "at most"}


@dataclass(frozen=True)
class Blank:
    """Numbers and conditions of the questions of an aid."""

    aid: Aid

    @cached_property
    def pages(self) -> tuple[Page, ...]:
        """The pages that ask something."""
        return tuple(page for page in self.aid.pages if page.questions)

    @cached_property
    def _numbers(self) -> dict[str, int]:
        ids = (question.id for page in self.pages for question in page.questions)
        return {question_id: number for number, question_id in enumerate(ids, 1)}

    def number(self, question: Question) -> int:
        """The number of a question, from 1."""
        return self._numbers[question.id]

    def before_page(self, page: Page) -> str:
        """Who skips this page, and where they go; empty for everyone's page."""
        if page.enable_when is ALWAYS or not page.enable_when.conditions:
            return ""
        last = self.number(page.questions[-1])
        return f"Only {self._when(page.enable_when)}. {self._otherwise(last)}"

    def before(self, question: Question) -> str:
        """Who skips this question, and where they go; empty when everyone on the page answers."""
        if not question.enable_when.conditions:
            return ""
        return f"Only {self._when(question.enable_when)}. {self._otherwise(self.number(question))}"

    def _otherwise(self, number: int) -> str:
        if number >= len(self._numbers):
            return "Otherwise you have finished."
        return f"Otherwise go to question {number + 1}."

    def _when(self, rule: Rule) -> str:
        joined = " and " if rule.behavior == "all" else " or "
        return joined.join(self._said(rule))

    def _said(self, rule: Rule) -> Iterator[str]:
        for condition in rule.conditions:
            if isinstance(condition, Rule):
                yield f"({self._when(condition)})"
            else:
                yield self._one(condition)

    def _one(self, condition: Condition) -> str:
        question = self.aid.questions.get(condition.question)
        place = f"question {self._numbers.get(condition.question, '?')}"
        if condition.operator == "exists":
            return f"if you {'answered' if condition.answer else 'did not answer'} {place}"
        if condition.operator in _COMPARED:
            compared = f"{_COMPARED[condition.operator]} {condition.answer}"
            return f"if your number at {place} is {compared}"
        wanted = condition.answer if isinstance(condition.answer, tuple) else (condition.answer,)
        ticked = "ticked" if condition.operator == "=" else "did not tick"
        choices = [o.id for o in question.options if not o.exclusive] if question else []
        if len(wanted) > 1 and set(choices) == set(wanted):
            return f"if you {ticked} anything at {place} but “none”"
        texts = (question.option(str(item)) if question else None for item in wanted)
        names = " or ".join(f"“{option.text}”" for option in texts if option)
        return f"if you {ticked} {names or condition.answer} at {place}"
