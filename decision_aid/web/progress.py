"""How far along a person is and how long the rest takes, from words and answers. Pure."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from decision_aid import rules
from decision_aid.model import Aid, Answers, Page, Question
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
    return sum(len(text.split()) for text in texts)


def seconds(aid: Aid, page: Page, answers: Answers) -> float:
    """How long a slow reader needs for what these answers ask on one page of questions."""
    asked = rules.visible_questions(aid, page, answers)
    if not asked:
        return 0.0
    words = aid.page_words[page.id] - _left_out(aid, asked, answers)
    for question in asked:
        words += aid.word_counts[question.id]
    return words * 60 / WORDS_PER_MINUTE + SECONDS_PER_ANSWER * len(asked)


def _left_out(aid: Aid, asked: tuple[Question, ...], answers: Answers) -> int:
    """Words of suggestions that do not fit this person and are therefore not shown."""
    offering = next((q for q in asked if q.id == "question_picks"), None)
    if offering is None:
        return 0
    fitting = rules.offered(aid, offering, answers).options
    return _words(option.text for option in offering.options if option not in fitting)


def reading_minutes(views: Iterable[SectionView], *, folded: bool) -> int:
    """How long a slow reader needs: for what stands open, or with what is folded away."""
    texts = (text for view in views for text in _texts(view, view.in_full or folded))
    return max(1, math.ceil(_words(texts) / WORDS_PER_MINUTE))


def _texts(view: SectionView, in_full: bool) -> Iterator[str]:
    section = view.section
    figures = [figure.record.sentence for figure in view.figures]
    yield from (section.title, section.text[0], *figures[:1])
    if in_full:
        yield from (*section.text[1:], section.how_sure, section.fit, *section.good, *section.bad)
        yield from (*section.do, *section.ask)


def measure(aid: Aid, page: Page, answers: Answers) -> Progress:
    """The place of a page in this person's journey."""
    kept = rules.active(aid, answers)
    places = aid.places
    left = [name for name in kept.asked if places[name] >= places[page.id]]
    time = sum([seconds(aid, aid.page_by_id[name], kept) for name in left])
    number = [part.id for part in aid.parts].index(page.part)
    return Progress(
        number=number + 1,
        total=len(aid.parts),
        title=aid.parts[number].title,
        done=len(kept.asked) - len(left),
        pages=len(kept.asked),
        minutes=math.ceil(time / 60),
    )
