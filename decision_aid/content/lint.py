"""What an author's editor would mark: numbers, plain words, balance."""

import re
from collections.abc import Iterable, Iterator
from statistics import fmean

from decision_aid.content.lines import Place
from decision_aid.content.reader import Reader
from decision_aid.content.reading import grade, sentences
from decision_aid.model import Aid, Evidence, Section

#: Highest grade of a paragraph, and most words in a sentence.
MOST_GRADE, MOST_WORDS = 8, 20
#: The options' texts may differ from their mean length by this share.
_BALANCE = 0.2
_NUMBER = re.compile(r"(?<![\w.,-])\d+(?:,\d{3})*(?:\.\d+)?")
_FORBIDDEN = (
    (r"\b1 in \d", '"1 in X" is hard to compare; say how many of 100 or 1,000'),
    (r"\d\.\d", "no decimals for patients; round, or use a larger denominator"),
    (
        r"\b(?:twice|half|double|triple|\w+ times) (?:as|the risk)\b|\d ?%|\bper ?cent\b",
        "a relative or percent figure; give how many of 100, in both groups",
    ),
    (
        r"\b(?:you should|we recommend|it is best|the best (?:choice|option)|you must choose|"
        r"the right choice is|significantly|safe and effective|gold standard)\b",
        "this judges or recommends; say what is known instead",
    ),
    (
        r"\b(?:very likely|unlikely|usually works|a high chance|a low chance|a small risk)\b",
        "a word of probability without its number",
    ),
)
#: Numbers that are no result: steps, times of day, ages, doses and durations in advice.
_WORDS_OF_TIME = re.compile(
    r"(?:(?:week|month|year|day|hour|minute|level|mm\b|C\b|or older|or above|nights?\b)s?)"
)


def examine(aid: Aid, reader: Reader) -> None:
    """Note what should be mended in the words and numbers of an aid."""
    for where, id_, text in _texts(aid, reader):
        _words(aid, reader, where, id_, text)
    _numbers(aid, reader)
    for record in aid.evidence:
        _comparison(reader, record)
    _balance(aid, reader)


def _texts(aid: Aid, reader: Reader) -> Iterator[tuple[tuple[str, Place], str, str]]:
    """Every text that a patient reads, with its place."""
    for section in aid.sections:
        where = reader.places["Section", section.id]
        rest = (section.how_sure, section.fit, *section.do, *section.ask)
        for text in (*section.text, *section.good, *section.bad, *rest):
            yield where, section.id, text
    for record in aid.evidence:
        where = reader.places["Evidence", record.id]
        for text in (record.sentence, record.reason):
            yield where, record.id, text
    for question in aid.questions.values():
        where = reader.places["Question", question.id]
        for text in (question.text, question.hint, question.feedback):
            yield where, question.id, text
    for page in aid.pages:
        for text in page.intro:
            yield reader.places["Page", page.id], page.id, text


def _words(aid: Aid, reader: Reader, where: tuple[str, Place], id_: str, text: str) -> None:
    for pattern, message in _FORBIDDEN:
        found = re.search(pattern, text, re.IGNORECASE)
        if found:
            reader.fault(where, id_, f"{found[0]!r}: {message}", found[0].split()[0])
    for sentence in sentences(text):
        count = len(sentence.split())
        if count > MOST_WORDS:
            message = f"{count} words in one sentence, at most {MOST_WORDS}: {sentence[:50]!r}"
            reader.fault(where, id_, message, sentence.split()[0], "warning")
    found_grade = grade(text, aid.allowed_terms)
    if found_grade > MOST_GRADE and len(text.split()) > 7:
        message = f"reading grade {found_grade:.0f}, at most {MOST_GRADE}: {text[:50]!r}"
        reader.fault(where, id_, message, text.split()[0], "warning")


def _numbers(aid: Aid, reader: Reader) -> None:
    """A number stands in a figure that is shown beside it, or counts time, age or dose."""
    for section in aid.sections:
        where = reader.places["Section", section.id]
        texts = (*section.text, *section.good, *section.bad, *section.do, *section.ask)
        known = _figures(aid, section.evidence)
        _sourced(reader, where, section.id, (*texts, section.how_sure, section.fit), known)
    for row in aid.expectations:
        where, known = reader.places["Expectation", row], _figures(aid, row.evidence)
        _sourced(reader, where, row.question, (row.published, row.talk), known)
    for stage in aid.timeline:
        known = _section_figures(aid, stage.section)
        _sourced(reader, reader.places["Stage", stage], stage.when, (stage.text,), known)
    for question in aid.questions.values():
        where = reader.places["Question", question.id]
        known = _section_figures(aid, question.section)
        _sourced(reader, where, question.id, (question.feedback,), known)


def _section_figures(aid: Aid, section_id: str) -> set[str]:
    section = aid.section_by_id.get(section_id)
    return _figures(aid, section.evidence if section else ())


def _figures(aid: Aid, ids: Iterable[str]) -> set[str]:
    """Every number that these figures give, in both frames."""
    records = [aid.evidence_by_id[id_] for id_ in ids if id_ in aid.evidence_by_id]
    found = {n for r in records for n in _NUMBER.findall(f"{r.sentence} {r.population} {r.time}")}
    for record in records:
        for arm in record.arms:
            found |= {f"{arm.count:g}", f"{record.per - arm.count:g}"}
        found |= {f"{record.per:,}", f"{record.per}"}
    return found


def _sourced(
    reader: Reader, where: tuple[str, Place], id_: str, texts: Iterable[str], known: set[str]
) -> None:
    for text in texts:
        for found in _NUMBER.finditer(text):
            after = text[found.end() : found.end() + 14]
            if found[0] not in known and not _WORDS_OF_TIME.search(after):
                message = f"the number {found[0]} stands in none of the figures shown with it"
                reader.fault(where, id_, message, found[0])


def _comparison(reader: Reader, record: Evidence) -> None:
    where = reader.places["Evidence", record.id]
    if record.measure == "people" and record.per not in (100, 1000, 10000):
        reader.fault(where, record.id, f"per is {record.per}; use 100, 1000 or 10000", "per")
    if record.measure == "people" and not record.opposite:
        message = "opposite is missing: both ways round must be told"
        reader.fault(where, record.id, message, "outcome")
    if record.measure == "score" and record.scale_high <= record.scale_low:
        reader.fault(where, record.id, "a score needs scale_low and scale_high", "measure")


def balanced(aid: Aid) -> bool:
    """Whether the options are told in equal detail."""
    return not list(_imbalances(aid))


def _balance(aid: Aid, reader: Reader) -> None:
    for section, message, word in _imbalances(aid):
        reader.fault(reader.places["Section", section.id], section.id, message, word)


def _imbalances(aid: Aid) -> Iterator[tuple[Section, str, str]]:
    options = [section for section in aid.sections if section.group == "option"]
    if not options:
        return
    lengths = {s.id: len(" ".join((*s.text, *s.good, *s.bad)).split()) for s in options}
    mean = fmean(lengths.values())
    for section in options:
        if abs(lengths[section.id] - mean) > _BALANCE * mean:
            message = f"{lengths[section.id]} words; the options have {mean:.0f} on average"
            yield section, f"{message}, keep within 20 percent", ""
        if len(section.good) != len(section.bad):
            message = f"{len(section.good)} good and {len(section.bad)} bad points: make them equal"
            yield section, message, "good"
        if (len(section.good), len(section.text)) != (len(options[0].good), len(options[0].text)):
            message = f"other parts than {options[0].id}: the options need the same"
            yield section, message, "text"
