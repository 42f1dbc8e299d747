"""Whether a file is the picture that its name says; a browser would show nothing in its place."""

import warnings
import xml.parsers.expat
from pathlib import Path

#: Every patient's phone loads it.
_MOST_BYTES = 1_000_000


def problem(path: Path) -> str:
    """What is wrong with an SVG or PNG file, as the rest of a sentence; empty when nothing is."""
    try:
        with path.open("rb") as opened:
            data = opened.read(_MOST_BYTES + 1)
    except OSError as error:
        return f"it cannot be read: {error.strerror}"
    if len(data) > _MOST_BYTES:
        return f"it has more than {_MOST_BYTES:,} bytes, too many for a phone"
    if path.suffix.lower() == ".png":
        return "" if _is_png(path) else "what is in it is no PNG picture"
    return "" if _is_svg(data) else "what is in it is no SVG picture"


def _is_png(path: Path) -> bool:
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with Image.open(path, formats=["PNG"]) as picture:
                picture.verify()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError, Warning):
        return False
    return True


def _is_svg(data: bytes) -> bool:
    """Well-formed XML whose root is SVG's; entities of its own are not followed."""
    roots: list[str] = []
    parser = xml.parsers.expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = lambda name, _: roots.append(name) if not roots else None
    parser.EntityDeclHandler = _no_entities
    try:
        parser.Parse(data, True)
    except (xml.parsers.expat.ExpatError, ValueError):
        return False
    return roots[0] == "http://www.w3.org/2000/svg svg"


def _no_entities(*_: object) -> None:
    raise ValueError
