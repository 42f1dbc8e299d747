"""The FHIR response back out of a PDF file, a scan of the page, or the text of its square code."""

import warnings
from collections.abc import Iterator, Mapping
from io import BytesIO
from itertools import islice
from typing import IO

from decision_aid.answers import AnswerError, json_value
from decision_aid.interop import fhir, qr_payload, received
from decision_aid.model import Aid

_EXTRA = "To read a PDF or a picture, install the extra: decision-aid[read]."
#: No page of ours is larger; a larger file is not unpacked.
_MOST_BYTES = 50_000_000
#: A page at 600 dpi has half of it.
_MOST_PIXELS = 80_000_000
#: Pictures of one file that are looked at: a fax has a cover and a few pages.
_MOST_PAGES = 20


def read(aid: Aid, file: IO[bytes]) -> fhir.Json:
    """The response in a file, whatever its kind. Raises AnswerError with a sentence, or OSError.

    Free text is only in the PDF: the square code carries the coded answers.
    """
    data = file.read(_MOST_BYTES + 1)
    if not data:
        raise AnswerError("This file is empty.")
    if len(data) > _MOST_BYTES:
        raise AnswerError("This file is too large to be a page of this decision aid.")
    if b"%PDF-" in data[:1024]:
        return _from_pdf(aid, data)
    if data.startswith((b"\x89PNG", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*")):
        return _from_code(aid, _scanned(data))
    try:
        # A space at the end may belong to the code.
        return _from_code(aid, data.decode("utf-8-sig").strip("\r\n\t").lstrip())
    except UnicodeDecodeError:
        raise AnswerError("This is no PDF, no PNG, JPEG or TIFF picture, and no code.") from None


def _from_code(aid: Aid, text: str) -> fhir.Json:
    answers, made_on = qr_payload.decode(aid, text)
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
    except (pikepdf.PdfError, pikepdf.PasswordError):
        raise AnswerError("This PDF is damaged or locked.") from None
    if not found:
        raise AnswerError(
            "This PDF carries no answers. If it is a scan, save the page as a PNG and read that."
        )
    if len(found) > 1:
        raise AnswerError("This PDF carries several answers files; read each page on its own.")
    try:
        resource = json_value(found[0])
    except AnswerError as error:
        raise AnswerError(f"The answers inside this PDF are damaged. {error}") from None
    received.read_response(aid, resource)
    return dict(resource) if isinstance(resource, Mapping) else {}


def _scanned(data: bytes) -> str:
    """The text of our code in a picture; a label may bring codes of its own."""
    texts = dict.fromkeys(_codes(data))
    if not texts:
        raise AnswerError(
            "No square code was found. Scan the page again, flat and at 150 dpi or more."
        )
    ours = [text for text in texts if text.startswith(qr_payload.PREFIX)]
    if len(ours) > 1:
        raise AnswerError("This picture shows more than one page; read each on its own.")
    return next(iter(ours or texts))


def _codes(data: bytes) -> Iterator[str]:
    """The texts of all square codes and bar codes, in every picture of the file."""
    try:
        import zxingcpp
    except ImportError:
        raise AnswerError(_EXTRA) from None
    from PIL import Image, ImageSequence, UnidentifiedImageError

    too_large = (Image.DecompressionBombError, Image.DecompressionBombWarning)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(data)) as picture:
                for frame in islice(ImageSequence.Iterator(picture), _MOST_PAGES):
                    if frame.width * frame.height > _MOST_PIXELS:
                        raise Image.DecompressionBombError
                    yield from (found.text for found in zxingcpp.read_barcodes(frame.convert("L")))
    except too_large:
        raise AnswerError("This picture is too large to be a scan of one page.") from None
    except (UnidentifiedImageError, OSError):
        raise AnswerError("This picture is damaged.") from None
