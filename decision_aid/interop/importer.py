"""The FHIR response back out of a PDF file, a scan of the page, or the text of its square code."""

from collections.abc import Callable, Mapping
from typing import IO, Any

from decision_aid import confined
from decision_aid.answers import AnswerError, json_value
from decision_aid.interop import fhir, qr_payload, received, unpack
from decision_aid.model import Aid
from decision_aid.summary import check_value_of

#: No page of ours is larger; a larger file is not unpacked.
_MOST_BYTES = 50_000_000
#: Seconds of work and bytes of memory in which every page of ours is read.
_SECONDS = 5
_MEMORY = 768 << 20


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


def _unpacked(unpacking: Callable[[bytes], object], data: bytes) -> Any:
    """What a file holds, unpacked where it can do no harm."""
    try:
        return confined.call(unpacking, data, seconds=_SECONDS, memory=_MEMORY)
    except confined.Refused as refusal:
        raise AnswerError(str(refusal)) from None
    except confined.Exceeded:
        raise AnswerError(
            "This file takes too long or too much memory to be a page of this decision aid."
        ) from None


def _from_pdf(aid: Aid, data: bytes) -> fhir.Json:
    held = _unpacked(unpack.pdf, data)
    attached, feet = held["attached"], held["feet"]
    if not attached:
        raise AnswerError(
            "This PDF carries no answers. If it is a scan, save the page as a PNG and read that."
        )
    if len(attached) > 1:
        raise AnswerError("This PDF carries several answers files; read each page on its own.")
    try:
        resource = json_value(attached[0])
    except AnswerError as error:
        raise AnswerError(f"The answers inside this PDF are damaged. {error}") from None
    answers = received.read_response(aid, resource)
    if not feet:
        raise AnswerError("No page of this PDF prints a check value, so its answers are not read.")
    if len(feet) > 1:
        raise AnswerError("This PDF carries several surgeon's pages; read each on its own.")
    ((content, check),) = feet
    if check_value_of(content, answers) != check:
        raise AnswerError(f"The answers inside this PDF are not those of its page, check {check}.")
    return dict(resource) if isinstance(resource, Mapping) else {}


def _scanned(data: bytes) -> str:
    """The text of our code in a picture; a label may bring codes of its own."""
    texts: list[str] = _unpacked(unpack.picture, data)
    if not texts:
        raise AnswerError(
            "No square code was found. Scan the page again, flat and at 150 dpi or more."
        )
    ours = [text for text in texts if text.startswith(qr_payload.PREFIX)]
    if len(ours) > 1:
        raise AnswerError("This picture shows more than one page; read each on its own.")
    return next(iter(ours or texts))
