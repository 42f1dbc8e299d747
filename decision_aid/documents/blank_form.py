"""The blank form: every question with a number, every condition as plain "go to" words."""

from dataclasses import dataclass
from functools import cached_property

from decision_aid.model import Aid, Condition, Page, Question, Rule

_COMPARED = {">": "more than", ">=": "at least", "<": "less than", "<=": "at most"}
#: So many options, of so many signs, stand in a row; in two columns they may be a little longer.
_FEW, _THIRD, _HALF = 3, 13, 21


@dataclass(frozen=True)
class BlankForm:
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
        return self._only(page.enable_when, self.number(page.questions[-1]))

    def before(self, question: Question) -> str:
        """Who skips this question, and where they go; empty when everyone on the page answers."""
        return self._only(question.enable_when, self.number(question))

    def tick(self, question: Question) -> str:
        """How many boxes to tick; empty when the hint says it, or as for yes and no it is plain."""
        if question.hint.startswith("Tick"):
            return ""
        if question.kind == "one" and self.columns(question) == _FEW:
            return ""
        if question.kind == "one":
            return "Tick one."
        return f"Tick up to {question.limit}." if question.limit else "Tick all that fit."

    def columns(self, question: Question) -> int:
        """In how many columns the options stand: more than one when all of them are short."""
        if any(option.hint for option in question.offered()):
            return 1
        longest, count = max(len(o.text) for o in question.offered()), len(question.offered())
        if count <= _FEW and longest <= _THIRD:
            return 3
        return 2 if count > _FEW and longest <= _HALF else 1

    def anything(self, question: Question) -> str:
        """Words for any answer that is not one of the excluding ones, such as "none of these"."""
        others = " or ".join(f"“{o.text}”" for o in question.offered() if o.exclusive)
        return f"you ticked any box but {others} at" if others else "you ticked any box at"

    @property
    def to_say(self) -> tuple[tuple[str, str], ...]:
        """The numbers of the boxes of each danger's signs, and the words to say."""
        offered = [option.id for option in self.aid.questions["emergency_symptoms"].offered()]
        rows = []
        for danger in self.aid.dangers:
            places = sorted(offered.index(sign) + 1 for sign in danger.signs if sign in offered)
            rows.append((", ".join(map(str, places)), danger.say))
        return tuple(rows)

    def _only(self, rule: Rule, last: int) -> str:
        if not rule.conditions:
            return ""
        end = f"go to question {last + 1}" if last < len(self._numbers) else "you have finished"
        return f"Only if {self._when(rule)}. If not, {end}."

    def _when(self, rule: Rule) -> str:
        """The conditions; those that differ only in their question are said in one."""
        joined = " and " if rule.behavior == "all" else " or "
        places: dict[str, list[str]] = {}
        for condition in rule.conditions:
            if isinstance(condition, Rule):
                places[f"({self._when(condition)})"] = []
            else:
                place = f"question {self._numbers[condition.question]}"
                places.setdefault(self._what(condition), []).append(place)
        return joined.join(f"{what} {joined.join(at)}".strip() for what, at in places.items())

    def _what(self, condition: Condition) -> str:
        """A condition up to its question: "you ticked “Diabetes” at"."""
        question = self.aid.questions[condition.question]
        if condition.operator == "exists":
            return f"you {'answered' if condition.answer else 'did not answer'}"
        if condition.operator in _COMPARED:
            return f"your number is {_COMPARED[condition.operator]} {condition.answer} at"
        wanted = condition.answer if isinstance(condition.answer, tuple) else (condition.answer,)
        choices = {o.id for o in question.offered() if not (o.exclusive or o.harmless)}
        if condition.operator == "=" and len(wanted) > 1 and choices <= set(wanted):
            return self.anything(question)
        ticked = "ticked" if condition.operator == "=" else "did not tick"
        names = " or ".join(f"“{o.text}”" for o in question.offered() if o.id in wanted)
        return f"you {ticked} {names or condition.answer} at"
