"""What every answer of the server carries, and the one cookie.

The patient's cookie is the only one: the CSRF token is derived from it and never stored.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from flask import Flask, Request, Response, current_app, request
from flask.sessions import SessionInterface, SessionMixin
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import SecurityError
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.sansio.utils import get_host
from werkzeug.wrappers import Response as AnyResponse

from decision_aid.settings import Settings, SettingsError
from decision_aid.web import logging_setup

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

__all__ = ["CSRFError", "OtherSiteError", "clear", "init_security", "read_token", "set_token"]

_COOKIE = "decision-aid"
#: The address of a machine in numbers, with or without a port.
_ADDRESS = re.compile(r"([0-9]{1,3}(\.[0-9]{1,3}){3}|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")
#: Ends the cookie of a device that keeps it: every extension renews that cookie too.
_KEPT = ".kept"
_BODY_LIMIT = 256 * 1024
_YEAR = 365 * 24 * 3600
_POLICY = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
)
_CLOSED = (
    "accelerometer",
    "autoplay",
    "camera",
    "display-capture",
    "encrypted-media",
    "fullscreen",
    "geolocation",
    "gyroscope",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "publickey-credentials-get",
    "screen-wake-lock",
    "usb",
    "xr-spatial-tracking",
)
_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": "; ".join(_POLICY),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Permissions-Policy": ", ".join(f"{name}=()" for name in _CLOSED),
}
csrf = CSRFProtect()


class OtherSiteError(CSRFError):  # type: ignore[misc]
    """The form came from another site: nothing of it is kept or shown."""


def init_security(app: Flask, settings: Settings) -> None:
    """Headers, limits, hosts, CSRF, logs, the cookie's name. ``settings`` must have its keys."""
    if app.debug:
        raise SettingsError("FLASK_DEBUG is on: a debugger shows answers; take it out.")
    if not settings.secret:
        raise ValueError("Settings without a secret: call with_keys() first.")
    app.config.update(
        SECRET_KEY=settings.secret,
        DECISION_AID_COOKIE=("__Host-" if settings.secure else "") + _COOKIE,
        DECISION_AID_SECURE=settings.secure,
        DECISION_AID_KEEP=settings.hours * 3600,
        MAX_CONTENT_LENGTH=_BODY_LIMIT,
        MAX_FORM_MEMORY_SIZE=_BODY_LIMIT,
        MAX_FORM_PARTS=500,
        TRUSTED_HOSTS=None,
        PREFERRED_URL_SCHEME="https" if settings.secure else "http",
        WTF_CSRF_TIME_LIMIT=None,
        # No Referer is ever sent (see Referrer-Policy); Origin and Sec-Fetch-Site are checked.
        WTF_CSRF_SSL_STRICT=False,
    )
    if settings.proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies
        )
    logging_setup.start(app)
    app.session_interface = _NoSession()
    app.before_request(partial(_refuse_other_hosts, settings.trusted_hosts))
    app.before_request(_refuse_other_sites)
    csrf.init_app(app)
    app.after_request(_add_cache_control)
    app.wsgi_app = _with_headers(app.wsgi_app, settings.secure)  # type: ignore[assignment]
    app.url_defaults(_add_version)
    app.register_error_handler(SecurityError, _wrong_host)


def read_token(request: Request) -> str | None:
    """The patient's token, or None when there is no journey on this device."""
    value = request.cookies.get(current_app.config["DECISION_AID_COOKIE"], "")
    return value.removesuffix(_KEPT) or None


def kept_for(request: Request) -> int | None:
    """For how many seconds this device keeps the cookie when it is renewed; None: until closed."""
    value = request.cookies.get(current_app.config["DECISION_AID_COOKIE"], "")
    seconds: int = current_app.config["DECISION_AID_KEEP"]
    return seconds if value.endswith(_KEPT) else None


def set_token(response: AnyResponse, token: str, *, keep: int | None = None) -> None:
    """Give the token to this device: until the browser closes, or for ``keep`` seconds."""
    response.set_cookie(
        current_app.config["DECISION_AID_COOKIE"],
        token + (_KEPT if keep else ""),
        max_age=keep,
        path="/",
        secure=current_app.config["DECISION_AID_SECURE"],
        httponly=True,
        samesite="Lax",
    )


def clear(response: AnyResponse) -> None:
    """Take the token from this device, and every page that the browser has kept."""
    response.delete_cookie(
        current_app.config["DECISION_AID_COOKIE"],
        path="/",
        secure=current_app.config["DECISION_AID_SECURE"],
        httponly=True,
        samesite="Lax",
    )
    response.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'


def _refuse_other_hosts(trusted: Iterable[str]) -> None:
    """Serve trusted hosts alone; health and readiness also by the bare address of a machine.

    That is how an orchestrator asks each of them, and those two tell nothing of a patient.
    """
    # Werkzeug takes an address of IPv6 for a name with a port; it is compared as it stands.
    host = request.environ.get("HTTP_HOST", "")
    if request.path in ("/health", "/ready") and _ADDRESS.fullmatch(host):
        return
    six = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?", host)
    if six and six[1] in trusted:
        return
    get_host(request.scheme, host or None, request.server, list(trusted))


def _refuse_other_sites() -> None:
    """Refuse a form that another site sent, as far as the browser tells."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    origin = request.headers.get("Origin", "null")
    scheme = "https" if current_app.config["DECISION_AID_SECURE"] else request.scheme
    own = f"{scheme}://{request.host}"
    if site not in ("same-origin", "none") or origin not in ("null", own):
        raise OtherSiteError("The form was sent from another site.")


def _with_headers(app: WSGIApplication, secure: bool) -> WSGIApplication:
    """The application whose every answer has the headers, whoever made it."""
    fixed = list(_HEADERS.items())
    if secure:
        fixed.append(("Strict-Transport-Security", f"max-age={_YEAR}; includeSubDomains"))

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(
            status: str, headers: list[tuple[str, str]], error: Any = None, /
        ) -> Callable[[bytes], object]:
            return start_response(status, headers + fixed, error)

        return app(environ, start)

    return answer


def _add_cache_control(response: Response) -> Response:
    hashed = _is_static(request.endpoint) and "v" in request.args
    if hashed and response.status_code in (200, 206, 304):
        response.headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable"
    else:
        response.headers["Cache-Control"] = "no-store"
    return response


def _is_static(endpoint: str | None) -> bool:
    return endpoint is not None and endpoint.rpartition(".")[2] == "static"


def _add_version(endpoint: str, values: dict[str, Any]) -> None:
    """Give addresses of static files the hash of their content, so that they may be cached."""
    if _is_static(endpoint) and "v" not in values and current_app.static_folder:
        path = Path(current_app.static_folder) / str(values.get("filename", ""))
        if path.is_file():
            values["v"] = _hash(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=256)
def _hash(path: Path, _changed: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def _wrong_host(_error: SecurityError) -> Response:
    """No page here: without a trusted host no address can be built."""
    return Response("This address is not served here.\n", 400, mimetype="text/plain")


class _Session(dict[str, Any], SessionMixin):
    """What Flask-WTF reads its CSRF secret from. Nothing can be kept in it."""

    def __setitem__(self, key: str, value: Any) -> NoReturn:
        raise RuntimeError("Nothing is kept in a session: answers belong in the store.")


class _NoSession(SessionInterface):
    """No session cookie: the CSRF secret is derived from the patient's own token."""

    def open_session(self, app: Flask, request: Request) -> _Session:
        token = request.cookies.get(app.config["DECISION_AID_COOKIE"], "")
        key = str(app.config["SECRET_KEY"]).encode()
        secret = hmac.new(key, b"csrf " + token.encode("utf-8", "replace"), hashlib.sha256)
        return _Session(csrf_token=secret.hexdigest())

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Keep nothing."""
