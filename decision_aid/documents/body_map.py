"""A person from the front and from behind, and the places where pain can be marked.

Screen and paper draw from the same shapes. Each is the path of one ``<path>``, in units of the
drawing; left and right are the patient's own.
"""

WIDTH, HEIGHT = 440, 520
#: Where the middle of each figure stands.
_MIDDLE = {"front": 110, "back": 330}

_HEAD = "c13 0 23 12 23 27s-10 27-23 27-23-12-23-27 10-27 23-27"
#: From the neck round the body and back to it.
_BODY = (
    "v12c-3 7-14 9-26 13-11 4-16 12-18 24l-16 92c-2 14-4 22-5 30-1 8 3 12 7 11 4 0 6-4 7-10l4-22"
    " 19-76 6 44c-1 16-6 28-9 44-5 26-4 52 1 84l7 74-4 88c-8 8-16 16-20 24-2 6 2 8 8 8h27"
    "c5 0 7-3 7-8l2-88 9-118 2-17h4l2 17 9 118 2 88c0 5 2 8 7 8h27c6 0 10-2 8-8-4-8-12-16-20-24"
    "l-4-88 7-74c5-32 6-58 1-84-3-16-8-28-9-44l6-44 19 76 4 22c1 6 3 10 7 10 4 1 8-3 7-11"
    "-1-8-3-16-5-30l-16-92c-2-12-7-20-18-24-12-4-23-6-26-13V68"
)

_Points = tuple[tuple[int, int], ...]

#: Corners on the reader's left of the middle, along the outline; the other side mirrors them.
_SIDES: dict[str, dict[str, _Points]] = {
    "front": {
        "hip": ((-19, 222), (-39, 222), (-43, 243), (-44, 268), (-13, 268)),
        "thigh_front": ((-44, 280), (-36, 354), (-9, 354), (-2, 280)),
        "knee": ((-36, 358), (-33, 388), (-34, 400), (-12, 400), (-9, 358)),
        "shin": ((-34, 404), (-37, 472), (-14, 472), (-12, 404)),
        "foot_top": ((-37, 476), (-55, 496), (-57, 506), (-50, 508), (-18, 507), (-14, 476)),
    },
    "back": {
        "buttock": ((-41, 228), (-44, 250), (-44, 276), (-1, 276), (-1, 228)),
        "thigh_back": ((-44, 280), (-35, 366), (-9, 366), (-2, 280)),
        "calf": ((-33, 388), (-37, 472), (-14, 472), (-11, 388)),
        "foot_sole": ((-37, 476), (-55, 496), (-57, 506), (-50, 508), (-18, 507), (-14, 476)),
    },
}
_WHOLE: dict[str, dict[str, _Points]] = {
    "front": {"groin": ((-16, 236), (-6, 276), (6, 276), (16, 236))},
    "back": {
        "lower_back": (
            *((-33, 180), (-32, 190), (-38, 217), (-38, 224)),
            *((38, 224), (38, 217), (32, 190), (33, 180)),
        )
    },
}


def _path(view: str, points: _Points, side: int = 1) -> str:
    corners = "L".join(f"{_MIDDLE[view] + side * x} {y}" for x, y in points)
    return f"M{corners}z"


def _shapes(view: str) -> dict[str, str]:
    # From the front the patient's right is on the reader's left; from behind it is not.
    near, far = ("right", "left") if view == "front" else ("left", "right")
    shapes = {name: _path(view, points) for name, points in _WHOLE[view].items()}
    for name, points in _SIDES[view].items():
        shapes[f"{name}_{near}"] = _path(view, points)
        shapes[f"{name}_{far}"] = _path(view, points, -1)
    return shapes


#: Option of the question -> the path of its place.
FRONT, BACK = _shapes("front"), _shapes("back")
SHAPES = FRONT | BACK

#: Both people.
OUTLINE = "".join(f"M{x} 15{_HEAD}M{x - 10} 68{_BODY}" for x in _MIDDLE.values())

#: R and L as strokes, so that no font is needed. The spine tells the back from the front.
LETTERS = (
    "M10 304v-24h10l5 2 2 4.5-2 4.5-5 2h-10m8 0 9 11M198 280v24h13"
    "M229 280v24h13M410 304v-24h10l5 2 2 4.5-2 4.5-5 2h-10m8 0 9 11M330 92v80"
)


def drawing(regions: frozenset[str]) -> str:
    """Both people with these regions dark, for paper."""
    marks = "".join(SHAPES.get(region, "") for region in sorted(regions))
    line = "fill='none' stroke-linejoin='round' stroke-linecap='round' stroke"
    return (
        f"<path d='{marks}' fill='#222'/><path d='{OUTLINE}' {line}='#111' stroke-width='3.2'/>"
        f"<path d='{LETTERS}' {line}='#555' stroke-width='2.6'/>"
    )
