"""The short sentences under ``[words]``: none that a screen or paper says may be missing."""

import re
from functools import cache
from pathlib import Path

from decision_aid import resources
from decision_aid.content.diagnostics import did_you_mean
from decision_aid.content.parser import Parser
from decision_aid.model import Aid

_WHERE = ("questions.toml", ("words",))
_NAMED = re.compile(r"""words(?:\.|\[["'])([a-z_]+)\b(?!\()""")
#: What "About this aid" must say; its template names them in a list.
ABOUT = (
    "authors",
    "funding",
    "interests",
    "update_policy",
    "methods",
    "own_judgement",
    "licence",
)
#: Sections of these groups stand in places of their own.
_WITHOUT_HEADING = {"group_safety", "group_scope", "group_card"}


def examine(aid: Aid, reader: Parser) -> None:
    """Note every sentence that is missing or empty, and every one that nothing says."""
    pictures = {f"drawing_{section.picture}" for section in aid.sections if section.picture}
    headings = {f"group_{section.group}" for section in aid.sections} - _WITHOUT_HEADING
    needed = {*said(), *ABOUT, *pictures, *headings}
    given = dict(aid.words)
    broken = reader.table("questions.toml", "words").keys() - given.keys()
    if not given:
        return
    for name in sorted(needed - given.keys() - broken):
        near = did_you_mean(name, sorted(given.keys() - needed)) if len(given) else ""
        message = f"{name} is missing; a screen or paper says it{near.split(' (')[0]}"
        reader.fault(_WHERE, "words", message)
    for name, text in given.items():
        if not text.strip():
            reader.fault(_WHERE, "words", f"{name} is empty", name)
        if name not in needed and not name.startswith("drawing_"):
            near = did_you_mean(name, sorted(needed - given.keys()))
            message = f"{name} is said on no screen and no paper{near}; take it out"
            reader.fault(_WHERE, "words", message, name, "warning")


@cache
def said() -> frozenset[str]:
    """The names that templates and program use, read from them."""
    templates = resources.find("templates").rglob("*.html")
    modules = Path(resources.__file__).parent.rglob("*.py")
    texts = (path.read_text("utf-8") for path in (*templates, *modules))
    names = (name for text in texts for name in _NAMED.findall(text))
    return frozenset(name for name in names if not name.endswith("_"))
