"""What a page and a paper may cost, counted in calls: the same on every machine, busy or not."""

import io
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pikepdf
import pytest

from decision_aid import clinic_documents, create_app, rules
from decision_aid.answers import parse
from decision_aid.content.loader import load
from decision_aid.documents import renderer
from decision_aid.settings import Settings
from decision_aid.summary import Summary, build
from tests.personas import persona
from tests.walk import Patient, forms

AID = load()
MADE_ON = datetime(2026, 5, 12, 9, 40)
#: Above the budget; what is beyond it was made dearer by a change.
SLACK = 1.1


def calls(work: Callable[[], object]) -> int:
    """Python and C calls of one run, after one to warm up."""
    work()
    counted = 0

    def tick(_frame: object, event: str, _argument: object) -> None:
        nonlocal counted
        counted += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(tick)
    try:
        work()
    finally:
        sys.setprofile(before)
    return counted


def told(name: str) -> Summary:
    """What is shown of a persona."""
    return build(AID, parse(AID, persona(name).answers), made_on=MADE_ON)


@pytest.mark.parametrize(
    ("name", "budget"), [("margaret", 290_000), ("daniel", 240_000), ("silent", 165_000)]
)
def test_the_surgeons_page_keeps_to_its_budget(name: str, budget: int) -> None:
    """A full page, a shorter one, and one with nothing answered."""
    summary, settings = told(name), Settings()
    assert (
        calls(lambda: clinic_documents.surgeon(summary, settings, draw=renderer.render))
        < budget * SLACK
    )


def test_the_patient_copy_keeps_to_its_budget() -> None:
    """Counted for each page of the copy."""
    summary, settings = told("daniel"), Settings()
    made: list[bytes] = []
    cost = calls(
        lambda: made.append(clinic_documents.patient(summary, settings, draw=renderer.render))
    )
    pages = len(pikepdf.open(io.BytesIO(made[0])).pages)
    assert cost / pages < 90_000 * SLACK


def test_the_rules_keep_to_their_budget() -> None:
    """All findings of one patient with much to say."""
    answers = parse(AID, persona("margaret").answers)
    assert calls(lambda: rules.findings(AID, answers)) < 2_400 * SLACK


@pytest.mark.parametrize(("page", "budget"), [("walking", 3_300), ("values", 3_800)])
def test_a_question_page_keeps_to_its_budget(tmp_path: Path, page: str, budget: int) -> None:
    """Read from the store, decrypted, with every answer in it; the test client is counted too."""
    patient = standing(tmp_path, f"/page/{page}")
    assert calls(lambda: patient.open(f"/page/{page}")) < budget * SLACK


@pytest.mark.parametrize(("page", "budget"), [("walking", 3_200), ("values", 4_100)])
def test_a_saved_page_keeps_to_its_budget(tmp_path: Path, page: str, budget: int) -> None:
    """The same answers sent in again: read, checked, encrypted and saved."""
    patient = standing(tmp_path, f"/page/{page}")
    action, hidden, names = next(f for f in forms(patient.html) if "/page/" in f[0])
    data = hidden | {name: patient.answers[name] for name in names if name in patient.answers}
    del data["rev"]
    assert calls(lambda: patient.client.post(action, data=data)) < budget * SLACK


def standing(folder: Path, place: str) -> Patient:
    """A patient with much to say who has come to this page."""
    app = create_app(Settings(instance=folder).with_keys(), clock=lambda: MADE_ON.astimezone())
    patient = Patient(app.test_client(), parse(AID, persona("margaret").answers))
    for visited in patient.walk():
        if visited == place:
            break
    return patient
