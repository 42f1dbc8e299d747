"""Where something stands in a TOML file: tomllib keeps no line numbers."""

import re

_HEADER = re.compile(r"^\s*(\[\[?)\s*([A-Za-z_][\w.]*)\s*\]\]?\s*(#.*)?$")

#: A table: its name and the index at each level, ("page", 3, "question", 0).
Location = tuple[str | int, ...]


class SourceLocations:
    """The line numbers of one file."""

    def __init__(self, text: str) -> None:
        self._lines = text.splitlines()
        self._starts: dict[Location, int] = {}
        counts: dict[Location, int] = {}
        current: dict[str, Location] = {}
        for number, line in enumerate(self._lines, 1):
            header = _HEADER.match(line)
            if not header:
                continue
            parent, _, name = header[2].rpartition(".")
            above = current.get(parent, ())
            place: Location = (*above, name)
            if header[1] == "[[":
                counts[place] = counts.get(place, -1) + 1
                place = (*place, counts[place])
            current[header[2]] = place
            self._starts[place] = number

    def find(self, place: Location, word: str = "") -> int:
        """The line of a table's header, or of the first line in it where a word stands."""
        start = self._starts.get(place, 1)
        if not word:
            return start
        later = [number for number in self._starts.values() if number > start]
        end = min(later, default=len(self._lines) + 1)
        pattern = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)")
        inside = range(start, end)
        return next((n for n in inside if pattern.search(self._lines[n - 1])), start)
