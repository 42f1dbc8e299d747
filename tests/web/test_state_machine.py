"""Anyone may wander through the aid as they like; what they said is safe, and warnings stay."""

import re
import tempfile
from collections.abc import Mapping
from datetime import datetime
from html import unescape
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from decision_aid import create_app, rules
from decision_aid.answers import check
from decision_aid.content.loader import load
from decision_aid.model import Answer, Page
from decision_aid.settings import Settings
from decision_aid.summary import signs
from tests.strategies import an_answer
from tests.walk import Browser

AID = load()
PAGES = [page.id for page in AID.pages if page.questions]
#: Pages whose answers open and close other questions: visited more often.
TELLING = ["condition", "operation", "tried", "helped", "health"]
#: A page, and one whose questions hang on it: filled in one after the other and changed again.
CHAINS = [("tried", "helped"), ("condition", "operation"), ("health", "medicines")]
#: Answers that let the journey go on: chosen more often, or most walks would end at once.
OPEN = {"emergency_symptoms": ["none"], "age": "65_74", "other_cause": ["none"]}
FOLDER = tempfile.TemporaryDirectory()
APP = create_app(
    Settings(instance=Path(FOLDER.name), database_url="memory").with_keys(),
    clock=lambda: datetime(2026, 5, 12, 9, 40).astimezone(),
)


class Wanderer(RuleBasedStateMachine):
    """One person who answers, changes, goes back, reloads, comes back elsewhere and clears."""

    def __init__(self) -> None:
        super().__init__()
        self.said: dict[str, Answer] = {}
        self.browser = Browser(APP)

    @initialize(way=st.sampled_from(["full", "short"]))
    def begin(self, way: str) -> None:
        """Press Start."""
        self.browser.start(way=way)

    @rule(pages=st.lists(st.sampled_from(PAGES + TELLING * 6), min_size=4), data=st.data())
    def answer(self, pages: list[str], data: st.DataObject) -> None:
        """Fill in screens in any order, whole or in part, for the first time or again."""
        for page in pages:
            self.fill_in(AID.page_by_id[page], data)
            self.nothing_answered_is_lost()

    @rule(chain=st.sampled_from(CHAINS), data=st.data())
    def change_my_mind(self, chain: tuple[str, str], data: st.DataObject) -> None:
        """Answer what opens further questions, answer those, and answer the first anew."""
        for page in (*chain, chain[0]):
            self.fill_in(AID.page_by_id[page], data)

    @rule(data=st.data())
    def tell_a_sign(self, data: st.DataObject) -> None:
        """Answer the questions on signs as it comes, go on, and read the guide."""
        for page in ("safety", "safety_onset"):
            self.fill_in(AID.page_by_id[page], data, likely={})
        self.go_on_after_the_stop()
        self.look("/page/guide")

    def fill_in(self, page: Page, data: st.DataObject, likely: Mapping[str, object] = OPEN) -> None:
        """One screen, if it can be opened."""
        shown = self.browser.get(f"/page/{page.id}")
        if shown.status_code != 200:
            return
        asked = [q for q in page.questions if f'id="q-{q.id}"' in shown.text]
        given: dict[str, object] = {}
        for question in asked:
            if question.id == "question_picks":
                options = re.findall(r'name="question_picks" value="(\w+)"', shown.text)
                picks = st.lists(st.sampled_from(options), max_size=3, unique=True)
                given[question.id] = data.draw(picks)
            elif data.draw(st.integers(0, 3)):
                usual = st.just(likely[question.id]) if question.id in likely else st.nothing()
                given[question.id] = data.draw(usual | usual | an_answer(question))
        sent = self.browser.send(f"/page/{page.id}", self.form(given), shown=shown.text)

        assert sent.status_code == 303, unescape(sent.text)
        for question in asked:
            kept = check(question, given[question.id]) if given.get(question.id) else None
            if kept is None and given.get(question.id) != 0:
                self.said.pop(question.id, None)
            else:
                self.said[question.id] = check(question, given[question.id]) or 0

    @staticmethod
    def form(given: Mapping[str, object]) -> dict[str, str | list[str]]:
        """Answers as a browser sends them."""
        return {
            key: [str(item) for item in value] if isinstance(value, list) else str(value)
            for key, value in given.items()
        }

    @rule(path=st.sampled_from(["/", "/page/check", "/page/guide", "/come-back", "/about"]))
    def look(self, path: str) -> None:
        """Go back or forward to any page, or reload it. The guide names every sign in full."""
        page = self.browser.client.get(path, follow_redirects=True)
        assert page.status_code == 200
        if page.request.path != "/page/guide":
            return
        shown = " ".join(unescape(page.text).split())
        for urgency in ("emergency", "urgent"):
            for sign in getattr(rules.flags(AID, self.said), urgency):
                (option,) = signs(AID, (sign,))
                assert option.text in shown

    @precondition(lambda self: len(self.said) > 4)
    @rule()
    def come_back_elsewhere(self) -> None:
        """Take a return code to another device."""
        shown = self.browser.get("/come-back").text
        page = self.browser.send("/come-back/code", shown=shown).text
        code = re.findall(r'<p class="return-code"[^>]*>([^<]+)</p>', page)[0].strip()
        other = Browser(APP)
        shown = other.get("/come-back/enter").text
        assert other.send("/come-back", {"code": code}, shown=shown).status_code in (303, 429)
        if other.client.get_cookie("decision-aid"):
            self.browser = other

    @rule()
    def take_the_full_way(self) -> None:
        """Ask for all the questions."""
        self.browser.send("/all-questions", shown=self.browser.get("/clear").text)

    @precondition(lambda self: rules.must_stop(AID, rules.active(AID, self.said)))
    @rule()
    def go_on_after_the_stop(self) -> None:
        """Tick "I understand" and go on."""
        shown = self.browser.get("/stop")
        if shown.status_code == 200:
            self.browser.send("/stop", {"understood": "yes", "how": "on"}, shown=shown.text)

    @precondition(lambda self: len(self.said) > 4)
    @rule()
    def clear(self) -> None:
        """Clear everything and begin again."""
        self.browser.send("/clear", shown=self.browser.get("/clear").text)
        assert self.browser.get("/page/check").status_code == 403
        self.said = {}
        self.browser.start()

    @invariant()
    def nothing_answered_is_lost(self) -> None:
        """The store holds exactly what was said last, also what does not apply at present."""
        if self.browser.client.get_cookie("decision-aid"):
            assert self.browser.journey().answers == self.said

    @invariant()
    def an_emergency_sign_leads_to_the_stop_page_first(self) -> None:
        """Until the person has gone on from it, every later page leads there."""
        if not rules.must_stop(AID, rules.active(AID, self.said)):
            return
        if self.browser.journey().went_on is None:
            for page in PAGES[2:]:
                assert self.browser.get(f"/page/{page}").headers["Location"] == "/stop"

    @invariant()
    def a_flag_is_never_hidden_and_nothing_set_aside_is_printed(self) -> None:
        """Text for the record: every ticked sign, no answer that was set aside."""
        if not self.browser.client.get_cookie("decision-aid"):
            return
        answers = rules.active(AID, self.said)
        flags = rules.flags(AID, self.said)
        text = self.browser.get("/text")
        if text.status_code == 303:
            assert rules.must_stop(AID, answers) or rules.scope(AID, answers)
            return
        for urgency in ("emergency", "urgent"):
            for sign in getattr(flags, urgency):
                (option,) = signs(AID, (sign,))
                assert option.short.lower() in " ".join(text.text.lower().split())
        checked = unescape(self.browser.text("/page/check"))
        for question in set(self.said) - set(answers):
            assert f"#q-{question}" not in checked


TestWanderer = Wanderer.TestCase
TestWanderer.settings = settings(
    max_examples=25,
    stateful_step_count=8,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
