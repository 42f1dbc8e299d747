"""Fast entry of paper forms: the printed numbers give the same answers as the screens."""

import re
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given
from werkzeug.datastructures import MultiDict

from decision_aid import create_app
from decision_aid.answers import parse
from decision_aid.content.loader import load
from decision_aid.settings import Settings
from decision_aid.web import data_entry_form, forms
from tests.personas import persona
from tests.strategies import raw_answers
from tests.walk import Browser, meanwhile, other_tab, store_of

AID = load()
QUESTIONS = tuple(AID.questions.values())


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    """An application on which paper forms may be typed in."""
    return create_app(Settings(instance=tmp_path, key_in=True).with_keys())


@given(raw_answers(AID))
def test_every_answer_survives_as_codes(raw: dict[str, object]) -> None:
    """Any answers, written as the codes of the paper form and read again, are the same."""
    answers = parse(AID, raw)
    typed = MultiDict({q.id: data_entry_form.code(q, answers) for q in QUESTIONS})
    form, errors = data_entry_form.posted(QUESTIONS, typed)

    assert errors == {}
    assert forms.read(QUESTIONS, form, helper=False).answers == answers


def test_a_typed_form_ends_on_the_check_page(app: Flask) -> None:
    """Part after part is saved; the last leads to the check page with the same answers."""
    answers = parse(AID, persona("margaret").answers)
    browser = Browser(app)
    page = browser.client.post(
        "/key-in", data=hidden(browser.get("/key-in").text), follow_redirects=True
    )
    for _ in range(12):
        if page.request.path == "/page/check":
            break
        names = re.findall(r'<input type="text" id="(\w+)"', page.text)
        codes = {name: data_entry_form.code(AID.questions[name], answers) for name in names}
        page = browser.client.post(
            page.request.path, data={**codes, **hidden(page.text)}, follow_redirects=True
        )

    assert page.request.path == "/page/check"
    assert browser.journey().answers == answers


def test_a_wrong_number_is_named_and_nothing_typed_is_lost(app: Flask) -> None:
    """A number beyond the list gets a message at its line; the other lines keep what was typed."""
    browser = Browser(app)
    browser.client.post("/key-in", data=hidden(browser.get("/key-in").text))
    page = browser.get("/key-in/symptoms").text
    sent = browser.client.post(
        "/key-in/symptoms",
        data={
            **hidden(page),
            "worse_pain": "9",
            "leg_side": "1 2",
            "goal": "walk",
            "leg_pain": "x",
        },
    )

    assert sent.status_code == 422
    assert "There is no answer &#39;9&#39;; it has 1 to 4." in sent.text
    assert "Only one number here." in sent.text
    assert 'value="walk"' in sent.text
    assert 'value="9"' in sent.text
    assert browser.journey().answers == {}


def test_a_part_saved_by_another_tab_loses_nothing_typed(app: Flask) -> None:
    """An older tab overwrites nothing: its lines stay, what is saved is named, Save keeps them."""
    browser = Browser(app)
    browser.client.post("/key-in", data=hidden(browser.get("/key-in").text))
    older = browser.get("/key-in/symptoms").text
    browser.send("/key-in/symptoms", {"goal": "walk", "worse_pain": "1"}, shown=older)
    late = browser.send("/key-in/symptoms", {"goal": "sleep", "worse_pain": "1"}, shown=older)

    assert late.status_code == 409
    assert 'value="sleep"' in late.text
    assert re.findall("Saved: ([^.]*)", late.text) == ["walk"]
    assert browser.journey().answers["goal"] == "walk"

    browser.send("/key-in/symptoms", {"goal": "sleep", "worse_pain": "1"}, shown=late.text)
    assert browser.journey().answers["goal"] == "sleep"


def test_a_part_saved_in_the_same_moment_loses_nothing_typed(app: Flask) -> None:
    """Between reading and saving too; the same codes from both are no conflict."""
    browser = Browser(app)
    browser.client.post("/key-in", data=hidden(browser.get("/key-in").text))
    meanwhile(app, lambda found: other_tab(found, goal="walk"))
    raced = browser.send("/key-in/symptoms", {"goal": "sleep"})
    meanwhile(app, lambda found: other_tab(found, goal="sleep"))
    same = browser.send("/key-in/symptoms", {"goal": "sleep"}, shown=raced.text)

    assert raced.status_code == 409
    assert 'value="sleep"' in raced.text
    assert "Saved: walk." in raced.text
    assert same.status_code == 303
    assert browser.journey().answers["goal"] == "sleep"


def test_answers_deleted_while_a_part_is_sent_are_explained(app: Flask) -> None:
    """Cleared in another tab in the same moment: the page that says so."""
    browser = Browser(app)
    browser.client.post("/key-in", data=hidden(browser.get("/key-in").text))
    meanwhile(app, lambda found: store_of(app).delete(found.token))

    assert browser.send("/key-in/symptoms", {"goal": "walk"}).status_code == 403


def test_an_emergency_on_paper_stops_the_typing(app: Flask) -> None:
    """Staff who type in an emergency sign meet the stop page before the next part."""
    browser = Browser(app)
    browser.client.post("/key-in", data=hidden(browser.get("/key-in").text))
    page = browser.get("/key-in/safety").text
    after = browser.client.post(
        "/key-in/safety", data={**hidden(page), "emergency_symptoms": "2"}, follow_redirects=True
    )

    assert after.request.path == "/stop"


def test_without_the_setting_there_is_no_such_page(tmp_path: Path) -> None:
    """A clinic that has not switched it on does not offer it."""
    browser = Browser(create_app(Settings(instance=tmp_path).with_keys()))

    assert browser.get("/key-in").status_code == 404
    assert "paper form" not in browser.text("/")


def hidden(page: str) -> dict[str, str]:
    """The hidden values of a page."""
    return dict(re.findall(r'name="(csrf_token|rev)" value="([^"]*)"', page))
