"""The process that makes PDFs killed, out of memory or busy: a sentence, and the next one works."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from decision_aid import create_app
from decision_aid.documents import render_pool
from decision_aid.documents.renderer import PdfUnavailable, RenderJob
from decision_aid.model import Journey
from decision_aid.settings import Settings
from decision_aid.storage.repository import Repository

#: Seconds after which something has failed and is not only slow.
PATIENCE = 120
SMALL = RenderJob(html="<html lang=en><title>x</title><h1>x</h1>")

pytestmark = pytest.mark.skipif(os.name != "posix", reason="these faults are those of POSIX")


class Visitor:
    """A patient with answers at the real application."""

    def __init__(self, app: Flask, store: Repository, token: str) -> None:
        self._app, self._store, self._token = app, store, token

    def get(self, path: str) -> TestResponse:
        """One request, from any thread."""
        client = self._app.test_client()
        client.set_cookie("decision-aid", self._token)
        return client.get(path)

    def still_has_the_answers(self) -> bool:
        """Whether the store still opens what was saved."""
        stored = self._store.load(self._token)
        return stored is not None and stored.journey.answers == {"leg_pain": 7}


@pytest.fixture
def visitor(monkeypatch: pytest.MonkeyPatch) -> Iterator[Visitor]:
    """The application with one journey, and a single worker that has drawn its first document."""
    monkeypatch.setattr(render_pool, "PROCESSES", 1)
    monkeypatch.setattr(render_pool, "_pool", None)
    settings = Settings(secret="5e" * 32, pepper=os.urandom(32))
    store = Repository("memory", settings.pepper)
    token = store.create()
    store.save(token, Journey(answers={"leg_pain": 7}), 1)
    render_pool.render(SMALL)
    yield Visitor(create_app(settings, store), store, token)
    store.close()


def pids() -> list[int]:
    """The processes that draw."""
    return list(render_pool._pool._processes or ()) if render_pool._pool else []


def kill() -> int:
    """Kill -9 what draws, as the kernel does when memory runs short; how many there were."""
    killed = 0
    for pid in pids():
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
        killed += 1
    return killed


def drawing() -> bool:
    """Whether a document is in the hands of the worker."""
    return bool(render_pool._pool and render_pool._pool._pending_work_items)


@contextmanager
def standing_still() -> Iterator[None]:
    """While this lasts the worker draws nothing."""
    (pid,) = pids()
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@contextmanager
def killing() -> Iterator[list[int]]:
    """While this lasts no worker lives longer than a few milliseconds."""
    over, killed = threading.Event(), [0]

    def run() -> None:
        while not over.wait(0.005):
            killed[0] += kill()

    killer = threading.Thread(target=run)
    killer.start()
    try:
        yield killed
    finally:
        over.set()
        killer.join()


def test_a_worker_killed_in_mid_page_costs_a_retry(visitor: Visitor) -> None:
    """The patient gets the PDF although the process that drew it was killed."""
    for path in ("/document/patient.pdf", "/document/surgeon.pdf"):
        render_pool.render(SMALL)
        with ThreadPoolExecutor(1) as reader:
            asked = reader.submit(visitor.get, path)
            while not (asked.done() or drawing()):
                time.sleep(0.001)
            assert kill() == 1
            response = asked.result(PATIENCE)
        assert (response.status_code, response.data[:4]) == (200, b"%PDF")


def test_a_worker_killed_every_time_is_a_sentence_on_the_screen(visitor: Visitor) -> None:
    """The page says that the PDF cannot be made, answers are safe, and the next request works."""
    with killing() as killed:
        response = visitor.get("/document/surgeon.pdf")
    assert killed[0] >= 2
    text = unescape(response.text)
    assert response.status_code == 503
    assert "The document cannot be made here" in text
    assert "stopped twice on this document." in text
    assert "Traceback" not in text
    assert visitor.still_has_the_answers()
    assert visitor.get("/document/surgeon.pdf").data[:4] == b"%PDF"


def test_a_worker_ends_with_the_process_it_works_for() -> None:
    """A web process that is killed leaves nothing behind that holds memory."""
    code = (
        "import os, signal\n"
        "from decision_aid.documents import render_pool\n"
        "from decision_aid.documents.renderer import RenderJob\n"
        "if __name__ == '__main__':\n"
        "    render_pool._submit(RenderJob(html='<title>.</title>'), 60, render_pool.MEMORY)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    # What stays behind would keep the other end of this pipe open.
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=PATIENCE)
    assert done.returncode == -signal.SIGKILL


@contextmanager
def few_handles(left: int) -> Iterator[None]:
    """So many files and pipes, and no more, may this process open."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    taken: list[int] = []
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    try:
        with suppress(OSError):
            while True:
                taken.append(os.dup(0))
        for _ in range(left):
            os.close(taken.pop())
        yield
    finally:
        for handle in taken:
            os.close(handle)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_when_no_process_can_be_started_it_is_a_sentence(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without pipes to talk to it nothing is started: said so, and later all works again."""
    monkeypatch.setattr(render_pool, "_pool", None)
    with few_handles(2):
        response = visitor.get("/document/surgeon.pdf")

    assert response.status_code == 503
    assert "could not be started" in response.text
    assert visitor.still_has_the_answers()
    assert visitor.get("/document/surgeon.pdf").data.startswith(b"%PDF-")


@pytest.mark.skipif(not Path("/proc/self/oom_score_adj").exists(), reason="memory limits of Linux")
def test_a_worker_out_of_memory_is_a_sentence(visitor: Visitor) -> None:
    """A document that wants more than it may have is given up; the next request works."""
    big = RenderJob(html=SMALL.html + "<p>one two three " * 6_000)
    with pytest.raises(PdfUnavailable, match=r"stopped twice on this document\.$"):
        render_pool.render(big, budget=PATIENCE, memory=72 << 20)
    assert visitor.get("/document/patient.pdf").data[:4] == b"%PDF"
    assert Path(f"/proc/{pids()[0]}/oom_score_adj").read_text() == "1000\n"
    limits = Path(f"/proc/{pids()[0]}/limits").read_text()
    assert f"Max data size             {render_pool.MEMORY} " in limits


def test_a_full_line_is_told_to_come_back(visitor: Visitor) -> None:
    """Of nine readers at once six wait for their PDF; three get 503 and Retry-After at once."""
    with ThreadPoolExecutor(9) as readers:
        with standing_still():
            asked = [readers.submit(visitor.get, "/document/patient.pdf") for _ in range(9)]
            answered = as_completed(asked, PATIENCE)
            busy = [next(answered).result() for _ in range(9 - render_pool.LINE)]
            assert visitor.get("/page/start").status_code == 200, "pages are served meanwhile"
        made = [one.result() for one in answered]
    assert [one.status_code for one in busy] == [503] * (9 - render_pool.LINE)
    assert [one.status_code for one in made] == [200] * render_pool.LINE
    for one in busy:
        assert int(one.headers["Retry-After"]) > 0
        assert "please try again in a minute" in unescape(one.text)
    assert visitor.get("/document/patient.pdf").status_code == 200
