"""TOML -> dataclasses. Every fault is gathered, with its file, its line and what is allowed."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar, get_args

from decision_aid.content.diagnostics import did_you_mean
from decision_aid.content.source_files import EVIDENCE, QUESTIONS, SECTIONS, SourceFiles
from decision_aid.content.source_locations import Location
from decision_aid.content.type_checks import hints as hints_of
from decision_aid.content.type_checks import misfit, required, shown
from decision_aid.model import (
    ALWAYS,
    Aid,
    AppliesTo,
    Arm,
    Bearing,
    Behavior,
    Condition,
    Contradiction,
    Danger,
    Evidence,
    Expectation,
    Operator,
    Option,
    Page,
    Part,
    Question,
    Rule,
    Section,
    Source,
    Stage,
    SuggestedQuestion,
)

T = TypeVar("T")

#: Keys of the file that become a rule, and are no fields of the model.
_RULE_KEYS = {
    "enable_when": "enable_behavior",
    "gap_when": "gap_behavior",
    "first_when": "first_behavior",
    "emergency_when": "emergency_behavior",
}
_DEFAULT_MAXIMUM = {"scale": 10, "rating": 5}


class Parser(SourceFiles):
    """The files as an aid; knows where each of its parts stands."""

    def __init__(self, paths: Mapping[str, Path]) -> None:
        super().__init__(paths)
        self.aid: Aid | None = None
        self.places: dict[tuple[str, object], tuple[str, Location]] = {}
        #: What could not be made, and so is not missed by what refers to it.
        self.broken: set[str] = set()
        #: Equal rules are one object, so that who goes through them can tell.
        self._rules: dict[Rule, Rule] = {}
        self._suggested: tuple[Option, ...] = ()
        #: Question id -> its older, wider options.
        self._wider: dict[str, tuple[Option, ...]] = {}

    def build(self) -> Aid | None:
        """The aid, or None when the files are too broken to make one."""
        if any(fault.id == "file" for fault in self.faults):
            return None
        suggested = self._rows(SECTIONS, "suggested_question", SuggestedQuestion)
        self._suggested = tuple(Option(id=q.id, text=q.text, short=q.text) for q in suggested)
        pages = tuple(
            page
            for index, raw in self.tables(QUESTIONS, "page")
            if (page := self._page(raw, ("page", index)))
        )
        content: dict[str, Any] = {
            "words": self._words(),
            "parts": self._rows(QUESTIONS, "part", Part),
            "pages": pages,
            "sections": self._rows(SECTIONS, "section", Section),
            "evidence": self._rows(EVIDENCE, "evidence", Evidence),
            "sources": self._rows(EVIDENCE, "source", Source),
            "dangers": self._rows(SECTIONS, "danger", Danger),
            "contradictions": self._rows(SECTIONS, "contradiction", Contradiction),
            "expectations": self._rows(SECTIONS, "expectation", Expectation),
            "suggested_questions": suggested,
            "bearings": self._rows(SECTIONS, "bearing", Bearing),
            "timeline": self._rows(SECTIONS, "timeline", Stage),
            "allowed_terms": self._allowed_terms(),
            "checksum": hashlib.sha256(self.text.encode()).hexdigest()[:8],
        }
        if not (head := self.table(QUESTIONS, "aid")):
            return None
        return self.make(Aid, head, (QUESTIONS, ("aid",)), **content)

    def _words(self) -> dict[str, str]:
        """The short sentences by name; what is no text is noted."""
        words = self.table(QUESTIONS, "words")
        for name, value in words.items():
            if problem := misfit(value, str):
                message = f"{name} is {shown(value)}; {problem}"
                self.fault((QUESTIONS, ("words",)), "words", message, name)
        return {name: value for name, value in words.items() if isinstance(value, str)}

    def _allowed_terms(self) -> tuple[str, ...]:
        lint = self.table(QUESTIONS, "lint")
        for name in lint:
            if name != "allowed_terms":
                message = f"unknown key {name!r}{did_you_mean(name, ['allowed_terms'])}"
                self.fault((QUESTIONS, ("lint",)), "lint", message, name)
        terms = lint.get("allowed_terms", [])
        if problem := misfit(terms, tuple[str, ...]):
            self.fault((QUESTIONS, ("lint",)), "lint", f"allowed_terms: {problem}")
            terms = terms if isinstance(terms, list) else []
        return tuple(term.lower() for term in terms if isinstance(term, str))

    def _rows(self, file: str, table: str, kind: type[T]) -> tuple[T, ...]:
        made = (
            self.make(kind, raw, (file, (table, index))) for index, raw in self.tables(file, table)
        )
        return tuple(row for row in made if row is not None)

    def _page(self, raw: dict[str, Any], place: Location) -> Page | None:
        rows = raw.get("question", [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            message = "write each question of the page as [[page.question]]"
            self.fault((QUESTIONS, place), str(raw.get("id", "page")), message, "question")
        questions = tuple(
            question
            for index, row in enumerate(_tables(rows))
            if (question := self._question(row, (*place, "question", index)))
        )
        row = {key: value for key, value in raw.items() if key != "question"}
        page = self.make(Page, row, (QUESTIONS, place), questions=questions)
        if page is None:
            self.broken |= {question.id for question in questions}
        return page

    def _question(self, raw: dict[str, Any], place: Location) -> Question | None:
        where = (QUESTIONS, place)
        row = dict(raw)
        listed = row.pop("options", [])
        if not isinstance(listed, list):
            message = f"options is {shown(listed)}; it must be a list of options"
            self.fault(where, str(raw.get("id")), message, "options")
            listed = []
        options = tuple(
            option for item in listed if (option := self._option(item, where, str(raw.get("id"))))
        )
        source = row.pop("options_from", "")
        if source == "suggested_questions":
            options = self._suggested
        elif source:
            message = f"options_from can only be 'suggested_questions', not {source!r}"
            self.fault(where, str(raw.get("id")), message, "options_from")
        self._wider[str(raw.get("id"))] = tuple(option for option in options if option.covers)
        row.setdefault("maximum", _DEFAULT_MAXIMUM.get(str(row.get("kind")), 0))
        return self.make(Question, row, where, options=options)

    def _option(self, raw: object, where: tuple[str, Location], question: str) -> Option | None:
        if not isinstance(raw, dict):
            message = 'an option looks like {id = "yes", text = "Yes"}'
            self.fault(where, question, message, "options")
            return None
        row = {"short": raw.get("text"), **raw}
        return self.make(Option, row, where, owner=question)

    def make(
        self,
        kind: type[T],
        raw: Mapping[str, Any],
        where: tuple[str, Location],
        *,
        owner: str = "",
        **ready: object,
    ) -> T | None:
        """A dataclass from a table, or None with the faults noted. ``ready`` is already made."""
        id_ = owner or str(
            raw.get("id")
            or raw.get("question")
            or raw.get("option")
            or raw.get("when")
            or where[1][0]
        )
        before = len(self.faults)
        hints: dict[str, Any] = hints_of(kind)  # type: ignore[arg-type]
        names = [name for name in hints if name not in ready]
        rules = {key: other for key, other in _RULE_KEYS.items() if key in names}
        values: dict[str, object] = dict(ready)
        for key, value in raw.items():
            if key in rules:
                values[key] = self._rule(value, raw.get(rules[key], "all"), where, id_, key)
            elif key == "arms":
                values[key] = self._arms(value, where, id_)
            elif key == "applies_to" and key in names:
                values[key] = self._applies_to(value, where, id_)
            elif key in rules.values():
                if value not in get_args(Behavior):
                    allowed = did_you_mean(value, get_args(Behavior))
                    self.fault(where, id_, f"{key} is {shown(value)}{allowed}", key)
            elif key not in names:
                near = did_you_mean(key, [*names, *rules.values()])
                self.fault(where, id_, f"unknown key {key!r}{near}", key)
            elif problem := misfit(value, hints[key]):
                self.fault(where, id_, f"{key} is {shown(value)}; {problem}", key)
            else:
                values[key] = tuple(value) if isinstance(value, list) else value
        for name in required(kind):
            if name not in values and not any(f.id == id_ for f in self.faults[before:]):
                self.fault(where, id_, f"{name!r} is missing")
        if len(self.faults) > before:
            self.broken.add(id_)
            return None
        made = kind(**values)
        # What has no id of its own is found by itself: two rows may name the same question.
        self.places[kind.__name__, getattr(made, "id", made)] = where
        return made

    def _arms(self, raw: object, where: tuple[str, Location], id_: str) -> tuple[Arm, ...]:
        if not isinstance(raw, list) or len(raw) != len(_tables(raw)):
            message = (
                'arms looks like [{label = "Surgery", count = 5}, {label = "Other", count = 9}]'
            )
            self.fault(where, id_, message, "arms")
        arms = [self.make(Arm, arm, where, owner=id_) for arm in _tables(raw)]
        return tuple(arm for arm in arms if arm)

    def _applies_to(self, raw: object, where: tuple[str, Location], id_: str) -> AppliesTo:
        rows = raw.items() if isinstance(raw, dict) else ()
        sound = [(name, v) for name, v in rows if v and not misfit(v, tuple[str, ...])]
        if not rows or len(sound) < len(rows):
            message = 'applies_to looks like {condition = ["spinal_stenosis"], age = ["18_44"]}'
            self.fault(where, id_, message, "applies_to")
        return tuple(self._wanted(name, "=", options) for name, options in sound)

    def _rule(
        self, raw: object, behavior: object, where: tuple[str, Location], id_: str, key: str
    ) -> Rule:
        if not isinstance(raw, list) or not raw:
            self.fault(where, id_, f"{key} must be a list of conditions", key)
            return ALWAYS
        conditions = [self._condition(row, where, id_, key) for row in raw]
        rule = Rule(
            behavior="any" if behavior == "any" else "all",
            conditions=tuple(condition for condition in conditions if condition),
        )
        return self._rules.setdefault(rule, rule)

    def _condition(
        self, raw: object, where: tuple[str, Location], id_: str, key: str
    ) -> Condition | Rule | None:
        if not isinstance(raw, dict):
            message = 'a condition looks like {question = "age", operator = "=", answer = "18_44"}'
            self.fault(where, id_, message, key)
            return None
        if list(raw) in (["all"], ["any"]):
            ((behavior, rows),) = raw.items()
            return self._rule(rows, behavior, where, id_, key)
        parts = ("question", "operator", "answer")
        faults = [f"{name!r} is missing in a condition" for name in parts if name not in raw]
        for name in raw:
            if name not in parts:
                near = did_you_mean(name, [*parts, "all", "any"])
                faults.append(f"unknown key {name!r} in a condition{near}")
        operators: tuple[str, ...] = get_args(Operator)
        if "operator" in raw and raw["operator"] not in operators:
            faults.append(f"no such operator {raw['operator']!r}{did_you_mean('', operators)}")
        for message in faults:
            self.fault(where, id_, message, key)
        if faults:
            return None
        answer = raw["answer"]
        if answer == [] or isinstance(answer, dict):
            message = f"answer is {answer}; it must be one answer, or a list of them"
            self.fault(where, id_, message, key)
            return None
        return self._wanted(str(raw["question"]), raw["operator"], answer)

    def _wanted(self, question: str, operator: Operator, answer: Any) -> Condition:
        """A condition, with the wider options that meet it whole and those that may not."""
        wanted = answer if isinstance(answer, list) else [answer]
        wider = [o for o in self._wider.get(question, ()) if o.id not in wanted]
        whole = [option.id for option in wider if all(part in wanted for part in option.covers)]
        part = [option.id for option in wider if any(part in wanted for part in option.covers)]
        return Condition(
            question=question,
            operator=operator,
            answer=(*wanted, *whole) if isinstance(answer, list) else answer,
            unsure=tuple(name for name in part if name not in whole),
        )


def _tables(value: object) -> list[dict[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
