"""The FHIR response back out of a PDF file, a scan of the page, or the text of its square code."""

import json
from collections.abc import Mapping
from io import BytesIO
from typing import Any

from decision_aid.answers import AnswerError
from decision_aid.exchange import code, fhir
from decision_aid.model import Aid

_EXTRA = "To read a PDF or a picture, install the extra: decision-aid[read]."
#: No page of ours is larger; a larger file is not unpacked.
_MOST_BYTES = 50_000_000
_MOST_PIXELS = 100_000_000


def read(aid: Aid, data: bytes) -> fhir.Json:
    """The response in a file, whatever its kind. Raises AnswerError with a sentence.

    Free text is only in the PDF: the square code carries the coded answers.
    """
    if len(data) > _MOST_BYTES:
        raise AnswerError("This file is too large to be a page of this decision aid.")
    if data.startswith(b"%PDF-"):
        return _from_pdf(aid, data)
    if data.startswith((b"\x89PNG", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*")):
        return _from_code(aid, _scanned(data))
    try:
        return _from_code(aid, data.decode("utf-8").strip("\r\n"))
    except UnicodeDecodeError:
        raise AnswerError("This is no PDF, no PNG, JPEG or TIFF picture, and no code.") from None


def _from_code(aid: Aid, text: str) -> fhir.Json:
    answers, made_on = code.decode(aid, text)
    return fhir.response(aid, answers, authored=made_on)


def _from_pdf(aid: Aid, data: bytes) -> fhir.Json:
    try:
        import pikepdf
    except ImportError:
        raise AnswerError(_EXTRA) from None
    try:
        with pikepdf.open(BytesIO(data)) as pdf:
            found = [
                pdf.attachments[name].get_file().read_bytes()
                for name in pdf.attachments
                if name.endswith(".json")
            ]
    except pikepdf.PdfError:
        raise AnswerError("This PDF is damaged or locked.") from None
    if not found:
        raise AnswerError(
            "This PDF carries no answers. If it is a scan, save the page as a PNG and read that."
        )
    try:
        resource: Any = json.loads(found[0])
    except ValueError:
        raise AnswerError("The answers inside this PDF are damaged.") from None
    fhir.read_response(aid, resource)
    return dict(resource) if isinstance(resource, Mapping) else {}


def _scanned(data: bytes) -> str:
    try:
        import zxingcpp
    except ImportError:
        raise AnswerError(_EXTRA) from None
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(BytesIO(data)) as picture:
            if picture.width * picture.height > _MOST_PIXELS:
                raise AnswerError("This picture is too large to be a scan of one page.")
            codes = zxingcpp.read_barcodes(picture.convert("L"))
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError):
        raise AnswerError("This picture is damaged.") from None
    if not codes:
        raise AnswerError(
            "No square code was found. Scan the page again, flat and at 150 dpi or more."
        )
    return str(codes[0].text)
