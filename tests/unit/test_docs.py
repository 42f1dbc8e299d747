"""The pages for authors and clinics say only what is so."""

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_named_file_and_linked_page_exists(page: Path) -> None:
    """A link to a page, and a path in backquotes below a folder of the project, leads somewhere."""
    text = page.read_text("utf-8")
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", text)
    paths = re.findall(
        r"`((?:docs|decision_aid|tests|templates|deploy|benchmarks)/[\w./-]+)`", text
    )

    assert [link for link in links if not (page.parent / link).exists()] == []
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_the_picture_of_the_architecture_shows_the_code() -> None:
    """Drawn again, ``docs/architecture.svg`` is the same."""
    spec = importlib.util.spec_from_file_location("draw", ROOT / "docs" / "draw_architecture.py")
    assert spec
    assert spec.loader
    draw = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(draw)
    assert draw.PICTURE.read_text("utf-8") == draw.draw(), "run docs/draw_architecture.py"
