"""Where the content files and templates lie: in the installed package, or in a checkout."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment

_PACKAGE = Path(__file__).parent


def find(name: str) -> Path:
    """The path of a content file or folder. Raises FileNotFoundError when it is nowhere."""
    checkout = _PACKAGE.parent
    places = [_PACKAGE / name]
    if (checkout / "pyproject.toml").is_file():
        places.append(checkout / name)
    for place in places:
        if place.exists():
            return place
    raise FileNotFoundError(f"{name} is missing; reinstall the decision aid")


@cache
def templates() -> Environment:
    """The templates of what is made without a request: the papers and the map."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(find("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
