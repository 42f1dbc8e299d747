"""The coded answers in the square code on the printed page: no server, no name, no free text.

The answers are the digits of one number, each question a digit with as many values as it has
answers (a mixed-radix number), so that a whole questionnaire fits in a small, robust code.
"""

import hashlib
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from decision_aid.answers import AnswerError, parse
from decision_aid.model import Aid, Answer, Answers, Question

#: How every code of this kind begins; the version of its form.
PREFIX = "DA1"
#: The 45 characters of the QR alphanumeric mode (ISO/IEC 18004), as in RFC 9285.
_BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)


def encode(aid: Aid, answers: Answers, made_on: datetime) -> str:
    """The coded answers as text for a QR code in alphanumeric mode."""
    number = 0
    for question, size in _digits(aid):
        number = number * size + _to_digit(question, answers.get(question.id))
    body = number.to_bytes((number.bit_length() + 7) // 8 or 1)
    minutes = int((made_on.replace(tzinfo=UTC) - _EPOCH) / timedelta(minutes=1))
    data = _layout(aid) + max(minutes, 0).to_bytes(4) + body
    return PREFIX + _to_base45(data + zlib.crc32(data).to_bytes(4))


def decode(aid: Aid, text: str) -> tuple[dict[str, Answer], datetime]:
    """The answers and the printed time (no zone) in a code. Raises AnswerError."""
    if not text.startswith(PREFIX):
        raise AnswerError("This code was not made by this decision aid.")
    try:
        data = _from_base45(text.removeprefix(PREFIX))
    except (ValueError, OverflowError):
        raise AnswerError("This code is damaged; please scan it again.") from None
    data, check = data[:-4], data[-4:]
    if len(data) < 9 or zlib.crc32(data).to_bytes(4) != check:
        raise AnswerError("This code is damaged; please scan it again.")
    if data[:4] != _layout(aid):
        raise AnswerError("This code was made with another version of the questions.")
    number = int.from_bytes(data[8:])
    raw: dict[str, object] = {}
    for question, size in reversed(list(_digits(aid))):
        number, digit = divmod(number, size)
        if digit:
            raw[question.id] = _from_digit(question, digit)
    made_on = _EPOCH + timedelta(minutes=int.from_bytes(data[4:8]))
    return parse(aid, raw), made_on.replace(tzinfo=None)


def _digits(aid: Aid) -> Iterator[tuple[Question, int]]:
    for question in aid.questions.values():
        if question.kind == "one":
            yield question, len(question.options) + 1
        elif question.options:
            yield question, 2 ** len(question.options)
        elif question.kind != "text":
            yield question, (question.maximum - question.minimum) * _steps(question) + 2


def _steps(question: Question) -> int:
    return 10 if question.kind == "number" else 1


def _to_digit(question: Question, answer: Answer | None) -> int:
    if answer is None:
        return 0
    if isinstance(answer, tuple):
        return sum(2**place for place, o in enumerate(question.options) if o.id in answer)
    if isinstance(answer, str):
        return [option.id for option in question.options].index(answer) + 1
    return round((answer - question.minimum) * _steps(question)) + 1


def _from_digit(question: Question, digit: int) -> object:
    if question.kind == "one":
        return question.options[digit - 1].id
    if question.options:
        return [o.id for place, o in enumerate(question.options) if digit >> place & 1]
    value = question.minimum + (digit - 1) / _steps(question)
    return int(value) if value == int(value) else value


def _layout(aid: Aid) -> bytes:
    """Four bytes that change when a question or an option is added, removed or moved."""
    words = [
        f"{question.id}:{question.kind}:{question.minimum}:{question.maximum}:"
        + ",".join(option.id for option in question.options)
        for question in aid.questions.values()
    ]
    return hashlib.sha256("\n".join(words).encode()).digest()[:4]


def _to_base45(data: bytes) -> str:
    out = []
    for start in range(0, len(data), 2):
        pair = data[start : start + 2]
        value = int.from_bytes(pair)
        for _ in range(len(pair) + 1):
            value, digit = divmod(value, 45)
            out.append(_BASE45[digit])
    return "".join(out)


def _from_base45(text: str) -> bytes:
    out = bytearray()
    for start in range(0, len(text), 3):
        triple = text[start : start + 3]
        value = sum(_BASE45.index(char) * 45**place for place, char in enumerate(triple))
        out += value.to_bytes(len(triple) - 1)
    return bytes(out)
