"""Answers as ids: checked against the questions, read from and written to JSON.

A question that is absent was skipped; ``unknown`` is an answer; neither is ever a *no*.
"""

import json
import unicodedata
from collections import Counter
from collections.abc import Mapping
from difflib import get_close_matches
from itertools import groupby
from reprlib import Repr

from decision_aid.model import UNKNOWN, Aid, Answer, Answers, Question

#: Direction overrides could make a printed line read as something else than was typed.
_DIRECTION_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

#: A filled answers file is a tenth of this long.
_LONGEST = 100_000
#: More digits than a number that fits any question.
_DIGITS = 30
#: Marks on one letter that are kept; the writings of the world need no more.
_MARKS = 4
#: So many faults are named; a file with more is something else.
_FAULTS = 20
_short = Repr()
_short.maxstring = _short.maxother = _short.maxlong = 80


class AnswerError(ValueError):
    """Answers that do not fit the questions; the text is a sentence for people."""


def is_unknown(answer: Answer | None) -> bool:
    """Whether the person said that they do not know."""
    return answer == UNKNOWN or (isinstance(answer, tuple) and UNKNOWN in answer)


def clean_text(text: str) -> str:
    """The text without control characters, in NFC, on one line."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    kept = (
        " " if unicodedata.category(char) == "Cc" else char
        for char in unicodedata.normalize("NFC", text)
        if char not in _DIRECTION_CONTROLS and unicodedata.category(char) != "Cs"
    )
    return " ".join("".join(kept).split())


def check(question: Question, value: object) -> Answer | None:
    """One answer in its final form, or None when nothing was answered.

    Raises AnswerError with a sentence that names the question and what it takes.
    """
    match question.kind:
        case "one":
            return _option(question, value)
        case "many" | "body":
            return _options(question, value)
        case "text":
            return _text(question, value)
        case _:
            return _number(question, value)


def _option(question: Question, value: object) -> str:
    if isinstance(value, str) and question.option(value):
        return value
    allowed = [option.id for option in question.options]
    raise AnswerError(
        f"{question.id}: {_short.repr(value)} is not an option{_did_you_mean(value, allowed)}. "
        f"It takes one of: {', '.join(allowed)}."
    )


def _options(question: Question, value: object) -> tuple[str, ...] | None:
    if not isinstance(value, (list, tuple)):
        raise AnswerError(f"{question.id}: {_short.repr(value)} is not a list of options.")
    chosen = {_option(question, item) for item in value}
    exclusive = [o.id for o in question.options if o.exclusive and o.id in chosen]
    if exclusive and len(chosen) > 1:
        raise AnswerError(
            f"{question.id}: {exclusive[0]!r} cannot stand together with other options. "
            "Keep either that one or the others."
        )
    if question.limit and len(chosen) > question.limit:
        raise AnswerError(f"{question.id}: at most {question.limit} options can be chosen.")
    return tuple(o.id for o in question.options if o.id in chosen) or None


def _text(question: Question, value: object) -> str | None:
    if not isinstance(value, str):
        raise AnswerError(f"{question.id}: {_short.repr(value)} is not a text.")
    text = clean_text(value)
    if len(text) > question.limit:
        raise AnswerError(
            f"{question.id}: the text has {len(text)} characters; at most {question.limit} fit."
        )
    return _unstacked(text) or None


def _unstacked(text: str) -> str:
    """With "…" for what stands over the fourth mark on a letter: it would cover the whole page."""
    runs = groupby(text, lambda char: unicodedata.category(char) in ("Mn", "Me"))
    parts = ((marks, "".join(chars)) for marks, chars in runs)
    return "".join(
        f"{part[:_MARKS]}…" if marks and len(part) > _MARKS else part for marks, part in parts
    )


def _number(question: Question, value: object) -> int | float:
    whole = question.kind != "number"
    if (
        isinstance(value, bool)
        or not isinstance(value, (int, float))
        or (whole and value != int(value))
    ):
        what = "a whole number" if whole else "a number"
        raise AnswerError(f"{question.id}: {_short.repr(value)} is not {what}.")
    if not question.minimum <= value <= question.maximum:
        raise AnswerError(
            f"{question.id}: {_short.repr(value)} is outside "
            f"{question.minimum} to {question.maximum}."
        )
    value = round(value, 1)
    return int(value) if value == int(value) else value


def _did_you_mean(value: object, allowed: list[str]) -> str:
    close = get_close_matches(value[:80], allowed, n=1) if isinstance(value, str) else []
    return f" (did you mean {close[0]!r}?)" if close else ""


def parse(aid: Aid, raw: Mapping[str, object]) -> dict[str, Answer]:
    """Answers by question id in the order of the journey.

    Raises AnswerError that names every unknown question and every answer that does not fit.
    """
    unknown = [key for key in raw if key not in aid.questions]
    faults = [
        f"{_short.repr(key)} is not a question{_did_you_mean(key, list(aid.questions))}."
        for key in unknown[:_FAULTS]
    ]
    if len(unknown) > _FAULTS:
        faults.append(f"So are {len(unknown) - _FAULTS} more.")
    answers: dict[str, Answer] = {}
    for question in aid.questions.values():
        if question.id not in raw:
            continue
        try:
            answer = check(question, raw[question.id])
        except (AnswerError, OverflowError, ValueError) as error:
            faults.append(
                str(error)
                if isinstance(error, AnswerError)
                else f"{question.id}: {_short.repr(raw[question.id])} is not a number."
            )
        else:
            if answer is not None:
                answers[question.id] = answer
    if faults:
        raise AnswerError(" ".join(faults))
    return answers


def loads(aid: Aid, text: str | bytes) -> dict[str, Answer]:
    """Answers from the text of an answers file, ``{"answers": {...}}``. Raises AnswerError."""
    if len(text) > _LONGEST:
        raise AnswerError(f"This is too long for an answers file: over {_LONGEST:,} characters.")
    data = json_value(text)
    if not isinstance(data, dict) or not isinstance(data.get("answers"), dict):
        raise AnswerError('An answers file looks like {"answers": {"leg_pain": 7}}.')
    extra = sorted(set(data) - {"answers"})
    if extra:
        raise AnswerError(
            f"{_short.repr(extra[0])} stands beside 'answers'; only 'answers' is read."
        )
    return parse(aid, data["answers"])


def json_value(text: str | bytes) -> object:
    """What JSON text says, when it says it once. Raises AnswerError.

    A doubled name would count with its last value alone; ``NaN`` and ``Infinity`` are no JSON.
    """
    try:
        data: object = json.loads(
            text, object_pairs_hook=_once_each, parse_int=_whole, parse_constant=_no_number
        )
    except AnswerError:
        raise
    except RecursionError:
        raise AnswerError("This is not JSON that can be read: too many brackets.") from None
    except ValueError as error:
        raise AnswerError(f"This is not JSON that can be read: {error}.") from None
    return data


def _once_each(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = Counter(name for name, _ in pairs)
        raise AnswerError(f"{_short.repr(names.most_common(1)[0][0])} stands twice in one place.")
    return found


def _whole(digits: str) -> int:
    if len(digits) > _DIGITS:
        raise AnswerError(f"A number here has {len(digits)} digits; no answer has so many.")
    return int(digits)


def _no_number(name: str) -> object:
    raise AnswerError(f"{name} is no number.")


def to_json(answers: Answers) -> dict[str, object]:
    """Answers as plain JSON values, lists instead of tuples."""
    return {key: list(a) if isinstance(a, tuple) else a for key, a in answers.items()}
