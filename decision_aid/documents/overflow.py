"""Where things go when one page is too small: never smaller, always marked, on the next sheet."""

from collections.abc import Iterable
from dataclasses import dataclass, field

#: The highest level: as much as possible stands on the continuation sheet.
LEVELS = 12

#: From these levels on, the patient's own words are cut at so many characters.
_QUOTES = ((0, 400), (3, 110), (6, 70), (9, 44), (11, 30), (12, 14))
#: The same for texts of the content.
_TEXTS = ((0, 400), (7, 110), (9, 70), (11, 40))

CUT = " […]"


@dataclass(slots=True)
class Overflow:
    """How much of the page may be filled, and what did not fit.

    Level 0 keeps everything. Each level more moves what a surgeon misses least.
    """

    level: int
    moved: dict[str, list[str]] = field(default_factory=dict)

    def keep(self, rank: int, where: str, texts: Iterable[str]) -> tuple[str, ...]:
        """These texts while the level is below ``rank``; else none, and they move."""
        kept = tuple(texts)
        return kept if self.level < rank else self.first(0, where, kept)

    def first(self, count: int, where: str, texts: Iterable[str]) -> tuple[str, ...]:
        """The first ``count`` texts; the others move."""
        every = tuple(texts)
        for text in every[count:]:
            self._move(where, text)
        return every[:count]

    def quote(self, where: str, text: str) -> str:
        """The patient's own words, cut visibly when the page is full."""
        return self._cut(where, text, _QUOTES)

    def text(self, where: str, text: str) -> str:
        """A text of the content, cut visibly when the page is full."""
        return self._cut(where, text, _TEXTS)

    def _cut(self, where: str, text: str, limits: tuple[tuple[int, int], ...]) -> str:
        limit = [size for level, size in limits if level <= self.level][-1]
        if len(text) <= limit + len(CUT):
            return text
        self._move(where, text)
        head = text[:limit]
        at_word = head.rpartition(" ")[0]
        return (at_word if len(at_word) > limit * 0.6 else head).rstrip() + CUT

    def _move(self, where: str, text: str) -> None:
        texts = self.moved.setdefault(where, [])
        if text not in texts:
            texts.append(text)
