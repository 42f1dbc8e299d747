"""Each persona walks through the real application, from the first question to the downloads."""

from collections.abc import Iterator
from datetime import datetime
from html import unescape
from pathlib import Path

import pytest
from flask import Flask

from decision_aid import create_app, rules
from decision_aid.answers import parse
from decision_aid.content.loader import load
from decision_aid.settings import Settings
from tests.personas import Persona, personas
from tests.walk import Patient

AID = load()
NOW = datetime(2026, 5, 12, 9, 40).astimezone()


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """The application on a fresh embedded store, at a fixed time; it leaves no paper to be made."""
    settings = Settings(instance=tmp_path, trusted_hosts=("localhost",)).with_keys()
    app = create_app(settings, clock=lambda: NOW)
    yield app
    app.extensions["decision_aid"].ahead.close()


@pytest.mark.parametrize("persona", personas(), ids=lambda persona: persona.name)
def test_each_persona_reaches_the_end_they_should(app: Flask, persona: Persona) -> None:
    """Stop page, exit page, guide and last page come exactly for whom they are meant."""
    answers = parse(AID, persona.answers)
    patient = Patient(app.test_client(), answers)
    texts = {place: unescape(patient.html) for place in patient.walk()}

    assert ("/stop" in texts) == rules.must_stop(AID, answers)
    assert list(texts)[-1] == ("/exit" if persona.scope else "/page/done")
    if not persona.scope:
        expected = [page.id for page in rules.visible_pages(AID, answers)]
        walked = [place.rsplit("/", 1)[1] for place in texts if place.startswith("/page/")]
        assert walked == [page for page in expected if page != "start"]


@pytest.mark.parametrize(
    "persona", [p for p in personas() if not p.scope], ids=lambda persona: persona.name
)
def test_the_guide_shows_each_persona_their_sections(app: Flask, persona: Persona) -> None:
    """On the guide stand the titles of what they must see, and of nothing they must not."""
    patient = Patient(app.test_client(), parse(AID, persona.answers))
    texts = {place: unescape(patient.html) for place in patient.walk()}
    guide = texts["/page/guide"]

    for section in (*persona.sees, *persona.maybe):
        assert f'id="{section}"' in guide or AID.section_by_id[section].title in guide
    for section in persona.sees_not:
        assert f'id="{section}"' not in guide
    if persona.name == "margaret":
        assert AID.words["because_intro"] in guide


def test_everything_typed_stands_on_the_check_page(app: Flask) -> None:
    """The check page repeats each answer and names each question left out."""
    margaret = next(p for p in personas() if p.name == "margaret")
    patient = Patient(app.test_client(), parse(AID, margaret.answers))
    check = {place: unescape(patient.html) for place in patient.walk()}["/page/check"]

    for question, answer in margaret.answers.items():
        if AID.questions[question].kind == "text":
            assert str(answer) in check
    assert AID.words["not_answered"] in check


def test_the_about_page_shows_what_the_score_sheet_counts_on(app: Flask) -> None:
    """Authors, funding, interests, update policy, methods and reading level are public."""
    about = unescape(app.test_client().get("/about").get_data(as_text=True))

    for name in ("authors", "funding", "interests", "update_policy", "methods", "licence"):
        assert AID.words[name] in about
    assert "school grade" in about
