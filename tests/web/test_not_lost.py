"""What was typed is never lost, and no page says that something is kept when it is not."""

from collections.abc import Iterator
from datetime import datetime
from html import unescape
from pathlib import Path

import pytest
from flask import Flask

from decision_aid import create_app
from decision_aid.settings import Settings
from decision_aid.storage.repository import StorageUnavailable
from tests.walk import Browser, store_of

NOW = datetime(2026, 5, 12, 9, 40).astimezone()
WORDS = "walk <b>to</b> the shop & back"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """The application on an embedded store."""
    app = create_app(Settings(instance=tmp_path).with_keys(), clock=lambda: NOW)
    yield app
    app.extensions["decision_aid"].ahead.close()


def break_store(app: Flask) -> None:
    """From now on no statement reaches the database."""

    def refuse(*_: object) -> None:
        raise StorageUnavailable("down")

    store_of(app)._database.once = refuse  # type: ignore[method-assign,assignment]
    store_of(app)._database.begin = refuse  # type: ignore[method-assign,assignment]


def send_after(app: Flask, fault: str, words: str) -> tuple[Browser, str, int]:
    """Type into an open page, let the fault happen, and press Continue."""
    browser = Browser(app).start()
    shown = browser.get("/page/goal").text
    cookie = browser.client.get_cookie("decision-aid")
    assert cookie
    if fault == "cleared in another tab":
        store_of(app).delete(cookie.value)
    elif fault == "cookie lost":
        browser.client.delete_cookie("decision-aid")
    elif fault == "old form":
        shown = shown.replace('name="csrf_token" value="', 'name="csrf_token" value="x')
    elif fault == "store down":
        break_store(app)
    response = browser.send("/page/goal", {"goal": words}, shown=shown)
    return browser, response.text, response.status_code


FAULTS = {"cleared in another tab": 403, "cookie lost": 400, "old form": 400, "store down": 503}


@pytest.mark.parametrize("words", [WORDS, "ä" * 20_000], ids=["tags", "long"])
@pytest.mark.parametrize("fault", FAULTS)
def test_what_was_typed_is_shown_again(app: Flask, fault: str, words: str) -> None:
    """The answer was an error page, and the words were gone."""
    _, page, status = send_after(app, fault, words)

    assert status == FAULTS[fault]
    assert words in unescape(page)
    assert "<b>to</b>" not in page


@pytest.mark.parametrize("fault", ["cleared in another tab", "cookie lost"])
def test_a_new_visit_begins_with_it(app: Flask, fault: str) -> None:
    """One press keeps the words in a new visit, whose first pages are still asked."""
    browser, page, _ = send_after(app, fault, WORDS)

    again = browser.send("/start", {"begins_with": "goal", "goal": WORDS}, shown=page)

    assert again.status_code == 303
    assert browser.journey().answers["goal"] == WORDS
    assert "goal" not in browser.journey().seen


def test_a_new_visit_asks_again_for_what_does_not_fit(app: Flask) -> None:
    """What cannot be kept is named and stays on the screen; it was dropped without a word."""
    browser, page, _ = send_after(app, "cookie lost", WORDS)
    much = "x" * 5000

    again = browser.send("/start", {"begins_with": "goal", "goal": much}, shown=page)

    assert again.status_code == 422
    assert much in again.text
    assert "Please shorten this" in again.text


def test_an_old_form_is_saved_with_one_more_press(app: Flask) -> None:
    """The visit is still open: the page that shows the words saves them."""
    browser, page, _ = send_after(app, "old form", WORDS)

    assert browser.send("/page/goal", {"goal": WORDS}, shown=page).status_code == 303
    assert browser.journey().answers["goal"] == WORDS


def test_what_another_site_sent_is_not_repeated(app: Flask) -> None:
    """Nobody can put words on our page from elsewhere."""
    browser = Browser(app).start()
    headers = {"Sec-Fetch-Site": "cross-site"}
    response = browser.client.post("/page/goal", data={"goal": WORDS}, headers=headers)

    assert response.status_code == 400
    assert WORDS not in unescape(response.text)


@pytest.mark.parametrize("method", ["get", "post"])
def test_no_page_says_that_cleared_answers_are_safe(app: Flask, method: str) -> None:
    """An old tab said “What you saved is safe” after everything was deleted."""
    browser = Browser(app).start()
    shown = browser.get("/page/health").text
    browser.send("/clear", shown=shown)
    response = browser.get("/page/x") if method == "get" else browser.send("/stay", shown=shown)

    assert response.status_code >= 400
    assert "safe." not in response.text
    assert "/come-back/enter" in response.text


def raise_unavailable(*_: object) -> None:
    """What a database that is full, locked or down does."""
    raise StorageUnavailable("down")


@pytest.mark.parametrize(
    ("tablet", "way"), [(False, "clear"), (True, "clear"), (True, "next-person")]
)
def test_the_device_is_cleared_while_the_database_is_down(
    tmp_path: Path, tablet: bool, way: str
) -> None:
    """It was 503: cookie and cache stayed, and the next person read the first one's text."""
    app = create_app(Settings(instance=tmp_path, tablet=tablet).with_keys(), clock=lambda: NOW)
    browser = Browser(app).start()
    shown = browser.get("/clear").text
    cookie = browser.client.get_cookie("decision-aid")
    database = store_of(app)._database
    whole = database.begin, database.once
    database.begin = database.once = raise_unavailable  # type: ignore[method-assign,assignment]

    sent = browser.send("/clear", shown=shown) if way == "clear" else browser.get("/next-person")

    assert sent.status_code == 303
    assert "cookies" in sent.headers["Clear-Site-Data"]
    assert browser.client.get_cookie("decision-aid") is None
    after = browser.get(sent.headers["Location"]).text
    assert ("This device is cleared" in after) == (way == "clear")
    database.begin, database.once = whole  # type: ignore[method-assign]
    assert cookie
    assert store_of(app).load(cookie.value) is not None
    assert store_of(app).delete_queued() == 0
    assert store_of(app).load(cookie.value) is None


def test_a_withdrawn_code_ends_what_it_opened(app: Flask) -> None:
    """The second device went on reading after “Make my code useless”."""
    first, second = Browser(app).start(), Browser(app)
    first.send("/page/goal", {"goal": WORDS})
    page = first.send("/come-back/code", shown=first.get("/come-back").text).text
    code = page.split('translate="no">')[1].split("<")[0]
    second.send("/come-back", {"code": code}, shown=second.get("/come-back/enter").text)
    assert second.get("/page/goal").status_code == 200

    first.send("/come-back/withdraw", shown=first.get("/come-back").text)

    assert second.get("/page/goal").status_code == 403
    assert first.journey().answers["goal"] == WORDS


@pytest.mark.parametrize("keep", [True, False], ids=["kept", "until closed"])
def test_every_extension_renews_the_cookie(app: Flask, keep: bool) -> None:
    """The answers were kept longer, and the cookie that opens them ended as before."""
    browser = Browser(app).start(**({"keep": "yes"} if keep else {}))

    answer = browser.send("/stay", shown=browser.get("/page/goal").text)

    cookie = answer.headers.get("Set-Cookie", "")
    assert cookie.startswith("decision-aid=")
    assert ("Max-Age=259200" in cookie) == keep
