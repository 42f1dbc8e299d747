"""Every route there is, taken from the program itself, so that a new one cannot be forgotten."""

import io
import logging
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from decision_aid import create_app
from decision_aid.content.loader import load
from decision_aid.model import Answer, Journey
from decision_aid.settings import Settings
from decision_aid.storage import encryption
from decision_aid.storage.repository import Repository
from decision_aid.web import logging_setup, security
from tests.web.test_security import HOST, observatory

SENTINEL = "sentinel-4711-gluteal"
COOKIE = "decision-aid"
#: What fills the parts of an address: something that exists, and something that does not.
PARTS = ("pain", "surgeon", "nonsense")
#: Addresses that take the cookie away.
ENDS = ("/clear", "/next-person")


class Site:
    """The application, its store, and a clock that can be moved."""

    def __init__(self, **more: Any) -> None:
        self.now = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
        self.settings = Settings(secret="5e" * 32, pepper=bytes(range(32)), key_in=True, **more)
        self.store = Repository("memory", self.settings.pepper, self.clock)
        self.app: Flask = create_app(self.settings, self.store, self.clock)

    def clock(self) -> datetime:
        return self.now

    def addresses(self) -> Iterator[str]:
        """At least one address of every route."""
        for rule in self.app.url_map.iter_rules():
            for part in PARTS if rule.arguments else ("",):
                address = rule.rule
                for argument in rule.arguments:
                    for form in (f"<{argument}>", f"<path:{argument}>", f"<int:{argument}>"):
                        address = address.replace(form, part)
                yield address

    def journey(self) -> str:
        """The token of a journey with a sentinel in the patient's own words."""
        token = self.store.create()
        words: dict[str, Answer] = {
            question.id: f"{SENTINEL} {question.id}"
            for question in load().questions.values()
            if question.kind == "text"
        }
        self.store.save(token, Journey(answers=words), 1)
        return token

    def browser(self, cookie: str | None) -> FlaskClient:
        """A browser with this token."""
        client = self.app.test_client()
        if cookie is not None:
            client.set_cookie(COOKIE, cookie)
        return client


@pytest.fixture
def site() -> Site:
    """The application with nobody on it."""
    return Site()


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD"])
def test_every_route_has_every_header(site: Site, method: str) -> None:
    """Whatever is asked in whatever way: the whole policy, and no fault."""
    for cookie in (None, site.journey()):
        for address in site.addresses():
            with site.browser(cookie).open(address, method=method) as response:
                assert set(security._HEADERS) <= set(response.headers.keys()), address
                assert "Cache-Control" in response.headers, address
                assert response.status_code < 500 or response.status_code == 503, address


def test_every_route_scores_135_in_the_observatory() -> None:
    """Behind TLS every page and every error has 150 by the newer table, also without a cookie."""
    site = Site(secure=True, trusted_hosts=(HOST,))
    for cookie in (None, site.journey()):
        client = site.browser(None)
        if cookie:
            client.set_cookie("__Host-decision-aid", cookie, domain=HOST, secure=True)
        for address in (*site.addresses(), "/nothing"):
            with client.get(address, base_url=f"https://{HOST}") as response:
                assert "Set-Cookie" not in response.headers or address in ENDS, address
                response.headers.remove("Set-Cookie")
                assert observatory(response, newer=True) == 150, address
                if response.mimetype.startswith("text/"):
                    assert response.content_type.endswith("; charset=utf-8"), address


#: What is put behind an address and into the headers of a request.
ATTACKS = {
    "open redirect": ("?return=//evil.example&next=https://evil.example&url=\\\\evil.example", {}),
    "header injection": ("?return=x%0d%0aX-Evil:1&reference=a%0d%0aX-Evil:1&v=%0aX-Evil:1", {}),
    "forwarded host": ("", {"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}),
    "another method": ("", {"X-HTTP-Method-Override": "DELETE", "X-Original-URL": "/evil"}),
    "a long address": ("?evil=" + "a" * 8_000, {}),
    "a wrong type": ("", {"Content-Type": "application/json; charset=evil", "Accept": "evil/*"}),
    "a range": ("", {"Range": "bytes=5-1", "If-None-Match": "*", "If-Modified-Since": "evil"}),
}


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_route_leads_away_or_takes_headers(site: Site, attack: str, method: str) -> None:
    """Every route under every attack: no fault, no foreign address, no header of the attacker."""
    query, headers = ATTACKS[attack]
    token = site.journey()
    client = site.browser(token)
    csrf = re.search(r'name="csrf_token" value="([^"]*)"', client.get("/about").text)
    assert csrf
    data = {"csrf_token": csrf[1], "goal": "x"} if method == "POST" else None
    for address in site.addresses():
        if address.startswith(("/clear", "/document", "/card.pdf")):
            continue
        with client.open(address + query, method=method, headers=headers, data=data) as response:
            assert response.status_code < 500 or response.status_code == 503, address
            assert "evil" not in str(response.headers).lower(), address
            place = response.headers.get("Location", "/")
            assert re.match(r"/(?![/\\])", place), address


@pytest.mark.parametrize("method", ["TRACE", "PATCH", "PROPFIND", "BREW"])
def test_no_route_knows_other_methods(site: Site, method: str) -> None:
    """Refused everywhere with a page of its own, and nothing is sent back."""
    for address in site.addresses():
        with site.browser(None).open(address, method=method, headers={"X-Evil": "e"}) as response:
            assert response.status_code in (400, 404, 405), address
            assert "X-Evil" not in response.text, address
            assert set(security._HEADERS) <= set(response.headers.keys()), address


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "127.0.0.1@evil.example"]
)
def test_no_route_answers_to_another_host(site: Site, host: str) -> None:
    """Every route refuses a host that is not this site's, and does not repeat it."""
    for address in site.addresses():
        with site.browser(None).get(address, headers={"Host": host}) as response:
            assert response.status_code == 400, address
            assert "evil." not in response.text + str(response.headers), address


@pytest.mark.parametrize("state", ["none", "rubbish", "another", "deleted", "expired"])
def test_no_route_shows_answers_without_their_token(site: Site, state: str) -> None:
    """No token, rubbish, another patient's, a deleted or an expired one open nobody's answers."""
    mine = site.journey()
    cookie: str | None = {"rubbish": "x" * 43, "another": encryption.new_token()}.get(state, mine)
    if state == "none":
        cookie = None
    elif state == "deleted":
        site.store.delete(mine)
    elif state == "expired":
        site.now += timedelta(hours=73)
    for address in site.addresses():
        with site.browser(cookie).get(address) as response:
            assert SENTINEL.encode() not in response.data, address
            assert SENTINEL not in str(response.headers), address


def test_the_token_shows_its_own_answers(site: Site) -> None:
    """The same walk with the right token does find the words: the test above can fail."""
    client = site.browser(site.journey())
    assert any(SENTINEL.encode() in client.get(address).data for address in site.addresses())


def test_no_route_logs_an_answer(site: Site) -> None:
    """Pages, forms with and without a key, and faults: no answer, token or address is logged."""
    stream, root = io.StringIO(), logging.getLogger()
    before, level = root.handlers[:], root.level
    logging_setup.install(stream, logging.DEBUG)
    token = site.journey()
    try:
        for address in site.addresses():
            client = site.browser(token)
            shown = client.get(f"{address}?{SENTINEL}").data.decode("utf-8", "replace")
            keys = dict(re.findall(r'name="(csrf_token|rev)" value="([^"]*)"', shown))
            words = {question.id: SENTINEL for question in load().questions.values()}
            if not address.startswith(("/clear", "/document")):
                client.post(address, data={**words, **keys})
            client.post(address, data=words)
        with site.store._database.begin() as connection:
            connection.exec_driver_sql("DROP TABLE answers")
        client.get("/page/pain")
    finally:
        logging.captureWarnings(False)
        root.handlers[:] = before
        root.setLevel(level)
    written = stream.getvalue()
    assert written.count("request.done") > 50
    assert "store.unavailable" in written
    assert SENTINEL not in written
    assert token not in written


def test_no_route_takes_a_form_without_its_token(site: Site) -> None:
    """Every POST without a CSRF token is refused, and the answers are as before."""
    token = site.journey()
    before = site.store.load(token)
    for address in site.addresses():
        response = site.browser(token).post(address, data={"leg_pain": "0"})
        assert response.status_code in (400, 404, 405), address
    assert site.store.load(token) == before


def test_a_database_that_is_down_is_a_sentence_on_every_route(site: Site) -> None:
    """Every route answers with a page or a 503 page when the store cannot be reached."""
    token = site.journey()
    with site.store._database.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE answers RENAME TO away")
    for address in site.addresses():
        with site.browser(token).get(address) as response:
            assert response.status_code < 500 or response.status_code == 503, address
            assert b"Traceback" not in response.data
            if address in ("/safety-card", "/card.pdf", "/about"):
                assert response.status_code == 200, "what to do in an emergency needs no database"
            if response.status_code == 503 and address != "/ready":
                assert "We cannot reach your answers at the moment" in response.text, address
                assert int(response.headers["Retry-After"]) > 0, address


def test_readiness_follows_the_database_and_says_nothing_else(site: Site) -> None:
    """200 while answers can be kept, 503 while not, with and without a cookie; health stays."""
    for cookie in (None, site.journey()):
        response = site.browser(cookie).get("/ready")
        assert (response.status_code, response.json) == (200, {"status": "ok"})
        assert "Set-Cookie" not in response.headers
    with site.store._database.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE answers RENAME TO away")
    response = site.browser(None).get("/ready")
    assert (response.status_code, response.json) == (503, {"status": "no database"})
    assert site.browser(None).get("/health").status_code == 200
