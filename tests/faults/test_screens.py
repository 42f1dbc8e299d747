"""What a patient reads when something breaks, and that what was acknowledged is there afterwards.

The real application on a real database that really fails; ``test_faults`` breaks the store alone.
"""

import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from threading import Barrier

import pytest
from flask import Flask

from decision_aid import create_app
from decision_aid.settings import Settings
from decision_aid.storage.repository import Repository, StorageUnavailable
from tests.faults.test_faults import PATIENCE, POSTGRES, small_disk
from tests.storage.test_store import address
from tests.walk import Browser

SETTINGS = Settings(secret="5e" * 32, pepper=bytes(range(32)))
NOT_NOW = "We cannot reach your answers at the moment"
SAFE = "What you saved is safe."


class Clock:
    """The clock of the machine, which may be wrong."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def node(url: str, clock: Callable[[], datetime] | None = None) -> Flask:
    """The application of one machine on this database."""
    store = Repository(url, SETTINGS.pepper, clock) if clock else Repository(url, SETTINGS.pepper)
    return create_app(SETTINGS, store, clock)


def store_of(app: Flask) -> Repository:
    """Where this application keeps answers."""
    store: Repository = app.extensions["decision_aid"].store
    return store


def somebody(app: Flask) -> Browser:
    """A patient who has been told that one answer is saved."""
    patient = Browser(app).start()
    assert patient.send("/page/goal", {"goal": "walk to the shop"}).status_code == 303
    return patient


def same_person(patient: Browser, app: Flask) -> Browser:
    """The same patient, whom the balancer leads to another machine."""
    cookie = patient.client.get_cookie("decision-aid")
    assert cookie
    other = Browser(app)
    other.client.set_cookie("decision-aid", cookie.value)
    return other


def reads_that_it_is_not_saved(patient: Browser, page: str) -> None:
    """Saving gives 503, a sentence, and when to try again; nothing technical."""
    response = patient.send("/page/goal", {"goal": "later words"}, page)
    text = unescape(response.text)
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0
    assert NOT_NOW in text
    assert SAFE in text
    assert not any(word in text.lower() for word in ("sqlite", "errno", "traceback", "readonly"))


def still_has_the_answer(patient: Browser) -> None:
    """The acknowledged words are on the screen."""
    assert "walk to the shop" in patient.text("/page/goal")


def leave_no_room(disk: Path, store: Repository) -> None:
    """Fill a disk with a file, and what the database had kept for itself with other people."""
    with suppress(OSError), (disk / "ballast").open("ab", 0) as ballast:
        while True:
            ballast.write(b"x" * 4096)
    with suppress(StorageUnavailable):
        while True:
            store.create()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MB."""
    with small_disk(tmp_path / "disk") as found:
        yield found


def test_a_full_disk_on_the_screen(disk: Path) -> None:
    """The patient reads that it is not saved; earlier answers are shown; with room it goes on."""
    app = node(f"sqlite:///{disk / 'answers.db'}")
    patient = somebody(app)
    shown = patient.get("/page/goal").text
    leave_no_room(disk, store_of(app))
    reads_that_it_is_not_saved(patient, shown)
    still_has_the_answer(patient)
    (disk / "ballast").unlink()
    assert patient.send("/page/goal", {"goal": "later words"}, shown).status_code == 303
    assert patient.journey().answers["goal"] == "later words"
    store_of(app).close()


def test_a_read_only_disk_on_the_screen(disk: Path) -> None:
    """The same when the disk turns read-only and back."""
    app = node(f"sqlite:///{disk / 'answers.db'}")
    patient = somebody(app)
    shown = patient.get("/page/goal").text
    store_of(app).close()
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    reads_that_it_is_not_saved(patient, shown)
    subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
    still_has_the_answer(patient)
    assert patient.send("/page/goal", {"goal": "later words"}, shown).status_code == 303
    store_of(app).close()


@pytest.mark.parametrize("kind", ["sqlite", POSTGRES])
def test_four_machines_saving_at_once_on_the_screen(kind: str, tmp_path: Path) -> None:
    """One of four is saved; three see both versions and choose; nothing typed is gone."""
    url = address(kind, tmp_path)
    nodes = [node(url) for _ in range(4)]
    patient = somebody(nodes[0])
    tabs = [same_person(patient, app) for app in nodes]
    pages = [tab.get("/page/goal").text for tab in tabs]
    ready = Barrier(4)

    def save(number: int) -> tuple[int, str]:
        ready.wait(PATIENCE)
        response = tabs[number].send("/page/goal", {"goal": f"words {number}"}, pages[number])
        return response.status_code, unescape(response.text)

    with ThreadPoolExecutor(4) as at_once:
        found = list(at_once.map(save, range(4)))
    assert sorted(status for status, _ in found) == [303, 409, 409, 409]
    kept = str(patient.journey().answers["goal"])
    assert kept == f"words {[status for status, _ in found].index(303)}"
    for number, (status, text) in enumerate(found):
        if status == 409:
            assert f"words {number}" in text, "what this tab typed"
            assert kept in text, "what the other tab saved"
    for app in nodes:
        store_of(app).close()


def test_a_stale_tab_on_the_screen(tmp_path: Path) -> None:
    """A tab left open since yesterday overwrites nothing: both versions, and a choice."""
    app = node(address("sqlite", tmp_path))
    patient = somebody(app)
    old_tab = patient.get("/page/goal").text
    assert patient.send("/page/goal", {"goal": "newer words"}).status_code == 303
    response = patient.send("/page/goal", {"goal": "older words"}, old_tab)
    text = unescape(response.text)
    assert response.status_code == 409
    assert "newer words" in text
    assert "older words" in text
    assert patient.journey().answers["goal"] == "newer words"
    store_of(app).close()


def test_a_clock_that_jumps_on_the_screen(tmp_path: Path) -> None:
    """Days ahead the patient reads that the answers are no longer there; back, they are."""
    clock = Clock()
    app = node(address("sqlite", tmp_path), clock)
    patient = somebody(app)
    for hours in (-48, 48):
        clock.now += timedelta(hours=hours)
        still_has_the_answer(patient)
        clock.now -= timedelta(hours=hours)
    clock.now += timedelta(hours=100)
    gone = patient.get("/page/goal")
    assert gone.status_code == 403
    assert "<h1>" in gone.text
    clock.now -= timedelta(hours=100)
    still_has_the_answer(patient)
    store_of(app).close()


def test_a_program_killed_in_mid_save_on_the_screen(tmp_path: Path) -> None:
    """A row half written by a process that was killed: the next program shows the answer."""
    url = address("sqlite", tmp_path)
    app = node(url)
    patient = somebody(app)
    script = (
        "import os, signal, sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None); "
        "c.execute('BEGIN IMMEDIATE'); c.execute('UPDATE answers SET blob = zeroblob(900000)'); "
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run(["python3", "-c", script, tmp_path / "answers.db"])
    assert done.returncode == -9
    store_of(app).close()
    again = node(url)
    still_has_the_answer(same_person(patient, again))
    store_of(again).close()
