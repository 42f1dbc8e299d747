"""The ten areas of the surgeon's page, filled from a summary as far as the room allows.

Words are those of the content; the area names stay put so that the eye learns the page.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from decision_aid import areas
from decision_aid.documents import charts
from decision_aid.documents.overflow import Overflow
from decision_aid.summary import ExpectationRow, Line, Summary

GOAL = "2 My goal, in my words"
SAFETY = "1 Urgent symptoms"
SYMPTOMS = "3 Symptoms"
TRIED = "4 Tried"
RISK = "5 Changes risk or planning"
ALSO = "Also asked"
CLARIFY = "Please clarify"
MATTERS = "6 What matters most"
EXPECTS = "7 Expects, beside published groups"
CERTAINTY = "8 Understanding and certainty"
QUESTIONS = "9 My questions"
MISSING = "Not answered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A label and what the patient said to it."""

    label: str
    value: str
    strong: bool = False
    #: What else stands in the row.
    more: str = ""

    def __str__(self) -> str:
        return f"{self.label}: {self.value}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pain:
    """One pain scale."""

    label: str
    number: int | float | None
    picture: str


@dataclass(slots=True)
class SurgeonPage:
    """One try at the page. Reading an area fills it, so each is read once, in order."""

    summary: Summary
    room: Overflow

    @property
    def moved(self) -> dict[str, list[str]]:
        """Area -> what stands on the continuation sheet. Read last."""
        return self.room.moved

    def moved_areas(self) -> str:
        """The numbers of the areas that go on there: "2, 3, not answered"."""
        names = (where.partition(":")[0] for where in self.moved)
        short = (n.split()[0] if n[0].isdigit() else n[0].lower() + n[1:] for n in names)
        return ", ".join(sorted(dict.fromkeys(short)))

    # --- left ---------------------------------------------------------------------------

    def asked_not_reported(self) -> tuple[str, ...]:
        """Symptoms that were asked and not ticked."""
        return self.room.keep(12, f"{SAFETY}: asked, not reported", self.summary.asked_not_reported)

    def words(self, *questions: str, where: str = GOAL) -> tuple[Fact, ...]:
        """The patient's own words."""
        return tuple(
            Fact(label=line.label, value=self.room.quote(f"{where}: {line.label}", line.value))
            for line in self._answered(*questions)
        )

    def pains(self) -> tuple[Pain, ...]:
        """Leg and back pain, printed even when not answered."""
        lines = map(self.summary.line, areas.AVERAGES)
        return tuple(
            Pain(
                label=line.label,
                number=line.number,
                picture="" if line.number is None else charts.scale_bar(line.number),
            )
            for line in lines
        )

    def averages(self) -> str:
        """The average pains, in one line: "6/10 leg pain, 3/10 back pain"."""
        pairs = [(self.summary.line(q).number, worst) for worst, q in areas.AVERAGES.items()]
        told = [f"{n}/10 {self.summary.line(q).label.lower()}" for n, q in pairs if n is not None]
        return ", ".join(self.room.keep(9, f"{SYMPTOMS}: average", told))

    def sides(self) -> tuple[Fact, ...]:
        """Which pain is worse, in whose words, and on which side."""
        return tuple(map(_fact, self._answered("worse_pain", "leg_side")))

    def body_map(self) -> str:
        """The marked body map; empty when nothing was marked."""
        answer = self.summary.answers.get("body_map", ())
        return charts.pain_drawing(answer) if isinstance(answer, tuple) and answer else ""

    def places(self) -> str:
        """The marked regions in words."""
        return self.summary.line("body_map").value

    def symptoms(self) -> Iterator[Fact]:
        """Walking, nerves, course, what was found, what is planned: a row each."""
        for row in areas.SYMPTOM_ROWS:
            lines = [line for question, rank in row for line in self._kept(question, rank)]
            if lines:
                first = lines[0]
                value = self.room.text(f"{SYMPTOMS}: {first.label}", first.value)
                more = "".join(f" · {line.label} {line.value}" for line in lines[1:])
                strong = first.id in areas.STRONG
                yield Fact(label=first.label, value=value, strong=strong, more=more)

    def _kept(self, question: str, rank: int) -> Iterator[Line]:
        for line in self._answered(question):
            if self.room.keep(rank, SYMPTOMS, [str(_fact(line))]):
                yield line

    def tried(self) -> tuple[Fact, ...]:
        """How much it helped, and the treatments that did so."""
        rows = [Fact(label=name, value=helped) for name, helped in self.summary.tried]
        level = self.room.level
        most = 8 if level < 5 else 5 if level < 9 else 3 if level < 12 else 1
        kept = self.room.first(most, TRIED, map(str, rows))
        grouped = _grouped((row.value, row.label) for row in rows[: len(kept)])
        return tuple(Fact(label=helped, value=names) for helped, names in grouped)

    def risks(self) -> tuple[Fact, ...]:
        """Answers that change risk, never moved, and those that change planning."""
        lines = self.summary.risk_changes
        planning = [str(_fact(line)) for line in lines if line.id in areas.PLANNING]
        kept = self.room.keep(9, RISK, planning)
        moved = set(planning) - set(kept)
        return tuple(_fact(line) for line in lines if str(_fact(line)) not in moved)

    def medicines(self) -> tuple[str, ...]:
        """Allergies and medicines in the patient's words."""
        lines = self._answered("allergy_words", "medicine_list")
        return self.room.keep(8, RISK, [f"{line.label}: “{line.value}”" for line in lines])

    def unsure(self) -> str:
        """Answers about health that the patient does not know; never moved, never a "no"."""
        lines = self._answered(*areas.HEALTH, *areas.PLANNING)
        return _together(line for line in lines if line.state == "unknown")

    def others(self) -> tuple[str, ...]:
        """Answers about health that change nothing, and about the person."""
        marked = {line.id for line in self.summary.risk_changes}
        health = [
            line
            for line in self._answered(*areas.HEALTH, *areas.PLANNING)
            if line.id not in marked and line.state != "unknown"
        ]
        body = [line.value for line in self._answered(*areas.BODY)]
        body += [self.summary.bmi] if self.summary.bmi else []
        person = [*body, *map(str, map(_fact, self._answered(*areas.PERSON)))]
        rest = [_together(health)] if health else []
        return (*self.room.keep(10, RISK, person), *self.room.keep(7, RISK, rest))

    def also_asked(self) -> tuple[str, ...]:
        """Answers to questions that an author has added to those of the page."""
        lines = self.summary.also_asked
        return self.room.keep(9, ALSO, [f"{line.label}: {_said(line)}" for line in lines])

    def clarify(self) -> tuple[str, ...]:
        """Answers that do not fit each other."""
        level = self.room.level
        most = 20 if level < 2 else 4 if level < 5 else 2 if level < 12 else 1
        return self._texts(CLARIFY, self.room.first(most, CLARIFY, self.summary.contradictions))

    # --- right --------------------------------------------------------------------------

    def also_rated(self) -> tuple[str, ...]:
        """What was rated, after the first three."""
        grouped = _grouped((f"{v.rating}/5", v.label) for v in self.summary.top_values[3:])
        return self.room.keep(1, f"{MATTERS}: also rated", map(" ".join, grouped))

    def expectations(self) -> Iterator[ExpectationRow]:
        """What the patient expects, for the questions that were answered."""
        for row in self.summary.expectations:
            if row.question in self.summary.answers:
                yield row

    def sources(self, row: ExpectationRow) -> str:
        """Where the published result was read."""
        return ", ".join(self.room.keep(6, f"{EXPECTS}: sources", [row.sources]))

    def published(self, row: ExpectationRow) -> str:
        """What published groups reached."""
        return self.room.text(f"{EXPECTS}: {row.label}", row.published)

    def talk(self, row: ExpectationRow) -> str:
        """What to talk about."""
        kept = self.room.keep(5, f"{EXPECTS}: {row.label}", [row.talk])
        return " ".join(kept)

    def again(self) -> tuple[str, ...]:
        """What to explain again."""
        most = 5 if self.room.level < 8 else 3 if self.room.level < 12 else 1
        where = f"{CERTAINTY}: explain again"
        return self.room.first(most, where, self.summary.knowledge_again)

    def expected(self, row: ExpectationRow) -> str:
        """The short name of what is expected: "Leg pain"."""
        thing = areas.EXPECTED.get(row.question)
        return self.summary.line(thing).label if thing else row.label

    def sure(self) -> str:
        """The SURE items that are not a yes, unanswered ones too: the score says the others."""
        answers = self.summary.answers
        return _together(self.summary.line(q) for q in areas.SURE if answers.get(q) != "yes")

    def deciding(self) -> tuple[Fact, ...]:
        """Leaning, role and how far the decision is."""
        return tuple(map(_fact, self._answered(*areas.DECIDING)))

    def questions(self) -> tuple[str, ...]:
        """The first three questions."""
        kept = self.room.first(3, QUESTIONS, self.summary.questions)
        return tuple(self.room.quote(QUESTIONS, question) for question in kept)

    def suggested(self) -> tuple[str, ...]:
        """Questions that the answers suggest, as far as the patient left room."""
        room = max(0, 3 - len(self.summary.questions)) if self.room.level < 3 else 0
        return self.summary.suggested[:room]

    # --- foot ---------------------------------------------------------------------------

    def treatments(self) -> tuple[str, ...]:
        """The options to tick as discussed."""
        return tuple(s.short or s.title for s in self.summary.aid.sections if s.group == "option")

    def talked_risks(self) -> tuple[str, ...]:
        """The risks to tick as discussed: those that a patient can worry about."""
        found: dict[str, str] = {}
        for option in self.summary.aid.questions["worries"].options:
            if option.section.startswith("risk_"):
                found.setdefault(option.section, option.short)
        return tuple(found.values())

    def not_answered(self) -> str:
        """What was asked and not answered; never printed as "no". Whole areas stand together."""
        whole = self._empty_areas()
        names = tuple(dict.fromkeys(self._unanswered(whole)))
        most = 60 if self.room.level < 2 else 24 if self.room.level < 8 else 10
        kept = self.room.first(most, MISSING, names)
        more = len(names) - len(kept)
        said = [f"all of areas {', '.join(whole)}"] if whole else []
        return " · ".join([*said, *kept]) + (f" […] and {more} more" if more else "")

    def _empty_areas(self) -> tuple[str, ...]:
        """The numbers of the areas in which nothing that was asked is answered."""
        lines = [self.summary.line(q) for q in self.summary.aid.questions if areas.number(q)]
        said = {areas.number(line.id) for line in lines if line.state in ("answered", "unknown")}
        skipped = {areas.number(line.id) for line in lines if line.state == "skipped"}
        return tuple(sorted(skipped - said))

    def _unanswered(self, whole: tuple[str, ...]) -> Iterator[str]:
        """Short names outside whole areas; what is checked as one is named once."""
        for question_id in self.summary.unanswered:
            question = self.summary.aid.questions[question_id]
            if areas.number(question_id) in whole or question_id in areas.OPTIONAL:
                continue
            if question.right:
                knowledge = self.summary.findings.knowledge
                yield f"understanding ({len(knowledge.unanswered)} questions)"
            elif question_id in areas.SURE:
                yield f"SURE ({len(self.summary.findings.sure.unanswered)} items)"
            elif question.kind == "rating" and not self.summary.top_values:
                yield "all ratings"
            elif question.kind != "text":
                yield question.short

    def _texts(self, where: str, texts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(self.room.text(where, text) for text in texts)

    def _answered(self, *questions: str) -> Iterator[Line]:
        for question in questions:
            line = self.summary.line(question)
            if line.state in ("answered", "unknown"):
                yield line


def _fact(line: Line) -> Fact:
    return Fact(label=line.label, value=line.value)


def _said(line: Line) -> str:
    return f"“{line.value}”" if line.words else line.value


def _together(lines: Iterable[Line]) -> str:
    """Questions with the same answer stand before it: "Steroids, Opioids: no · Smoking: never"."""
    grouped = _grouped((line.value, line.label) for line in lines)
    return " · ".join(f"{labels}: {value}" for value, labels in grouped)


def _grouped(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Values and names -> each value once, with its names in one: "no", "Steroids, Opioids"."""
    names: dict[str, list[str]] = {}
    for value, name in pairs:
        names.setdefault(value, []).append(name)
    return [(value, ", ".join(found)) for value, found in names.items()]
