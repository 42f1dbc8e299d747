"""Aid + answers + findings -> Summary, the one object behind the screen and the paper.

Nothing is judged here: the rules have concluded, this module only finds the words.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Literal

from decision_aid import areas, rules
from decision_aid.answers import is_unknown, to_json
from decision_aid.applicability import fit
from decision_aid.model import (
    Aid,
    Answer,
    Answers,
    Bearing,
    Danger,
    Evidence,
    Finding,
    Findings,
    Group,
    Journey,
    Option,
    Question,
    Section,
    Source,
)

_TOLD_WHEN_SURE = ("condition", "operation", "benefit", "shift")
_TOLD_IN_SHORT = ("risk", "recovery", "alternative")
State = Literal["answered", "unknown", "skipped", "not_asked"]

#: So many of the things that matter are told beside the options.
TOP_VALUES = 3
#: Options that change nothing and are therefore not marked.
_NO_RISK = {"none", "no", "never", "never_had", "stopped", "good", "unknown"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One question and what was answered, in words for paper."""

    id: str
    label: str
    value: str
    values: tuple[str, ...]
    state: State
    number: int | float | None = None
    #: The value is in the patient's own words.
    words: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure with the sources that stand beside it."""

    record: Evidence
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionView:
    """A section as this person sees it."""

    section: Section
    certain: bool
    #: The questions that brought it, each with what was answered, as both stood on the screen.
    because: tuple[tuple[str, str], ...]
    figures: tuple[Figure, ...]
    worry: bool

    @property
    def in_full(self) -> bool:
        """Whether it is told at once; the others are told in short, with the rest one tap away.

        In full: the options, what the person surely has, what they worry about, what moves
        their odds, and what the author marks as never to be folded away.
        """
        if self.section.in_full:
            return True
        if self.section.group in _TOLD_WHEN_SURE:
            return self.certain
        return self.worry or self.section.group not in _TOLD_IN_SHORT


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectationRow:
    """What the patient expects beside what published groups reached."""

    question: str
    label: str
    expects: str
    published: str
    talk: str
    gap: bool
    sources: str
    #: The published groups are people like this one; without, there is no figure for this person.
    fits: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueLine:
    """One thing that was rated 0 to 5."""

    label: str
    rating: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionKnown:
    """What is known of one option for one thing that matters.

    ``figure`` is a figure of people like this one; without one, ``told`` says in words what is
    known, and that there is no good figure for this person.
    """

    title: str
    told: str
    figure: Figure | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueKnown:
    """One of the things that matter most, and what is known of each option for it. No verdict."""

    label: str
    rating: int
    options: tuple[OptionKnown, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened on the way, as every form of the record tells it."""

    id: str
    label: str
    at: datetime
    #: The hour, and the day when it is not the day of the page: "23:50 on 26 November".
    when: str


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What is shown on the guide and printed on the surgeon's page and the patient copy."""

    aid: Aid
    answers: Answers
    findings: Findings
    made_on: datetime
    advice_shown: datetime | None = None
    went_on: datetime | None = None
    reference: str = ""
    #: Only the core questions were put.
    short: bool = False

    def line(self, question_id: str) -> Line:
        """What was answered to one question."""
        return _line(self.aid, self.answers, self._asked, self._not_put, question_id)

    def said(self, question_id: str) -> str:
        """What was answered to one question, in the words of the screen; empty when nothing."""
        answer = self.answers.get(question_id)
        return "" if answer is None else in_words(self.aid.questions[question_id], answer)

    def _asked_as(self, question_id: str) -> str:
        helper = self.answers.get("answered_by") == "someone_else"
        return self.aid.questions[question_id].wording(helper=helper)

    def lines(self, page_id: str) -> tuple[Line, ...]:
        """What was answered on one page, asked questions only."""
        page = self.aid.page_by_id[page_id]
        return tuple(self.line(q.id) for q in page.questions if q.id in self._asked)

    @cached_property
    def _asked(self) -> frozenset[str]:
        way = self.aid.short_way if self.short else self.aid
        return frozenset(rules.active(way, self.answers).put) | set(self.answers)

    @cached_property
    def _not_put(self) -> frozenset[str]:
        """Questions that the short way left out."""
        put = rules.active(self.aid, self.answers).put
        return frozenset(put) - self._asked if self.short else frozenset()

    @cached_property
    def unanswered(self) -> tuple[str, ...]:
        """Ids of questions that were put and not answered."""
        return tuple(q for q in self.findings.unanswered if q in self._asked)

    @cached_property
    def emergency(self) -> tuple[str, ...]:
        """Emergency symptoms that were reported, in short words."""
        return tuple(option.short for option in signs(self.aid, self.findings.flags.emergency))

    @cached_property
    def urgent(self) -> tuple[str, ...]:
        """Urgent symptoms that were reported, in short words."""
        return tuple(option.short for option in signs(self.aid, self.findings.flags.urgent))

    @cached_property
    def harmless(self) -> tuple[str, ...]:
        """What was ticked among the signs and is no reason for a warning, in short words."""
        ticked = self.answers.get("urgent_symptoms", ())
        ids = ticked if isinstance(ticked, tuple) else ()
        return tuple(option.short for option in signs(self.aid, ids) if option.harmless)

    @cached_property
    def dangers(self) -> tuple[Danger, ...]:
        """What may stand behind the emergency symptoms, most pressing first."""
        return rules.dangers(self.aid, self.answers)

    def ticked(self, urgency: Literal["emergency", "urgent"]) -> tuple[str, ...]:
        """Symptoms that were reported, in the words that the patient ticked."""
        return tuple(o.text for o in signs(self.aid, getattr(self.findings.flags, urgency)))

    @cached_property
    def asked_not_reported(self) -> tuple[str, ...]:
        """Symptoms of answered safety questions that were not ticked."""
        ticked = (*self.findings.flags.emergency, *self.findings.flags.urgent)
        return tuple(
            option.short
            for question in _safety_questions(self.aid)
            if question.id in self.answers
            for option in question.offered()
            if not (option.exclusive or option.harmless or option.id in ticked)
        )

    @cached_property
    def safety_skipped(self) -> tuple[str, ...]:
        """Safety questions that were not answered. Never printed as "no"."""
        return tuple(
            question.short
            for question in _safety_questions(self.aid)
            if question.id not in self.answers
        )

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """What happened around the advice to get help, in order."""
        words = self.aid.words
        rows = (
            ("advice_shown", words["advice_shown"], self.advice_shown),
            ("went_on", words["went_on"], self.went_on),
        )
        return tuple(
            Event(id=id_, label=label, at=at, when=_when(at, self.made_on))
            for id_, label, at in rows
            if at
        )

    @cached_property
    def sections(self) -> tuple[SectionView, ...]:
        """The selected sections in reading order."""
        return tuple(self._view(finding) for finding in self.findings.sections)

    def group(self, name: Group) -> tuple[SectionView, ...]:
        """The selected sections of one group."""
        return tuple(view for view in self.sections if view.section.group == name)

    def _view(self, finding: Finding) -> SectionView:
        section = self.aid.section_by_id[finding.id]
        return SectionView(
            section=section,
            certain=finding.certain,
            because=tuple(
                (self._asked_as(question), self.said(question))
                for question in finding.because
                if question in self.answers
            ),
            figures=self._figures(section),
            worry="worries" in finding.because,
        )

    def _figures(self, section: Section) -> tuple[Figure, ...]:
        """The figures of a section: of people with this condition first, of others last."""
        told = self.answers.get("condition")
        own = frozenset(told if isinstance(told, tuple) else ())

        def rank(figure: Figure) -> tuple[bool, bool]:
            applies_to = figure.record.applies_to
            wanted = [field.wanted for field in applies_to if field.question == "condition"]
            others = fit(applies_to, self.answers) == "other_people"
            return all(map(own.isdisjoint, wanted)), others

        return tuple(sorted(map(self.figure, section.evidence), key=rank))

    def figure(self, evidence_id: str) -> Figure:
        """One figure with its sources."""
        record = self.aid.evidence_by_id[evidence_id]
        sources = tuple(self.aid.source_by_id[source] for source in record.sources)
        return Figure(record=record, sources=sources)

    @cached_property
    def contradictions(self) -> tuple[str, ...]:
        """Answers that do not fit each other, as questions for the surgeon."""
        return tuple(finding.text for finding in self.findings.contradictions)

    @cached_property
    def expectations(self) -> tuple[ExpectationRow, ...]:
        """Every expectation that was asked, beside the published results."""
        return tuple(self._expectation_rows())

    def _expectation_rows(self) -> Iterator[ExpectationRow]:
        gaps = {finding.id for finding in self.findings.gaps}
        for question in dict.fromkeys(row.question for row in self.aid.expectations):
            row = rules.expectation(self.aid, question, self.answers)
            line = self.line(question)
            figures = [self.figure(evidence) for evidence in row.evidence] if row else []
            shorts = dict.fromkeys(s.short for figure in figures for s in figure.sources)
            yield ExpectationRow(
                question=question,
                label=line.label,
                expects=line.value,
                published=row.published if row else self.aid.words["no_figure_of_such_people"],
                talk=row.talk if row else "",
                gap=question in gaps,
                sources="; ".join(shorts),
                fits=row is not None,
            )

    @cached_property
    def questions(self) -> tuple[str, ...]:
        """The patient's questions: own words first, then the suggested ones that were picked."""
        own = [self.line(f"own_question_{number}") for number in (1, 2, 3)]
        picks = self.line("question_picks").values
        return (*(line.value for line in own if line.state == "answered"), *picks)

    @cached_property
    def suggested(self) -> tuple[str, ...]:
        """Questions that the answers suggest, most important first."""
        return tuple(finding.text for finding in self.findings.questions)

    @cached_property
    def top_values(self) -> tuple[ValueLine, ...]:
        """What was rated, most important first; the patient's own value among them."""
        rated = [
            (self.line(question.id).label, self.answers[question.id])
            for question in self.aid.questions.values()
            if question.id.startswith("value_") and question.id in self.answers
        ]
        own, weight = self.answers.get("own_value"), self.answers.get("own_value_weight")
        if own is not None and weight is not None:
            rated.append((f"“{own}”", weight))
        lines = [ValueLine(label=label, rating=int(str(rating))) for label, rating in rated]
        return tuple(sorted(lines, key=lambda line: -line.rating))

    @property
    def unrated_value(self) -> str:
        """The patient's own value in their words, named but not rated: that is no rating of 0."""
        own = "" if "own_value_weight" in self.answers else self.answers.get("own_value", "")
        return str(own)

    @cached_property
    def values_known(self) -> tuple[ValueKnown, ...]:
        """The three things rated highest, each with what is known of every option. No sum."""
        return tuple(
            ValueKnown(
                label=self._asked_as(value),
                rating=rating,
                options=tuple(
                    self._known(bearing) for bearing in self.aid.bearings if bearing.value == value
                ),
            )
            for value, rating in self._rated[:TOP_VALUES]
        )

    @property
    def values_rated_alike(self) -> tuple[str, ...]:
        """What was rated as high as the last of the three, and is not among them."""
        if len(self._rated) <= TOP_VALUES:
            return ()
        last = self._rated[TOP_VALUES - 1][1]
        return tuple(
            self._asked_as(value) for value, rating in self._rated[TOP_VALUES:] if rating == last
        )

    @cached_property
    def _rated(self) -> tuple[tuple[str, int], ...]:
        """The values that options bear on and that were rated above 0, highest first."""
        values = dict.fromkeys(bearing.value for bearing in self.aid.bearings)
        rated = [(value, self.answers.get(value)) for value in values]
        above = [(value, given) for value, given in rated if isinstance(given, int) and given]
        return tuple(sorted(above, key=lambda pair: -pair[1]))

    def _known(self, bearing: Bearing) -> OptionKnown:
        held = (n for n in bearing.evidence if rules.holds_for(self.aid, (n,), self.answers))
        figure = next(map(self.figure, held), None)
        return OptionKnown(
            title=self.aid.section_by_id[bearing.option].title,
            told=figure.record.sentence if figure else bearing.why,
            figure=figure,
        )

    @property
    def bmi(self) -> str:
        """The body mass index in words, where height and weight are known."""
        index = rules.bmi(self.answers)
        return "" if index is None else f"BMI {index:.1f}"

    @cached_property
    def risk_changes(self) -> tuple[Line, ...]:
        """Answers that change risk or planning."""
        return tuple(self._risk_lines())

    def _risk_lines(self) -> Iterator[Line]:
        for question_id in (*areas.HEALTH, *areas.PLANNING):
            answer = self.answers.get(question_id, ())
            chosen = answer if isinstance(answer, tuple) else (answer,)
            if any(option not in _NO_RISK for option in chosen):
                yield self.line(question_id)

    @cached_property
    def tried(self) -> tuple[tuple[str, str], ...]:
        """Treatments tried, each with how much it helped."""
        question = self.aid.questions["tried"]
        chosen = self.answers.get("tried", ())
        return tuple(
            (option.short, self.line(f"helped_{option.id}").value)
            for option in question.options
            if isinstance(chosen, tuple) and option.id in chosen and not option.exclusive
        )

    @cached_property
    def not_answered(self) -> tuple[str, ...]:
        """Short names of what was asked and not answered; room for own words does not count."""
        questions = (self.aid.questions[question] for question in self.unanswered)
        return tuple(question.short for question in questions if question.kind != "text")

    @cached_property
    def also_asked(self) -> tuple[Line, ...]:
        """Answers to questions that an author has added to those with a place on paper."""
        lines = map(self.line, areas.unplaced(self.aid))
        return tuple(line for line in lines if line.state in ("answered", "unknown"))

    @cached_property
    def knowledge_again(self) -> tuple[str, ...]:
        """What to explain again."""
        return tuple(self.aid.questions[q].short for q in self.findings.knowledge.missed)

    @cached_property
    def check_value(self) -> str:
        """Eight hex digits that change with any answer or any content: "7F3A-91C2"."""
        return check_value_of(self.aid.checksum, self.answers)


def check_value_of(checksum: str, answers: Answers) -> str:
    """The check value that a page prints of these answers, made with the content named."""
    data = json.dumps([checksum, to_json(answers)], sort_keys=True)
    digest = hashlib.sha256(data.encode()).hexdigest().upper()
    return f"{digest[:4]}-{digest[4:8]}"


def build(
    aid: Aid, answers: Answers | Journey, findings: Findings | None = None, *, made_on: datetime
) -> Summary:
    """The summary of a person's answers. ``made_on`` is printed; nothing else knows the time."""
    journey = answers if isinstance(answers, Journey) else Journey(answers=answers)
    return Summary(
        aid=aid,
        answers=rules.active(aid, journey.answers),
        findings=findings or rules.findings(aid, journey.answers),
        made_on=made_on,
        advice_shown=journey.advice_shown,
        went_on=journey.went_on,
        reference=journey.reference,
        short=journey.short,
    )


def _when(moment: datetime, page: datetime) -> str:
    """The hour on the clock of the page, with the day and the year when they are others."""
    if moment.tzinfo and page.tzinfo:
        moment = moment.astimezone(page.tzinfo)
    day = f" on {moment.day} {moment:%B}" if moment.date() != page.date() else ""
    return f"{moment:%H:%M}{day}{f' {moment.year}' if moment.year != page.year else ''}"


def in_words(question: Question, answer: Answer) -> str:
    """An answer as it stood on the screen: "Heart disease; Lung disease", "7 of 10"."""
    chosen = answer if isinstance(answer, tuple) else (answer,)
    options = (question.option(str(item)) for item in chosen)
    words = [option.text for option in options if option]
    if question.kind in ("scale", "rating"):
        return f"{answer} of {question.maximum}"
    return "; ".join(words) or f"{answer} {question.unit}".strip()


def signs(aid: Aid, ids: tuple[str, ...]) -> tuple[Option, ...]:
    """The signs with these ids, of whichever of the questions on signs."""
    asked = (question.option(id_) for id_ in ids for question in _safety_questions(aid))
    return tuple(option for option in asked if option)


def _safety_questions(aid: Aid) -> tuple[Question, ...]:
    return (aid.questions["emergency_symptoms"], aid.questions["urgent_symptoms"])


def _line(
    aid: Aid,
    answers: Answers,
    asked: frozenset[str],
    not_put: frozenset[str],
    question_id: str,
) -> Line:
    question = aid.questions[question_id]
    answer = answers.get(question_id)
    if answer is None:
        state: State = "skipped" if question_id in asked else "not_asked"
        return Line(
            id=question_id,
            label=question.short,
            value=aid.words["not_answered"]
            if state == "skipped"
            else aid.words["not_put"] * (question_id in not_put),
            values=(),
            state=state,
        )
    values = _words(question, answer)
    return Line(
        id=question_id,
        label=question.short,
        value=", ".join(values),
        values=values,
        state="unknown" if is_unknown(answer) else "answered",
        number=answer if isinstance(answer, (int, float)) else None,
        words=question.kind == "text",
    )


def _words(question: Question, answer: Answer) -> tuple[str, ...]:
    if isinstance(answer, tuple):
        return tuple(option.short for option in question.options if option.id in answer)
    option = question.option(answer) if isinstance(answer, str) else None
    if option:
        return (option.short,)
    return (f"{answer} {question.unit}".strip(),)
