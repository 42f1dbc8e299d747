"""TOML text read with bounds: what would take minutes or gigabytes is no settings or content."""

import re
import tomllib
from typing import Any

TOMLDecodeError = tomllib.TOMLDecodeError

#: More parts than any key has; reading such a key takes the square of its length.
_PARTS = 20
#: Tables within tables, conditions within conditions: more than any file needs.
_DEEPEST = 30
_KEY = r"""(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')"""
_LONG_KEY = re.compile(rf"(?<![\w.\"'-]){_KEY}(?:[ \t]*+\.[ \t]*+{_KEY}){{{_PARTS},}}")


def loads(text: str) -> dict[str, Any]:
    """The tables in a text. Raises TOMLDecodeError, whatever is wrong."""
    if found := _LONG_KEY.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise TOMLDecodeError(f"A key has more than {_PARTS} parts (at line {line}, column 1)")
    try:
        data = tomllib.loads(text)
    except TOMLDecodeError:
        raise
    except RecursionError:
        raise TOMLDecodeError("Too many brackets stand within brackets") from None
    except ValueError:
        raise TOMLDecodeError("A number has too many digits, or a date does not exist") from None
    _check_depth_and_numbers(data)
    return data


def _check_depth_and_numbers(data: object) -> None:
    """Raise TOMLDecodeError for tables or lists too deep, and for numbers over 64 bits."""
    layer = [data]
    for _ in range(_DEEPEST):
        if any(isinstance(node, int) and node.bit_length() > 64 for node in layer):
            raise TOMLDecodeError("A number has too many digits")
        layer = [
            child
            for node in layer
            if isinstance(node, dict | list)
            for child in (node.values() if isinstance(node, dict) else node)
        ]
    if layer:
        raise TOMLDecodeError("Too many brackets stand within brackets")
