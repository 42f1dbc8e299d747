"""How far along a person is and how long the rest takes, from words and answers. Pure."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from decision_aid import rules
from decision_aid.model import Aid, Answers, Page
from decision_aid.summary import SectionView

WORDS_PER_MINUTE = 130
SECONDS_PER_ANSWER = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """One page's place: part ``number`` of ``total``, and the minutes of questions left."""

    number: int
    total: int
    title: str
    done: int
    pages: int
    minutes: int


def _words(texts: Iterable[str]) -> int:
    return sum([len(text.split()) for text in texts])


def seconds(aid: Aid, page: Page, answers: Answers) -> float:
    """How long a slow reader needs for what these answers ask on one page of questions."""
    return _seconds(aid, [page.id], rules.active(aid, answers))


def _seconds(aid: Aid, pages: Iterable[str], kept: rules.Active) -> float:
    count, words, above = 0, aid.word_counts, aid.page_words
    read, picks = 0, aid.page_of.get("question_picks")
    for name in pages:
        asked = kept.asked.get(name)
        if asked:
            read += above[name] + sum([words[q.id] for q in asked])
            count += len(asked)
            if picks and name == picks.id:
                read -= _left_out(aid, kept)
    return read * 60 / WORDS_PER_MINUTE + SECONDS_PER_ANSWER * count


def _left_out(aid: Aid, answers: Answers) -> int:
    """Words of suggestions that do not fit this person and are therefore not shown."""
    counts = aid.suggestion_words
    return sum(counts.values()) - sum(
        [counts.get(name, 0) for name in rules.offered_ids(aid, answers)]
    )


def reading_minutes(views: Iterable[SectionView]) -> int:
    """How long a slow reader needs for what stands open of these cards of the guide."""
    texts = (text for view in views for text in _open_texts(view))
    return max(1, math.ceil(_words(texts) / WORDS_PER_MINUTE))


def _open_texts(view: SectionView) -> Iterator[str]:
    """What can be read of one card without opening anything, as guide.html shows it."""
    section, side_by_side = view.section, view.section.group == "option"
    yield from (section.title, section.text[0])
    if view.worry or section.in_full or side_by_side:
        yield from section.text[1:]
    if side_by_side:
        yield from (*section.good, *section.bad)
    for figure in view.figures[:1]:
        yield figure.record.sentence
        if view.in_full and not side_by_side:
            yield figure.record.reason
            yield from (f"{arm.label} {figure.record.outcome}" for arm in figure.record.arms)
    if view.in_full and not side_by_side:
        yield from section.ask


def measure(aid: Aid, page: Page, answers: Answers) -> Progress:
    """The place of a page in this person's journey."""
    kept = rules.active(aid, answers)
    places = aid.places
    left = [name for name in kept.asked if places[name] >= places[page.id]]
    time = _seconds(aid, left, kept)
    number = [part.id for part in aid.parts].index(page.part)
    return Progress(
        number=number + 1,
        total=len(aid.parts),
        title=aid.parts[number].title,
        done=len(kept.asked) - len(left),
        pages=len(kept.asked),
        minutes=math.ceil(time / 60),
    )
