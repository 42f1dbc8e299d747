"""Papers made ahead: there when asked for, never for nobody, never after clearing."""

import threading
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest
from flask import Flask

from decision_aid import create_app
from decision_aid.content.loader import load
from decision_aid.settings import Settings
from decision_aid.summary import build
from decision_aid.web.prerender import Prerender
from tests.walk import Browser

NOW = datetime(2026, 5, 12, 9, 40).astimezone()


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    """The application on an embedded store, in May 2026."""
    return create_app(Settings(instance=tmp_path).with_keys(), clock=lambda: NOW)


def kept(app: Flask) -> Prerender:
    """What the application has made ahead."""
    found: Prerender = app.extensions["decision_aid"].ahead
    return found


def download(browser: Browser, kind: str) -> bytes:
    """Press the button on the last page."""
    return browser.send(f"/document/{kind}.pdf", shown=browser.get("/page/done").text).data


def test_papers_are_made_while_the_answers_are_checked(app: Flask) -> None:
    """Nothing before the check page; then both."""
    browser = Browser(app).start()
    browser.send("/page/goal", {"goal": "walk to the shop"})
    browser.get("/page/guide")
    assert len(kept(app)) == 0
    browser.get("/page/check")
    assert len(kept(app)) == 2
    assert download(browser, "surgeon").startswith(b"%PDF-")


def test_the_button_gives_the_paper_that_is_there(app: Flask) -> None:
    """A download makes nothing when the paper of these answers is kept."""
    browser = Browser(app).start()
    cookie = browser.client.get_cookie("decision-aid")
    assert cookie
    check = build(load(), browser.journey(), made_on=NOW).check_value
    kept(app).prepare(cookie.value, "surgeon", check, lambda: b"kept paper")
    browser.get("/page/check")

    assert download(browser, "surgeon") == b"kept paper"


def test_a_changed_answer_makes_a_new_paper(app: Flask) -> None:
    """What was made from older answers is never handed out."""
    browser = Browser(app).start()
    browser.get("/page/check")
    before = download(browser, "surgeon")
    browser.send("/page/pain", {"leg_pain": "7"})

    assert download(browser, "surgeon") != before


def test_clearing_drops_what_was_made(app: Flask) -> None:
    """After clearing nothing of this person is in memory; another person's papers stay."""
    other, browser = Browser(app).start(), Browser(app).start()
    other.get("/page/check")
    browser.get("/page/check")
    assert len(kept(app)) == 4
    browser.send("/clear", shown=browser.get("/clear").text)

    assert len(kept(app)) == 2
    assert download(other, "surgeon").startswith(b"%PDF-")


def test_nobody_elses_paper_is_given(app: Flask) -> None:
    """Two people with the same answers share nothing: the key holds the token."""
    one, two = Prerender(), "other token"
    one.prepare("token", "surgeon", "7F3A-91C2", lambda: b"paper")

    assert one.take("token", "surgeon", "7F3A-91C2") == b"paper"
    assert one.take(two, "surgeon", "7F3A-91C2") is None
    assert one.take("token", "surgeon", "0000-0000") is None


def test_a_paper_that_waits_in_line_is_left_to_whoever_asks() -> None:
    """The click does not wait for other patients' papers; the other kind is not held up either."""
    ahead, go_on = Prerender(), threading.Event()
    for other in ("other", "third"):
        ahead.prepare(other, "patient", "1", lambda: b"long" if go_on.wait(60) else b"")
    ahead.prepare("token", "patient", "1", lambda: b"made in line")
    ahead.prepare("token", "surgeon", "1", lambda: b"short")

    assert ahead.take("token", "surgeon", "1") == b"short"
    assert ahead.take("token", "patient", "1") is None
    go_on.set()
    assert ahead.take("other", "patient", "1") == ahead.take("third", "patient", "1") == b"long"
    ahead.close()
    assert len(ahead) == 3


def test_when_many_papers_are_kept_the_oldest_gives_way() -> None:
    """Whoever finishes now finds the papers made, however many finished in the last minutes."""
    ahead = Prerender()
    for number in range(201):
        begun = threading.Event()
        ahead.prepare(f"token {number}", "surgeon", "1", partial(_paper, begun))
        assert begun.wait(60)
        assert ahead.take(f"token {number}", "surgeon", "1") == b"paper"

    assert len(ahead) == 200
    assert ahead.take("token 0", "surgeon", "1") is None
    assert ahead.take("token 1", "surgeon", "1") == b"paper"


def _paper(begun: threading.Event) -> bytes:
    begun.set()
    return b"paper"
