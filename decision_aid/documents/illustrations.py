"""Line drawings of the lower spine from the side: what wears out, and what each operation does.

The belly is on the left. From left to right: two bones with the disc between them, the nerve
canal, the bony arch behind it, the skin of the back. Ink for what stays, grey for the nerve, dashes
for what is removed.
"""

WIDTH, HEIGHT = 220, 170

_INK = "fill='none' stroke='#111' stroke-width='2' stroke-linecap='round' stroke-linejoin='round'"
_NERVE = "fill='none' stroke='#777' stroke-width='7' stroke-linecap='round'"
_ROOT = _NERVE.replace("'7'", "'4'")
_METAL_3, _METAL_5, _METAL_8 = (_INK.replace("'2'", f"'{width}'") for width in (3, 5, 8))
_TAKEN = _INK + " stroke-dasharray='2 5'"
_SOFT = "fill='#ccc' stroke='#111' stroke-width='2' stroke-linejoin='round'"
_STRONG = "fill='#111' stroke='#111' stroke-width='2' stroke-linejoin='round'"


def _bone(x: float, y: float) -> str:
    return (
        f"<path d='M{x + 6:g} {y:g}q32 5 64 0q6 0 5 7q-5 20 0 40q1 7-5 7q-32-5-64 0q-6 0-5-7"
        f"q5-20 0-40q-1-7 5-7z' {_INK}/>"
    )


def _disc(x: float, y: float, height: float = 16, out: float = 4) -> str:
    half = height / 2
    return (
        f"<path d='M{x + 6:g} {y:g}q32 4 64 0q{out:g} {half:g} 0 {height:g}q-32-4-64 0"
        f"q-5-{half:g} 0-{height:g}z' {_SOFT}/>"
    )


def _arch(y: float, style: str = _INK) -> str:
    return f"<path d='M150 {y:g}q10-4 20 2l28 14q6 4 3 12q-4 6-12 3l-32-10q-8-3-9-11z' {style}/>"


def _nerve(path: str = "M131 6C131 40 131 130 131 164") -> str:
    return f"<path d='{path}' {_NERVE}/>"


def _root() -> str:
    return f"<path d='M131 70q2 22 20 32' {_ROOT}/>"


_BONES = _bone(40, 10) + _bone(40, 88)
_ARCHES = _arch(44) + _arch(120)
_BULGE = f"<path d='M110 68q22 2 20 10q0 9-20 6z' {_STRONG}/>"
_PUSHED = "M133 6C133 40 134 52 140 66C145 78 138 100 134 116C132 132 133 150 133 164"
_LIGAMENT = "<path d='M148 62q-14 8-14 16q0 10 14 22q6-18 0-38z' {style}/>"

_SKIN = f"<path d='M212 4Q206 85 212 166' {_INK}/>"

_INSIDE: dict[str, str] = {
    "disc": _BONES + _disc(40, 68) + _nerve(_PUSHED) + _BULGE + _ARCHES,
    "stenosis": _BONES
    + _disc(40, 68, out=16)
    + _nerve("M131 6C131 40 131 60 128 76C127 84 131 110 131 164")
    + _LIGAMENT.format(style=_STRONG)
    + _ARCHES,
    "slip": _bone(22, 10)
    + _bone(40, 88)
    + f"<path d='M30 68q32 4 66 0l16 16q-36-4-68 0q-8-4-14-16z' {_SOFT}/>"
    + _nerve("M118 6C118 44 120 62 128 78C134 92 134 130 134 164")
    + _ARCHES
    + f"<path d='M30 150H8m8-7l-8 7l8 7' {_INK}/>",
    "worn_disc": _bone(40, 15)
    + _bone(40, 83)
    + f"<path d='M46 72l14 4l12-4l16 4l14-4l8 3v5l-12-2l-14 4l-12-4l-14 4l-12-4z' {_SOFT}/>"
    + _nerve()
    + _ARCHES,
    "laminectomy": _BONES + _disc(40, 68) + _nerve() + _arch(44, _TAKEN) + _arch(120),
    "discectomy": _BONES
    + _disc(40, 68, out=0)
    + _nerve()
    + "<path d='M110 68q14 2 13 10q0 9-13 6z' fill='#fff'/>"
    + f"<path d='M110 68q14 2 13 10q0 9-13 6' {_TAKEN}/>"
    + _ARCHES,
    "foraminotomy": _BONES
    + _disc(40, 68)
    + _nerve()
    + _root()
    + _ARCHES
    + f"<ellipse cx='148' cy='98' rx='17' ry='13' {_TAKEN}/>",
    "fusion": _BONES
    + _disc(40, 68)
    + _nerve()
    + _ARCHES
    + f"<path d='M158 42L62 36M158 118L62 112' {_METAL_5}/>"
    + f"<path d='M158 34V126' {_METAL_8}/>",
    "keyhole": _BONES
    + _disc(40, 68)
    + _nerve()
    + _ARCHES
    + f"<path d='M218 92L148 80M218 106L148 94' {_METAL_3}/>",
}

DRAWINGS: dict[str, str] = {name: inside + _SKIN for name, inside in _INSIDE.items()}
