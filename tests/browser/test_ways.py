"""Other ways of using it: keyboard, no scripts, zoom, colours, spacing, shared devices, errors."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, Route, expect

from decision_aid import create_app
from decision_aid.settings import Settings
from tests.browser.conftest import serving
from tests.browser.looking import AID, fill, look, press, settled
from tests.personas import persona
from tests.walk import Browser as Client

pytestmark = pytest.mark.browser
MARGARET = persona("margaret")


@pytest.fixture
def phone(browser: Browser, site: str) -> Iterator[Page]:
    """A phone with nothing on it."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, base_url=site)
    yield context.new_page()
    context.close()


def walk(page: Page, each: Callable[[Page, str], None] = lambda _page, _name: None) -> list[str]:
    """Margaret's way to the last page; ``each`` is called with every screen and its name."""
    names: list[str] = []
    page.goto("/")
    while len(names) < 60:
        names.append(page.url.rsplit("/", 1)[1].split("?")[0] or "start")
        each(page, f"way-{names[-1]}")
        if names[-1] == "done":
            return names
        if page.locator("main form:has(button.primary)").count():
            fill(page, MARGARET)
            press(page.locator("main button.primary").first)
        else:
            press(page.locator("main a.button.primary").first)
    raise AssertionError(f"the journey does not end: {names}")


# --- by keyboard alone -----------------------------------------------------------------------


def reach(page: Page, wanted: str) -> None:
    """Press Tab until the focus is where it should be."""
    for _ in range(250):
        if page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reaches {wanted}")


def type_in(page: Page) -> None:
    """Answer the screen with Tab, arrows, space and letters."""
    for question, answer in MARGARET.answers.items():
        if not page.locator(f"[name='{question}']").count():
            continue
        kind = AID.questions[question].kind
        page.evaluate("document.activeElement.blur()")
        if kind in ("text", "number"):
            reach(page, f"#{question}")
            page.keyboard.type(str(answer))
        elif isinstance(answer, list):
            for option in answer:
                page.evaluate("document.activeElement.blur()")
                reach(page, f"[id='{question}-{option}']")
                page.keyboard.press("Space")
        else:
            reach(page, f"[name='{question}']")
            page.keyboard.press("Space")
            for _ in range(12):
                if page.locator(f"[id='{question}-{answer}']").is_checked():
                    break
                page.keyboard.press("ArrowDown")
            expect(page.locator(f"[id='{question}-{answer}']")).to_be_checked()


def test_the_whole_journey_needs_no_mouse(phone: Page) -> None:
    """With Tab, arrows, space and Enter alone a person reaches the last page."""
    phone.goto("/")
    for _ in range(40):
        if phone.url.endswith("/page/done"):
            break
        if phone.locator("main form:has(button.primary)").count():
            type_in(phone)
            reach(phone, "main button.primary")
        else:
            reach(phone, "main a.button.primary")
        visible = phone.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert visible != "none"
        before = phone.url
        phone.keyboard.press("Enter")
        phone.wait_for_url(lambda url, before=before: url != before)

    assert phone.url.endswith("/page/done")


# --- without scripts, with other colours, with other spacing ----------------------------------


def test_the_whole_journey_needs_no_scripts(browser: Browser, site: str) -> None:
    """With JavaScript off every question can be answered, the body map by its list."""
    context = browser.new_context(java_script_enabled=False, base_url=site)
    page = context.new_page()

    assert walk(page)[-1] == "done"
    page.goto("/page/check")
    assert "lower back" in page.content().lower()
    context.close()


@pytest.mark.parametrize("scheme", ["dark", "forced"])
def test_every_screen_is_readable_in_other_colours(
    browser: Browser, site: str, scheme: str
) -> None:
    """In the dark scheme and in forced colours axe finds nothing on any screen."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844},
        base_url=site,
        color_scheme="dark" if scheme == "dark" else "light",
        forced_colors="active" if scheme == "forced" else "none",
        reduced_motion="reduce",
    )
    page = context.new_page()

    walk(page, look)
    motion = page.evaluate("getComputedStyle(document.documentElement).scrollBehavior")
    assert motion == "auto"
    context.close()


SPACING = """* { line-height: 1.5 !important; letter-spacing: .12em !important;
  word-spacing: .16em !important; } p { margin-bottom: 2em !important; }"""


@pytest.mark.parametrize(("width", "height"), [(320, 256), (1200, 900)])
def test_no_screen_loses_text_when_it_is_spaced_or_zoomed(
    browser: Browser, site: str, width: int, height: int
) -> None:
    """With the text spacing of WCAG 1.4.12 and at 400 percent zoom nothing is cut or too wide."""
    context = browser.new_context(
        viewport={"width": width, "height": height}, base_url=site, bypass_csp=True
    )
    page = context.new_page()
    page.add_init_script(
        "addEventListener('DOMContentLoaded', () => { const s = document.createElement('style');"
        f"s.textContent = `{SPACING}`; document.head.append(s); }})"
    )
    too_wide: list[str] = []

    def measure(page: Page, _name: str) -> None:
        found = page.evaluate(
            """[document.documentElement.scrollWidth - innerWidth,
                ...[...document.querySelectorAll('main *')].filter(e =>
                  getComputedStyle(e).overflowX === 'hidden' && !e.matches('.unseen, thead')
                  && e.scrollWidth > e.clientWidth + 1).map(e => e.outerHTML.slice(0, 80))]"""
        )
        if found[0] > 0 or found[1:]:
            too_wide.append(f"{page.url}: {found}")

    walk(page, measure)
    assert too_wide == []
    context.close()


# --- the picture, the double click, the end of a visit -----------------------------------------


def test_the_body_picture_and_its_list_stay_in_step(phone: Page) -> None:
    """A tap on the picture ticks the box, a tick marks the picture, a second tap takes it back.

    A thumb that lands just beside a place means that place.
    """
    phone.goto("/")
    press(phone.locator("main button.primary"))
    phone.goto("/page/where")
    region = phone.locator("[data-option='buttock_left']")

    region.click()
    expect(phone.locator("#body_map-buttock_left")).to_be_checked()
    region.click()
    expect(phone.locator("#body_map-buttock_left")).not_to_be_checked()
    edge = region.bounding_box()
    assert edge
    phone.mouse.click(edge["x"] - 8, edge["y"] + edge["height"] / 2)
    expect(phone.locator("#body_map-buttock_left")).to_be_checked()
    phone.locator("label[for='body_map-groin']").click()
    expect(phone.locator("[data-option='groin']")).to_have_class("region on")


def test_a_double_click_on_continue_saves_once(phone: Page) -> None:
    """Two quick presses lead to the next screen, with no error and no page left out."""
    phone.goto("/")
    press(phone.locator("main button.primary"))
    phone.goto("/page/goal")
    phone.locator("#goal").fill("walk")
    phone.locator("main button.primary").dblclick()
    phone.wait_for_url("**/page/pain")

    phone.goto("/page/goal")
    expect(phone.locator("#goal")).to_have_value("walk")


def test_a_warning_comes_two_minutes_before_the_end(phone: Page) -> None:
    """The question takes the focus, one press gives more time, and typed text stays."""
    phone.clock.install()
    phone.goto("/")
    press(phone.locator("main button.primary"))
    phone.goto("/page/goal")
    phone.locator("#goal").fill("typed and not sent")
    seconds = int(str(phone.locator("#ending-soon").get_attribute("data-seconds")))
    phone.clock.fast_forward((seconds - 119) * 1000)
    phone.clock.run_for(2000)

    warning = phone.locator("#ending-soon")
    expect(warning).to_be_visible()
    # Axe cannot tell colours of a text of two lines that lies over others: look at it alone.
    phone.evaluate("document.getElementById('main').hidden = true")
    look(phone, "ending-soon")
    phone.evaluate("document.getElementById('main').hidden = false")
    phone.get_by_role("button", name="Yes, keep my answers").click()
    expect(warning).not_to_be_visible()
    expect(phone.locator("#goal")).to_have_value("typed and not sent")


def test_answers_come_back_on_another_device_by_code(browser: Browser, site: str) -> None:
    """A code written down on one device opens the same place on another."""
    first, second = (browser.new_context(base_url=site).new_page() for _ in range(2))
    first.goto("/")
    press(first.locator("main button.primary"))
    first.goto("/page/goal")
    first.locator("#goal").fill("walk to the shop")
    press(first.locator("main button.primary"))
    first.goto("/come-back")
    look(first, "come-back")
    press(first.get_by_role("button", name="Make a return code"))
    look(first, "come-back-code")
    code = first.locator(".return-code").inner_text()

    second.goto("/")
    press(second.get_by_role("link", name="Come back with a return code"))
    look(second, "enter-code")
    second.locator("#code").fill("4F7K 2M9X")
    press(second.locator("main button.primary"))
    look(second, "enter-code-error")
    expect(second.locator("#errors")).to_be_focused()
    second.locator("#code").fill(code.lower())
    press(second.locator("main button.primary"))
    second.goto("/page/goal")
    expect(second.locator("#goal")).to_have_value("walk to the shop")
    for page in (first, second):
        page.context.close()


def test_leaving_quickly_is_on_every_screen_of_a_journey(phone: Page) -> None:
    """One press shows an empty page, from any screen and from the stop page."""
    phone.goto("/")
    press(phone.locator("main button.primary"))
    for page in AID.pages[1:]:
        phone.goto(f"/page/{page.id}")
        expect(phone.get_by_role("button", name="Leave quickly")).to_be_visible()
    phone.goto("/page/safety")
    phone.locator("label[for='emergency_symptoms-bladder']").click()
    press(phone.locator("main button.primary"))
    phone.wait_for_url("**/stop")
    press(phone.get_by_role("button", name="Leave quickly"))

    assert "answers" not in phone.locator("body").inner_text()


# --- every page that is no screen of the journey ----------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/about",
        "/safety-card",
        "/clear",
        "/cleared",
        "/left",
        "/come-back",
        "/come-back/enter",
        "/?reference=broken",
        "/page/guide",
        "/nowhere",
    ],
)
def test_pages_beside_the_journey_are_accessible(page: Page, path: str) -> None:
    """Without a journey too: axe finds nothing, nothing is too wide, targets are large."""
    page.goto(path)
    look(page, f"beside{path.replace('/', '-').partition('?')[0]}")


def broken(path: Path) -> dict[str, str]:
    """The pages for errors, as the real application makes them."""
    app: Flask = create_app(Settings(instance=path).with_keys())
    client = Client(app).start()
    pages = {
        "403": Client(app).get("/page/goal").text,
        "400": client.client.post("/page/goal", data={}).text,
        "405": client.client.delete("/").text,
        "413": client.client.post("/page/goal", data={"goal": "x" * 400_000}).text,
    }
    first = client.get("/page/goal").text
    client.send("/page/goal", {"goal": "first"}, shown=first)
    pages["409"] = client.send("/page/goal", {"goal": "second"}, shown=first).text
    shown = Client(app)
    form = shown.get("/come-back/enter").text
    for _ in range(6):
        pages["429"] = shown.send("/come-back", {"code": "x"}, shown=form).text
    app.extensions["decision_aid"].store.close()
    (path / "answers.db").unlink()
    (path / "answers.db").mkdir()
    pages["503"] = client.client.get("/page/goal").text
    app.view_functions["journey.start"] = lambda: 1 / 0
    app.config["PROPAGATE_EXCEPTIONS"] = False
    pages["500"] = client.client.get("/").text
    return pages


def fulfil(html: str, route: Route) -> None:
    """Answer a request of the browser with this page."""
    route.fulfill(body=html, content_type="text/html; charset=utf-8")


def test_every_error_page_is_accessible(page: Page, tmp_path: Path) -> None:
    """Stale, refused, too large, too often, down and broken: each page is whole and kind."""
    for code, html in broken(tmp_path).items():
        assert "<h1" in html, code
        assert (code == "403") == ("We cannot find your answers" in html)
        page.route(f"**/error-{code}", partial(fulfil, html))
        page.goto(f"/error-{code}")
        look(page, f"error-{code}")


# --- staff and the clinic's tablet ------------------------------------------------------------


def test_a_paper_form_is_typed_in_by_keyboard(browser: Browser, tmp_path: Path) -> None:
    """Numbers and Enter alone: each part is one screen, a slip is named, the end is the check."""
    with serving(Settings(instance=tmp_path, key_in=True)) as address:
        page = browser.new_context(base_url=address).new_page()
        page.goto("/key-in")
        look(page, "key-in-start")
        page.get_by_role("button", name="Start a form").press("Enter")
        page.wait_for_url("**/key-in/beginning")
        page.keyboard.type("9")
        page.keyboard.press("Enter")
        page.locator("#errors").wait_for()
        look(page, "key-in-error")
        expect(page.locator("#errors")).to_be_focused()
        page.locator("#answered_by").fill("1")
        page.locator("main button.primary").press("Enter")
        page.wait_for_url("**/key-in/safety")
        look(page, "key-in-safety")
        for _ in range(12):
            if page.url.endswith("/page/check"):
                break
            lines = page.locator("main input[type=text]")
            lines.first.focus()
            before = page.url
            for _line in range(lines.count()):
                page.keyboard.press("Enter")
            page.wait_for_url(lambda url, before=before: url != before)
        assert page.url.endswith("/page/check")
        page.context.close()


def test_a_tablet_that_nobody_touches_wipes_itself(browser: Browser, tmp_path: Path) -> None:
    """After the warning and two minutes the start page is back, and Back shows nothing typed."""
    with serving(Settings(instance=tmp_path, tablet=True)) as address:
        page = browser.new_context(base_url=address).new_page()
        page.clock.install()
        page.goto("/")
        press(page.locator("main button.primary"))
        page.goto("/page/goal")
        page.locator("#goal").fill("sentinel words")
        press(page.locator("main button.primary"))
        page.wait_for_url("**/page/pain")
        page.clock.fast_forward(8 * 60 * 1000 + 2000)
        page.clock.run_for(2000)
        expect(page.locator("#ending-soon")).to_be_visible()
        page.clock.fast_forward(2 * 60 * 1000)
        page.clock.run_for(2000)
        page.wait_for_url(address + "/")
        for _ in range(3):
            page.go_back()
            assert "sentinel" not in settled(page).content()
        page.context.close()
