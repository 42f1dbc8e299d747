"""Draw ``docs/architecture.svg`` from the code: each floor, its modules, and who imports whom.

    .venv/bin/python docs/draw_architecture.py

The floors are those that import-linter holds (``pyproject.toml``); the lines are real imports.
A test fails when the picture no longer shows the code.
"""

import re
import tomllib
from collections import Counter
from html import escape
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "architecture.svg"
_WIDTH, _LINE, _GAP, _LEFT = 980, 17, 10, 80


def floors() -> list[list[str]]:
    """The floors of the house from the top, each with what stands side by side on it."""
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    contract = tomllib.loads(text)["tool"]["importlinter"]["contracts"][0]
    return [re.split(r"\s*[|:]\s*", layer) for layer in contract["layers"]]


def imports(names: set[str]) -> Counter[tuple[str, str]]:
    """How many modules of one part import a module of another."""
    graph = grimp.build_graph("decision_aid", include_external_packages=False)
    found: Counter[tuple[str, str]] = Counter()
    for module in sorted(graph.modules):
        for target in sorted(graph.find_modules_directly_imported_by(module)):
            pair = _part(module), _part(target)
            if pair[0] != pair[1] and set(pair) <= names:
                found[pair] += 1
    return found


def _part(module: str) -> str:
    return (*module.split("."), "")[1]


def _modules(part: str) -> str:
    folder = ROOT / "decision_aid" / part
    names = sorted(path.stem for path in folder.glob("*.py") if path.stem != "__init__")
    folders = sorted(path.parent.name + "/" for path in folder.glob("*/__init__.py"))
    return ", ".join([*names, *folders])


def draw() -> str:
    """The picture as SVG text."""
    rows = floors()
    links = imports({name for row in rows for name in row})
    parts: list[str] = []
    top = _GAP
    for place, row in enumerate(rows):
        wide = (_WIDTH - _GAP * (len(row) - 1)) / len(row)
        told = [_told(name, wide, links) for name in row]
        high = 14 + _LINE * max(map(len, told))
        parts.append(f'<text x="8" y="{top + 19}" fill="#555">floor {len(rows) - place}</text>')
        for column, lines in enumerate(told):
            parts += _box(lines, _LEFT + column * (wide + _GAP), top, wide, high)
        top += high + _GAP
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_LEFT + _WIDTH + 8} {top}" '
        'font-family="sans-serif" font-size="13" role="img">'
    )
    title = "<title>The floors of the program; imports go down only</title>"
    return "\n".join(
        [head, title, '<rect width="100%" height="100%" fill="#fff"/>', *parts, "</svg>\n"]
    )


def _told(name: str, wide: float, links: Counter[tuple[str, str]]) -> list[str]:
    used = ", ".join(sorted({below for above, below in links if above == name}))
    return [name, *_folded(_modules(name), wide), *_folded(f"uses {used}" if used else "", wide)]


def _box(lines: list[str], left: float, top: float, wide: float, high: float) -> list[str]:
    shape = (
        f'<rect x="{left:g}" y="{top:g}" width="{wide:g}" height="{high:g}" rx="6" '
        'fill="#eef4f4" stroke="#134"/>'
    )
    texts = [
        f'<text x="{left + 8:g}" y="{top + 19 + _LINE * row:g}"'
        + (' font-weight="bold"' if row == 0 else ' font-size="11" fill="#333"')
        + f">{escape(line)}</text>"
        for row, line in enumerate(lines)
    ]
    return [shape, *texts]


def _folded(text: str, wide: float) -> list[str]:
    most, lines = int((wide - 16) / 5.6), [""]
    for word in text.split(" "):
        if len(lines[-1]) + len(word) + 1 > most and lines[-1]:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return [line for line in lines if line]


if __name__ == "__main__":
    PICTURE.write_text(draw(), "utf-8")
    print(f"{PICTURE.relative_to(ROOT)} shows the code as it is now.")
