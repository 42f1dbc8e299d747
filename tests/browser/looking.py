"""What every screen is held to, whatever it shows."""

import os
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page

from decision_aid.content.loader import load
from tests.personas import Persona

AID = load()
SHOTS = os.environ.get("DECISION_AID_SHOTS", "")


def press(control: Locator) -> None:
    """Click it and wait until the page it leads to is whole."""
    with control.page.expect_navigation():
        control.click()


def settled(page: Page) -> Page:
    """The page when nothing is under way any more, also not a reload that it asked for itself."""
    page.wait_for_load_state("networkidle")
    return page


def look(page: Page, name: str) -> None:
    """Axe finds nothing and leaves nothing to review; nothing is too wide; targets are large."""
    page.wait_for_load_state()
    kinds = ["violations", "incomplete"]
    response = Axe().run(page, options={"resultTypes": kinds}).response
    found = [row for kind in kinds for row in response[kind]]
    # In forced colours the person's own colours hold; axe cannot see them and asks for a look.
    if page.evaluate("matchMedia('(forced-colors: active)').matches"):
        found = [row for row in found if row["id"] != "color-contrast"]
    problems = [(v["id"], [n["html"][:120] for n in v["nodes"]][:3]) for v in found]
    assert problems == [], f"{name}: {problems}"
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"{name} is {wide} px too wide"
    small = page.evaluate(
        """[...document.querySelectorAll('button, .choice, .step label, a.button, a.call')]
           .map(e => [e.textContent.trim().slice(0, 40), e.getBoundingClientRect()])
           .filter(([, r]) => r.width && r.height && r.height < 43.5)
           .map(([text, r]) => text + ' ' + Math.round(r.height))"""
    )
    assert small == [], f"{name}: {small}"
    if SHOTS:
        width = page.viewport_size["width"] if page.viewport_size else 0
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{SHOTS}/{name}-{width}.png", full_page=True)


def fill(page: Page, patient: Persona) -> None:
    """Answer what stands on the screen."""
    for question, answer in patient.answers.items():
        found = page.locator(f"[name='{question}']")
        if not found.count():
            continue
        kind = AID.questions[question].kind
        if kind in ("text", "number"):
            found.first.fill(str(answer))
            continue
        for option in answer if isinstance(answer, list) else [answer]:
            page.locator(f"label[for='{question}-{option}']").click(force=True)
