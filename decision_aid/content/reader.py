"""TOML -> dataclasses. Every fault is gathered, with its file, its line and what is allowed."""

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, fields
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from decision_aid.content.lines import Lines, Place
from decision_aid.model import (
    ALWAYS,
    Aid,
    Arm,
    Bearing,
    Behavior,
    Condition,
    Contradiction,
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

FILES = ("questions.toml", "sections.toml", "evidence.toml")
_QUESTIONS, _SECTIONS, _EVIDENCE = FILES
#: Keys of the file that become a rule, and are no fields of the model.
_RULE_KEYS = {
    "enable_when": "enable_behavior",
    "applies_when": "applies_behavior",
    "first_when": "first_behavior",
}
_TABLES: Mapping[str, Mapping[str, bool]] = {
    _QUESTIONS: {"aid": False, "words": False, "lint": False, "part": True, "page": True},
    _SECTIONS: {
        "section": True,
        "contradiction": True,
        "expectation": True,
        "suggested_question": True,
        "bearing": True,
        "timeline": True,
    },
    _EVIDENCE: {"source": True, "evidence": True},
}
_OPTIONAL_TABLES = ("lint", "timeline")
_DEFAULT_MAXIMUM = {"scale": 10, "rating": 5}


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing that is wrong, where, and what to do about it."""

    file: str
    line: int
    id: str
    message: str
    severity: Literal["fault", "warning"] = "fault"

    def __str__(self) -> str:
        mark = "" if self.severity == "fault" else "warning: "
        return f"{self.file}:{self.line}: {self.id}: {mark}{self.message}"


def did_you_mean(found: object, allowed: Iterator[str] | list[str] | tuple[str, ...]) -> str:
    """What is allowed, and the nearest of it, in words."""
    names = list(allowed)
    close = get_close_matches(str(found), names, 1)
    near = f"; did you mean {close[0]!r}?" if close else ""
    if len(names) > 12:
        return near
    return f"{near} (allowed: {', '.join(names)})"


class Reader:
    """Reads the files once and remembers where everything stands."""

    def __init__(self, paths: Mapping[str, Path]) -> None:
        self.faults: list[Fault] = []
        self.aid: Aid | None = None
        self.places: dict[tuple[str, object], tuple[str, Place]] = {}
        self._texts = {name: self._text(name, path) for name, path in paths.items()}
        self._lines = {name: Lines(text) for name, text in self._texts.items()}
        self._data = {name: self._parse(name) for name in paths}
        self._suggested: tuple[Option, ...] = ()

    # --- finding lines and noting faults ---

    def fault(
        self,
        where: tuple[str, Place],
        id_: str,
        message: str,
        word: str = "",
        severity: Literal["fault", "warning"] = "fault",
    ) -> None:
        """Note what is wrong at a place; ``word`` narrows it down to a line."""
        file, place = where
        line = self._lines[file].find(place, word)
        self.faults.append(Fault(file, line, id_, message, severity))

    def _text(self, name: str, path: Path) -> str:
        try:
            return path.read_bytes().decode("utf-8")
        except FileNotFoundError:
            problem = "the file is missing"
        except (OSError, UnicodeDecodeError) as error:
            problem = f"the file cannot be read as UTF-8: {error}"
        self.faults.append(Fault(name, 1, "file", problem))
        return ""

    def _parse(self, name: str) -> dict[str, Any]:
        try:
            data = tomllib.loads(self._texts[name])
        except tomllib.TOMLDecodeError as error:
            line = self._texts[name].count("\n") + 1
            words = str(error)
            if "at line " in words:
                line = int(words.split("at line ")[1].split(",")[0])
            self.faults.append(Fault(name, line, "file", f"this is not TOML: {words}"))
            return {}
        self._check_tables(name, data)
        return data

    def _check_tables(self, name: str, data: dict[str, Any]) -> None:
        allowed = _TABLES[name]
        for key in [key for key in data if key not in allowed]:
            self.faults.append(
                Fault(name, 1, key, f"no such table{did_you_mean(key, list(allowed))}")
            )
        if not self._texts[name]:
            return
        for key, several in allowed.items():
            if key not in data and key not in _OPTIONAL_TABLES:
                brackets = f"[[{key}]]" if several else f"[{key}]"
                self.faults.append(Fault(name, 1, key, f"there is no {brackets}"))

    # --- tables to dataclasses ---

    def build(self) -> Aid | None:
        """The aid, or None when the files are too broken to make one."""
        questions = self._data[_QUESTIONS]
        suggested = self._rows(_SECTIONS, "suggested_question", SuggestedQuestion)
        self._suggested = tuple(Option(id=q.id, text=q.text, short=q.text) for q in suggested)
        pages = tuple(
            page
            for index, raw in enumerate(questions.get("page", []))
            if (page := self._page(raw, ("page", index)))
        )
        head = questions.get("aid", {})
        content = {
            "words": questions.get("words", {}),
            "parts": self._rows(_QUESTIONS, "part", Part),
            "pages": pages,
            "sections": self._rows(_SECTIONS, "section", Section),
            "evidence": self._rows(_EVIDENCE, "evidence", Evidence),
            "sources": self._rows(_EVIDENCE, "source", Source),
            "contradictions": self._rows(_SECTIONS, "contradiction", Contradiction),
            "expectations": self._rows(_SECTIONS, "expectation", Expectation),
            "suggested_questions": suggested,
            "bearings": self._rows(_SECTIONS, "bearing", Bearing),
            "timeline": self._rows(_SECTIONS, "timeline", Stage),
            "allowed_terms": self._allowed_terms(),
            "checksum": self._checksum(),
        }
        return self.make(Aid, head, (_QUESTIONS, ("aid",)), **content)

    def _checksum(self) -> str:
        return hashlib.sha256("".join(self._texts.values()).encode()).hexdigest()[:8]

    def _allowed_terms(self) -> tuple[str, ...]:
        terms = self._data[_QUESTIONS].get("lint", {}).get("allowed_terms", [])
        if problem := _misfit(terms, tuple[str, ...]):
            self.fault((_QUESTIONS, ("lint",)), "lint", f"allowed_terms: {problem}")
            return ()
        return tuple(str(term).lower() for term in terms)

    def _rows(self, file: str, table: str, kind: type[T]) -> tuple[T, ...]:
        made = (
            self.make(kind, raw, (file, (table, index)))
            for index, raw in enumerate(self._data[file].get(table, []))
        )
        return tuple(row for row in made if row is not None)

    def _page(self, raw: dict[str, Any], place: Place) -> Page | None:
        questions = tuple(
            question
            for index, row in enumerate(raw.get("question", []))
            if (question := self._question(row, (*place, "question", index)))
        )
        row = {key: value for key, value in raw.items() if key != "question"}
        return self.make(Page, row, (_QUESTIONS, place), questions=questions)

    def _question(self, raw: dict[str, Any], place: Place) -> Question | None:
        where = (_QUESTIONS, place)
        row = dict(raw)
        options = tuple(
            option
            for item in row.pop("options", [])
            if (option := self._option(item, where, str(raw.get("id"))))
        )
        source = row.pop("options_from", "")
        if source == "suggested_questions":
            options = self._suggested
        elif source:
            message = f"options_from can only be 'suggested_questions', not {source!r}"
            self.fault(where, str(raw.get("id")), message, "options_from")
        row.setdefault("maximum", _DEFAULT_MAXIMUM.get(str(row.get("kind")), 0))
        return self.make(Question, row, where, options=options)

    def _option(self, raw: object, where: tuple[str, Place], question: str) -> Option | None:
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
        where: tuple[str, Place],
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
        hints: dict[str, Any] = _hints(kind)  # type: ignore[arg-type]
        names = [name for name in hints if name not in ready]
        rules = {key: other for key, other in _RULE_KEYS.items() if key in names}
        values: dict[str, object] = dict(ready)
        for key, value in raw.items():
            if key in rules:
                values[key] = self._rule(value, raw.get(rules[key], "all"), where, id_, key)
            elif key == "arms":
                arms = [self.make(Arm, arm, where, owner=id_) for arm in _tables(value)]
                values[key] = tuple(arm for arm in arms if arm)
            elif key in rules.values():
                if value not in get_args(Behavior):
                    allowed = did_you_mean(value, get_args(Behavior))
                    self.fault(where, id_, f"{key} is {value!r}{allowed}", key)
            elif key not in names:
                near = did_you_mean(key, [*names, *rules.values()])
                self.fault(where, id_, f"unknown key {key!r}{near}", key)
            elif problem := _misfit(value, hints[key]):
                self.fault(where, id_, f"{key} is {value!r}; {problem}", key)
            else:
                values[key] = tuple(value) if isinstance(value, list) else value
        for name in _required(kind):
            if name not in values and not any(f.id == id_ for f in self.faults[before:]):
                self.fault(where, id_, f"{name!r} is missing")
        if len(self.faults) > before:
            return None
        made = kind(**values)
        # What has no id of its own is found by itself: two rows may name the same question.
        self.places[kind.__name__, getattr(made, "id", made)] = where
        return made

    def _rule(
        self, raw: object, behavior: object, where: tuple[str, Place], id_: str, key: str
    ) -> Rule:
        if not isinstance(raw, list) or not raw:
            self.fault(where, id_, f"{key} must be a list of conditions", key)
            return ALWAYS
        conditions = [self._condition(row, where, id_, key) for row in raw]
        return Rule(
            behavior="any" if behavior == "any" else "all",
            conditions=tuple(condition for condition in conditions if condition),
        )

    def _condition(
        self, raw: object, where: tuple[str, Place], id_: str, key: str
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
        return Condition(
            question=str(raw["question"]),
            operator=raw["operator"],
            answer=tuple(answer) if isinstance(answer, list) else answer,
        )


def _tables(value: object) -> list[dict[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def _required(kind: type) -> list[str]:
    found = fields(kind)
    return [f.name for f in found if f.default is MISSING and f.default_factory is MISSING]


def _misfit(value: object, hint: Any) -> str:
    """What a value should have been, or an empty string when it fits."""
    origin = get_origin(hint)
    if origin is Literal:
        allowed = did_you_mean(value, [str(choice) for choice in get_args(hint)])
        return "" if value in get_args(hint) else f"it can be something else{allowed}"
    if origin is UnionType:
        return min((_misfit(value, part) for part in get_args(hint)), key=len)
    if origin is tuple:
        good = isinstance(value, list) and all(isinstance(item, str) for item in value)
        return "" if good else "it must be a list of texts"
    if origin is not None:
        good = isinstance(value, dict) and all(isinstance(item, str) for item in value.values())
        return "" if good else "it must be a table of texts"
    if hint is float:
        good = isinstance(value, (int, float)) and not isinstance(value, bool)
    else:
        good = type(value) is hint
    kinds = {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}
    return "" if good else f"it must be {kinds.get(hint, 'a date such as 2026-11-24')}"
