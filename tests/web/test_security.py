"""Headers, cookie, forged forms, hosts, sizes and logs: what a security officer asks first."""

import io
import json
import logging
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, Response, abort, render_template_string, request, url_for
from flask.testing import FlaskClient
from itsdangerous import TimestampSigner
from werkzeug.test import TestResponse

from decision_aid.settings import Settings
from decision_aid.storage.repository import Repository, StorageUnavailable
from decision_aid.web import logging_setup, security

HOST = "aid.clinic.example"
OWN = f"https://{HOST}"
TOKEN = "A" * 43
FORM = "{{ csrf_token() }}"
SENTINEL = "sentinel-4711-gluteal"
PUBLIC = Settings(
    secret=os.urandom(32).hex(),
    pepper=os.urandom(32),
    secure=True,
    trusted_hosts=(HOST,),
)
LOOPBACK = Settings(secret=os.urandom(32).hex(), pepper=os.urandom(32))


def small_app(settings: Settings, folder: Path) -> Flask:
    """An application with one route of each kind."""
    (folder / "static").mkdir(exist_ok=True)
    (folder / "static" / "style.css").write_text("body {}")
    app = Flask("small", root_path=str(folder))
    security.init_security(app, settings)

    @app.get("/")
    def home() -> str:
        return render_template_string(FORM)

    @app.get("/style")
    def style() -> str:
        return url_for("static", filename="style.css")

    @app.post("/save")
    def save() -> str:
        return f"saved {security.read_token(request)} {len(request.form)}"

    @app.post("/start")
    def start() -> Response:
        response = Response("started")
        security.set_token(response, TOKEN)
        return response

    @app.post("/clear")
    def clear() -> Response:
        response = Response("cleared")
        security.clear(response)
        return response

    @app.get("/status/<int:code>")
    def status(code: int) -> str:
        abort(code)

    @app.get("/crash")
    def crash() -> str:
        raise ValueError(SENTINEL)

    @app.get("/session")
    def keep() -> str:
        from flask import session

        session["answer"] = SENTINEL
        return ""

    return app


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    """The small application as a clinic serves it: behind TLS."""
    return small_app(PUBLIC, tmp_path)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser on it without any cookie."""
    return app.test_client()


def token_of(client: FlaskClient) -> str:
    """The CSRF token in a form that this client was shown."""
    return client.get("/", base_url=OWN).text


def post(client: FlaskClient, path: str, csrf: str | None = None, **headers: str) -> TestResponse:
    """A form sent with this CSRF token."""
    data = {"leg_pain": "7"} | ({"csrf_token": csrf} if csrf is not None else {})
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post(path, base_url=OWN, data=data, headers=named)


def started(client: FlaskClient) -> FlaskClient:
    """The client after "Start"."""
    assert post(client, "/start", token_of(client)).status_code == 200
    return client


def observatory(response: TestResponse, *, newer: bool = False) -> int:
    """The score of the HTTP Observatory's table for one page without foreign scripts.

    The older table has ten tests; the newer one counts opener and embedder policy too.
    """
    headers = response.headers
    policy = dict(
        part.split(" ", 1) for part in headers.get("Content-Security-Policy", "x y").split("; ")
    )
    strict = policy.get("default-src") == "'none'" and "unsafe" not in str(policy)
    loss, bonus = 0, 0
    if not policy.get("default-src"):
        loss += 25
    elif strict and {"form-action", "frame-ancestors", "base-uri"} <= set(policy):
        bonus += 10
    if policy.get("frame-ancestors") == "'none'":
        bonus += 5
    else:
        loss += 20
    cookies = headers.getlist("Set-Cookie")
    for cookie in cookies:
        loss += 0 if "Secure" in cookie else 40
        loss += 0 if "HttpOnly" in cookie else 30
    if all("Secure" in c and "HttpOnly" in c and "SameSite" in c for c in cookies) and cookies:
        bonus += 5
    bonus += 5 if headers.get("Referrer-Policy") == "no-referrer" else 0
    age = re.search(r"max-age=(\d+)", headers.get("Strict-Transport-Security", ""))
    loss += 0 if age and int(age[1]) >= 15_768_000 else 20
    loss += 0 if headers.get("X-Content-Type-Options") == "nosniff" else 5
    loss += 50 if headers.get("Access-Control-Allow-Origin") == "*" else 0
    bonus += 10 if headers.get("Cross-Origin-Resource-Policy") == "same-origin" else 0
    if newer:
        bonus += 10 if headers.get("Cross-Origin-Opener-Policy") == "same-origin" else 0
        bonus += 10 if headers.get("Cross-Origin-Embedder-Policy") == "require-corp" else 0
    return 100 - loss + (bonus if loss <= 10 else 0)


def has_every_header(response: TestResponse) -> bool:
    """Whether the whole policy is on this answer."""
    expected = {*security._HEADERS, "Cache-Control"}
    return expected <= {name for name, _ in response.headers}


class TestHeaders:
    """The policy on every answer."""

    @pytest.mark.parametrize("code", [400, 401, 403, 404, 405, 410, 413, 429, 500, 503])
    def test_every_status_has_every_header(self, client: FlaskClient, code: int) -> None:
        """Error pages carry the same headers as pages, and are not kept."""
        response = client.get(f"/status/{code}", base_url=OWN)
        assert response.status_code == code
        assert has_every_header(response)
        assert response.headers["Cache-Control"] == "no-store"
        assert "Strict-Transport-Security" in response.headers

    def test_the_program_at_fault_has_every_header(self, client: FlaskClient) -> None:
        """An unexpected fault gives 500 with every header and without its text."""
        response = client.get("/crash", base_url=OWN)
        assert response.status_code == 500
        assert has_every_header(response)
        assert SENTINEL not in response.text

    def test_no_inline_code_or_foreign_host_is_allowed(self, client: FlaskClient) -> None:
        """The content policy names this site alone, and nothing unsafe."""
        policy = client.get("/", base_url=OWN).headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'")
        assert set(re.findall(r"'[a-z-]+'", policy)) == {"'none'", "'self'"}
        assert "http" not in policy
        assert "data:" not in policy

    def test_the_observatory_would_give_135(self, client: FlaskClient) -> None:
        """The page that sets the cookie scores 135, by the newer table 155."""
        response = post(client, "/start", token_of(client))
        assert observatory(response) == 135
        assert observatory(response, newer=True) == 155

    def test_the_observatory_table_bites(self, client: FlaskClient) -> None:
        """The computed score falls when a header is missing."""
        response = post(client, "/start", token_of(client))
        del response.headers["Strict-Transport-Security"]
        assert observatory(response) < 100

    def test_no_hsts_on_plain_http(self, tmp_path: Path) -> None:
        """A start on this machine alone does not tie the browser to https."""
        response = small_app(LOOPBACK, tmp_path).test_client().get("/")
        assert "Strict-Transport-Security" not in response.headers

    def test_only_hashed_files_are_kept_by_the_browser(self, client: FlaskClient) -> None:
        """An address with the hash of its file is cached for a year; nothing else is."""
        address = client.get("/style", base_url=OWN).text
        assert re.fullmatch(r"/static/style\.css\?v=[0-9a-f]{12}", address)
        for path, kept in (
            (address, f"public, max-age={365 * 24 * 3600}, immutable"),
            ("/static/style.css", "no-store"),
            ("/static/none.css?v=1", "no-store"),
        ):
            with client.get(path, base_url=OWN) as response:
                assert response.headers["Cache-Control"] == kept


class TestCookie:
    """One cookie, one random value."""

    def test_no_cookie_before_start(self, client: FlaskClient) -> None:
        """Looking at the first page sets nothing, though it holds a form."""
        response = client.get("/", base_url=OWN)
        assert len(response.text) > 20
        assert "Set-Cookie" not in response.headers

    def test_the_cookie_is_locked_to_this_host(self, client: FlaskClient) -> None:
        """Over https: __Host-, Secure, HttpOnly, SameSite, the whole site, no domain."""
        cookies = post(client, "/start", token_of(client)).headers.getlist("Set-Cookie")
        expected = f"__Host-decision-aid={TOKEN}; Secure; HttpOnly; Path=/; SameSite=Lax"
        assert cookies == [expected]

    def test_the_cookie_has_a_plain_name_on_this_machine(self, tmp_path: Path) -> None:
        """Over http on loopback the name has no prefix that browsers would refuse."""
        client = small_app(LOOPBACK, tmp_path).test_client()
        csrf = client.get("/").text
        response = client.post("/start", data={"csrf_token": csrf})
        assert response.headers["Set-Cookie"].startswith(f"decision-aid={TOKEN}; HttpOnly; Path=/")

    def test_clear_takes_the_cookie_and_the_kept_pages(self, client: FlaskClient) -> None:
        """The answer to "Clear" deletes the cookie and asks the browser to forget everything."""
        started(client)
        response = post(client, "/clear", token_of(client))
        assert response.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
        assert "Max-Age=0" in response.headers["Set-Cookie"]
        assert "Secure" in response.headers["Set-Cookie"]
        assert "None" in post(client, "/save", token_of(client)).text

    def test_nothing_can_be_kept_in_a_session(self, client: FlaskClient, app: Flask) -> None:
        """Code that puts an answer into Flask's session fails at once."""
        app.config["PROPAGATE_EXCEPTIONS"] = True
        with pytest.raises(RuntimeError, match="store"):
            client.get("/session", base_url=OWN)


class TestForgery:
    """Forms that the patient did not send."""

    def test_a_form_with_its_token_is_taken(self, client: FlaskClient) -> None:
        """The patient's own form is saved."""
        started(client)
        assert post(client, "/save", token_of(client)).text == f"saved {TOKEN} 2"

    @pytest.mark.parametrize("days", [1, 3, 90])
    def test_a_slow_readers_form_is_taken(
        self, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, days: int
    ) -> None:
        """A page that was opened days ago may still be sent in: its token does not expire."""
        started(client)
        long_ago = int(time.time()) - days * 24 * 3600
        with monkeypatch.context() as earlier:
            earlier.setattr(TimestampSigner, "get_timestamp", lambda _: long_ago)
            csrf = token_of(client)
        assert post(client, "/save", csrf).text == f"saved {TOKEN} 2"

    @pytest.mark.parametrize("csrf", [None, "", "x", "ImEi.aaaa.bbbb", "é"])
    def test_a_form_without_a_good_token_is_refused(
        self, client: FlaskClient, csrf: str | None
    ) -> None:
        """No token, an empty one, rubbish and a wrong signature are refused with 400."""
        started(client)
        response = post(client, "/save", csrf)
        assert response.status_code == 400
        assert "saved" not in response.text

    def test_the_token_of_another_patient_is_refused(self, client: FlaskClient, app: Flask) -> None:
        """A token from a page shown to somebody without the patient's cookie is worth nothing."""
        foreign = token_of(app.test_client())
        started(client)
        assert post(client, "/save", foreign).status_code == 400

    def test_the_token_of_another_installation_is_refused(
        self, client: FlaskClient, tmp_path: Path
    ) -> None:
        """Another secret makes other tokens."""
        other = Settings(
            secret=os.urandom(32).hex(), pepper=PUBLIC.pepper, secure=True, trusted_hosts=(HOST,)
        )
        (tmp_path / "other").mkdir()
        foreign = started(small_app(other, tmp_path / "other").test_client())
        started(client)
        assert post(client, "/save", token_of(foreign)).status_code == 400

    def test_the_token_holds_on_every_node(self, client: FlaskClient, tmp_path: Path) -> None:
        """A second node with the same secret takes the form that the first one showed."""
        csrf = token_of(started(client))
        (tmp_path / "second").mkdir()
        second = small_app(PUBLIC, tmp_path / "second").test_client()
        second.set_cookie("__Host-decision-aid", TOKEN, domain=HOST, secure=True)
        assert post(second, "/save", csrf).text.startswith("saved")

    @pytest.mark.parametrize(
        "headers",
        [
            {"Origin": "https://evil.example"},
            {"Origin": f"http://{HOST}"},
            {"Origin": f"https://{HOST}.evil.example"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
        ],
    )
    def test_a_form_from_another_site_is_refused(
        self, client: FlaskClient, headers: dict[str, str]
    ) -> None:
        """Even with a good token: the browser says where the form comes from."""
        started(client)
        assert post(client, "/save", token_of(client), **headers).status_code == 400

    def test_a_proxy_that_ends_tls_locks_nobody_out(self, client: FlaskClient) -> None:
        """The program sees http behind the proxy; the browser's https origin is still its own."""
        csrf = token_of(client)
        headers = {"Host": HOST, "Origin": OWN}
        response = client.post("/start", data={"csrf_token": csrf}, headers=headers)
        assert response.status_code == 200

    @pytest.mark.parametrize(
        "headers",
        [{"Origin": OWN}, {"Origin": "null", "Sec-Fetch-Site": "same-origin"}, {}],
    )
    def test_old_and_new_browsers_may_send(
        self, client: FlaskClient, headers: dict[str, str]
    ) -> None:
        """Browsers that say nothing, and those that hide the origin, are not locked out."""
        started(client)
        assert post(client, "/save", token_of(client), **headers).status_code == 200


class TestLimits:
    """What is refused before any page is asked."""

    @pytest.mark.parametrize("host", ["evil.example", f"{HOST}.evil.example", "", "a b", "[::1"])
    def test_another_host_is_refused(self, client: FlaskClient, host: str) -> None:
        """Addresses are built for this clinic's host alone."""
        response = client.get("/", headers={"Host": host}, base_url="https://x")
        assert response.status_code == 400
        assert has_every_header(response)
        assert "evil." not in response.text

    def test_a_large_body_is_refused(self, client: FlaskClient) -> None:
        """More than 256 KiB gives 413."""
        csrf = token_of(client)
        data = {"csrf_token": csrf, "x": "y" * 300_000}
        assert client.post("/save", base_url=OWN, data=data).status_code == 413

    def test_forwarded_headers_are_not_believed(self, tmp_path: Path) -> None:
        """Without a configured proxy X-Forwarded-For changes nothing; with one it does."""
        for proxies, expected in ((0, "127.0.0.1"), (1, "203.0.113.9")):
            settings = Settings(secret=PUBLIC.secret, pepper=PUBLIC.pepper, proxies=proxies)
            app = small_app(settings, tmp_path)
            app.add_url_rule("/who", view_func=lambda: request.remote_addr or "")
            headers = {"X-Forwarded-For": "198.51.100.1, 203.0.113.9"}
            assert app.test_client().get("/who", headers=headers).text == expected

    def test_settings_without_keys_do_not_start(self, tmp_path: Path) -> None:
        """An application without a secret is never built."""
        with pytest.raises(ValueError, match="with_keys"):
            small_app(Settings(), tmp_path)


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """Everything that the process logs."""
    stream = io.StringIO()
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    logging_setup.install(stream)
    yield stream
    logging.captureWarnings(False)
    root.handlers[:] = before
    root.setLevel(level)


class TestLogs:
    """An allowlist: what is not on it is not written."""

    def test_an_exceptions_text_is_not_written(self, tmp_path: Path, lines: io.StringIO) -> None:
        """Of a fault only its type and the place in the code are written."""
        app = small_app(PUBLIC, tmp_path)
        app.test_client().get(f"/crash?{SENTINEL}", base_url=OWN)
        written = [json.loads(line) for line in lines.getvalue().splitlines()]
        assert SENTINEL not in lines.getvalue()
        fault = next(line for line in written if line.get("error") == "ValueError")
        assert any("crash" in place for place in fault["where"])
        done = next(line for line in written if line["event"] == "request.done")
        assert (done["method"], done["route"], done["status"]) == ("GET", "/crash", 500)

    def test_every_application_logs_by_the_list(self, tmp_path: Path) -> None:
        """Where nobody set up logging, the application does, before its first request."""
        root = logging.getLogger()
        before, level = root.handlers[:], root.level
        try:
            root.handlers.clear()
            small_app(PUBLIC, tmp_path)
            found = [handler.formatter for handler in root.handlers]
        finally:
            logging.captureWarnings(False)
            root.handlers[:] = before
            root.setLevel(level)
        assert [type(formatter) for formatter in found] == [logging_setup.JsonFormatter]

    def test_only_listed_fields_are_written(self, lines: io.StringIO) -> None:
        """Unknown fields, arguments, free text and values of the wrong shape are left out."""
        log = logging.getLogger("decision_aid.test")
        log.warning("answer %s", SENTINEL)
        log.warning(SENTINEL)
        log.warning("page.shown", extra={"answer": SENTINEL, "route": f"/x {SENTINEL}", "ms": 3})
        written = [json.loads(line) for line in lines.getvalue().splitlines()]
        assert SENTINEL not in lines.getvalue()
        assert [line["event"] for line in written] == ["other", "other", "page.shown"]
        assert set(written[2]) == {"time", "level", "logger", "event", "ms"}
        assert set(written[0]) == {"time", "level", "logger", "event", "where"}

    def test_the_store_logs_a_code_and_no_value(self, lines: io.StringIO, tmp_path: Path) -> None:
        """A failing database leaves its own error code in the log, never a parameter."""
        store = Repository(f"sqlite:///{tmp_path / 'answers.db'}", os.urandom(32))
        token = store.create()
        with store._database.begin() as connection:
            connection.exec_driver_sql("DROP TABLE answers")
        with pytest.raises(StorageUnavailable):
            store.load(token)
        written = json.loads(lines.getvalue().splitlines()[-1])
        assert (written["event"], written["error"]) == ("store.unavailable", "SQLITE_ERROR")
        assert token not in lines.getvalue()
        store.close()
