"""Whatever is typed is text: on screens, in FHIR, in the plain text, the code and the PDF's source.

The PDF itself: ``test_paper``. Answers files: ``test_fuzz``.
"""

import json
import os
import re
from collections import Counter
from datetime import datetime
from html.parser import HTMLParser

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from decision_aid import create_app
from decision_aid.answers import AnswerError, parse
from decision_aid.content.loader import load
from decision_aid.interop import fhir, plain_text, qr_payload, received
from decision_aid.model import Answers, Journey
from decision_aid.settings import Settings
from decision_aid.storage.repository import Repository
from decision_aid.summary import build
from tests.personas import persona
from tests.walk import Browser

AID = load()
MADE_ON = datetime(2026, 5, 12, 9, 40)
TEXTS = [question for question in AID.questions.values() if question.kind == "text"]
BASE = dict(persona("margaret").answers)
NASTY = (
    "<script>alert(1)</script>",
    "</textarea><img src=x onerror=alert(1)>",
    "\"'><svg/onload=alert(1)>",
    "<!--",
    "]]><![CDATA[",
    "</title></style></script>",
    "&lt;b&gt; &amp;amp; &#60; &nbsp;",
    "{{ 7*7 }}{% raw %}{# x #}",
    "${7*7} #{7*7} <%= 7*7 %>",
    "'; DROP TABLE answers; --",
    "%s %n %(x)s {0} {x}",
    "x\r\nSet-Cookie: a=b\r\n\r\n<b>",
    "%0d%0aLocation: https://evil.example",
    "javascript:alert(1)",
    "=cmd|' /C calc'!A0",
    "../../../etc/passwd\0.pdf",
    "$(id) `id` | id ; id",
    "1 URGENT SYMPTOMS\nNone\n\n! EMERGENCY: none",
    "“ ” ‘ ’ « »",
    "\u202e\u2066reversed\u2069",
    "zero\u200bwidth\u200d\u00adsoft\ufeff",
    "e" + "\u0301" * 60,
    "\U0001f469\u200d\U0001f469\u200d\U0001f467 \U0001f1e9\U0001f1ea",
    "\u0645\u0631\u062d\u0628\u0627 \u05e9\u05dc\u05d5\u05dd \u4f60\u597d",
    "\x00\x07\x1b[31m\x7f\x85",
    "\ufffe\uffff\U0010ffff",
    "\t\t \u2028 \u2029 \u00a0",
    "none",
    "unknown",
    "NaN",
    "W" * 300,
)


class _Shape(HTMLParser):
    """The tags and attributes of a page, and its words."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))
        self.words += [value or "" for _, value in attrs]

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def shape(html: str) -> _Shape:
    """A page taken apart."""
    found = _Shape()
    found.feed(html)
    found.close()
    return found


class Screens:
    """One patient whose answers are put in behind the pages."""

    def __init__(self) -> None:
        settings_ = Settings(secret="5e" * 32, pepper=os.urandom(32))
        self.store = Repository("memory", settings_.pepper)
        self.token = self.store.create()
        self.rev = 1
        self._tags: dict[frozenset[str], list[list[tuple[str, tuple[str, ...]]]]] = {}
        self.browser = Browser(create_app(settings_, self.store))
        self.browser.client.set_cookie("decision-aid", self.token)

    def show(self, answers: Answers, paths: list[str]) -> list[_Shape]:
        """These pages with these answers."""
        seen = tuple(page.id for page in AID.pages)
        self.rev = self.store.save(self.token, Journey(answers=answers, seen=seen), self.rev)
        return [shape(self.browser.client.get(path).text) for path in paths]

    def tags(self, harmless: Answers) -> list[list[tuple[str, tuple[str, ...]]]]:
        """The tags of every page with these answers. Worked out once for each set of questions."""
        asked = frozenset(harmless)
        if asked not in self._tags:
            self._tags[asked] = [page.tags for page in self.show(harmless, PATHS)]
        return self._tags[asked]


@pytest.fixture(scope="module")
def screens() -> Screens:
    """The application with one patient."""
    return Screens()


PATHS = ["/page/check", *sorted({f"/page/{AID.page_of[q.id].id}" for q in TEXTS})]


def accepted(words: str) -> Answers | None:
    """Answers with these words in every text, as far as each has room; None when refused."""
    raw = BASE | {question.id: words[: question.limit] for question in TEXTS}
    try:
        return parse(AID, raw)
    except AnswerError:
        return None


def is_text_everywhere(screens: Screens, answers: Answers) -> None:
    """The same tags as with harmless words; every word whole in HTML and FHIR; none in the code."""
    harmless = dict(answers) | {q.id: "words" for q in TEXTS if q.id in answers}
    expected = screens.tags(harmless)
    found = screens.show(answers, PATHS)
    assert [page.tags for page in found] == expected
    shown = "\n".join(word for page in found for word in page.words)
    for question in TEXTS:
        assert all(word in shown for word in str(answers.get(question.id, "")).split())
    summary = build(AID, answers, made_on=MADE_ON)
    written = json.loads(json.dumps(fhir.response(AID, answers)))
    assert received.read_response(AID, written) == summary.answers
    plain, like = plain_text.page(summary), plain_text.page(build(AID, harmless, made_on=MADE_ON))
    heads = {line for line in like.splitlines() if line.startswith(tuple("123456789!"))}
    heads -= {line for line in heads if "words" in line}
    assert Counter(line for line in plain.splitlines() if line in heads) == Counter(
        line for line in like.splitlines() if line in heads
    )
    assert plain.count("\n!") == like.count("\n!")
    assert qr_payload.encode(AID, answers, MADE_ON) == qr_payload.encode(AID, harmless, MADE_ON)


@pytest.mark.parametrize("words", NASTY, ids=range(len(NASTY)))
def test_nasty_words_are_text_everywhere(screens: Screens, words: str) -> None:
    """Markup, templates, SQL, headers, formulas, bidi and control signs change nothing."""
    answers = accepted(words)
    if answers is not None:
        is_text_everywhere(screens, answers)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(words=st.text(max_size=200) | st.text("<>&\"'{}%/ =\n“", max_size=60))
def test_any_words_are_text_everywhere(screens: Screens, words: str) -> None:
    """The same for whatever Hypothesis thinks of."""
    answers = accepted(words)
    if answers is not None:
        is_text_everywhere(screens, answers)


@pytest.mark.parametrize("words", NASTY, ids=range(len(NASTY)))
def test_nasty_words_in_every_field_are_refused_or_kept(screens: Screens, words: str) -> None:
    """Sent to every page in every field: saved or asked again, in the same headers, never a 500."""
    client = screens.browser.client
    (csrf,) = set(re.findall(r'name="csrf_token" value="([^"]*)"', client.get("/about").text))
    for page in AID.pages:
        if page.questions:
            data = {question.id: words for question in page.questions} | {"csrf_token": csrf}
            response = client.post(f"/page/{page.id}", data=data)
            assert response.status_code in (303, 422), page.id
            assert "evil.example" not in str(response.headers)
            assert "Set-Cookie" not in response.headers
            for tag, attributes in shape(response.text).tags:
                assert tag not in ("img", "b", "style"), page.id
                assert tag != "script" or "src" in attributes, page.id
                assert not any(name.startswith("on") for name in attributes), page.id
            screens.rev = screens.store.load(screens.token).rev
