"""No number without its source: in digits or in words, it stands in a figure shown beside it."""

import re
from collections.abc import Iterator

from decision_aid.content.corpus import Text
from decision_aid.content.parser import Parser
from decision_aid.model import Evidence

_NUMBER = re.compile(r"(?<![\w.,-])\d+(?:,\d{3})*(?:\.\d+)?")
_ONES = [
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_VALUES = {
    **{word: str(value) for value, word in enumerate(_ONES, 1)},
    **{word: str(value * 10) for value, word in enumerate(_TENS, 2)},
}
_WORD = "|".join(_VALUES)
#: A number word that counts people or results: "nine of ten", "two out of three", "forty people".
_COUNT = re.compile(
    rf"\b(?!one of th)({_WORD})"
    rf"(?= (?:(?:out )?of|in) (?:every |a |the )?(?:\d|hundred|thousand|{_WORD}|them\b"
    rf"|these\b|those\b|people|patients)| (?:people|patients|persons|men|women|adults)\b)",
    re.IGNORECASE,
)
#: A share in words: "half of", "a third of", "most of it" is no number.
_SHARE = re.compile(
    r"\b(?:half(?! an hour| a day| a year)|(?:a|one) (?:third|quarter|fifth|tenth)"
    r"|(?:two|three) (?:thirds|quarters|fifths|tenths)|dozens|hundreds|thousands)\b",
    re.IGNORECASE,
)
_UNIT = r"(?:weeks?|months?|years?|days?|hours?|minutes?|nights?)"
#: A stretch of time in words: "two to four years".
_TIME = re.compile(
    rf"\b({_WORD})(?= (?:more )?(?:(?:to|or) (?:{_WORD}) )?(?:more )?{_UNIT}\b)", re.IGNORECASE
)
#: In what is asked, times, ages and measures say what is meant: they are no results.
_MEASURE = re.compile(
    rf"[ -]?(?:(?:to|or|and|by) \d+[ -]?)*(?:{_UNIT}|mm|cm|kg|mg|C|or older|or above|or over)\b"
)
_AGE = re.compile(r"\b(?:age over|over|under|aged) $")


def examine(text: Text, reader: Parser) -> None:
    """Note every number of a text that none of the figures shown with it gives."""
    if text.blind:
        return
    for found in _unsourced(text):
        message = (
            f"{found[0]!r} in {text.around(*found.span())} stands in none of the "
            "figures shown with it; name the figure in evidence = [...], or take the number out"
        )
        reader.fault(text.where, text.id, message, text.start)


def _unsourced(text: Text) -> Iterator[re.Match[str]]:
    known = {number for record in text.figures for number in given(record)} | text.bounds
    for found in _NUMBER.finditer(text.text):
        if found[0] not in known and (text.told or not _is_measure(text.text, found)):
            yield found
    words = [*_COUNT.finditer(text.text), *(_TIME.finditer(text.text) if text.told else ())]
    for found in words:
        word = found[1].lower()
        if word not in known and _VALUES[word] not in known:
            yield found
    for found in _SHARE.finditer(text.text):
        if found[0].lower().split()[-1] not in known:
            yield found


def _is_measure(text: str, found: re.Match[str]) -> bool:
    before = text[: found.start()]
    if before.endswith("CC BY "):
        return True
    return bool(_MEASURE.match(text, found.end()) or _AGE.search(before))


def given(record: Evidence) -> set[str]:
    """Every number that a figure gives, in both frames, in digits and in words."""
    texts = (record.sentence, record.population, record.time, record.outcome, record.reason)
    text = " ".join((*texts, *(arm.label for arm in record.arms)))
    found = set(_NUMBER.findall(text)) | {word.strip(".,") for word in text.lower().split()}
    for arm in record.arms:
        found |= {f"{arm.count:g}", f"{record.per - arm.count:g}"}
    return found | {f"{record.per:,}", f"{record.per}"}
