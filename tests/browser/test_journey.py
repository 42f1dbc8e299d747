"""The whole journey in Chromium: every screen is accessible, fits its width and can be finished."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looking import AID, fill, look, press, settled
from tests.personas import Persona, persona

pytestmark = pytest.mark.browser


def walk(page: Page, patient: Persona) -> list[str]:
    """From the first screen to the last; each is looked at empty and filled."""
    names: list[str] = []
    page.goto("/")
    while len(names) < 60:
        name = page.url.rsplit("/", 1)[1].split("?")[0] or "start"
        names.append(name)
        look(page, f"{patient.name}-{len(names):02}-{name}")
        if name in ("done", "exit"):
            return names
        if name == "stop":
            page.locator("label[for='understood']").click(force=True)
            press(page.get_by_role("button", name=AID.words["stop_go_on"]))
        elif page.locator("main form:has(button.primary)").count():
            fill(page, patient)
            look(page, f"{patient.name}-{len(names):02}-{name}-filled")
            press(page.locator("main button.primary").first)
        else:
            press(page.locator("main a.button.primary").first)
    raise AssertionError(f"the journey does not end: {names}")


def test_margaret_finishes_the_journey(page: Page) -> None:
    """A person with stenosis reaches the last page, and every screen on the way is accessible."""
    names = walk(page, persona("margaret"))

    assert names[-1] == "done"
    assert {"guide", "check"} <= set(names)


def test_aisha_meets_the_stop_page(page: Page) -> None:
    """With a new emergency symptom the stop page comes before any other question."""
    names = walk(page, persona("aisha"))

    assert names.index("stop") < names.index("scope")


def test_young_people_meet_the_exit_page(page: Page) -> None:
    """Someone under 18 is told why this aid is not for them."""
    assert walk(page, persona("young"))[-1] == "exit"


def test_none_together_with_a_symptom_is_asked_again_and_nothing_is_lost(page: Page) -> None:
    """A "none" beside a symptom gives an error at the field and keeps both ticks."""
    page.goto("/")
    press(page.locator("main button.primary").first)
    page.goto("/page/safety")
    page.evaluate(
        """for (const id of ['none', 'bladder'])
             document.getElementById('emergency_symptoms-' + id).checked = true"""
    )
    press(page.locator("main button.primary"))

    assert page.title().startswith("Error: ")
    expect(page.locator("#errors")).to_be_focused()
    expect(page.locator("#emergency_symptoms-bladder")).to_be_checked()
    expect(page.locator("#emergency_symptoms-none")).to_be_checked()
    look(page, "error")


def test_after_clearing_the_back_button_shows_nothing(page: Page) -> None:
    """What was typed cannot be brought back on a shared computer."""
    page.goto("/")
    press(page.locator("main button.primary").first)
    page.goto("/page/goal")
    page.locator("#goal").fill("sentinel words")
    press(page.locator("main button.primary"))
    page.goto("/clear")
    press(page.locator("main button").first)
    for _ in range(4):
        page.go_back()
        assert "sentinel" not in settled(page).content()
        values = page.eval_on_selector_all("input, textarea", "all => all.map(e => e.value)")
        assert not any("sentinel" in value for value in values)
