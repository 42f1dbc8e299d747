"""Counts for Prometheus: off unless asked for, of events alone, people only in fives."""

import os
import re
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask

from decision_aid import create_app
from decision_aid.answers import parse
from decision_aid.content.loader import load
from decision_aid.settings import Settings, SettingsError
from decision_aid.storage.repository import Repository
from decision_aid.web.metrics import Counts
from tests.personas import persona
from tests.walk import Patient

AID = load()


@pytest.fixture
def node(tmp_path: Path) -> Callable[[], Flask]:
    """One process of an installation that counts; called again, another one."""
    settings = Settings(
        secret="5e" * 32, pepper=os.urandom(32), instance=tmp_path / "instance", metrics=True
    )
    store = Repository("memory", settings.pepper)
    return lambda: create_app(settings, store)


def counts(app: Flask) -> dict[str, int]:
    """What stands at /metrics, each line in the shape that Prometheus reads."""
    response = app.test_client().get("/metrics")
    assert response.mimetype == "text/plain"
    found = {}
    for line in response.text.splitlines():
        if line.startswith("#"):
            assert re.match(r"# (HELP|TYPE) decision_aid_\w+_total ", line)
        else:
            name, value = line.split(" ")
            found[name.removeprefix("decision_aid_").removesuffix("_total")] = int(value)
    return found


def test_nothing_is_counted_unless_asked_for(tmp_path: Path) -> None:
    """Without the setting there is no such page and no file."""
    settings = Settings(secret="5e" * 32, pepper=os.urandom(32), instance=tmp_path / "instance")
    app = create_app(settings, Repository("memory", settings.pepper))
    assert app.test_client().get("/metrics").status_code == 404
    assert not settings.instance.exists()


def test_events_are_counted_on_every_process_together(
    node: Callable[[], Flask], tmp_path: Path
) -> None:
    """Six journeys on two processes are five started and five finished; errors are exact."""
    first, second = node(), node()
    answers = parse(AID, persona("margaret").answers)
    for number in range(6):
        browser = (first, second)[number % 2].test_client()
        assert list(Patient(browser, answers).walk())[-1] == "/page/done"
    first.test_client().get("/nothing")
    second.test_client().post("/page/goal", data={"goal": "x"})
    mode = (tmp_path / "instance" / "counts.db").stat().st_mode
    assert os.name != "posix" or stat.S_IMODE(mode) == 0o600
    for app in (first, second):
        found = counts(app)
        assert found == {
            "journeys_started": 5,
            "journeys_finished": 5,
            "pdfs_made": 0,
            "pdfs_refused": 0,
            "responses_4xx": 2,
            "responses_5xx": 0,
        }


def test_one_person_is_not_seen_in_the_counts(node: Callable[[], Flask]) -> None:
    """Of a single journey the page tells nothing, whatever was answered."""
    app = node()
    before = app.test_client().get("/metrics").data
    answers = parse(AID, persona("margaret").answers)
    assert list(Patient(app.test_client(), answers).walk())[-1] == "/page/done"
    assert app.test_client().get("/metrics").data == before


def test_no_count_is_lost_between_writers(tmp_path: Path) -> None:
    """Four at once, 25 times each: 100."""
    path = tmp_path / "counts.db"
    Counts(path).add("x")
    with ThreadPoolExecutor(4) as writers:
        list(writers.map(lambda _: Counts(path).add("x"), range(99)))
    assert Counts(path).read() == {"x": 100}


def test_a_file_that_cannot_be_written_stops_no_patient(
    node: Callable[[], Flask], tmp_path: Path
) -> None:
    """Pages are served although nothing can be counted; a start on such a folder is refused."""
    app = node()
    (tmp_path / "instance" / "counts.db").unlink()
    (tmp_path / "instance" / "counts.db").mkdir()
    assert app.test_client().get("/nothing").status_code == 404
    assert app.test_client().get("/").status_code == 200
    with pytest.raises(SettingsError, match="METRICS"):
        node()
