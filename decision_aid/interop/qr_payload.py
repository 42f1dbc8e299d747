"""The coded answers in the square code on the printed page: no server, no name, no free text.

The answers are the digits of one number, each question a digit with as many values as it has
answers (a mixed-radix number), so that a whole questionnaire fits in a small, robust code.
"""

import hashlib
import re
import zlib
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

from decision_aid.answers import AnswerError, parse
from decision_aid.model import Aid, Answer, Answers, Question

#: How every code of this kind begins; the version of its form.
PREFIX = "DA2"
#: The 45 characters of the QR alphanumeric mode (ISO/IEC 18004), as in RFC 9285.
_BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
#: Characters of the largest QR code in alphanumeric mode (ISO/IEC 18004).
_LONGEST = 4296
_EPOCH = datetime(2020, 1, 1)
#: The time is one number of four bytes: minutes on the clock of the page, times this many, and
#: the quarters of an hour of its zone, counted from the zone before the first. 0: not known.
_ZONES = 128
_QUARTER = timedelta(minutes=15)
_BEFORE_FIRST = -49
#: The years whose every minute fits.
YEARS = range(2020, 2083)


def encode(aid: Aid, answers: Answers, made_on: datetime) -> str:
    """The coded answers as text for a QR code in alphanumeric mode."""
    number = 0
    for question, size in _digits(aid):
        number = number * size + _to_digit(question, answers.get(question.id))
    body = number.to_bytes((number.bit_length() + 7) // 8 or 1)
    data = _layout(aid) + _from_time(made_on).to_bytes(4) + body
    return PREFIX + _to_base45(data + zlib.crc32(data).to_bytes(4))


def decode(aid: Aid, text: str) -> tuple[dict[str, Answer], datetime | None]:
    """The answers and the printed time with its zone, if it is known. Raises AnswerError."""
    if re.match(r"DA\d", text) and not text.startswith(PREFIX):
        raise AnswerError("This code was made by another version of the program.")
    if not text.startswith(PREFIX):
        raise AnswerError("This code was not made by this decision aid.")
    if len(text) > _LONGEST:
        raise AnswerError("This is longer than any square code.")
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
    return parse(aid, raw), _to_time(int.from_bytes(data[4:8]))


def _from_time(moment: datetime) -> int:
    """A time as a number; 0 for one that does not fit, which is then not told at all."""
    if moment.year not in YEARS:
        return 0
    offset = (moment if moment.tzinfo else moment.astimezone()).utcoffset() or timedelta()
    quarters, rest = divmod(offset, _QUARTER)
    if rest or not 0 < quarters - _BEFORE_FIRST < _ZONES:
        return 0
    minutes = (moment.replace(tzinfo=None) - _EPOCH) // timedelta(minutes=1)
    return minutes * _ZONES + quarters - _BEFORE_FIRST


def _to_time(number: int) -> datetime | None:
    if number == 0:
        return None
    minutes, quarters = divmod(number, _ZONES)
    zone = timezone((quarters + _BEFORE_FIRST) * _QUARTER)
    return (_EPOCH + timedelta(minutes=minutes)).replace(tzinfo=zone)


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
