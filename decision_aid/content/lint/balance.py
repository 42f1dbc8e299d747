"""The options in equal detail: the same parts, equally long, as many good points as bad ones."""

from collections.abc import Iterator
from statistics import fmean

from decision_aid.content.parser import Parser
from decision_aid.model import Aid, Section

#: The options' texts may differ from their mean length by this share.
_SHARE = 0.2
_PARTS = ("text", "good", "bad", "do", "ask", "how_sure", "fit", "evidence")
#: These have the same number of paragraphs or points in every option.
_COUNTED = ("text", "good", "bad")
_REASON = "or give the reason in parts_differ"


def examine(aid: Aid, reader: Parser) -> None:
    """Note where an option is told in other detail than the others."""
    for section, message, word in imbalances(aid):
        reader.fault(reader.places["Section", section.id], section.id, message, word)


def balanced(aid: Aid) -> bool:
    """Whether the options are told in equal detail."""
    return not list(imbalances(aid))


def imbalances(aid: Aid) -> Iterator[tuple[Section, str, str]]:
    """Each option that is unlike the others without a written reason, why, and where."""
    options = [section for section in aid.sections if section.group == "option"]
    if not options:
        return
    lengths = {s.id: len(" ".join((*s.text, *s.good, *s.bad)).split()) for s in options}
    mean = fmean(lengths.values())
    for section in options:
        if section.parts_differ:
            continue
        if abs(lengths[section.id] - mean) > _SHARE * mean:
            message = f"{lengths[section.id]} words; the options have {mean:.0f} on average, keep"
            yield section, f"{message} within 20 percent, {_REASON}", "text"
        if len(section.good) != len(section.bad):
            message = f"{len(section.good)} good and {len(section.bad)} bad points: make them equal"
            yield section, f"{message}, {_REASON}", "good"
        elif other := _other_parts(section, options[0]):
            message = f"other parts than {options[0].id} ({other}): the options need the same"
            yield section, f"{message}, {_REASON}", "text"


def _other_parts(section: Section, first: Section) -> str:
    """Which part one option has and the other lacks, or has in another number."""
    for name in _PARTS:
        mine, others = getattr(section, name), getattr(first, name)
        if name in _COUNTED and len(mine) != len(others):
            return f"{name}: {len(mine)} and not {len(others)}"
        if bool(mine) != bool(others):
            return f"{name}: {'none' if others else 'one more'}"
    return ""
