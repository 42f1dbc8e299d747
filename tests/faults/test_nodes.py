"""Several machines: patients walk through the real pages while nodes and the database die."""

import http.client
import json
import math
import os
import threading
from collections.abc import Callable, Iterator
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import cast

import pytest
from flask.testing import FlaskClient

from decision_aid import rules
from decision_aid.answers import parse
from decision_aid.content.loader import load
from decision_aid.model import Answer
from decision_aid.storage.repository import Repository
from tests.faults.site import HOST, NODES, PATIENCE, Remote, Site, attempts, nginx
from tests.personas import Persona, personas
from tests.walk import Patient

AID = load()
#: Walked by everybody's tests; with DECISION_AID_FULL=1 every persona walks, three times.
WALKERS = ("margaret", "daniel", "aisha", "unsure", "young")
FULL = bool(os.environ.get("DECISION_AID_FULL"))

pytestmark = pytest.mark.postgres


class _Filled(HTMLParser):
    """What stands in the fields of a page: ticked boxes, typed numbers and words."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, list[str]] = {}
        self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        got = {key: value or "" for key, value in attrs}
        name, kind = got.get("name", ""), got.get("type", "text")
        if tag == "textarea":
            self._area = name
            self.found[name] = [""]
        elif tag == "input" and (kind not in ("radio", "checkbox", "hidden") or "checked" in got):
            self.found.setdefault(name, []).append(got.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self._area:
            self.found[self._area][0] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""


def filled(html: str) -> dict[str, list[str]]:
    """The answers that a page shows in its fields."""
    parser = _Filled()
    parser.feed(html)
    return {name: [v.strip() for v in found if v.strip()] for name, found in parser.found.items()}


def as_fields(answer: Answer) -> list[str]:
    """An answer as it stands in the fields of a page."""
    return [str(item) for item in (answer if isinstance(answer, tuple) else (answer,))]


class Traveller(Patient):
    """A persona with words of its own, who reads each page again after it was acknowledged."""

    def __init__(self, site: Site, persona: Persona, number: int) -> None:
        self.remote = Remote(site)
        self.marker = f"marker{number:03d}{persona.name}"
        raw = dict(persona.answers)
        for question in AID.questions.values():
            if question.kind == "text" and question.id in raw:
                raw[question.id] = f"{self.marker} {question.id}"
        self.typed = parse(AID, raw)
        self.ends = "/exit" if persona.scope else "/page/done"
        self.acknowledged: dict[str, Answer] = {}
        self.answered = ""
        self.site = site
        self.steps = self.moves = 0
        self.walked = self.done = False
        self.fault: BaseException | None = None
        super().__init__(cast(FlaskClient, self.remote), self.typed)

    def travel(self, markers: set[str], step: Callable[[], None], over: threading.Event) -> None:
        """The whole journey; after each step everything acknowledged must still be shown.

        When all accidents are over every node must show it.
        """
        before = ""
        try:
            for place in self.walk():
                self._look(markers)
                self._note(before)
                self.steps += 1
                before = place
                step()
            self._finish()
            self.walked = True
            assert over.wait(PATIENCE)
            self._everywhere()
            self.done = True
        except BaseException as fault:
            self.fault = fault
        finally:
            self.remote.close()

    def _look(self, markers: set[str]) -> None:
        others = markers - {self.marker}
        assert not any(marker in self.html for marker in others), "another patient's page"

    def _note(self, before: str) -> None:
        """The server went on, so it has acknowledged the page before; another node knows it too."""
        page = AID.page_by_id.get(before.removeprefix("/page/"))
        if page is None or page.kind != "questions":
            return
        mine = {q.id: self.typed[q.id] for q in page.questions if q.id in self.typed}
        shown = filled(self._elsewhere(before))
        for question, answer in mine.items():
            self.answered = before
            if question in shown or question in rules.active(AID, self.typed):
                self.acknowledged[question] = answer
                assert sorted(shown.get(question, [])) == sorted(as_fields(answer)), question

    def _elsewhere(self, path: str) -> str:
        """A page from another node than the one that saved last."""
        saved_by = self.remote.saved_by
        for _ in attempts("the balancer never moved on"):
            text = self.remote.get(path).text
            if self.remote.nodes[-1] != saved_by:
                self.moves += 1
                return text
        raise AssertionError

    def _everywhere(self) -> None:
        """Each node shows the same: the text for the surgeon, or the answers that ended it."""
        shown: dict[str, object] = {}
        for _ in attempts("a node never answered"):
            if self.ends == "/exit":
                found: object = filled(self.remote.get(self.answered).text)
            else:
                found = self.remote.get("/text").text
            shown[self.remote.nodes[-1]] = found
            assert found
            assert all(found == other for other in shown.values())
            if set(shown) == self.site.addresses:
                return

    def _finish(self) -> None:
        """The pages came in their order, and what was typed stands in the text for the surgeon."""
        assert self.place == self.ends
        if self.ends == "/exit":
            return
        expected = [page.id for page in rules.visible_pages(AID, self.typed)][1:]
        walked = [p.removeprefix("/page/") for p in self.visited if p.startswith("/page/")]
        assert walked == expected
        text = self.remote.get("/text").text
        assert (self.marker in text) == any(self.marker in str(a) for a in self.typed.values())

    def lost(self, store: Repository) -> list[str]:
        """Acknowledged answers that the database does not hold."""
        stored = store.load(self.remote.token)
        assert stored is not None
        kept = stored.journey.answers
        return [name for name, answer in self.acknowledged.items() if kept.get(name) != answer]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Everything running."""
    made = Site(tmp_path, nginx())
    try:
        made.run()
        yield made
    finally:
        made.stop()


class Accidents:
    """What happens to the site, each at a share of the whole journey.

    Counted in steps, not in seconds: however slow a machine is, travellers wait with the step
    at which the next accident is due until the one before has happened.
    """

    def __init__(self, site: Site, travellers: list[Traveller]) -> None:
        self._site, self._travellers = site, travellers
        self.happened: list[str] = []
        self.over = threading.Event()
        self._due = threading.Condition()
        self._allowed = 0.0
        self._plan: list[tuple[float, str, Callable[[], None]]] = [
            (0.15, "node 1 killed", lambda: site.kill(1)),
            (0.35, "node 1 started again", lambda: site.start(1)),
            (0.45, "database stopped and started", self._outage),
            (0.60, "node 2 killed", lambda: site.kill(2)),
            (0.75, "database stopped and started", self._outage),
            (0.85, "node 2 started again", lambda: site.start(2)),
        ]

    def run(self, total: int) -> None:
        """Let everything happen in its time."""
        shares = [share for share, _, _ in self._plan]
        try:
            self._allow(shares[0] * total)
            for (share, name, happen), following in zip(self._plan, [*shares[1:], 1], strict=True):
                self._wait_until(lambda share=share: self._steps() >= share * total, name)
                self._allow(following * total)
                happen()
                self.happened.append(name)
        finally:
            self._allow(math.inf)
            self.over.set()

    def pace(self) -> None:
        """Called by each traveller after each step: wait for what must happen before the next."""
        with self._due:
            self._due.wait_for(lambda: self._steps() <= self._allowed, PATIENCE)

    def _outage(self) -> None:
        """The database is away until several requests were told that it is."""
        before, allowed = self._told(), self._allowed
        self._site.database.stop()
        self._allow(math.inf)
        self._wait_until(lambda: self._told() >= before + 3, "a sentence")
        self._allow(allowed)
        self._site.database.start()

    def _allow(self, steps: float) -> None:
        with self._due:
            self._allowed = steps
            self._due.notify_all()

    def _wait_until(self, happened: Callable[[], bool], what: str) -> None:
        for _ in attempts(f"it never came to this: {what}"):
            if happened():
                return
            assert not any(t.fault for t in self._travellers), "a traveller has met a fault"

    def _steps(self) -> int:
        return sum(t.steps for t in self._travellers)

    def _told(self) -> int:
        return sum(len(t.remote.sentences) for t in self._travellers)


def walkers(site: Site) -> list[Traveller]:
    """The patients of this run."""
    chosen = personas() * 3 if FULL else [p for p in personas() if p.name in WALKERS]
    return [Traveller(site, persona, number) for number, persona in enumerate(chosen)]


def steps(traveller: Traveller) -> int:
    """About how many screens this persona sees."""
    return len(rules.visible_pages(AID, traveller.typed))


def test_patients_move_between_nodes_that_die_and_lose_nothing(
    site: Site, record_property: Callable[[str, object], None]
) -> None:
    """Personas on the real pages, nodes and database dying: no acknowledged answer is lost."""
    travellers = walkers(site)
    markers = {traveller.marker for traveller in travellers}
    accidents = Accidents(site, travellers)
    arguments = (markers, accidents.pace, accidents.over)
    threads = [
        threading.Thread(target=traveller.travel, args=arguments, daemon=True)
        for traveller in travellers
    ]
    for thread in threads:
        thread.start()
    try:
        accidents.run(sum(min(steps(t), 20) for t in travellers))
    finally:
        for thread in threads:
            thread.join(PATIENCE)
        faults = [(t.marker, t.place, t.fault) for t in travellers if t.fault]
        assert faults == []
    store = Repository(site.database.url, site.pepper)
    lost = [name for traveller in travellers for name in traveller.lost(store)]
    store.close()
    sentences = [text for t in travellers for text in t.remote.sentences]
    counts = {
        "patients": len(travellers),
        "screens": sum(t.steps for t in travellers),
        "requests": sum(len(t.remote.nodes) for t in travellers),
        "pages read again on another node": sum(t.moves for t in travellers),
        "acknowledged": sum(len(t.acknowledged) for t in travellers),
        "lost": len(lost),
        "wrong pages": sum(len(t.remote.wrong) for t in travellers),
        "503 pages": len(sentences),
        "pages cut off and loaded again": sum(t.remote.broken for t in travellers),
        "accidents": accidents.happened,
    }
    print(json.dumps(counts))
    record_property("counts", counts)
    assert lost == []
    assert len(accidents.happened) == 6
    assert all(traveller.done for traveller in travellers)
    assert sentences
    for text in set(sentences):
        assert "What you saved is safe." in unescape(text)
    for traveller in travellers:
        assert site.addresses <= set(traveller.remote.nodes)


def test_without_any_node_the_proxy_says_so(site: Site) -> None:
    """All nodes dead: a sentence, 503, Retry-After and no script; then the answers are there."""
    traveller = Traveller(site, next(p for p in personas() if p.name == "margaret"), 1)
    for place in traveller.walk():
        if place == "/page/goal":
            break
    for number in range(NODES):
        site.kill(number)
    response, data = traveller.remote.raw("GET", "/page/goal")
    assert response.status == 503
    assert int(response.headers["Retry-After"]) > 0
    assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert response.headers["Cache-Control"] == "no-store"
    assert b"What you saved is safe." in data
    for number in range(NODES):
        site.start(number)
    assert traveller.remote.get("/page/goal").status_code == 200
    large, data = traveller.remote.raw("POST", "/page/goal", "goal=" + "x" * 300_000)
    assert large.status == 413
    assert b"Please go back and shorten it." in data
    assert "Content-Security-Policy" in large.headers
    assert traveller.remote.raw("GET", "/metrics")[0].status == 404
    traveller.remote.close()


def test_plain_http_leads_to_https(site: Site) -> None:
    """The shipped proxy sends every plain address to its https twin."""
    link = http.client.HTTPConnection("127.0.0.1", site.plain, timeout=5)
    link.request("GET", "/about", headers={"Host": HOST})
    response = link.getresponse()
    assert (response.status, response.headers["Location"]) == (301, f"https://{HOST}/about")
    link.close()
