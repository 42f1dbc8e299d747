"""Leaving and coming back: the short way, return codes, staying, the tablet, the launch link."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
from flask import Flask

from decision_aid import create_app, rules
from decision_aid.answers import parse
from decision_aid.content.loader import load
from decision_aid.settings import Settings
from decision_aid.summary import build
from decision_aid.web import progress
from tests.personas import Persona, personas
from tests.walk import Browser

AID = load()
NOW = datetime(2026, 5, 12, 9, 40).astimezone()


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """The application on an embedded store, in May 2026; it leaves the line for papers free."""
    app = create_app(Settings(instance=tmp_path).with_keys(), clock=lambda: NOW)
    yield app
    app.extensions["decision_aid"].ahead.close()


@pytest.fixture
def started(app: Flask) -> Browser:
    """A browser in which Start was pressed and a goal was given."""
    browser = Browser(app).start()
    browser.send("/page/goal", {"goal": "walk to the shop"})
    return browser


def code_of(browser: Browser) -> str:
    """Ask for a return code and read it from the screen."""
    shown = browser.get("/come-back").text
    page = browser.send("/come-back/code", shown=shown).text
    return re.findall(r'<p class="return-code"[^>]*>([^<]+)</p>', page)[0].strip()


# --- the short way ---------------------------------------------------------------------------


@pytest.mark.parametrize("patient", personas(), ids=lambda p: p.name)
def test_the_short_way_takes_twelve_minutes_at_most(patient: Persona) -> None:
    """A slow reader (130 words a minute, 8 seconds an answer) ends the core path in 12 minutes."""
    aid = AID.short_way
    answers = {k: tuple(v) if isinstance(v, list) else v for k, v in patient.answers.items()}
    kept = rules.active(AID, answers)  # type: ignore[arg-type]
    seconds = sum(progress.seconds(aid, page, kept) for page in rules.visible_pages(aid, kept))

    assert 0 < seconds <= 12 * 60


def test_the_start_page_promises_no_less_than_it_takes(app: Flask) -> None:
    """What the first screen says of either way holds for every named patient, to the minute."""
    said = re.search(
        r"about (\d+) minutes, or about (\d+) on the short way", Browser(app).text("/")
    )
    assert said
    for promised, aid in zip(map(int, said.groups()), (AID, AID.short_way), strict=True):
        for patient in personas():
            answers = rules.active(AID, parse(AID, patient.answers))
            pages = [page for page in rules.visible_pages(aid, answers) if page.questions]
            seconds = sum(progress.seconds(aid, page, answers) for page in pages)
            assert round(seconds / 60) <= promised, patient.name


def test_the_short_way_asks_what_safety_and_rules_need() -> None:
    """Every emergency and urgent sign, onset, scope and worries are on the short way."""
    asked = set(AID.short_way.questions)

    assert {"emergency_symptoms", "urgent_symptoms", "symptom_onset", "seen_by_doctor"} <= asked
    assert {"age", "other_cause", "condition", "worries", "blood_thinner"} <= asked
    assert len(asked) < len(AID.questions) / 2


def test_the_short_way_puts_only_its_questions(app: Flask) -> None:
    """Screens of the short way leave the other questions out, and the guide is reached."""
    browser = Browser(app).start(way="short")

    assert "decision_stage" not in browser.text("/page/scope")
    assert browser.get("/page/values").status_code == 303
    assert "What may go wrong" in browser.text("/page/guide")
    assert browser.journey().short


def test_leaving_the_short_way_keeps_every_answer(app: Flask) -> None:
    """The other questions are put one after another; what was answered stays."""
    browser = Browser(app).start(way="short")
    for page in AID.short_way.pages:
        if page.questions and page.id != "start":
            browser.send(f"/page/{page.id}", {"goal": "walk", "leg_pain": "7"})
    before = browser.journey().answers
    page = browser.client.post(
        "/all-questions",
        data=dict(re.findall(r'name="(csrf_token)" value="([^"]*)"', browser.text("/page/check"))),
        follow_redirects=True,
    )

    assert browser.journey().answers == before
    assert not browser.journey().short
    assert page.request.path == "/page/scope"
    assert "decision_stage" in page.text
    for _ in range(len(AID.pages)):
        hidden = dict(re.findall(r'name="(csrf_token|rev)" value="([^"]*)"', page.text))
        action = unescape(re.findall(r'<form method="post" action="(/page/[^"]*)"', page.text)[0])
        page = browser.client.post(action, data=hidden, follow_redirects=True)
        if page.request.path == "/page/check":
            break
    assert page.request.path == "/page/check"


# --- the return code -------------------------------------------------------------------------


def test_a_return_code_opens_the_answers_on_another_device(app: Flask, started: Browser) -> None:
    """Typed in small letters, with spaces and with O for 0, it leads to where one left."""
    code = code_of(started)
    other = Browser(app)
    page = other.get("/come-back/enter").text
    typed = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    opened = other.send("/come-back", {"code": typed}, shown=page)

    assert opened.status_code == 303
    assert other.journey().answers["goal"] == "walk to the shop"


def test_a_withdrawn_code_opens_nothing(app: Flask, started: Browser) -> None:
    """After "Make my code useless" the code is refused, and the answers are still here."""
    code = code_of(started)
    started.send("/come-back/withdraw", shown=started.get("/come-back").text)
    other = Browser(app)
    refused = other.send("/come-back", {"code": code}, shown=other.get("/come-back/enter").text)

    assert refused.status_code == 422
    assert "This code opens nothing" in refused.text
    assert started.journey().answers["goal"] == "walk to the shop"


def test_six_wrong_codes_get_a_kind_stop(app: Flask, started: Browser) -> None:
    """What was typed stays; the sixth slip is told to wait, and a right code still works."""
    code = code_of(started)
    other = Browser(app)
    page = other.get("/come-back/enter").text
    tries = [other.send("/come-back", {"code": "ABCD 1234"}, shown=page) for _ in range(6)]

    assert [t.status_code for t in tries] == [422] * 5 + [429]
    assert 'value="ABCD 1234"' in tries[0].text
    assert tries[0].text.count("<title>Error:") == 1
    assert "too many tries" in tries[5].text
    assert other.send("/come-back", {"code": code}, shown=page).status_code == 303


def test_a_code_does_not_replace_answers_that_are_open(app: Flask, started: Browser) -> None:
    """On a device with open answers a code changes nothing; they must be cleared first."""
    code = code_of(Browser(app).start())
    before = started.journey()
    started.send("/come-back", {"code": code}, shown=started.get("/come-back").text)

    assert started.journey() == before


# --- the device ------------------------------------------------------------------------------


@pytest.mark.parametrize(("keep", "lasting"), [("yes", True), ("", False)])
def test_the_place_is_kept_only_on_ones_own_device(app: Flask, keep: str, lasting: bool) -> None:
    """The cookie outlives the browser only when the person ticked that the device is theirs."""
    browser = Browser(app)
    response = browser.send("/start", {"keep": keep})

    assert ("Max-Age=259200" in response.headers["Set-Cookie"]) == lasting


def test_staying_keeps_the_answers_longer(tmp_path: Path) -> None:
    """One press before the end moves the end; without it the answers are gone."""
    clock = [NOW]
    app = create_app(Settings(instance=tmp_path, hours=1).with_keys(), clock=lambda: clock[0])
    stays, leaves = Browser(app).start(), Browser(app).start()
    clock[0] += timedelta(minutes=55)
    page = stays.get("/page/goal").text
    more = stays.send("/stay", shown=page)
    clock[0] += timedelta(minutes=40)

    assert 'data-gone="/page/check"' in page
    assert more.json
    assert more.json["seconds"] >= 3600
    assert stays.get("/page/goal").status_code == 200
    assert leaves.get("/page/goal").status_code == 403
    assert "We cannot find your answers" in leaves.text("/page/goal")


def test_without_scripts_too_one_press_gives_more_time(tmp_path: Path) -> None:
    """In the last half hour every page offers it; the press leads back to where one was."""
    clock = [NOW]
    app = create_app(Settings(instance=tmp_path, hours=1).with_keys(), clock=lambda: clock[0])
    browser = Browser(app).start()
    assert "Keep my answers longer" not in browser.text("/page/goal")
    clock[0] += timedelta(minutes=51)  # Answers end on the full hour.
    page = browser.get("/page/goal").text
    assert "In 29 minutes your answers are deleted" in page
    token = dict(re.findall(r'name="(csrf_token)" value="([^"]*)"', page))
    stayed = browser.client.post("/stay", data=token, headers={"Accept": "text/html,*/*;q=0.8"})
    clock[0] += timedelta(minutes=40)

    assert stayed.location == "/"
    assert browser.get("/page/goal").status_code == 200


def test_a_tablet_wipes_itself_and_starts_again(tmp_path: Path) -> None:
    """On the clinic's tablet, clearing leads to the start, and so does the end of a pause."""
    app = create_app(Settings(instance=tmp_path, tablet=True).with_keys(), clock=lambda: NOW)
    browser = Browser(app).start(keep="yes")
    page = browser.get("/page/goal").text
    store = app.extensions["decision_aid"].store
    cookie = browser.client.get_cookie("decision-aid")
    assert cookie
    assert cookie.max_age is None

    assert 'http-equiv="refresh" content="600; url=/still-there"' in page
    assert "Are you still there?" in browser.text("/still-there")
    elsewhere = browser.client.get("/next-person", headers={"Sec-Fetch-Site": "cross-site"})
    assert elsewhere.status_code == 404
    wiped = browser.get("/next-person")
    assert wiped.headers["Location"] == "/"
    assert store.load(cookie.value) is None
    assert browser.start().send("/clear", shown=browser.get("/clear").text).location == "/"


def test_only_a_tablet_has_the_pages_of_a_tablet(started: Browser) -> None:
    """Nobody's answers can be wiped by opening an address."""
    assert started.get("/next-person").status_code == 404
    assert started.get("/still-there").status_code == 404
    assert started.journey().answers["goal"] == "walk to the shop"


# --- the launch link -------------------------------------------------------------------------


def test_a_launch_link_is_kept_with_the_answers(app: Flask) -> None:
    """The opaque reference of the clinic's link stands in the journey."""
    browser = Browser(app)
    page = browser.get("/?reference=Visit-2026-x7Q").text
    found = dict(re.findall(r'name="(csrf_token|reference)" value="([^"]*)"', page))
    browser.client.post("/start", data=found)

    assert browser.journey().reference == "Visit-2026-x7Q"


@pytest.mark.parametrize(
    "reference", ["Anna Smith", "annasmith", "19520403", "a1", "x1" * 40, "a1<script>", "é1234567"]
)
def test_a_link_of_another_shape_is_refused_kindly(app: Flask, reference: str) -> None:
    """A name, a date or a broken link is not taken; the start without it is offered."""
    browser = Browser(app)
    page = browser.client.get("/", query_string={"reference": reference})

    assert page.status_code == 400
    assert "This link is not complete" in page.text
    tokens_out = re.sub(r'name="csrf_token" value="[^"]*"', "", page.text)
    assert reference not in tokens_out
    browser.send("/start", {"reference": reference})
    assert browser.journey().reference == ""


def test_the_short_way_is_said_on_the_page(app: Flask) -> None:
    """What was never asked is not printed as "not answered"; the page says so."""
    browser = Browser(app).start(way="short")
    browser.send("/page/pain", {"leg_pain": "7"})
    page = build(AID, browser.journey(), made_on=NOW)
    text = " ".join(browser.text("/text").split())

    assert AID.words["way_printed"].capitalize() in text
    assert page.line("tried").value == AID.words["not_put"]
    assert page.line("back_pain").value == AID.words["not_answered"]
    assert "Tried" not in page.not_answered
    assert "Back pain" in page.not_answered
