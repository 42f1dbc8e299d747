"""What the pages without questions show: the guide, the check page, the last page."""

from collections.abc import Sequence
from functools import partial
from itertools import zip_longest
from typing import Any

from flask import render_template

from decision_aid import clinic_documents, rules
from decision_aid.documents import illustrations
from decision_aid.model import Answers, Page, Question
from decision_aid.summary import SectionView, Summary, in_words
from decision_aid.web import progress
from decision_aid.web.session import Session, record_advice, services

#: The groups that stand as cards in the guide; safety stands on top, the card at the end.
GROUPS = ("condition", "operation", "benefit", "risk", "shift", "recovery", "alternative")


def show(page: Page, visit: Session, **around: Any) -> str:
    """A page that asks nothing."""
    summary = visit.summary()
    around["following"] = rules.next_page(visit.way, page.id, visit.answers)
    if page.kind == "guide":
        if summary.group("safety"):
            record_advice(visit)
        views = summary.sections
        first = [v for v in views if v.worry or (v.section.group == "condition" and v.certain)]
        minutes = {
            "first": progress.reading_minutes(first) if first else 0,
            "open": progress.reading_minutes(views),
        }
        around |= {
            "minutes": minutes,
            "option_rows": option_rows(summary.group("option")),
            "groups": GROUPS,
            "drawings": illustrations.DRAWINGS,
            "drawing_size": (illustrations.WIDTH, illustrations.HEIGHT),
        }
    if page.kind == "check":
        _make_papers_ahead(visit, summary)
        pages = rules.visible_pages(visit.way, visit.answers)
        around["pages"] = [p for p in pages if p.questions]
        questions = tuple(services().aid.questions.values())
        around["said"] = lines(questions, visit.answers)
        around["asked"] = {q.id: q.wording(helper=visit.helper) for q in questions}
    template = {
        "guide": "guide/guide.html",
        "check": "journey/review.html",
        "done": "documents/done.html",
    }[page.kind]
    return render_template(template, page=page, visit=visit, summary=summary, **around)


def option_rows(options: Sequence[SectionView]) -> list[tuple[str, tuple[str, ...]]]:
    """The options side by side: for each row a heading and one text an option.

    Texts of a row that all begin with the same words and a colon have these as their heading.
    """
    texts = [view.section.text for view in options]
    return [_row(row, place) for place, row in enumerate(zip_longest(*texts, fillvalue=""))]


def _row(row: tuple[str, ...], place: int) -> tuple[str, tuple[str, ...]]:
    heading = row[0].partition(": ")[0]
    if all(text.startswith(f"{heading}: ") for text in row):
        rest = (text.removeprefix(f"{heading}: ") for text in row)
        return heading, tuple(text[:1].upper() + text[1:] for text in rest)
    return "More on this" if place else "What it is", row


def _make_papers_ahead(visit: Session, summary: Summary) -> None:
    """Both papers, while the answers are being checked; the buttons stand on the next page."""
    at = services()
    for kind, make in (
        ("surgeon", clinic_documents.surgeon),
        ("patient", clinic_documents.patient),
    ):
        at.ahead.prepare(
            visit.token, kind, summary.check_value, partial(make, summary, at.settings)
        )


def feedback(page: Page, visit: Session) -> tuple[tuple[Question, bool], ...]:
    """On the page after the knowledge check: each statement that was answered, and if rightly."""
    before = rules.previous_page(visit.way, page.id, visit.answers)
    asked = visit.way.page_by_id[before].questions if before else ()
    return tuple(
        (q, visit.answers[q.id] == q.right) for q in asked if q.right and q.id in visit.answers
    )


def with_suggestions(questions: tuple[Question, ...], visit: Session) -> tuple[Question, ...]:
    """The questions; the one that offers suggestions offers those that the rules found."""
    asked = [rules.offered(visit.at.aid, q, visit.answers) for q in questions]
    return tuple([q for q in asked if q.options or q.kind not in ("one", "many", "body")])


def lines(questions: tuple[Question, ...], answers: Answers) -> dict[str, str]:
    """Answers in words, by question, for showing two versions beside each other."""
    return {q.id: in_words(q, answers[q.id]) for q in questions if q.id in answers}
