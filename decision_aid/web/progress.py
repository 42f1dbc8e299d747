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
    asked = rules.active(aid, answers).asked.get(page.id)
    if not asked:
        return 0.0
    words = aid.page_words[page.id]
    for question in asked:
        words += aid.word_counts[question.id]
    if page is aid.page_of.get("question_picks"):
        words -= _left_out(aid, answers)
    return words * 60 / WORDS_PER_MINUTE + SECONDS_PER_ANSWER * len(asked)


def _left_out(aid: Aid, answers: Answers) -> int:
    """Words of suggestions that do not fit this person and are therefore not shown."""
    fitting = rules.offered_ids(aid, answers)
    options = aid.questions["question_picks"].options
    return _words([option.text for option in options if option.id not in fitting])


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
