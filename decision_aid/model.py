"""What an aid is: frozen dataclasses, read from the three content files and never changed.

The words are those of the field: ``enable_when`` and ``enable_behavior`` are FHIR's,
*option*, *section* and *evidence* are those of the IPDAS checklist.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from typing import Literal

Kind = Literal["one", "many", "scale", "rating", "number", "text", "body"]
PageKind = Literal["questions", "guide", "check", "done"]
Operator = Literal["exists", "=", "!=", ">", "<", ">=", "<="]
Behavior = Literal["all", "any"]
Certainty = Literal["high", "moderate", "low", "very low"]
Mark = Literal["V", "V*", "K", "K?"]
Group = Literal[
    "safety",
    "scope",
    "condition",
    "option",
    "operation",
    "benefit",
    "risk",
    "shift",
    "recovery",
    "alternative",
    "card",
]

Answer = str | int | float | tuple[str, ...]
#: Question id to answer. A question that is absent was skipped.
Answers = Mapping[str, Answer]

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One comparison with the answer to a question or with a derived fact.

    ``answer`` may be a tuple: then any of its members satisfies ``=``.
    """

    question: str
    operator: Operator
    answer: str | int | bool | tuple[str, ...]
    #: Older, wider answers of which nobody can tell whether they satisfy it.
    unsure: tuple[str, ...] = ()

    @property
    def wanted(self) -> tuple[str | int | bool, ...]:
        """The answers of which any satisfies ``=``."""
        return self.answer if isinstance(self.answer, tuple) else (self.answer,)


#: For whom a figure holds: of each question, the options of which one must have been chosen.
AppliesTo = tuple[Condition, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Conditions joined by all or any. A rule without conditions is always true."""

    behavior: Behavior = "all"
    conditions: tuple["Condition | Rule", ...] = ()

    def leaves(self) -> Iterator[Condition]:
        """Every comparison in this rule, however deep it stands."""
        for condition in self.conditions:
            if isinstance(condition, Rule):
                yield from condition.leaves()
            else:
                yield condition


ALWAYS = Rule()


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One answer that can be chosen. ``short`` is what the surgeon's page prints."""

    id: str
    text: str
    short: str
    hint: str = ""
    #: Choosing it excludes every other option ("none of these", "I don't know").
    exclusive: bool = False
    #: Offered no more; answers that name it stay valid and keep their meaning.
    retired: bool = False
    #: An older, wider answer stands for one of these; nobody can tell which.
    covers: tuple[str, ...] = ()
    #: The section that answers this worry.
    section: str = ""
    #: A small heading above this option, for it and those that follow.
    heading: str = ""
    #: Among the signs: told to the surgeon, and no reason for a warning.
    harmless: bool = False
    #: An urgent sign is an emergency when this holds.
    emergency_when: Rule | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question. Bounds of ``scale``, ``rating`` and ``number`` are inclusive."""

    id: str
    kind: Kind
    text: str
    short: str
    hint: str = ""
    #: The same question when someone answers for the patient.
    helper_text: str = ""
    options: tuple[Option, ...] = ()
    enable_when: Rule = ALWAYS
    minimum: int = 0
    maximum: int = 0
    #: Words at the two ends of a scale or rating.
    low: str = ""
    high: str = ""
    unit: str = ""
    #: Asked on the short way too: what safety, the rules and the surgeon's minute need most.
    core: bool = False
    #: Left empty, it is asked once more.
    ask_twice: bool = False
    #: Answers that no rule looks at are meant for the surgeon alone.
    surgeon_only: bool = False
    #: Longest text in characters, or most options that may be chosen (0: no limit).
    limit: int = 0
    #: Only for the knowledge check: the right answer, why, and where the guide says so.
    right: str = ""
    feedback: str = ""
    section: str = ""

    def option(self, option_id: str) -> Option | None:
        """The option with this id, or None."""
        return next((o for o in self.options if o.id == option_id), None)

    def offered(self, answer: Answer | None = None) -> tuple[Option, ...]:
        """The options that are put: all but the retired ones, and those that were chosen."""
        chosen = answer if isinstance(answer, tuple) else (answer,)
        return tuple(o for o in self.options if not o.retired or o.id in chosen)

    def wording(self, *, helper: bool) -> str:
        """As it is put to the patient, or to whoever answers for the patient."""
        return self.helper_text if helper and self.helper_text else self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One screen: one thing to think about."""

    id: str
    part: str
    title: str
    kind: PageKind = "questions"
    intro: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()
    enable_when: Rule = ALWAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A stretch of the journey, named in the progress line ("Part 3 of 9: your walking")."""

    id: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a figure was read. ``short`` stands beside the number, ``cite`` in the list."""

    id: str
    short: str
    cite: str
    doi: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """One group of people. ``count`` of ``Evidence.per`` people, or a mean on the scale.

    ``low`` to ``high`` is the range that the source gives. ``events`` of ``of`` are the numerator
    and the denominator, where the source prints them; they are never worked out from a share.
    """

    label: str
    count: float
    low: float | None = None
    high: float | None = None
    events: int | None = None
    of: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One outcome in numbers, as its source gives it.

    ``measure`` says what the arms count: ``people`` out of ``per``; ``score`` a mean between
    ``scale_low`` and ``scale_high``; ``time`` and ``statement`` carry it in ``sentence``.
    """

    id: str
    row: str
    measure: Literal["people", "score", "time", "statement"]
    outcome: str
    opposite: str = ""
    population: str
    applies_to: AppliesTo = ()
    time: str
    sentence: str
    arms: tuple[Arm, ...] = ()
    per: int = 100
    scale_low: int = 0
    scale_high: int = 0
    unit: str = ""
    certainty: Certainty
    reason: str
    sources: tuple[str, ...]
    mark: Mark
    checked_on: date
    review_by: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A text about a benefit, risk, recovery, alternative, condition or what shifts the odds."""

    id: str
    group: Group
    title: str
    text: tuple[str, ...]
    evidence: tuple[str, ...] = ()
    how_sure: str = ""
    fit: str = ""
    do: tuple[str, ...] = ()
    ask: tuple[str, ...] = ()
    good: tuple[str, ...] = ()
    bad: tuple[str, ...] = ()
    picture: str = ""
    #: A word or two for the surgeon's page.
    short: str = ""
    #: Why its figures have different denominators or times, if so.
    frames_differ: str = ""
    #: Why an option is told in other parts or another length than the others, if so.
    parts_differ: str = ""
    enable_when: Rule = ALWAYS
    #: When this holds, the section stands first in its group.
    first_when: Rule | None = None
    #: Never folded away or shortened, on the screen or on paper.
    in_full: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One step of the recovery timeline: a stretch of time, and what it is often like.

    ``section`` tells more of it and carries its sources.
    """

    when: str
    text: str
    section: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Danger:
    """What may stand behind some emergency signs, and what the stop page then says.

    Dangers stand in the content with the one that leaves the least time first.
    """

    id: str
    #: Options of the question on emergency signs; each sign belongs to one danger.
    signs: tuple[str, ...]
    lead: str
    say: str
    why: str
    #: The signs as the safety card names them.
    card: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """Two answers that do not fit each other: a question for the surgeon, never a correction."""

    id: str
    text: str
    enable_when: Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What published groups reached beside what this patient expects.

    Told only to people of whom all of its figures hold; the first such row of a question wins.
    """

    question: str
    published: str
    evidence: tuple[str, ...]
    talk: str = ""
    #: When what is expected is more than these people reached.
    gap_when: Rule | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestedQuestion:
    """A question the patient may take along. A lower rank stands first."""

    id: str
    text: str
    rank: int
    enable_when: Rule = ALWAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearing:
    """What is known of one of the three options for one thing that matters. Never a weight.

    The first figure that holds for this person is told; ``why`` where there is none.
    """

    option: str
    value: str
    why: str
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Aid:
    """The whole decision aid."""

    id: str
    title: str
    version: str
    language: str
    url: str
    published: date
    review_by: date
    approved_by: str
    draft_notice: str
    #: Short sentences that screens and paper need, by name; all of them are content.
    words: Mapping[str, str]
    parts: tuple[Part, ...]
    pages: tuple[Page, ...]
    sections: tuple[Section, ...]
    evidence: tuple[Evidence, ...]
    sources: tuple[Source, ...]
    dangers: tuple[Danger, ...]
    contradictions: tuple[Contradiction, ...]
    expectations: tuple[Expectation, ...]
    suggested_questions: tuple[SuggestedQuestion, ...]
    bearings: tuple[Bearing, ...]
    #: The weeks after an operation, in order.
    timeline: tuple[Stage, ...]
    #: Medical words that the text explains; set aside when the reading grade is measured.
    allowed_terms: tuple[str, ...]
    #: First eight hex digits of the SHA-256 of the three files: which content made a page.
    checksum: str

    @cached_property
    def questions(self) -> Mapping[str, Question]:
        """Every question by id, in the order of the journey."""
        return {q.id: q for page in self.pages for q in page.questions}

    @cached_property
    def rules_of(self) -> Mapping[str, Mapping[int, Rule]]:
        """The rules, each by its ``id()``, that say what is shown, of each page with conditions."""
        found = {}
        for page in self.pages:
            rules = (page.enable_when, *(question.enable_when for question in page.questions))
            if any(rule.conditions for rule in rules):
                found[page.id] = {id(rule): rule for rule in rules}
        return found

    @cached_property
    def word_counts(self) -> Mapping[str, int]:
        """How many words a person reads of each question with its options, by question id."""
        return {q.id: sum(len(text.split()) for text in _read(q)) for q in self.questions.values()}

    @cached_property
    def suggestion_words(self) -> Mapping[str, int]:
        """How many words each suggested question has, by its id."""
        return {row.id: len(row.text.split()) for row in self.suggested_questions}

    @cached_property
    def page_words(self) -> Mapping[str, int]:
        """How many words stand above the questions of each page, by page id."""
        texts = {page.id: (page.title, *page.intro) for page in self.pages}
        return {name: sum(len(text.split()) for text in told) for name, told in texts.items()}

    @cached_property
    def places(self) -> Mapping[str, int]:
        """The place of each page in the journey, by page id."""
        return {page.id: place for place, page in enumerate(self.pages)}

    @cached_property
    def page_of(self) -> Mapping[str, Page]:
        """The page on which a question stands, by question id."""
        return {q.id: page for page in self.pages for q in page.questions}

    @cached_property
    def page_by_id(self) -> Mapping[str, Page]:
        """Every page by id, in order."""
        return {page.id: page for page in self.pages}

    @cached_property
    def section_by_id(self) -> Mapping[str, Section]:
        """Every section by id."""
        return {section.id: section for section in self.sections}

    @cached_property
    def short_way(self) -> "Aid":
        """The same aid with its core questions only."""
        pages = (replace(page, questions=_core(page)) for page in self.pages)
        return replace(self, pages=tuple(p for p in pages if p.questions or p.kind != "questions"))

    @cached_property
    def ranked_suggestions(self) -> tuple[SuggestedQuestion, ...]:
        """The suggested questions, most important first."""
        return tuple(sorted(self.suggested_questions, key=lambda row: row.rank))

    @cached_property
    def evidence_by_id(self) -> Mapping[str, Evidence]:
        """Every figure by id."""
        return {record.id: record for record in self.evidence}

    @cached_property
    def source_by_id(self) -> Mapping[str, Source]:
        """Every source by id."""
        return {source.id: source for source in self.sources}


def _read(question: Question) -> Iterator[str]:
    yield from (question.text, question.hint, question.low, question.high)
    for option in question.offered():
        yield from (option.heading, option.text, option.hint)


def _core(page: Page) -> tuple[Question, ...]:
    return tuple(question for question in page.questions if question.core)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a rule concluded, with the questions whose answers made it true."""

    id: str
    because: tuple[str, ...] = ()
    #: False when an unknown or missing answer could still rule it out ("if this is you").
    certain: bool = True
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flags:
    """Symptom ids by urgency, in the order of the questionnaire."""

    emergency: tuple[str, ...] = ()
    urgent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sure:
    """The SURE test: 4 yes = no decisional conflict, fewer = offer help. None: not answered."""

    score: int | None
    unanswered: tuple[str, ...]
    said_no: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """The knowledge check: ids of questions answered right, missed (wrong or unknown), skipped."""

    right: tuple[str, ...]
    missed: tuple[str, ...]
    unanswered: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """Everything the rules conclude from one person's answers."""

    flags: Flags
    scope: Finding | None
    dominance: Literal["leg_dominant", "back_dominant", "mixed", "no_pain", "unclear"]
    sections: tuple[Finding, ...]
    contradictions: tuple[Finding, ...]
    gaps: tuple[Finding, ...]
    questions: tuple[Finding, ...]
    sure: Sure
    knowledge: Knowledge
    unanswered: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """One person's way through the aid, as it is kept."""

    answers: Answers = field(default_factory=dict)
    #: Pages that were sent in, in any order: a skipped question on one of them was seen.
    seen: tuple[str, ...] = ()
    #: Pages that a change of an earlier answer brought and that were not sent in since.
    brought: tuple[str, ...] = ()
    #: When the "go now" or "call a doctor" advice was shown, and when the patient went on.
    advice_shown: datetime | None = None
    went_on: datetime | None = None
    started: datetime | None = None
    #: An opaque appointment reference given by the clinic.
    reference: str = ""
    #: Only the core questions are put; the others stay open and can be asked for at any time.
    short: bool = False
