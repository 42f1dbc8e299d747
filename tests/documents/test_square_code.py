"""The square code on the printed page is read back after printing and scanning."""

import json
import subprocess
from pathlib import Path

import pytest
import zxingcpp
from click.testing import CliRunner
from PIL import Image, ImageFilter

from decision_aid import rules
from decision_aid.__main__ import main
from decision_aid.answers import parse
from decision_aid.interop import qr_payload, received
from tests import printed
from tests.personas import Persona, personas

AID, MADE_ON = printed.AID, printed.MADE_ON


def scan(pdf: bytes, folder: Path, dpi: int) -> Image.Image:
    """The page as a grey picture."""
    (folder / "page.pdf").write_bytes(pdf)
    words = ["pdftoppm", "-r", str(dpi), "-gray", "-singlefile", "page.pdf", "page"]
    subprocess.run(words, cwd=folder, check=True)
    with Image.open(folder / "page.pgm") as picture:
        return picture.copy()


@pytest.mark.poppler
@pytest.mark.parametrize("patient", personas(), ids=lambda patient: patient.name)
def test_a_scan_gives_the_coded_answers_back(patient: Persona, tmp_path: Path) -> None:
    """A 150 dpi grey scan, and one at 200 dpi turned, blurred and full of noise, are read back."""
    answers = rules.active(AID, parse(AID, patient.answers))
    text = qr_payload.encode(AID, answers, MADE_ON)
    pdf = printed.surgeon(patient.name).pdf
    straight = scan(pdf, tmp_path, 150)
    crooked = scan(pdf, tmp_path, 200).rotate(4, expand=True, fillcolor=255)
    blurred = crooked.filter(ImageFilter.GaussianBlur(0.8))
    noisy = Image.blend(blurred.convert("L"), Image.effect_noise(blurred.size, 90), 0.3)
    upside_down = straight.rotate(180)
    read = [zxingcpp.read_barcode(picture) for picture in (straight, noisy, upside_down)]

    assert [found.text for found in read if found] == [text] * 3


def test_the_command_turns_the_scanned_text_into_fhir(tmp_path: Path) -> None:
    """`decision-aid read` prints the response; a damaged code ends with 2 and a sentence."""
    answers = {"leg_pain": 7, "goal": "walk"}
    text = qr_payload.encode(AID, parse(AID, answers), MADE_ON)
    good = CliRunner().invoke(main, ["read", "-"], input=text + "\n")
    bad = CliRunner().invoke(main, ["read", "-"], input=text[:-3])

    assert received.read_response(AID, json.loads(good.output)) == {"leg_pain": 7}
    assert bad.exit_code == 2
    assert "damaged" in bad.stderr
