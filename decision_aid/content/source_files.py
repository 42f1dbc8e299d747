"""The three files as they lie on the disk: text, line numbers, tables, and what is wrong so far."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from decision_aid import toml_text
from decision_aid.content.diagnostics import Diagnostic, Severity, did_you_mean
from decision_aid.content.source_locations import Location, SourceLocations

FILES = ("questions.toml", "sections.toml", "evidence.toml")
QUESTIONS, SECTIONS, EVIDENCE = FILES
#: The tables of each file; True: there may be several, written ``[[name]]``.
_TABLES: Mapping[str, Mapping[str, bool]] = {
    QUESTIONS: {"aid": False, "words": False, "lint": False, "part": True, "page": True},
    SECTIONS: {
        "section": True,
        "danger": True,
        "contradiction": True,
        "expectation": True,
        "suggested_question": True,
        "bearing": True,
        "timeline": True,
    },
    EVIDENCE: {"source": True, "evidence": True},
}
_OPTIONAL_TABLES = ("lint", "timeline")
#: Far more than a content file ever has; a video by the wrong name is not read.
_MOST_BYTES = 5_000_000


class SourceFiles:
    """Reads the files once, remembers where everything stands, and gathers faults."""

    def __init__(self, paths: Mapping[str, Path]) -> None:
        self.faults: list[Diagnostic] = []
        self._texts = {name: self._text(name, path) for name, path in paths.items()}
        self._lines = {name: SourceLocations(text) for name, text in self._texts.items()}
        self._data = {name: self._parse(name) for name in paths}

    @property
    def text(self) -> str:
        """The three files, one after the other."""
        return "".join(self._texts.values())

    def fault(
        self,
        where: tuple[str, Location],
        id_: str,
        message: str,
        word: str = "",
        severity: Severity = "fault",
    ) -> None:
        """Note what is wrong at a place; ``word`` narrows it down to a line."""
        file, place = where
        line = self._lines[file].find(place, word)
        self.faults.append(Diagnostic(file, line, id_, message, severity))

    def table(self, file: str, name: str) -> dict[str, Any]:
        """A table that stands once; empty when it is missing or no table."""
        found = self._data[file].get(name, {})
        return found if isinstance(found, dict) else {}

    def tables(self, file: str, name: str) -> list[tuple[int, dict[str, Any]]]:
        """The tables of a name with their index; what is no table is noted already."""
        found = self._data[file].get(name, [])
        rows = found if isinstance(found, list) else []
        return [(index, row) for index, row in enumerate(rows) if isinstance(row, dict)]

    def _text(self, name: str, path: Path) -> str:
        line = 1
        try:
            data = path.read_bytes() if path.stat().st_size <= _MOST_BYTES else None
            if data is None:
                problem = f"the file is larger than {_MOST_BYTES:,} bytes; is it the right one?"
            elif data.decode("utf-8-sig").strip():
                return data.decode("utf-8-sig")
            else:
                problem = "the file is empty; copy it anew"
        except FileNotFoundError:
            problem = "the file is missing; each of the three files must be in the folder"
        except OSError as error:
            problem = f"the file cannot be read: {error.strerror}"
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            problem = "a character here is not UTF-8; save the file with the encoding UTF-8"
        self.faults.append(Diagnostic(name, line, "file", problem))
        return ""

    def _parse(self, name: str) -> dict[str, Any]:
        if any(fault.file == name for fault in self.faults):
            return {}
        text = self._texts[name]
        try:
            data = toml_text.loads(text)
        except toml_text.TOMLDecodeError as error:
            words = str(error)
            line = text.count("\n") + 1
            if found := re.search(r" \(at line (\d+), column (\d+)\)", words):
                line, words = int(found[1]), words.replace(found[0], f" in column {found[2]}")
            hint = "look for a missing quotation mark, comma or bracket here or just above"
            if "overwrite" in words:
                hint = "the same word stands twice before an = in this block; take one of them out"
            self.faults.append(Diagnostic(name, line, "file", f"this is not TOML: {words}; {hint}"))
            return {}
        self._check_tables(name, data)
        return data

    def _check_tables(self, name: str, data: dict[str, Any]) -> None:
        allowed = _TABLES[name]
        for key in [key for key in data if key not in allowed]:
            line = self._lines[name].find((key,)) if isinstance(data[key], dict) else 1
            line = self._lines[name].find((key, 0)) if isinstance(data[key], list) else line
            message = f"no such table{did_you_mean(key, allowed)}"
            self.faults.append(Diagnostic(name, line, key, message))
        for key, several in allowed.items():
            brackets = f"[[{key}]]" if several else f"[{key}]"
            if key not in data:
                if key not in _OPTIONAL_TABLES:
                    self.faults.append(Diagnostic(name, 1, key, f"there is no {brackets}"))
            elif not _has_tables(data[key], several):
                line = self._lines[name].find((key,))
                self.faults.append(Diagnostic(name, line, key, f"write it as {brackets}"))


def _has_tables(value: object, several: bool) -> bool:
    if several:
        return isinstance(value, list) and all(isinstance(row, dict) for row in value)
    return isinstance(value, dict)
