"""The program with every way to another machine blocked: it works, and never tried."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from flask.testing import FlaskClient

from decision_aid.answers import parse
from decision_aid.content.loader import load
from tests.faults.site import Remote, Single
from tests.personas import persona
from tests.walk import Patient

AID = load()
#: Read by every Python process of the program before anything else; workers inherit it.
BLOCK = """
import os, sys
def watch(event, args):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        place = args[1]
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        place = args[:1]
    else:
        return
    host = place[0] if isinstance(place, tuple) else place
    if host in ("127.0.0.1", "::1", "localhost", None) or not isinstance(place, tuple):
        return
    with open(os.environ["TRIED"], "a") as file:
        file.write(f"{event} {host}\\n")
    raise OSError("no way out")
sys.addaudithook(watch)
with open(os.environ["WATCHED"], "a") as file:
    file.write(f"{os.getpid()}\\n")
"""

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the program is killed with its workers")


@pytest.fixture
def blocked(tmp_path: Path) -> dict[str, str]:
    """The environment of a program that cannot leave this machine."""
    (tmp_path / "block").mkdir()
    (tmp_path / "block" / "sitecustomize.py").write_text(BLOCK)
    return {
        "PYTHONPATH": str(tmp_path / "block"),
        "TRIED": str(tmp_path / "tried"),
        "WATCHED": str(tmp_path / "watched"),
    }


@pytest.fixture
def single(tmp_path: Path, blocked: dict[str, str]) -> Iterator[Single]:
    """The program after two commands, blocked."""
    made = Single(tmp_path, **blocked)
    try:
        yield made
    finally:
        made.stop()


def test_a_whole_journey_needs_no_other_machine(single: Single, tmp_path: Path) -> None:
    """All screens, both papers and the card, with sockets blocked: nothing is even tried."""
    browser = Remote(single)
    patient = Patient(cast(FlaskClient, browser), parse(AID, persona("margaret").answers))
    assert list(patient.walk())[-1] == "/page/done"
    for paper in ("/document/surgeon.pdf", "/document/patient.pdf?large=1", "/card.pdf"):
        browser.paper(paper)
    browser.close()
    watched = (tmp_path / "watched").read_text().split()
    assert len(set(watched)) >= 2, "the program and its worker are both watched"
    assert not (tmp_path / "tried").exists()


def test_the_block_bites(blocked: dict[str, str]) -> None:
    """A connection to another machine fails at once and is noted."""
    for code in (
        "import socket; socket.create_connection(('192.0.2.1', 80), 1)",
        "import urllib.request as u; u.urlopen('http://aid.clinic.example/', timeout=1)",
    ):
        done = subprocess.run(
            [sys.executable, "-c", code], env=os.environ | blocked, capture_output=True, text=True
        )
        assert done.returncode == 1
        assert "no way out" in done.stderr
    tried = Path(blocked["TRIED"]).read_text()
    assert "192.0.2.1" in tried
    assert "aid.clinic.example" in tried
