"""Codes that staff type from a paper form, and back: option numbers as printed there. Pure."""

import re
from collections.abc import Iterable

from werkzeug.datastructures import MultiDict

from decision_aid.model import Answers, Question

_CHOICE = ("one", "many", "body")


def posted(
    questions: Iterable[Question], typed: MultiDict[str, str]
) -> tuple[MultiDict[str, str], dict[str, str]]:
    """The typed codes as the form of the screens would send them, and what cannot be read."""
    form: MultiDict[str, str] = MultiDict()
    errors: dict[str, str] = {}
    for question in questions:
        text = typed.get(question.id, "").strip()
        if question.kind not in _CHOICE:
            form.add(question.id, text)
            continue
        numbers = [part for part in re.split(r"[\s,;.]+", text) if part]
        if question.kind == "one" and len(numbers) > 1:
            errors[question.id] = "Only one number here."
        for number in numbers:
            place = int(number) if re.fullmatch(r"[0-9]{1,2}", number) else 0
            if 1 <= place <= len(question.options):
                form.add(question.id, _as_printed(question)[place - 1])
            else:
                offered = len(question.offered())
                errors[question.id] = f"There is no answer {number[:8]!r}; it has 1 to {offered}."
    return form, errors


def _as_printed(question: Question) -> list[str]:
    """The ids of the options as they are numbered on the paper form; retired ones come last."""
    return [option.id for option in sorted(question.options, key=lambda o: o.retired)]


def code(question: Question, answers: Answers) -> str:
    """What staff would have typed for this answer; empty when there is none."""
    answer = answers.get(question.id)
    if answer is None:
        return ""
    if question.kind not in _CHOICE:
        return str(answer)
    chosen = answer if isinstance(answer, tuple) else (str(answer),)
    ids = _as_printed(question)
    return " ".join(str(ids.index(item) + 1) for item in chosen if item in ids)
