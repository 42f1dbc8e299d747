"""An option that is offered no more: old answers keep it, new ones cannot choose it by sight."""

from pathlib import Path

import pytest
from flask import Flask

from decision_aid import create_app
from decision_aid.content.loader import load
from decision_aid.settings import Settings
from tests.walk import Browser, meanwhile, other_tab

AID = load()
RETIRED = [(q.id, o.id) for q in AID.questions.values() for o in q.options if o.retired]


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    """The application on a fresh store."""
    return create_app(Settings(instance=tmp_path, database_url="memory"))


def test_some_options_are_retired() -> None:
    """Else nothing here would be tested."""
    assert {("duration", "3_to_6_months"), ("work", "off_sick")} <= set(RETIRED)


@pytest.mark.parametrize(("question", "option"), RETIRED)
def test_who_chose_it_still_sees_it_and_keeps_it(app: Flask, question: str, option: str) -> None:
    """It stands among the options while it is the answer, and is gone once another is chosen."""
    page = f"/page/{AID.page_of[question].id}"
    browser = Browser(app).start()
    assert f'value="{option}"' not in browser.text(page)

    several = AID.questions[question].kind == "many"
    meanwhile(app, lambda found: other_tab(found, **{question: (option,) if several else option}))
    browser.send("/page/safety")
    assert f'value="{option}"' in browser.text(page)
    browser.send(page, {question: option})
    assert option in browser.journey().answers[question]

    other = next(o.id for o in AID.questions[question].offered())
    browser.send(page, {question: other})
    assert other in browser.journey().answers[question]
    assert f'value="{option}"' not in browser.text(page)
