"""Where the content files and templates lie: in the installed package, or in a checkout."""

from pathlib import Path

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
