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


def seconds(aid: Aid, page: Page, questions: Iterable[Question], answers: Answers) -> float:
    """How long a slow reader needs for one page of questions."""
    asked = tuple(questions)
    words = _words((page.title, *page.intro)) + sum(_question_words(aid, q, answers) for q in asked)
    return words * 60 / WORDS_PER_MINUTE + SECONDS_PER_ANSWER * len(asked)


def _question_words(aid: Aid, question: Question, answers: Answers) -> int:
    """Of the question that offers suggestions only those that fit are read."""
    left_out = 0
    if question.id == "question_picks":
        fitting = {option.id for option in rules.offered(aid, question, answers).options}
        left_out = _words(option.text for option in question.options if option.id not in fitting)
    return aid.word_counts[question.id] - left_out


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
    pages = rules.visible_pages(aid, answers)
    order = [p.id for p in aid.pages]
    left = [p for p in pages if order.index(p.id) >= order.index(page.id)]
    kept = rules.active(aid, answers)
    time = sum(
        seconds(aid, p, (q for q in p.questions if rules.holds(q.enable_when, kept)), kept)
        for p in left
        if p.questions
    )
    part_ids = [part.id for part in aid.parts]
    return Progress(
        number=part_ids.index(page.part) + 1,
        total=len(aid.parts),
        title=aid.parts[part_ids.index(page.part)].title,
        done=len(pages) - len(left),
        pages=len(pages),
        minutes=math.ceil(time / 60),
    )
