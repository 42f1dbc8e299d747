"""Reading grade after Flesch and Kincaid (1975), with syllables counted by hyphenation."""

import re
from collections.abc import Collection
from functools import cache

import pyphen

from decision_aid.model import Aid

_WORD = re.compile(r"[A-Za-z][A-Za-z'’]*")
_SENTENCE_END = re.compile(r"[.!?:]+[”\"')]*(?:\s+|$)")


@cache
def _dictionary() -> pyphen.Pyphen:
    return pyphen.Pyphen(lang="en_US", left=1, right=1)


@cache
def syllables(word: str) -> int:
    """Syllables of one word; the larger of hyphenation and groups of vowels, a silent e aside."""
    plain = word.lower().rstrip("'’s") or word.lower()
    vowels = len(re.findall(r"[aeiouy]+", re.sub(r"(?<=[^aeiouyl])e$", "", plain)))
    return max(1, vowels, len(_dictionary().positions(plain)) + 1 if len(plain) > 6 else 0)


def sentences(text: str) -> list[str]:
    """The sentences of a paragraph."""
    return [found for part in _SENTENCE_END.split(text) if (found := part.strip())]


def grade(text: str, allowed: Collection[str] = ()) -> float:
    """United States school grade of a paragraph; allowed words count as two syllables."""
    words = _WORD.findall(text)
    if not words:
        return 0.0
    total = sum(min(2, syllables(w)) if w.lower() in allowed else syllables(w) for w in words)
    per_sentence = len(words) / max(1, len(sentences(text)))
    return 0.39 * per_sentence + 11.8 * total / len(words) - 15.59


def section_grades(aid: Aid) -> dict[str, float]:
    """The grade of each section's text, by section id."""
    return {
        section.id: grade(" ".join(section.text), aid.allowed_terms) for section in aid.sections
    }
