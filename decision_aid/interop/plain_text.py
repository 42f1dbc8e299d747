"""The surgeon's page as plain text, 80 columns, to paste into a record."""

from collections.abc import Iterable, Iterator
from textwrap import fill

from decision_aid.summary import Line, Summary

_WIDTH = 80


def page(summary: Summary) -> str:
    """The page in the order of the printed one. Patient's own words stand in quotation marks.

    What was not answered stands together at the end; an area without answers says so.
    """
    words = summary.aid.words
    also = tuple(f"{line.label}: {_value(line)}" for line in summary.also_asked)
    blocks = [
        [
            words["surgeon_title"].upper(),
            f"Made on {summary.made_on:%d %B %Y, %H:%M}. "
            f"Answered by: {summary.line('answered_by').value or words['not_answered']}.",
            words["reported_not_verified"],
            *([f"{words['way_printed'].capitalize()}."] if summary.short else []),
            *([f"Reference: {summary.reference}"] if summary.reference else []),
            *([] if summary.aid.approved_by else [summary.aid.draft_notice]),
        ],
        ["1 URGENT SYMPTOMS", *_safety(summary)],
        ["2 MY GOAL, IN MY WORDS", *_lines(summary, "goal", "activity")],
        [
            "3 SYMPTOMS",
            *_lines(summary, "leg_pain", "leg_pain_average", "back_pain", "back_pain_average"),
            *_lines(summary, "worse_pain", "leg_side"),
            *_pattern(summary),
            *_lines(summary, "body_map", "walking", "stops_walking", "relief"),
            *_lines(
                summary, "nerve_symptoms", "weak_movement", "duration", "back_duration", "trend"
            ),
            *_lines(summary, "daily_life", "work", "sick_leave"),
            *_lines(summary, "condition", "slip_type", "slip_told_unstable", "scan", "operation"),
        ],
        ["4 TRIED", *_tried(summary)],
        [
            "5 CHANGES RISK OR PLANNING",
            *_lines(
                summary, "other_cause", "blood_thinner", "steroids", "opioids", "smoking", "health"
            ),
            *_lines(summary, "diabetes_control", "weight_medicines", "allergies", "allergy_words"),
            *_lines(summary, "medicine_list", "sleep_apnoea", "anaesthetic_trouble", "frailty"),
            *_lines(summary, "earlier_surgery", "age", "sex", "height_cm", "weight_kg"),
            *([summary.bmi] if summary.bmi else []),
            *_lines(summary, "home", "carer"),
        ],
        *([["ALSO ASKED", *also]] if also else []),
        ["PLEASE CLARIFY (answers that do not fit)", *_numbered(summary.contradictions)],
        [
            "6 WHAT MATTERS MOST",
            *(f"{value.rating}/5 {value.label}" for value in summary.top_values),
            *(_lines(summary, "own_value") if summary.unrated_value else ()),
            *_lines(summary, "worries", "other_worry"),
        ],
        ["7 EXPECTS, BESIDE PUBLISHED GROUPS", *_expectations(summary)],
        ["8 UNDERSTANDING AND CERTAINTY", *_certainty(summary)],
        ["9 MY QUESTIONS", *_numbered(summary.questions), *_suggested(summary)],
        ["NOT ANSWERED", ", ".join(_missing(summary)) or "-"],
        [f"Content {summary.aid.version} ({summary.aid.checksum}). Check {summary.check_value}."],
    ]
    empty = words["not_answered"]
    filled = (
        lines if len(lines) > 1 or lines is blocks[-1] else [*lines, empty] for lines in blocks
    )
    return "\n\n".join(map(_block, filled)) + "\n"


#: What was told of a doctor's check; printed with the signs.
_CHECKED = ("checked_where", "checked_when", "checked_scan", "checked_change")


def _block(lines: Iterable[str]) -> str:
    return "\n".join(
        fill(line, _WIDTH, subsequent_indent="  ", break_on_hyphens=False) for line in lines
    )


def _safety(summary: Summary) -> Iterator[str]:
    for symptom in summary.emergency:
        yield f"! EMERGENCY: {symptom}: YES"
    for symptom in summary.urgent:
        yield f"! URGENT: {symptom}: YES"
    for told in summary.harmless:
        yield f"{summary.aid.words['harmless_told']}: {told}"
    if summary.emergency or summary.urgent:
        yield from _lines(summary, "symptom_onset", "seen_by_doctor", *_CHECKED)
    yield from (f"{event.label} {event.when}" for event in summary.events)
    if summary.asked_not_reported:
        yield f"Asked, not reported: {', '.join(summary.asked_not_reported)}"
    for question in summary.safety_skipped:
        yield f"NOT ANSWERED: {question}"


def _lines(summary: Summary, *questions: str) -> Iterator[str]:
    for question in questions:
        line = summary.line(question)
        if line.state in ("answered", "unknown"):
            yield f"{line.label}: {_value(line)}"


def _value(line: Line) -> str:
    if line.words and line.state == "answered":
        return f"“{line.value}”"
    return (
        f"{line.value}/10" if line.id.endswith("_pain") and line.number is not None else line.value
    )


def _pattern(summary: Summary) -> Iterator[str]:
    """Which pain leads; nothing when neither does or it is not known."""
    if summary.findings.dominance not in ("no_pain", "unclear"):
        yield f"Pattern: {summary.findings.dominance.replace('_', '-')}"


def _tried(summary: Summary) -> Iterator[str]:
    for treatment, helped in summary.tried:
        yield f"{treatment}: {helped}"
    if not summary.tried:
        yield from _lines(summary, "tried")


def _expectations(summary: Summary) -> Iterator[str]:
    for row in summary.expectations:
        if row.question not in summary.answers:
            continue
        gap = f"  [{summary.aid.words['gap']}: {row.talk}]" if row.gap else ""
        yield f"{row.label}: {row.expects}. Published: {row.published} ({row.sources}){gap}"


def _certainty(summary: Summary) -> Iterator[str]:
    knowledge, sure = summary.findings.knowledge, summary.findings.sure
    asked = len(knowledge.right) + len(knowledge.missed)
    if asked:
        yield f"Knowledge: {len(knowledge.right)} of {asked} answered"
    yield from (f"Explain again: {item}" for item in summary.knowledge_again)
    score = summary.aid.words["not_answered"] if sure.score is None else f"{sure.score} of 4 yes"
    yield f"SURE: {score}"
    yield from _lines(summary, "sure_certain", "sure_informed", "sure_values", "sure_support")
    yield from _lines(summary, "leaning", "role", "decision_stage", "others")


def _missing(summary: Summary) -> Iterator[str]:
    """Short names; the statements to be checked are named as one, for alone they read as facts."""
    statements = summary.findings.knowledge.unanswered
    shorts = {summary.aid.questions[question].short for question in statements}
    yield from (name for name in summary.not_answered if name not in shorts)
    if statements:
        yield f"understanding ({len(statements)} questions)"


def _numbered(items: Iterable[str]) -> Iterator[str]:
    items = list(items)
    yield from (f"{number} {item}" for number, item in enumerate(items, 1))
    if not items:
        yield "-"


def _suggested(summary: Summary) -> Iterator[str]:
    for question in summary.suggested[: max(0, 3 - len(summary.questions))]:
        yield f"(suggested by the answers) {question}"
