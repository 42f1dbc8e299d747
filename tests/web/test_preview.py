"""The preview for authors: every screen of given answers, and what is wrong as a page."""

import json
import re
import shutil
from pathlib import Path

import pytest
from werkzeug.test import Client

from decision_aid import resources
from decision_aid.content.source_files import FILES, QUESTIONS
from decision_aid.settings import Settings
from decision_aid.web.preview import INDEX, Preview
from tests.personas import persona

PERSONAS = ("margaret", "daniel", "silent")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a copy of the content and three answers files."""
    for name in FILES:
        shutil.copy(resources.find(name), tmp_path / name)
    for name in PERSONAS:
        answers = json.dumps({"answers": dict(persona(name).answers)})
        (tmp_path / f"{name}.json").write_text(answers)
    return tmp_path


@pytest.fixture
def client(folder: Path) -> Client:
    """A browser at the preview."""
    settings = Settings(instance=folder, content=folder, database_url="memory").with_keys()
    return Client(Preview(settings, {name: folder / f"{name}.json" for name in PERSONAS}))


def test_every_link_of_every_patient_opens(client: Client) -> None:
    """Screens, documents, stop page: each answers with the page itself."""
    links = re.findall(r'href="(/preview/\d+/[^"]+)"', client.get(INDEX).get_data(as_text=True))
    assert len(links) > 60
    for link in links:
        if link.endswith(".pdf"):
            continue
        page = client.get(link, follow_redirects=True)
        assert page.status_code == 200, link
    surgeon = next(link for link in links if link.endswith("document/surgeon.pdf"))
    assert client.get(surgeon, follow_redirects=True).data[:5] == b"%PDF-"


def test_answers_of_the_patient_stand_on_the_screen(client: Client) -> None:
    """The goal of the first patient stands in the field; the third answered nothing."""
    goal = str(persona("margaret").answers["goal"])
    page = f"{INDEX}0/page/goal"
    assert goal in client.get(page, follow_redirects=True).get_data(as_text=True)
    page = f"{INDEX}2/page/goal"
    assert goal not in client.get(page, follow_redirects=True).get_data(as_text=True)
    assert client.get(f"{INDEX}9/page/goal").status_code == 404


def test_a_change_shows_at_the_next_request_and_a_fault_as_a_page(
    client: Client, folder: Path
) -> None:
    """Mended, the page is back; meanwhile the last sound content can be looked at."""
    page, file = f"{INDEX}0/page/goal", folder / QUESTIONS
    sound = file.read_text("utf-8")
    file.write_text(sound.replace('title = "What you want most"', 'title = "A new title"'))
    assert "A new title" in client.get(page, follow_redirects=True).get_data(as_text=True)

    file.write_text(sound.replace('kind = "scale"', 'kind = "slider"', 1))
    told = client.get(page)
    assert told.status_code == 500
    assert "leg_pain: kind is &#x27;slider&#x27;" in told.get_data(as_text=True)
    client.get("/?last=sound")
    assert "A new title" in client.get(page, follow_redirects=True).get_data(as_text=True)

    client.delete_cookie("preview_last_sound")
    assert client.get(page).status_code == 500
    file.write_text(sound)
    assert client.get(page, follow_redirects=True).status_code == 200
