"""A real Chromium at the real server, on loopback only."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest
import waitress
from playwright.sync_api import Browser, Page, Playwright, expect

from decision_aid import create_app
from decision_aid.settings import Settings

#: A loaded machine of two cores may need seconds for what takes a blink elsewhere.
expect.set_options(timeout=30_000)
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Chromium with a fresh profile."""
    chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    yield chromium
    chromium.close()


@contextmanager
def serving(settings: Settings) -> Iterator[str]:
    """The address of a server with these settings, while the block runs."""
    app = create_app(settings.with_keys(), clock=lambda: datetime.now().astimezone())
    server = waitress.create_server(app, host="127.0.0.1", port=0, ident=None)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    thread.join(5)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running server with an embedded store."""
    with serving(Settings(instance=tmp_path_factory.mktemp("instance"))) as address:
        yield address


@pytest.fixture(params=[320, 390, 1200])
def page(request: pytest.FixtureRequest, browser: Browser, site: str) -> Iterator[Page]:
    """An empty browser window of three widths; a request to anywhere else fails the test."""
    context = browser.new_context(viewport={"width": request.param, "height": 900}, base_url=site)
    strangers: list[str] = []
    context.on(
        "request",
        lambda sent: (
            strangers.append(sent.url) if not sent.url.startswith((site, "data:")) else None
        ),
    )
    window = context.new_page()
    yield window
    context.close()
    assert strangers == []
