"""The life of a visit in a real browser: clock, Back, reload, leaving, print."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect

from decision_aid.settings import Settings
from tests.browser.conftest import serving

pytestmark = pytest.mark.browser
HOUR = 3600 * 1000


@pytest.fixture
def window(browser: Browser, site: str) -> Iterator[Page]:
    """One window in which a visit has begun and the goal is asked."""
    context = browser.new_context(base_url=site)
    page = context.new_page()
    begin(page)
    yield page
    context.close()


def begin(page: Page) -> None:
    """Press Start and open the page of the goal."""
    page.goto("/")
    page.get_by_role("button", name="Start").click()
    page.goto("/page/goal")


def shift(page: Page, hours: float) -> None:
    """The device's clock jumps; the time that has passed stays as it is."""
    page.evaluate(
        "ms => { const real = Date.now; Date.now = () => real() + ms; }", round(hours * HOUR)
    )


@pytest.mark.parametrize("tablet", [False, True])
@pytest.mark.parametrize("hours", [11 / 60, 96, -5])
def test_the_device_clock_ends_no_visit(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory, tablet: bool, hours: float
) -> None:
    """A clock set on by eleven minutes wiped the tablet; by four days, the typed text went."""
    settings = Settings(instance=tmp_path_factory.mktemp("clock"), tablet=tablet)
    with serving(settings) as address:
        context = browser.new_context(base_url=address)
        page = context.new_page()
        begin(page)
        page.locator("#goal").fill("walk to the shop")
        shift(page, hours)
        page.wait_for_timeout(2500)
        expect(page).to_have_url(f"{address}/page/goal")
        expect(page.locator("#ending-soon")).to_be_hidden()
        expect(page.locator("#goal")).to_have_value("walk to the shop")
        context.close()


def test_back_after_a_refused_page_shows_the_page(window: Page) -> None:
    """After a refusal and a correction, Back led to ERR_CACHE_MISS."""
    window.locator("#goal").fill("x" * 5000)
    window.get_by_role("button", name="Continue").click()
    expect(window.locator("#errors")).to_be_visible()
    window.locator("#goal").fill("walk to the shop")
    window.get_by_role("button", name="Continue").click()
    expect(window).not_to_have_url("/page/goal")

    window.go_back()

    expect(window.locator("#goal")).to_have_value("walk to the shop")


@pytest.mark.parametrize("way", ["link", "reload"])
def test_typed_text_is_not_left_without_a_question(window: Page, way: str) -> None:
    """The goal was typed, the card in the footer tapped, and the words were gone."""
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    window.on("dialog", stay)
    window.locator("#goal").press_sequentially("walk")
    if way == "link":
        window.locator("footer").get_by_role("link", name="Safety card").click()
    else:
        window.evaluate("setTimeout(() => location.reload(), 0)")
    window.wait_for_timeout(1000)

    assert asked == ["beforeunload"]
    expect(window.locator("#goal")).to_have_value("walk")


def test_leaving_quickly_asks_nothing(window: Page) -> None:
    """Who must leave the screen at once is not held up."""
    asked: list[str] = []
    window.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    window.locator("#goal").press_sequentially("walk")
    window.get_by_role("button", name="Leave quickly").click()

    expect(window.locator("h1")).to_have_text("You can close this page")
    assert asked == []


@pytest.mark.parametrize("path", ["/page/goal", "/page/guide", "/safety-card", "/about"])
def test_every_print_has_the_draft_notice(window: Page, path: str) -> None:
    """Printed screens had no draft notice, and heads of folded parts with nothing under them."""
    window.goto(path)
    window.emulate_media(media="print")

    expect(window.locator(".draft")).to_be_visible()
    for folded in window.locator("details:not([open])").all():
        expect(folded).to_be_hidden()
