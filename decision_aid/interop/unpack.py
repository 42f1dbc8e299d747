"""What a PDF or a picture holds, unpacked in a process of its own; see ``confined``.

Nothing is judged here. Each function gives plain lists of texts and raises UnpackError with a
sentence.
"""

import re
import warnings
import zlib
from collections.abc import Iterator
from io import BytesIO
from itertools import islice
from typing import Any

#: A filled answers file is a tenth of this long.
_MOST_ATTACHED = 1_000_000
#: Our page has one; a clinic's archive may add its own.
_MOST_FILES = 20
#: Pages of one file: ours, and those it was put together with.
_MOST_PAGES = 50
#: A page at 600 dpi has half of it; a fax of twenty pages has as much.
_MOST_PIXELS = 80_000_000
#: Pictures of one file: a fax has a cover and a few pages.
_MOST_PICTURES = 20
#: The longest side that the reader of codes takes.
_LONGEST_SIDE = 65_535
_DAMAGED = "This PDF is damaged or locked."
_FOOT = re.compile(r"\(([0-9a-f]{8})\)[^()]{0,30}check([0-9A-F]{4}-[0-9A-F]{4})")
_HEX = re.compile(r"<([0-9A-Fa-f\s]*)>")


class UnpackError(ValueError):
    """What is held cannot be used; the text is a sentence for people."""


def pdf(data: bytes) -> dict[str, list[Any]]:
    """``attached``: the texts of the answers files; ``feet``: content and check value of pages."""
    import pikepdf

    try:
        with pikepdf.open(BytesIO(data)) as opened:
            attached = list(_attached(opened))
            pages = list(islice(opened.pages, _MOST_PAGES + 1))
            if len(pages) > _MOST_PAGES:
                raise UnpackError(f"This PDF has more than {_MOST_PAGES} pages.")
            feet = {foot for page in pages for foot in _FOOT.findall(_text(page))}
    except UnpackError:
        raise
    except (pikepdf.PdfError, pikepdf.PasswordError, zlib.error):
        raise UnpackError(_DAMAGED) from None
    except (AttributeError, LookupError, TypeError, ValueError, OverflowError, RuntimeError):
        raise UnpackError(_DAMAGED) from None
    return {"attached": attached, "feet": sorted(feet)}


def _attached(opened: Any) -> Iterator[str]:
    from pikepdf import NameTree

    names = opened.Root.get("/Names", {}).get("/EmbeddedFiles")
    files = list(islice(NameTree(names).items(), _MOST_FILES + 1)) if names is not None else []
    if len(files) > _MOST_FILES:
        raise UnpackError(f"This PDF carries more than {_MOST_FILES} files.")
    for name, file in files:
        told = str(file.get("/UF", file.get("/F", name)))
        if told.lower().endswith(".json") or name.lower().endswith(".json"):
            yield _plain(file.EF.get("/UF", file.EF.get("/F"))).decode("utf-8", "replace")


def _plain(stream: Any) -> bytes:
    """An attachment unpacked, as far as it may be long."""
    from pikepdf import Name

    filters = stream.get("/Filter", [])
    names = [str(f) for f in ([filters] if isinstance(filters, Name) else filters)]
    data: bytes = stream.read_raw_bytes()
    for name in names:
        if name != "/FlateDecode":
            raise UnpackError("The answers inside this PDF are packed in a way that is not read.")
        data = zlib.decompressobj().decompress(data, _MOST_ATTACHED + 1)
    if len(data) > _MOST_ATTACHED:
        raise UnpackError("The answers inside this PDF are too long to be ours.")
    return data


def _text(page: Any) -> str:
    """The text of a page without spaces, in the order in which it is drawn."""
    return re.sub(r"\s", "", "".join(_drawn(page, page.obj.get("/Resources", {}), 0)))


def _drawn(content: Any, resources: Any, depth: int) -> Iterator[str]:
    from pikepdf import String, parse_content_stream

    fonts = resources.get("/Font", {})
    maps: dict[str, dict[bytes, str]] = {}
    font: dict[bytes, str] = {}
    for instruction in parse_content_stream(content):
        operands: Any = instruction.operands
        match str(instruction.operator):
            case "Tf":
                name = str(operands[0])
                if name not in maps:
                    maps[name] = _unicode(fonts.get(name))
                font = maps[name]
            case "Tj" | "'" | '"':
                yield _decoded(bytes(operands[-1]), font)
            case "TJ":
                for part in operands[0]:
                    if isinstance(part, String):
                        yield _decoded(bytes(part), font)
            case "Do" if depth < 3:
                form = resources.get("/XObject", {}).get(str(operands[0]))
                if form is not None and form.get("/Subtype") == "/Form":
                    yield from _drawn(form, form.get("/Resources", resources), depth + 1)


def _unicode(font: Any) -> dict[bytes, str]:
    """Codes of a font -> text, from its ToUnicode map (ISO 32000-1, 9.10.3)."""
    found: dict[bytes, str] = {}
    stream = font.get("/ToUnicode") if font is not None else None
    text = stream.read_bytes().decode("latin-1") if stream is not None else ""
    for block in re.findall(r"beginbfchar(.*?)endbfchar", text, re.DOTALL):
        codes = [bytes.fromhex(code) for code in _HEX.findall(block)]
        found |= {code: _utf16(to) for code, to in zip(codes[::2], codes[1::2], strict=False)}
    for block in re.findall(r"beginbfrange(.*?)endbfrange", text, re.DOTALL):
        for first, last, listed, start in re.findall(
            r"<(\w+)>\s*<(\w+)>\s*(?:\[([^\]]*)\]|<(\w+)>)", block
        ):
            size, low = len(first) // 2, int(first, 16)
            places = range(low, min(int(last, 16), low + 65535) + 1)
            ends = _HEX.findall(listed)
            for place, code in enumerate(places):
                to = (
                    bytes.fromhex(ends[place])
                    if place < len(ends)
                    else (int(start or "0", 16) + place).to_bytes(max(2, len(start) // 2))
                )
                found[code.to_bytes(size)] = _utf16(to)
    return found


def _utf16(code: bytes) -> str:
    return code.decode("utf-16-be", "replace")


def _decoded(text: bytes, font: dict[bytes, str]) -> str:
    if not font:
        return text.decode("latin-1")
    size = len(next(iter(font)))
    codes = (text[start : start + size] for start in range(0, len(text), size))
    return "".join(font.get(code, "") for code in codes)


def picture(data: bytes) -> list[str]:
    """The texts of all square codes and bar codes, in every picture of the file."""
    from PIL import Image, ImageSequence, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(data)) as opened:
                return list(dict.fromkeys(_codes(ImageSequence.Iterator(opened))))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise UnpackError("This picture is too large to be a scan of one page.") from None
    except UnpackError:
        raise
    except (UnidentifiedImageError, OSError, SyntaxError, TypeError, ValueError, LookupError):
        raise UnpackError("This picture is damaged.") from None


def _codes(frames: Any) -> Iterator[str]:
    import zxingcpp
    from PIL import Image

    pixels = 0
    for number, frame in enumerate(frames):
        pixels += frame.width * frame.height
        if number == _MOST_PICTURES:
            raise UnpackError(f"This file has more than {_MOST_PICTURES} pictures.")
        if pixels > _MOST_PIXELS or max(frame.size) > _LONGEST_SIDE:
            raise Image.DecompressionBombError
        yield from (found.text for found in zxingcpp.read_barcodes(frame.convert("L")))
