"""Pictures as small data addresses: icon array, bars, body map, line drawings, square code.

WeasyPrint tags an `<img>` with its `alt`; an inline `<svg>` would break PDF/UA. One family:
2 px lines with round ends, ink and one grey, dark against hollow so that a fax loses nothing.
"""

from collections.abc import Iterable
from functools import cache
from urllib.parse import quote

import segno

from decision_aid.documents import body_map, illustrations

_INK = "#111"


def _address(svg: str) -> str:
    return "data:image/svg+xml," + quote(svg, safe="/:=,;() ")


def _svg(width: float, height: float, inside: str) -> str:
    return _address(
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width:g} {height:g}' "
        f"width='{width:g}' height='{height:g}'>{inside}</svg>"
    )


def qr_code(text: str) -> str:
    """A QR code (ISO/IEC 18004) of a text in alphanumeric mode, with a quiet zone of 2."""
    return segno.make(text, error="m", micro=False, mask=0).png_data_uri(scale=4, border=2)


@cache
def icon_array(count: float, per: int = 100) -> str:
    """People as dots, filled row by row from the top left: dark are affected, rings are not.

    100 stand ten by ten; 1,000 stand in 10 rows of 100. More cannot be seen: no picture.
    """
    if per > 1000:
        return ""
    across, step = (10, 10) if per <= 100 else (100, 5)
    dark = max(0, min(per, round(count)))
    width, height = across * step, per // across * step
    # A dashed line with round ends is a row of dots: few path commands, quick to draw.
    everyone = _dots(0, per, across, step)
    affected = _dots(0, dark, across, step)
    size = step * 0.78
    rings = _stroke(everyone, size * 0.94, "#555", step) + _stroke(
        everyone, size * 0.94 - step * 0.17, "#fff", step
    )
    return _svg(width, height, rings + (_stroke(affected, size * 1.1, _INK, step) if dark else ""))


def _dots(first: int, last: int, across: int, step: int) -> str:
    rows = []
    for start in range(first, last, across):
        y = (start // across + 0.5) * step
        end = (min(across, last - start) - 0.5) * step
        rows.append(f"M{step / 2:g} {y:g}H{end + 0.01:g}")
    return "".join(rows)


def _stroke(path: str, width: float, colour: str, step: int) -> str:
    return (
        f"<path d='{path}' fill='none' stroke='{colour}' stroke-width='{width:.2f}' "
        f"stroke-linecap='round' stroke-dasharray='0.001 {step - 0.001}'/>"
    )


@cache
def scale_bar(value: float, low: int = 0, high: int = 10) -> str:
    """A frame from ``low`` to ``high``, dark up to ``value``, with a tick at every tenth."""
    width, height = 200, 18
    share = 0 if high == low else max(0.0, min(1.0, (value - low) / (high - low)))
    # Ticks are a dashed line, the bar a thick one: few path commands, quick to draw.
    return _svg(
        width + 2,
        height + 2,
        f"<path d='M1 1H{width + 1}V{height + 1}H1z' fill='none' stroke='{_INK}'/>"
        f"<path d='M1 {height - 1}H{width}' stroke='#888' stroke-width='5' "
        f"stroke-dasharray='1 {width / 10 - 1:g}' stroke-dashoffset='{1 - width / 10:g}'/>"
        f"<path d='M1 {height / 2 + 1:g}h{width * share:g}' stroke='{_INK}' "
        f"stroke-width='{height}'/>",
    )


@cache
def _body(regions: tuple[str, ...]) -> str:
    return _svg(body_map.WIDTH, body_map.HEIGHT, body_map.drawing(frozenset(regions)))


def pain_drawing(regions: Iterable[str]) -> str:
    """Front and back of a person with the painful regions dark."""
    return _body(tuple(sorted(regions)))


def ruled() -> str:
    """One line to write on, at the foot of its strip; repeated as a background."""
    line = "<path d='M4 24H756' stroke='#888' stroke-width='.8'/>"
    return _svg(760, 32, line)


@cache
def illustration(name: str) -> str:
    """The line drawing of a condition or an operation; empty when there is none of that name."""
    inside = illustrations.DRAWINGS.get(name)
    return _svg(illustrations.WIDTH, illustrations.HEIGHT, inside) if inside else ""
