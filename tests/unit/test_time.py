"""Times on papers, in codes and in files: each with its zone, or not told at all."""

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO
from pathlib import Path
from time import tzset

import pikepdf
import pytest
from click.testing import CliRunner

from decision_aid import clinic_documents
from decision_aid.__main__ import main
from decision_aid.answers import parse
from decision_aid.content.loader import load
from decision_aid.documents import renderer
from decision_aid.interop import fhir, importer, plain_text, qr_payload
from decision_aid.model import Journey
from decision_aid.settings import Settings
from decision_aid.summary import Summary, build
from tests.personas import persona

AID = load()
ROOT = Path(__file__).parents[2]
NEW_YORK = timezone(timedelta(hours=-5))
ANSWERS = parse(AID, persona("aisha").answers)


@pytest.fixture
def zone(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[str]:
    """A time zone in which this process is."""
    monkeypatch.setenv("TZ", request.param)
    tzset()
    yield request.param
    monkeypatch.undo()
    tzset()


@pytest.mark.parametrize(
    "made_on",
    [
        datetime(2026, 5, 12, 9, 40, tzinfo=NEW_YORK),
        datetime(2020, 1, 1, tzinfo=timezone(timedelta(hours=-12))),
        datetime(2026, 5, 12, 9, 40, tzinfo=timezone(timedelta(hours=5, minutes=45))),
        datetime(2082, 12, 31, 23, 59, tzinfo=timezone(timedelta(hours=14))),
    ],
    ids=str,
)
def test_the_code_keeps_the_zone_of_the_page(made_on: datetime) -> None:
    """A page made at -05:00 and read in UTC was five hours off."""
    _, read = qr_payload.decode(AID, qr_payload.encode(AID, ANSWERS, made_on))

    assert read
    assert read.isoformat() == made_on.isoformat()


@pytest.mark.parametrize(
    "made_on",
    [
        datetime(2019, 12, 31, 23, 59),
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(2083, 1, 1),
        datetime(9999, 12, 31, 23, 59),
        datetime(2026, 5, 12, 9, 40, tzinfo=timezone(timedelta(hours=-23))),
        datetime(2026, 5, 12, 9, 40, tzinfo=timezone(timedelta(minutes=7))),
    ],
    ids=str,
)
def test_a_time_that_does_not_fit_is_not_told_rather_than_changed(made_on: datetime) -> None:
    """A page of 31 December 2019 read as 1 January 2020; the year 9999 was a traceback."""
    answers, read = qr_payload.decode(AID, qr_payload.encode(AID, ANSWERS, made_on))

    assert read is None
    assert "authored" not in fhir.response(AID, answers, authored=read)


def test_a_code_of_another_version_says_so() -> None:
    """Codes of the first form hold no zone; they are refused and not misread."""
    with pytest.raises(ValueError, match="another version of the program"):
        qr_payload.decode(AID, "DA1ABCDEF")


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/Berlin", "UTC"], indirect=True)
def test_each_form_tells_the_same_moment(zone: str, tmp_path: Path) -> None:
    """The PDF said Z whatever the zone; the code said the zone of whoever read it."""
    source, page = tmp_path / "answers.json", tmp_path / "page.pdf"
    source.write_text(json.dumps({"answers": persona("aisha").answers}), "utf-8")
    words = ["pdf", str(source), "--for", "surgeon", "-o", str(page)]
    assert CliRunner().invoke(main, [*words, "--made-on", "2026-05-12T09:40"]).exit_code == 0
    moment = datetime(2026, 5, 12, 9, 40).astimezone()
    offset = moment.strftime("%z")
    with pikepdf.open(page) as pdf:
        created = str(pdf.docinfo["/CreationDate"]).replace("'", "")
    scanned = qr_payload.encode(AID, ANSWERS, moment)
    os.environ["TZ"] = "Asia/Tokyo"
    tzset()
    told = [
        json.loads(CliRunner().invoke(main, ["read", str(page)]).output)["authored"],
        importer.read(AID, BytesIO(scanned.encode()))["authored"],
    ]

    assert told == [moment.isoformat()] * 2
    assert created.removesuffix("Z").replace("+0000", "") == "D:20260512094000" + (
        offset if offset != "+0000" else ""
    )


@pytest.mark.parametrize("zone", ["Europe/Berlin"], indirect=True)
@pytest.mark.parametrize(
    ("made_on", "says"),
    [
        ("9999-12-31T23:59", "must be from 2020 to 2082"),
        ("2019-12-31T23:59", "must be from 2020 to 2082"),
        ("0001-01-01T00:00", "must be from 2020 to 2082"),
        ("2026-03-29T02:30", "there was no such time here"),
        ("2026-02-30T10:00", "does not match the formats"),
        ("tomorrow", "does not match the formats"),
    ],
)
@pytest.mark.parametrize("command", ["pdf", "text"])
def test_a_time_that_cannot_be_is_refused(
    zone: str, command: str, made_on: str, says: str, tmp_path: Path
) -> None:
    """Year 9999 was a traceback; half past two in the night of summer time was printed."""
    target = tmp_path / "page.pdf"
    more = ["--for", "surgeon", "-o", str(target)] if command == "pdf" else []
    words = [command, "-", *more, "--made-on", made_on]
    result = CliRunner().invoke(main, words, input='{"answers": {}}')

    assert result.exit_code == 2
    assert says in result.stderr
    assert not target.exists()


def test_a_zone_can_be_given() -> None:
    """Then the page prints the hour as it was there."""
    words = ["text", "-", "--made-on", "2026-03-29T02:30-05:00"]
    result = CliRunner().invoke(main, words, input='{"answers": {}}')

    assert "Made on 29 March 2026, 02:30." in result.output


# --- what happened ------------------------------------------------------------------------


MIDNIGHT = Journey(
    answers={**ANSWERS, "emergency_symptoms": ("bladder",)},
    advice_shown=datetime(2026, 11, 26, 23, 50, tzinfo=UTC),
    went_on=datetime(2026, 11, 27, 8, 0, tzinfo=UTC),
)


def forms(made: Summary, folder: Path) -> dict[str, str]:
    """The record as each form tells it, on one line."""
    page = folder / "page.pdf"
    page.write_bytes(clinic_documents.surgeon(made, Settings(), draw=renderer.render))
    printed = subprocess.run(
        ["pdftotext", "-raw", page, "-"], check=True, capture_output=True, text=True
    ).stdout
    return {
        name: " ".join(t.split()) for name, t in (("pdf", printed), ("text", plain_text.page(made)))
    }


@pytest.mark.poppler
@pytest.mark.parametrize(
    ("made_on", "advice", "went_on"),
    [
        (datetime(2026, 11, 27, 9, tzinfo=UTC), "23:50 on 26 November", "08:00"),
        (datetime(2026, 11, 28, 9, tzinfo=UTC), "23:50 on 26 November", "08:00 on 27 November"),
        (
            datetime(2027, 1, 2, 9, tzinfo=UTC),
            "23:50 on 26 November 2026",
            "08:00 on 27 November 2026",
        ),
        (datetime(2026, 11, 27, 9, tzinfo=NEW_YORK), "18:50 on 26 November", "03:00"),
    ],
    ids=str,
)
def test_every_form_tells_what_happened_with_its_day(
    made_on: datetime, advice: str, went_on: str, tmp_path: Path
) -> None:
    """Text and FHIR did not say that the person went on; the PDF said it without its day."""
    made = build(AID, MIDNIGHT, made_on=made_on)

    for name, told in forms(made, tmp_path).items():
        assert f"Advice shown {advice}" in told, name
        assert f"went on after it {went_on}" in told, name
        assert f"{advice} on" not in told, name
        assert f"{went_on} on" not in told, name
    resource = importer.read(AID, BytesIO((tmp_path / "page.pdf").read_bytes()))
    assert resource["extension"] == [
        {"url": f"{AID.url}/advice-shown", "valueDateTime": "2026-11-26T23:50:00+00:00"},
        {"url": f"{AID.url}/went-on", "valueDateTime": "2026-11-27T08:00:00+00:00"},
    ]


@pytest.mark.poppler
def test_advice_is_told_also_when_the_sign_was_taken_back(tmp_path: Path) -> None:
    """The PDF was silent about advice once nothing was ticked any more; the text was not."""
    answers = {**ANSWERS, "emergency_symptoms": ("none",), "urgent_symptoms": ("none",)}
    journey = replace(MIDNIGHT, answers=answers, went_on=None)
    made = build(AID, journey, made_on=datetime(2026, 11, 27, 9, tzinfo=UTC))

    for name, told in forms(made, tmp_path).items():
        assert "Advice shown 23:50 on 26 November" in told, name
        assert "went on" not in told, name


def test_the_response_with_what_happened_is_valid_fhir() -> None:
    """The FHIR R4B models accept the two extensions."""
    from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse

    made = build(AID, MIDNIGHT, made_on=datetime(2026, 11, 27, 9, tzinfo=UTC))
    resource = fhir.response(AID, made.answers, authored=made.made_on, events=made.events)

    assert QuestionnaireResponse.model_validate(resource).extension


def test_without_answers_there_is_no_empty_list() -> None:
    """FHIR forbids empty lists; `"item": []` stood in the file of who answered nothing."""
    resource = fhir.response(AID, {})

    assert "item" not in resource
    assert "extension" not in resource
