"""A real browser behind the shipped proxy with TLS: the cookie, what is kept, what is cleared."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright

from tests.browser.conftest import CHROMIUM, FLAGS
from tests.browser.looking import fill, press
from tests.faults.site import HOST, PATIENCE, Site, nginx
from tests.personas import persona

pytestmark = [pytest.mark.browser, pytest.mark.postgres]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Three nodes, a database and the proxy."""
    made = Site(tmp_path, nginx())
    try:
        made.run()
        yield made
    finally:
        made.stop()


@pytest.fixture
def page(playwright: Playwright, site: Site) -> Iterator[Page]:
    """A window in which the clinic's name leads to the proxy; a foreign request fails the test."""
    to_proxy = f"--host-resolver-rules=MAP {HOST}:443 127.0.0.1:{site.tls}"
    chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, to_proxy])
    context = chromium.new_context(ignore_https_errors=True, base_url=site.origin)
    context.set_default_timeout(PATIENCE * 1000)
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    yield context.new_page()
    chromium.close()
    own = (f"{site.origin}/", "data:")
    assert [address for address in asked if not address.startswith(own)] == []


def test_a_browser_behind_tls_keeps_and_clears_the_cookie(site: Site, page: Page) -> None:
    """No cookie before "Start"; then one, `__Host-`, closed to scripts; none after "Clear"."""
    nodes = set()
    page.on("response", lambda response: nodes.add(response.headers.get("x-node")))
    page.goto("/")
    assert page.context.cookies() == []
    for _ in range(60):
        if page.url.endswith("/page/done"):
            break
        if page.locator("main form:has(button.primary)").count():
            fill(page, persona("margaret"))
        press(page.locator("main .primary").first)
    else:
        raise AssertionError("the journey does not end")
    assert site.addresses <= nodes, "every node has served this person"

    (cookie,) = page.context.cookies()
    flags = ("name", "domain", "path", "expires", "httpOnly", "secure", "sameSite")
    expected = ("__Host-decision-aid", HOST, "/", -1, True, True, "Lax")
    assert tuple(cookie.get(flag) for flag in flags) == expected
    assert page.evaluate("[document.cookie, localStorage.length, sessionStorage.length]") == [
        "",
        0,
        0,
    ]

    page.goto("/clear")
    with page.expect_response(lambda response: response.request.method == "POST") as cleared:
        press(page.locator("main button").first)
    assert cleared.value.header_value("Clear-Site-Data") == '"cache", "cookies", "storage"'
    assert page.context.cookies() == []
    page.go_back()
    page.go_back()
    assert page.title().startswith("We cannot find your answers")
