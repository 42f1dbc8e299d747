"""A person from the front and from behind, and the places where pain can be marked."""

WIDTH, HEIGHT = 260, 252

_LINE = "fill='none' stroke='#111' stroke-width='2' stroke-linejoin='round' stroke-linecap='round'"
_THIN = _LINE.replace("'2'", "'1.6'")
_GREY = _LINE.replace("#111", "#999")

#: The right half of an outline as the reader sees it, centred on x = 0; mirrored for the other.
_HALF = (
    "M0 40c6 0 7-3 7-3c1 5 4 7 10 9c8 2 12 7 13 16l5 30l5 28c1 6 3 9 2 14c-1 4-6 4-7 0l-3-12"
    "l-8-28l-3-18c0 14-2 20-1 28c2 14 4 22 3 38l-4 34c1 12-1 22-3 32l-2 18c4 4 6 6 5 8h-13"
    "c-2-1-1-6-1-10l-1-20c-2-10-1-22 0-30l-3-42"
)
_HEAD = "<ellipse cx='0' cy='21' rx='12' ry='16' {line}/>"

_Region = tuple[str, float, float, float, float]  # view, centre x, centre y, radius x, radius y

#: Centre and size on the patient's own left; the right side is its mirror image.
_SIDES: dict[str, _Region] = {
    "hip": ("front", 17, 114, 6, 8),
    "thigh_front": ("front", 13, 142, 7, 19),
    "knee": ("front", 12.5, 172, 7, 8),
    "shin": ("front", 12, 201, 5, 17),
    "foot_top": ("front", 14, 236, 7, 6),
    "buttock": ("back", 11, 119, 9, 10),
    "thigh_back": ("back", 13, 151, 7.5, 18),
    "calf": ("back", 12, 196, 6, 18),
    "foot_sole": ("back", 14, 236, 7, 6),
}
_MIDDLE: dict[str, _Region] = {
    "groin": ("front", 0, 122, 6, 6),
    "lower_back": ("back", 0, 98, 15, 9),
}
_CENTRE = {"front": 66, "back": 194}


def drawing(regions: frozenset[str]) -> str:
    """Both outlines with these regions dark. The front shows the patient's right on the left."""
    marks = "".join(_mark(region) for region in sorted(regions))
    outlines = "".join(_outline(view) for view in _CENTRE)
    return f"{marks}{outlines}{_letters()}"


def _outline(view: str) -> str:
    half = f"<path d='{_HALF}' {_LINE}/>"
    spine = "M0 50V106" if view == "back" else "M-7 126L0 132L7 126"
    return (
        f"<g transform='translate({_CENTRE[view]} 0)'>{_HEAD.format(line=_LINE)}{half}"
        f"<g transform='scale(-1 1)'>{half}</g>"
        f"<path d='{spine}' {_GREY}/></g>"
    )


def _mark(region: str) -> str:
    name, _, side = region.rpartition("_")
    if region in _MIDDLE:
        view, x, y, across, down = _MIDDLE[region]
    elif name in _SIDES and side in ("left", "right"):
        view, x, y, across, down = _SIDES[name]
        # From the front the patient's left is on the reader's right; from behind it is not.
        x *= (1 if view == "front" else -1) * (1 if side == "left" else -1)
    else:
        return ""
    return (
        f"<ellipse cx='{_CENTRE[view] + x:g}' cy='{y:g}' rx='{across:g}' ry='{down:g}' "
        "fill='#222'/>"
    )


def _letters() -> str:
    """R and L beside each figure, drawn as strokes so that no font is needed."""
    right, left = "v-9h4a2.5 2.5 0 0 1 0 5h-4m3 0l4 4", "v-9m0 9h5"
    places = (
        (_CENTRE["front"] - 52, right),
        (_CENTRE["front"] + 47, left),
        (_CENTRE["back"] - 52, left),
        (_CENTRE["back"] + 47, right),
    )
    path = "".join(f"M{x} 22{letter}" for x, letter in places)
    return f"<path d='{path}' {_THIN}/>"
