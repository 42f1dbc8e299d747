"""Measures as people write them: ``1,70 m``, ``5'7``, ``11 st 4``, digits of any script. Pure.

What cannot be meant is refused in a sentence that names the box; nothing is guessed.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import NamedTuple


class Part(NamedTuple):
    """A smaller box beside the main one: its name, words, size in the unit, how many make one."""

    name: str
    words: str
    size: float
    #: So many of it make one of the part before; None for the first.
    wraps: int | None


#: For a unit: the other units that may be used instead, the larger one first.
PARTS: Mapping[str, tuple[Part, Part]] = {
    "cm": (Part("ft", "feet", 30.48, None), Part("in", "inches", 2.54, 12)),
    "kg": (Part("st", "stone", 6.35029318, None), Part("lb", "pounds", 0.45359237, 14)),
}
_NAMES = {
    "ft": r"(?:ft|feet|foot|')",
    "in": r"(?:in|inch|inches|\"|'')",
    "st": r"(?:st|stone|stones)",
    "lb": r"(?:lb|lbs|pound|pounds)",
}
_MARKS = {"٫": ".", ",": ".", "’": "'", "′": "'", "″": '"', "”": '"'}
_DIGITS = r"(\d{1,6}(?:\.\d{0,8})?)"
#: A height below this many centimetres was written in metres.
_METRES_BELOW = 3


class MeasureError(ValueError):
    """A measure that cannot be meant; the text is a sentence, ``box`` the name of its part."""

    def __init__(self, sentence: str, box: str = "") -> None:
        super().__init__(sentence)
        self.box = box


def plain(text: str) -> str:
    """Small letters, ASCII digits and one kind of mark for each; without what cannot be seen."""
    found = []
    for char in unicodedata.normalize("NFKC", text):
        digit = unicodedata.decimal(char, None)
        if digit is not None:
            found.append(str(digit))
        elif unicodedata.category(char) not in ("Cf", "Cc", "Mn"):
            found.append(
                {"٫": ".", ",": ".", "’": "'", "′": "'", "″": '"', "”": '"'}.get(char, char)
            )
    return " ".join("".join(found).lower().split())


def number(text: str) -> float | None:
    """A number alone, with a decimal point or comma; None for anything else."""
    found = re.fullmatch(_DIGITS, plain(text).rstrip("."))
    return float(found[1]) if found else None


def main(text: str, unit: str, low: float, high: float) -> float:
    """What stands in the main box, in its unit. Raises MeasureError."""
    written = plain(text).rstrip(".")
    for pattern, size in _sizes(unit):
        found = re.fullmatch(pattern, written)
        if found:
            value = float(found[1])
            if unit == "cm" and size == 1 and value < _METRES_BELOW:
                size = 100
            return value * size
    if unit in PARTS:
        large, small = PARTS[unit]
        pattern = (
            rf"{_DIGITS} ?{_NAMES[large.name]}(?: ?(?:and )?{_DIGITS} ?{_NAMES[small.name]}?)?"
        )
        found = re.fullmatch(pattern, written)
        if found:
            return parts({large.name: found[1], small.name: found[2] or ""}, unit) or 0.0
    raise MeasureError(f"Please write this in figures, such as {_example(low, high)}.")


def _sizes(unit: str) -> tuple[tuple[str, float], ...]:
    if unit == "cm":
        return (rf"{_DIGITS} ?(?:cm)?", 1), (rf"{_DIGITS} ?(?:m|metres?|meters?)", 100)
    if unit == "kg":
        return (rf"{_DIGITS} ?(?:kgs?|kilos?)?", 1), (rf"{_DIGITS} ?{_NAMES['lb']}", 0.45359237)
    return ((_DIGITS, 1),)


def parts(typed: Mapping[str, str], unit: str) -> float | None:
    """What stands in the two boxes of the other units, in the unit; None when both are empty.

    Raises MeasureError: only the smaller part may have decimals, and it stays below a whole one.
    """
    values: dict[str, float] = {}
    for part in PARTS[unit]:
        text = plain(typed.get(part.name, "")).rstrip(".")
        if not text:
            continue
        found = re.fullmatch(rf"{_DIGITS} ?{_NAMES[part.name]}?", text)
        if not found:
            raise MeasureError(f"Please write the {part.words} in figures, such as 5.", part.name)
        values[part.name] = float(found[1])
    if not values:
        return None
    large, small = PARTS[unit]
    if values.get(large.name, 0) % 1:
        message = f"Please write whole {large.words} here, and the {small.words} in the next box."
        raise MeasureError(message, large.name)
    if small.wraps and large.name in values and values.get(small.name, 0) >= small.wraps:
        message = f"{small.wraps} {small.words} make one more. Please write fewer than that here."
        raise MeasureError(message, small.name)
    return round(sum(values.get(part.name, 0) * part.size for part in (large, small)), 2)


def _example(low: float, high: float) -> str:
    """A round number inside the range, nearer to its lower end."""
    middle = low + (high - low) * 0.4
    return f"{round(middle, -1):g}" if high - low > 20 else f"{round(middle):g}"
