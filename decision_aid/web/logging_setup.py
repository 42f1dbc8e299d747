"""Logs as JSON lines from an allowlist: what is not on the list is not written.

A message is written only when it is an event name (``store.unavailable``): any other text could
carry an answer. Of an exception only its type and the places in the code are written.
"""

import json
import logging
import re
import sys
import time
import traceback
from datetime import UTC, datetime
from typing import TextIO

from flask import Flask, Response, g, request

#: The only extra fields, each with the values it may take.
ALLOWED = {
    "error": re.compile(r"[A-Za-z0-9_.]{1,60}"),
    "method": re.compile(r"[A-Z]{1,10}"),
    "ms": re.compile(r"[0-9]{1,9}"),
    "route": re.compile(r"[A-Za-z0-9_/<>:.-]{1,100}"),
    "status": re.compile(r"[1-5][0-9]{2}"),
    "version": re.compile(r"[A-Za-z0-9.+-]{1,40}"),
}
_EVENT = re.compile(r"[a-z]+(\.[a-z_]+)+")
_FRAMES = 8

log = logging.getLogger(__name__)


class JsonFormatter(logging.Formatter):
    """One JSON object a record: time in UTC, level, logger, event, allowed fields, places."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line."""
        known = isinstance(record.msg, str) and not record.args and _EVENT.fullmatch(record.msg)
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name if re.fullmatch(r"[\w.]{1,60}", record.name) else "other",
            "event": record.msg if known else "other",
        }
        if not known:
            line["where"] = [f"{record.module}:{record.lineno}"]
        for name, pattern in ALLOWED.items():
            value = getattr(record, name, None)
            if value is not None and pattern.fullmatch(str(value)):
                line[name] = value
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            frames = traceback.extract_tb(record.exc_info[2])[-_FRAMES:]
            line["where"] = [f"{_module(f.filename)}:{f.lineno} {f.name}" for f in frames]
        return json.dumps(line)


def _module(path: str) -> str:
    return "/".join(path.replace("\\", "/").split("/")[-2:])


def install(stream: TextIO | None = None, level: int = logging.INFO) -> None:
    """Make this the only handler of the process; warnings of libraries go through it too."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(True)


def start(app: Flask) -> None:
    """Log this application's requests, and by the list unless somebody else set up logging."""
    if not logging.getLogger().handlers:
        install()
    log_requests(app)


def log_requests(app: Flask) -> None:
    """Write one line a request: method, route (never the address), status and milliseconds."""

    @app.before_request
    def begin() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        fields: dict[str, object] = {"method": request.method, "status": response.status_code}
        if request.url_rule:
            fields["route"] = request.url_rule.rule
        if "started" in g:
            fields["ms"] = round((time.perf_counter() - g.started) * 1000)
        log.info("request.done", extra=fields)
        return response
