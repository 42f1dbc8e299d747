"""A unique word in every text field, through every page, error and fault: it is left nowhere."""

import io
import os
import re
import secrets
import signal
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import cast
from urllib.parse import urlencode

import pikepdf
import pytest
from flask.testing import FlaskClient

from decision_aid import create_app
from decision_aid.answers import parse
from decision_aid.content.loader import load
from decision_aid.settings import Settings
from tests.faults.site import Remote, Single, Site, attempts, nginx
from tests.personas import persona
from tests.walk import Patient, forms

AID = load()
TEXTS = [question.id for question in AID.questions.values() if question.kind == "text"]
ADDRESS = re.compile(r"""\b(?:href|src|action|content|formaction|poster)=["']([^"']*)""")

pytestmark = pytest.mark.skipif(os.name != "posix", reason="these faults are those of POSIX")


class Witness(Remote):
    """A browser that keeps every address, header and title it is given."""

    def __init__(self, site: Site | Single) -> None:
        super().__init__(site)
        self.seen: list[str] = []
        self.sent: list[str] = []
        self.statuses: set[int] = set()

    def raw(
        self, method: str, path: str, body: str | None = None, **more: str
    ) -> tuple[HTTPResponse, bytes]:
        """One request, noted."""
        response, data = super().raw(method, path, body, **more)
        self.sent.append(path)
        self.statuses.add(response.status)
        self.seen += [f"{name}: {value}" for name, value in response.getheaders()]
        if "html" in response.headers.get("Content-Type", ""):
            text = data.decode()
            self.seen += ADDRESS.findall(text)
            self.seen += re.findall(r"<title>.*?</title>", text, re.DOTALL)
        return response, data

    def shown(self, path: str) -> str:
        """The text of a page, whatever its status."""
        return self.raw("GET", path)[1].decode()

    def send(self, page: str, action: str, data: dict[str, str]) -> int:
        """Send the form that leads to ``action`` with these values in it, whatever they are."""
        found = next(form for form in forms(self.shown(page)) if action in form[0])
        return self.raw("POST", found[0], urlencode(found[1] | data))[0].status


class Walk:
    """One patient whose every text is the sentinel."""

    def __init__(self, site: Site | Single) -> None:
        self.word = "sentinel" + secrets.token_hex(8)
        raw = dict(persona("margaret").answers) | dict.fromkeys(TEXTS, f"{self.word} x")
        self.browser = Witness(site)
        self.patient = Patient(cast(FlaskClient, self.browser), parse(AID, raw))
        self.pdfs: list[bytes] = []

    def journey(self) -> None:
        """Every screen there is on the way, each text typed."""
        places = list(self.patient.walk())
        assert places[-1] == "/page/done"
        page = self.browser.shown("/text")
        assert page.count(self.word) >= len(TEXTS) - 3, "the words did arrive"

    def papers(self) -> None:
        """Both papers; no word of the patient stands in a name or in the metadata."""
        for reader in ("surgeon", "patient"):
            self.pdfs.append(self.browser.paper(f"/document/{reader}.pdf"))

    def pages(self) -> None:
        """Every route there is, with the word in the address as well, as a stranger may type it."""
        app = create_app(Settings(secret="5e" * 32, pepper=bytes(32), database_url="memory"))
        for rule in app.url_map.iter_rules():
            for part in ("goal", self.word) if rule.arguments else ("",):
                path = re.sub(r"<[^>]+>", part, rule.rule)
                if path not in ("/document/goal.pdf", "/next-person"):
                    self.browser.raw("GET", path)
        self.browser.raw("GET", f"/?reference={self.word}")
        self.browser.raw("GET", f"/{self.word}", None, Referer=f"https://x/{self.word}")

    def errors(self) -> None:
        """Every kind of refusal, each with the word in it."""
        every = dict.fromkeys(AID.questions, self.word)
        send, raw = self.browser.send, self.browser.raw
        for page in AID.pages:
            if page.questions and any(q.kind != "text" for q in page.questions):
                html = self.browser.shown(f"/page/{page.id}")
                if f'action="/page/{page.id}' in html:
                    send(f"/page/{page.id}", f"/page/{page.id}", every)
        assert send("/page/goal", "/page/goal", {"goal": self.word * 40}) == 422
        assert send("/page/goal", "/page/goal", {"goal": f"{self.word} b", "rev": "1"}) == 409
        assert raw("POST", "/page/goal", urlencode(every))[0].status == 400
        assert raw("POST", "/page/goal", f"goal={self.word * 40000}")[0].status == 413
        assert raw("PUT", f"/page/{self.word}", self.word)[0].status in (400, 405)
        assert raw("GET", "/", None, Host=f"{self.word}.example")[0].status in (400, 301, 421)
        other = Witness(self.browser._site)
        code = {"code": self.word}
        statuses = [other.send("/come-back/enter", "/come-back", code) for _ in range(7)]
        assert statuses[0] == 422
        assert 429 in statuses
        other.close()
        self.browser.seen += other.seen

    def leaks(self) -> list[str]:
        """Addresses, headers and titles that hold the word; those that we typed do not count."""
        return [text for text in self.browser.seen if self.word in text]

    def in_metadata(self) -> list[str]:
        """What stands about the PDFs and not in them."""
        found = []
        for data in self.pdfs:
            with pikepdf.open(io.BytesIO(data)) as pdf:
                names = [*pdf.attachments, *(str(v) for v in pdf.docinfo.values())]
                names += [spec.description for spec in pdf.attachments.values()]
                with pdf.open_metadata() as xmp:
                    names.append(str(xmp))
                with pdf.open_outline() as outline:
                    names += [item.title for item in outline.root]
                found += [name for name in names if self.word in name]
                assert len(names) > 3
        return found

    def remains(self, *folders: Path) -> list[tuple[str, str]]:
        """Files under these folders with the word, the token or the name of a question in them."""
        word, token = self.word.encode(), self.browser.token.encode()
        needles = [word, word.decode().encode("utf-16-le"), token, b"own_question_1"]
        found = []
        for folder in folders:
            for path in folder.rglob("*"):
                if path.is_file():
                    content = path.read_bytes()
                    found += [(str(path), str(n)) for n in needles if n in content]
        return found


def children(pid: int) -> list[int]:
    """The processes that this one started."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(int(stat.parent.name))
    return found


def kill_its_workers(pid: int, over: threading.Event) -> None:
    """Until this is over no process that this program started lives long."""
    while not over.wait(0.02):
        for child in children(pid):
            try:
                os.kill(child, signal.SIGKILL)
            except ProcessLookupError:
                continue


@pytest.fixture
def single(tmp_path: Path) -> Iterator[Single]:
    """The program as it runs after two commands."""
    made = Single(tmp_path)
    try:
        yield made
    finally:
        made.stop()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for workers in /proc")
def test_the_word_is_left_nowhere_on_one_machine(single: Single, tmp_path: Path) -> None:
    """SQLite, log, temporary folder, PDF metadata, addresses, headers: nothing, faults included."""
    walk = Walk(single)
    walk.journey()
    walk.papers()
    walk.pages()
    walk.errors()
    over = threading.Event()
    killer = threading.Thread(target=kill_its_workers, args=(single.program.pid, over), daemon=True)
    killer.start()
    # Large print is never made ahead, so it needs the worker that is being killed.
    assert walk.browser.raw("GET", "/document/patient.pdf?large=1")[0].status == 503
    over.set()
    killer.join()
    shown = walk.browser.shown("/page/goal")
    with closing(sqlite3.connect(single.file)) as file:
        file.execute("ALTER TABLE answers RENAME TO away")
    hidden = next(form[1] for form in forms(shown) if "/page/goal" in form[0])
    body = urlencode(hidden | {"goal": f"{walk.word} down"})
    assert walk.browser.raw("POST", "/page/goal", body)[0].status == 503
    with closing(sqlite3.connect(single.file)) as file:
        file.execute("ALTER TABLE away RENAME TO answers")
    assert walk.browser.raw("POST", "/page/goal", body)[0].status == 303
    single.program.kill()
    single.program.wait()
    walk.browser.close()

    assert walk.leaks() == []
    assert walk.in_metadata() == []
    assert walk.remains(tmp_path) == []
    assert {200, 303, 400, 404, 405, 409, 413, 422, 503} <= walk.browser.statuses
    log = (tmp_path / "server.log").read_text()
    assert log.count("request.done") > 100
    assert "store.unavailable" in log
    files = single.file.parent.glob(f"{single.file.name}*")
    assert b"answers" in b"".join(file.read_bytes() for file in files)


@pytest.mark.postgres
def test_the_word_is_left_nowhere_on_three_machines(tmp_path: Path) -> None:
    """PostgreSQL's files and logs, nginx, three nodes; one is killed, the database stops."""
    site = Site(tmp_path, nginx())
    try:
        site.run()
        walk = Walk(site)
        walk.journey()
        walk.papers()
        walk.pages()
        walk.errors()
        shown = walk.browser.shown("/page/goal")
        hidden = next(form[1] for form in forms(shown) if "/page/goal" in form[0])
        body = urlencode(hidden | {"goal": walk.word})
        site.database.stop()
        assert walk.browser.raw("POST", "/page/goal", body)[0].status == 503
        site.kill(1)
        for _ in range(3):
            assert walk.browser.raw("GET", "/page/goal")[0].status == 503
        site.database.start()
        site.start(1)
        for _ in attempts("the site did not come back"):
            if walk.browser.raw("GET", "/page/goal")[0].status == 200:
                break
        site.database.stop()
        walk.browser.close()
        assert walk.leaks() == []
        assert walk.in_metadata() == []
        assert walk.remains(tmp_path, site.database.folder) == []
        logs = "".join(path.read_text() for path in tmp_path.glob("node-*.log"))
        assert logs.count("request.done") > 100
        assert "store.unavailable" in logs
        assert list(site.database.folder.rglob("pg_wal/0*"))
    except HTTPException as error:
        raise AssertionError("the proxy gave up a connection") from error
    finally:
        site.stop()
