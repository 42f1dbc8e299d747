"""The record inside the paper: attachment, archive file, scans read back, and what is refused."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import datetime
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
import segno
from click.testing import CliRunner
from PIL import Image

from decision_aid import clinic_documents, rules, summary
from decision_aid.__main__ import main
from decision_aid.answers import AnswerError, parse
from decision_aid.content.loader import load
from decision_aid.documents import renderer
from decision_aid.interop import fhir, importer, qr_payload, received, sundae, unpack
from decision_aid.model import Journey
from decision_aid.settings import Settings
from tests import printed
from tests.documents.test_square_code import scan as scanned
from tests.personas import Persona, persona, personas
from tests.printed import Printed

AID = load()
MADE_ON = datetime(2026, 5, 12, 9, 40)
#: A reading of the page as a fax machine gives it.
FAX = 200


@pytest.mark.parametrize("patient", personas(), ids=lambda patient: patient.name)
def test_the_response_travels_inside_the_page(patient: Persona, tmp_path: Path) -> None:
    """`decision-aid read FILE.pdf` gives the answers back, free text included."""
    file = tmp_path / "page.pdf"
    file.write_bytes(printed.surgeon(patient.name).pdf)
    result = CliRunner().invoke(main, ["read", str(file)])
    resource = json.loads(result.output)
    with pikepdf.open(file) as pdf:
        (attached,) = pdf.attachments.values()
        assert attached.obj.AFRelationship == "/Data"
        assert pdf.Root.AF[0].UF == "answers.json"

    assert received.read_response(AID, resource) == rules.active(AID, parse(AID, patient.answers))


def test_the_reference_of_the_visit_travels_too() -> None:
    """What the clinic put into the launch link is the identifier of the response."""
    answers = parse(AID, persona("aisha").answers)
    page = summary.build(AID, Journey(answers=answers, reference="visit-2026-x7Q"), made_on=MADE_ON)
    resource = importer.read(
        AID, BytesIO(clinic_documents.surgeon(page, Settings(), draw=renderer.render))
    )

    assert resource["identifier"]["value"] == "visit-2026-x7Q"


def test_the_clinic_may_keep_the_file_without_data() -> None:
    """With the setting off nothing is attached."""
    page = clinic_documents.surgeon(
        printed.summary_of("aisha"), Settings(attach=False), draw=renderer.render
    )
    with pikepdf.open(BytesIO(page)) as pdf:
        assert not pdf.attachments


@pytest.mark.parametrize(
    ("make", "name"),
    [
        *((printed.surgeon, name) for name in ("margaret", "aisha", "silent", "theo")),
        *((printed.patient, name) for name in ("margaret", "theo")),
    ],
)
def test_an_archive_file_is_both_pdf_a_and_accessible(
    make: Callable[..., Printed], name: str
) -> None:
    """PDF/A-3a and PDF/UA-1 in one file, by an independent checker; nothing is warned of."""
    paper = make(name, archive=True)

    assert paper.said == ()
    assert paper.faults == []
    assert printed.faults(paper.pdf, printed.PDF_A) == []


def test_the_archive_checker_bites() -> None:
    """The ordinary page is no PDF/A, so the silence of the checker means something."""
    assert printed.faults(printed.surgeon("margaret").pdf, printed.PDF_A)


def test_an_archive_file_can_be_made_again() -> None:
    """The same answers and time make the same bytes."""
    again = Settings(archive=True, clinic_phone=printed.CLINIC.clinic_phone)
    page = clinic_documents.surgeon(printed.summary_of("margaret"), again, draw=renderer.render)

    assert page == printed.surgeon("margaret", archive=True).pdf


@pytest.mark.poppler
def test_a_scan_gives_the_response_of_the_file_without_words(tmp_path: Path) -> None:
    """`decision-aid read` says the same of the PDF and of its 150 dpi scan, but for free text."""
    page = printed.surgeon("margaret").pdf
    (tmp_path / "page.pdf").write_bytes(page)
    scanned(page, tmp_path, 150).save(tmp_path / "scan.png")
    whole, coded = (
        json.loads(CliRunner().invoke(main, ["read", str(tmp_path / name)]).output)
        for name in ("page.pdf", "scan.png")
    )
    for group in whole["item"]:
        kept = [i for i in group["item"] if AID.questions[i["linkId"]].kind != "text"]
        group["item"] = kept
    whole["item"] = [group for group in whole["item"] if group["item"]]

    assert coded == whole


def refused() -> Iterator[tuple[str, bytes, str]]:
    """Files that are no page of ours, and what is said of each."""
    page = printed.surgeon("margaret").pdf
    with pikepdf.open(BytesIO(page)) as pdf:
        del pdf.attachments["answers.json"]
        yield "no attachment", saved(pdf), "carries no answers"
    response = f'{{"resourceType": "QuestionnaireResponse", "questionnaire": "{AID.url}'
    for name, data, says in (
        ("another product", '{"resourceType": "Patient"}', "not a FHIR QuestionnaireResponse"),
        ("another version", response + '|0.0.9"}', "given to version 0.0.9; this is version"),
        ("no version", response + '"}', "to a version that is not named"),
        ("broken data", "{not json", "are damaged"),
        ("endless data", "[" * 100_000, "are damaged"),
    ):
        with pikepdf.open(BytesIO(page)) as pdf:
            pdf.attachments["answers.json"] = attached(pdf, data)
            yield name, saved(pdf), says
    with pikepdf.open(BytesIO(page)) as pdf:
        pdf.attachments["more.json"] = attached(pdf, "{}")
        yield "two patients", saved(pdf), "several answers files"
    with pikepdf.open(BytesIO(page)) as pdf:
        out = BytesIO()
        pdf.save(out, encryption=pikepdf.Encryption(owner="a", user="b"))
        yield "locked", out.getvalue(), "damaged or locked"
    yield "nothing", b"", "This file is empty"
    yield "endless", b"x" * 50_000_001, "too large"
    yield "a poster", png(9_000, 9_000), "too large to be a scan"
    yield "a wall", png(20_000, 9_000), "too large to be a scan"
    yield "cut file", page[:2000], "damaged or locked"
    yield "no picture", b"\x89PNG\r\n\x1a\nnothing", "This picture is damaged"
    yield "a photo", png(), "No square code was found"
    yield "bytes", b"\xfe\xff\x00", "no PDF, no PNG"
    yield "text", b"Dear doctor", "was not made by this decision aid"


def saved(pdf: pikepdf.Pdf) -> bytes:
    """A changed PDF as bytes."""
    out = BytesIO()
    pdf.save(out)
    return out.getvalue()


def attached(pdf: pikepdf.Pdf, data: str) -> pikepdf.AttachedFileSpec:
    """A file to put into a PDF."""
    return pikepdf.AttachedFileSpec(pdf, data.encode(), filename="answers.json")


def png(width: int = 300, height: int = 300) -> bytes:
    """A picture without a code."""
    out = BytesIO()
    Image.new("1", (width, height), 1).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(("name", "data", "says"), list(refused()), ids=lambda item: str(item)[:12])
def test_what_is_no_page_of_ours_is_refused(
    name: str, data: bytes, says: str, tmp_path: Path
) -> None:
    """A clear sentence and exit 2; nothing on standard output."""
    (tmp_path / "file").write_bytes(data)
    result = CliRunner().invoke(main, ["read", str(tmp_path / "file")])

    assert result.exit_code == 2, name
    assert says in result.stderr
    assert result.stdout == ""


def code_of(name: str) -> Image.Image:
    """The square code of a named patient's page, as a picture."""
    return drawn(qr_payload.encode(AID, printed.summary_of(name).answers, MADE_ON))


def drawn(text: str) -> Image.Image:
    """A square code, as a picture."""
    out = BytesIO()
    segno.make(text, micro=False).save(out, kind="png", scale=4)
    return Image.open(out).convert("L")


def beside(*pictures: Image.Image) -> Image.Image:
    """Pictures in a row, as they lie under one scanner."""
    sheet = Image.new("L", (sum(p.width for p in pictures), max(p.height for p in pictures)), 255)
    for number, picture in enumerate(pictures):
        sheet.paste(picture, (sum(p.width for p in pictures[:number]), 0))
    return sheet


def test_a_label_with_a_code_of_its_own_does_not_hide_ours() -> None:
    """Labels of hospitals carry codes; a fax has a cover page; an editor adds a mark and spaces."""
    ours, label = code_of("aisha"), drawn("https://hospital.example/1234")
    one, fax = BytesIO(), BytesIO()
    beside(label, ours, label).save(one, "PNG")
    Image.new("L", (300, 300), 255).save(fax, "TIFF", save_all=True, append_images=[ours])
    text = qr_payload.encode(AID, printed.summary_of("aisha").answers, MADE_ON)
    typed = BytesIO(b"\xef\xbb\xbf\n " + text.encode() + b"\r\n")

    expected = fhir.response(AID, printed.summary_of("aisha").answers, authored=MADE_ON)
    for file in (one, fax, typed):
        file.seek(0)
        assert importer.read(AID, file) == expected


def test_the_pages_of_two_patients_are_never_taken_for_one() -> None:
    """Two of our codes in one picture are refused, whichever comes first."""
    file = BytesIO()
    beside(code_of("aisha"), code_of("daniel")).save(file, "PNG")
    file.seek(0)

    with pytest.raises(AnswerError, match="more than one page"):
        importer.read(AID, file)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="needs /dev/zero")
@pytest.mark.parametrize("words", [["read"], ["fhir", "response"]])
def test_a_file_without_end_is_not_read_to_its_end(words: list[str]) -> None:
    """Memory stays bounded whatever is named."""
    result = CliRunner().invoke(main, [*words, "/dev/zero"])

    assert result.exit_code == 2
    assert "too l" in result.stderr


@pytest.mark.poppler
@pytest.mark.skipif(not shutil.which("tesseract"), reason="needs tesseract-ocr")
@pytest.mark.parametrize("name", ["aisha", "margaret"])
def test_a_fax_can_be_read(name: str, tmp_path: Path) -> None:
    """Black and white at 200 dpi, as a fax gives it, a reader finds flags, scales and questions."""
    page = printed.summary_of(name)
    grey = scanned(printed.surgeon(name).pdf, tmp_path, FAX)
    grey.convert("1").save(tmp_path / "fax.png", dpi=(FAX, FAX))
    words = ["tesseract", "fax.png", "-", "--psm", "3"]
    alone = {**os.environ, "OMP_THREAD_LIMIT": "1"}  # Its threads mostly wait for each other.
    done = subprocess.run(
        words, cwd=tmp_path, env=alone, check=True, capture_output=True, text=True
    )
    read = "".join(done.stdout.lower().split())

    expected = [*page.emergency, *page.urgent]
    scales = [page.line(question).number for question in ("leg_pain", "back_pain")]
    expected += [f"{number}/10" for number in scales if number is not None]
    expected += [question.split()[-1].strip("?") for question in page.questions[:3]]
    missing = [item for item in expected if "".join(item.lower().split()) not in read]
    assert expected
    assert missing == []


def test_about_json_reports_what_a_study_needs() -> None:
    """Name, version, access, formats, options and components stand in the command's JSON."""
    shown = json.loads(CliRunner().invoke(main, ["about"]).output)

    assert shown == sundae.about(AID)
    assert shown["version"] == AID.version
    assert len(shown["options"]) == 3
    assert len(shown["components"]) == 9


# --- the attachment belongs to the page ----------------------------------------------------


def united(folder: Path, *pages: bytes) -> Path:
    """PDFs put together as a secretary does it."""
    names = [f"{number}.pdf" for number in range(len(pages))]
    for name, page in zip(names, pages, strict=True):
        (folder / name).write_bytes(page)
    subprocess.run(["pdfunite", *names, "all.pdf"], cwd=folder, check=True)
    return folder / "all.pdf"


@pytest.mark.poppler
def test_two_patients_in_one_file_are_refused(tmp_path: Path) -> None:
    """The first one's answers came out, without a word about the second."""
    file = united(tmp_path, printed.surgeon("aisha").pdf, printed.surgeon("daniel").pdf)
    result = CliRunner().invoke(main, ["read", str(file)])

    assert result.exit_code == 2
    assert "carries several surgeon's pages" in result.stderr
    assert result.stdout == ""


@pytest.mark.poppler
def test_a_page_with_a_copy_or_a_second_print_is_read(tmp_path: Path) -> None:
    """The same page twice, and the patient copy beside it, are one patient."""
    page = printed.surgeon("aisha").pdf
    for number, other in enumerate((page, printed.patient("aisha").pdf)):
        (tmp_path / str(number)).mkdir()
        file = united(tmp_path / str(number), page, other)
        assert importer.read(AID, BytesIO(file.read_bytes())) == importer.read(AID, BytesIO(page))


@pytest.mark.parametrize(("rotated", "says"), [("daniel", "not those of its page"), ("", "check")])
def test_answers_that_are_not_those_of_the_page_are_refused(rotated: str, says: str) -> None:
    """An attachment was read whatever its page said, and from a page that said nothing."""
    with pikepdf.open(BytesIO(printed.surgeon("aisha").pdf)) as pdf:
        if rotated:
            response = fhir.response(AID, printed.summary_of(rotated).answers)
            pdf.attachments["answers.json"] = attached(pdf, json.dumps(response))
        else:
            pdf.pages[0].obj.Contents = pdf.make_stream(b"")
            del pdf.pages[1:]
        with pytest.raises(AnswerError, match=says):
            importer.read(AID, BytesIO(saved(pdf)))


def test_text_is_found_in_fonts_of_other_programs() -> None:
    """Programs that write a PDF anew use ranges, lists and codes of one byte."""
    with pikepdf.new() as pdf:
        rows = b"2 beginbfrange\n<20> <5a> <0020>\n<61> <62> [<0061> <00660069>]\nendbfrange"
        font = pikepdf.Dictionary(ToUnicode=pdf.make_stream(rows))

        assert unpack._unicode(font) == {
            **{bytes([code]): chr(code) for code in range(0x20, 0x5B)},
            b"a": "a",
            b"b": "fi",
        }
