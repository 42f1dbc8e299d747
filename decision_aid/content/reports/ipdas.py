"""The IPDAS score sheet (minimum standards 4.0, 44 items), computed from the content."""

import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from decision_aid.content.lint import balance, comparability
from decision_aid.content.lint.readability import section_grades
from decision_aid.model import Aid, Evidence, Group, Section

MET, NOT_MET = "met", "not met"
_ABOUT = "About this guide"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item of the sheet: met, not met, not applicable, needs people or needs a trial."""

    id: str
    text: str
    status: str
    #: The place in the aid that proves it.
    proof: str = ""


def sheet(aid: Aid) -> list[Item]:
    """All items with their status and, where met, the place that proves it."""
    data = tomllib.loads(Path(__file__).with_name("ipdas.toml").read_text("utf-8"))
    return [_item(aid, row) for row in data["item"]]


def _item(aid: Aid, row: dict[str, str]) -> Item:
    if "status" in row:
        return Item(id=row["id"], text=row["text"], status=row["status"])
    proof = _PROOFS[row["id"]](aid)
    return Item(id=row["id"], text=row["text"], status=MET if proof else NOT_MET, proof=proof)


def text(aid: Aid) -> str:
    """The sheet as plain text, with the counts under it."""
    items = sheet(aid)
    lines = [f"{item.id:<4} {item.status:<15} {item.text}  {item.proof}".rstrip() for item in items]
    counts = Counter(item.status for item in items)
    buildable = counts[MET] + counts[NOT_MET]
    total = ", ".join(f"{count} {status}" for status, count in counts.items())
    return "\n".join([*lines, "", f"{counts[MET]} of {buildable} buildable items met: {total}."])


def _group(aid: Aid, name: Group) -> list[Section]:
    return [section for section in aid.sections if section.group == name]


def _all_options(good: Callable[[Section], object]) -> Callable[[Aid], str]:
    """Met when all three or more options have something."""

    def proof(aid: Aid) -> str:
        options = _group(aid, "option")
        met = len(options) >= 3 and all(good(section) for section in options)
        return f"in the guide: {_titles(options)}" if met else ""

    return proof


def _titles(sections: list[Section]) -> str:
    return ", ".join(f"“{section.title}”" for section in sections)


def _same(unlike: Callable[[Aid], Iterator[tuple[Section, str]]]) -> Callable[[Aid], str]:
    """Met when the options count alike, or each that does not says why."""

    def proof(aid: Aid) -> str:
        if any(section.group == "option" for section, _ in unlike(aid)):
            return ""
        silent = replace(aid, sections=tuple(replace(s, frames_differ="") for s in aid.sections))
        found = {section.id for section, _ in unlike(silent)}
        told = [option for option in _group(aid, "option") if option.id in found]
        return f"the reason is told where they are unlike: {_titles(told)}" if told else "all alike"

    return proof


def _conditions(aid: Aid) -> str:
    told = _group(aid, "condition")
    return f"in the guide: {_titles(told)}" if told else ""


def _natural_course(aid: Aid) -> str:
    told = [section for section in _group(aid, "option") if section.id == "option_wait"]
    return f"in the guide: {_titles(told)}" if told and told[0].evidence else ""


def _all_figures(good: Callable[[Evidence], object]) -> Callable[[Aid], str]:
    def proof(aid: Aid) -> str:
        met = aid.evidence and all(good(record) for record in aid.evidence)
        return f"evidence.toml, {len(aid.evidence)} figures" if met else ""

    return proof


def _words(*names: str) -> Callable[[Aid], str]:
    def proof(aid: Aid) -> str:
        found = all(aid.words.get(name) for name in names)
        return f"{_ABOUT}: {', '.join(names).replace('_', ' ')}" if found else ""

    return proof


def _questions(start: str, least: int) -> Callable[[Aid], str]:
    def proof(aid: Aid) -> str:
        found = [question for question in aid.questions if question.startswith(start)]
        return f"questions {start}*, {len(found)} of them" if len(found) >= least else ""

    return proof


def _reading(aid: Aid) -> str:
    grades = section_grades(aid)
    return f"{_ABOUT}: median grade {median(grades.values()):.0f}" if grades else ""


def _sign_off(aid: Aid) -> str:
    if aid.approved_by:
        return f"signed off by {aid.approved_by}"
    return "draft notice on every screen and paper" if aid.draft_notice else ""


def _balanced(aid: Aid) -> str:
    return "options balanced within 20 percent" if balance.balanced(aid) else ""


_PROOFS: dict[str, Callable[[Aid], str]] = {
    "Q1": _conditions,
    "Q2": lambda aid: "start page and both PDFs" if aid.words.get("decision") else "",
    "Q3": _all_options(lambda section: section.text),
    "Q4": _all_options(lambda section: section.good),
    "Q5": _all_options(lambda section: section.bad),
    "Q6": _all_options(lambda section: len(section.text) >= 3),
    "C1": _balanced,
    "C2": _all_figures(lambda record: record.sources),
    "C3": lambda aid: f"published {aid.published}, in every footer",
    "C4": _words("update_policy"),
    "C5": _all_figures(lambda record: record.certainty and record.reason),
    "C6": _words("funding", "interests"),
    "U1": _natural_course,
    "U2": _all_options(lambda section: section.good and section.bad),
    "U3": _all_options(lambda section: section.evidence),
    "U4": _all_figures(lambda record: record.population),
    "U5": _all_figures(lambda record: record.measure != "people" or record.arms),
    "U6": _same(comparability.unlike_times),
    "U7": _same(comparability.unlike_denominators),
    "U8": lambda aid: "each figure: sentence, N in 100 and picture",
    "U9": _questions("value_", 5),
    "U10": lambda aid: f"{len(aid.parts)} parts shown as steps" if len(aid.parts) > 2 else "",
    "U11": lambda aid: "page questions, both PDFs" if aid.suggested_questions else "",
    "U18": _words("methods"),
    "U19": _all_figures(lambda record: record.certainty),
    "U20": _sign_off,
    "U21": _reading,
}
