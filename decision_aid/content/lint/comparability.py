"""One denominator and one time where figures stand to be compared, or a written reason."""

from collections.abc import Iterator

from decision_aid.content.parser import Parser
from decision_aid.model import Aid, Evidence, Section

_REASON = "or give the reason in frames_differ"


def examine(aid: Aid, reader: Parser) -> None:
    """Note where figures are counted in unlike ways and nothing says why."""
    for section, message in (*unlike_denominators(aid), *unlike_times(aid)):
        reader.fault(reader.places["Section", section.id], section.id, message, "evidence")


def unlike_denominators(aid: Aid) -> Iterator[tuple[Section, str]]:
    """Each section, and each option beside the others, with people out of 100 and out of 1,000."""
    every = [figure.per for section in _options(aid) for figure in _counts(aid, section)]
    for section in aid.sections:
        own = sorted({figure.per for figure in _counts(aid, section)})
        if section.frames_differ or not own:
            continue
        if len(own) > 1:
            together = " and of ".join(f"{per:,}" for per in own)
            message = f"figures of {together} people stand together; use one denominator"
            yield section, f"{message}, {_REASON}"
        elif section.group == "option" and (others := set(every) - set(own)):
            message = f"figures of {own[0]:,} people, in other options of {min(others):,}"
            yield section, f"{message}; use one denominator, {_REASON}"


def unlike_times(aid: Aid) -> Iterator[tuple[Section, str]]:
    """Each option with counts of people at several times, or at another time than the others."""
    every = [figure.time for section in _options(aid) for figure in _counts(aid, section)]
    for section in _options(aid):
        own = list(dict.fromkeys(figure.time for figure in _counts(aid, section)))
        if section.frames_differ or not own:
            continue
        if len(own) > 1:
            message = f"counts of people {' and '.join(map(repr, own))} stand together"
            yield section, f"{message}; use one time, {_REASON}"
        elif others := [time for time in every if time not in own]:
            message = f"counts of people {own[0]!r}, in other options {others[0]!r}"
            yield section, f"{message}; use one time, {_REASON}"


def _options(aid: Aid) -> list[Section]:
    return [section for section in aid.sections if section.group == "option"]


def _counts(aid: Aid, section: Section) -> list[Evidence]:
    """The figures of a section that count people; a name that leads nowhere is noted elsewhere."""
    figures = [aid.evidence_by_id[id_] for id_ in section.evidence if id_ in aid.evidence_by_id]
    return [figure for figure in figures if figure.measure == "people"]
