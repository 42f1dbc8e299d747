"""Every number that a person reads comes from a figure shown with it, and from there to its row."""

import re
import subprocess
import tomllib
from collections.abc import Iterable, Iterator
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask import Flask

from decision_aid import clinic_documents, create_app, rules
from decision_aid.answers import parse
from decision_aid.content.loader import load
from decision_aid.documents import renderer
from decision_aid.model import Journey
from decision_aid.settings import Settings
from decision_aid.summary import Summary, build
from tests.personas import Persona, personas
from tests.walk import Browser

AID = load()
MADE_ON = datetime(2026, 5, 12, 9, 40).astimezone()
_BASE = tomllib.loads(Path(__file__).with_name("evidence_rows.toml").read_text("utf-8"))
ROWS, PRINTED = _BASE["rows"], _BASE["printed"]
NUMBER = re.compile(r"(?<![\w.,-])\d+(?:,\d{3})*(?:\.\d+)?(?![\w-])")
#: Numbers that are no result: steps, times of day, ages, doses and durations in advice.
WORDS_OF_TIME = re.compile(
    r"(?:(?:week|month|year|day|hour|minute|level|mm\b|C\b|or older|or above|nights?\b)s?)"
)
#: Where numbers stand that are no results: the person's own, the furniture of the page.
_OWN = ("for-you", "progress", "sums", "contents", "safety-card", "advice", "timeline", "because")


class Cards(HTMLParser):
    """Text of a guide, what is the person's own or the page's furniture left out."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._depth = 0
        self._skip = 0
        self._void = {"input", "img", "br", "meta", "link", "hr", "col"}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self._void:
            return
        self._depth += 1
        classes = set((dict(attrs).get("class") or "").split())
        if not self._skip and (
            classes & set(_OWN) or tag in ("script", "style", "header", "footer")
        ):
            self._skip = self._depth
        if not self._skip and tag == "svg":
            self.texts.append(dict(attrs).get("aria-label") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._void:
            return
        if self._skip == self._depth:
            self._skip = 0
        self._depth -= 1

    def handle_data(self, data: str) -> None:
        if not self._skip and data.strip():
            self.texts.append(data.strip())


def shown(page: Summary) -> set[str]:
    """Ids of the figures that this person sees: those of the sections, and of the expectations."""
    rows = [rules.expectation(AID, question, page.answers) for question in AID.questions]
    beside = (evidence for row in rows if row for evidence in row.evidence)
    return {f.record.id for view in page.sections for f in view.figures} | set(beside)


def known(ids: Iterable[str]) -> set[str]:
    """Every number of these figures, in both frames, with their scales, people and sources."""
    found: set[str] = set()
    for record in map(AID.evidence_by_id.__getitem__, ids):
        sources = (AID.source_by_id[source] for source in record.sources)
        texts = [record.sentence, record.population, record.time, record.reason, record.outcome]
        texts += [record.opposite, *(f"{s.short} {s.cite} {s.doi}" for s in sources)]
        found |= {n for text in texts for n in NUMBER.findall(text)}
        found |= {f"{record.per:,}", str(record.per), f"{record.scale_low}", f"{record.scale_high}"}
        for arm in record.arms:
            counts = (arm.count, record.per - arm.count, round(arm.count), arm.low, arm.high)
            counts += (arm.events, arm.of)
            found |= {f"{count:,g}" for count in counts if count is not None}
            found |= {f"{round(count):,}" for count in counts if count is not None}
    return found


def strange(text: str, allowed: set[str]) -> list[str]:
    """Numbers in a text that no figure gives and that count no time, age or dose."""
    return [
        text[max(0, found.start() - 40) : found.end() + 20]
        for found in NUMBER.finditer(text)
        if found[0] not in allowed and not WORDS_OF_TIME.search(text[found.end() :][:14])
    ]


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """The application in May 2026; it leaves no paper to be made."""
    settings = Settings(instance=tmp_path, database_url="memory").with_keys()
    app = create_app(settings, clock=lambda: MADE_ON)
    yield app
    app.extensions["decision_aid"].ahead.close()


@pytest.mark.parametrize("patient", personas(), ids=lambda patient: patient.name)
def test_every_number_of_the_guide_is_sourced(app: Flask, patient: Persona) -> None:
    """Each number in the cards of the guide stands in a figure of this person's sections."""
    answers = parse(AID, patient.answers)
    browser = Browser(app).start()
    store = app.extensions["decision_aid"].store
    cookie = browser.client.get_cookie("decision-aid")
    assert cookie
    stored = store.load(cookie.value)
    store.save(cookie.value, Journey(answers=answers, went_on=MADE_ON), stored.rev)
    response = browser.get("/page/guide")
    if response.status_code == 303:
        assert rules.scope(AID, rules.active(AID, answers))
        return
    cards = Cards()
    cards.feed(response.text)
    allowed = known(shown(build(AID, answers, made_on=MADE_ON))) | own_numbers(answers)
    # Whoever went on past an emergency sign sees the number to call on every screen.
    allowed |= {Settings().emergency_number}

    minutes = re.compile(r"about \d+ minutes")
    texts = [minutes.sub("", text) for text in cards.texts]
    assert len(texts) > 100
    assert [found for text in texts for found in strange(text, allowed)] == []


def own_numbers(answers: dict[str, object] | object) -> set[str]:
    """Numbers that the person typed or chose."""
    return set(NUMBER.findall(repr(answers))) | {"0", "1", "2", "3", "4", "5"}


@pytest.mark.poppler
@pytest.mark.parametrize("patient", personas(), ids=lambda patient: patient.name)
def test_every_number_on_paper_is_sourced(patient: Persona) -> None:
    """Each number on the surgeon's page and the patient copy stands in a figure, or is theirs."""
    answers = parse(AID, patient.answers)
    page = build(AID, answers, made_on=MADE_ON)
    labels = " ".join(f"{line.label} {line.value}" for line in map(page.line, AID.questions))
    labels += f" {page.bmi}"
    furniture = f"{labels} {page.check_value} {AID.version} {AID.checksum} 112 12 2026 9 09 40 1 2 "
    furniture += f"{AID.published} {AID.review_by} {' '.join(map(str, range(1, 100)))}"
    for pdf in (
        clinic_documents.surgeon(page, Settings(), draw=renderer.render),
        clinic_documents.patient(page, Settings(), draw=renderer.render),
    ):
        words = ["pdftotext", "-raw", "-", "-"]
        text = subprocess.run(words, input=pdf, capture_output=True, check=True).stdout.decode()
        text = " ".join(re.sub(r"\[\d+\]|^.*page \d+ of \d+$", "", text, flags=re.M).split())
        text = re.sub(r"· \d+ \w+ 2026 page \d+ of \d+", "", text)
        parts = re.split(r"(?<=[.!?]) |Where the numbers come from.*?(?=Safety card)", text)
        allowed = known(shown(page)) | own_numbers(answers) | set(NUMBER.findall(labels))
        results = [
            part for part in parts if part and re.search(r"\d+ of (?:100|1,000|10,000)", part)
        ]
        assert [found for part in results for found in strange(part, allowed)] == []
        everything = allowed | set(re.findall(r"\d+(?:,\d{3})*(?:\.\d+)?", furniture))
        assert [found for found in strange(text, everything) if "doi" not in found] == []


def test_every_figure_that_is_shown_has_its_row() -> None:
    """Each displayed record names a row of the evidence base, and none of them is marked K."""
    displayed = {id_ for section in AID.sections for id_ in section.evidence}
    displayed |= {id_ for row in AID.expectations for id_ in row.evidence}
    records = [AID.evidence_by_id[id_] for id_ in sorted(displayed)]

    assert [r.id for r in records if r.row not in ROWS] == []
    assert [r.id for r in records if ROWS[r.row] == "K" or r.mark.startswith("K")] == []


def test_each_count_is_the_share_of_its_numerator_and_denominator() -> None:
    """Where a source prints both, they give the count of people that is shown."""
    counted = [(r, arm) for r in AID.evidence for arm in r.arms if arm.of or arm.events is not None]

    assert len(counted) >= 5
    for record, arm in counted:
        assert arm.events is not None, record.id
        assert arm.of is not None, record.id
        assert round(arm.events * record.per / arm.of) == arm.count, record.id


@pytest.mark.parametrize("name", PRINTED)
def test_a_figure_says_what_its_paper_prints(name: str) -> None:
    """The counts, the people, the time and the range, as entered a second time from the paper."""
    record, printed = AID.evidence_by_id[name], PRINTED[name]
    texts = (record.sentence, record.population, record.time, record.reason, record.outcome)

    assert [arm.count for arm in record.arms] == printed.get("counts", [])
    assert record.per == printed.get("per", 100)
    assert [text for text in printed["says"] if text not in " ".join(texts)] == []


def test_a_range_holds_its_figure() -> None:
    """A likely range has both ends, and the figure lies between them."""
    for record in AID.evidence:
        for arm in record.arms:
            assert (arm.low is None) == (arm.high is None), record.id
            if arm.low is not None and arm.high is not None:
                assert arm.low <= arm.count <= arm.high, record.id


def test_the_marks_are_those_of_the_rows() -> None:
    """A figure claims no more than its row: a row that was read in part makes no V here."""
    order = ("K?", "K", "V*", "V")
    rows = ((r, ROWS[r.row]) for r in AID.evidence)

    assert [r.id for r, row in rows if order.index(r.mark) > order.index(row)] == []


def test_the_figures_of_the_own_condition_stand_first() -> None:
    """What stands open counts people who have what this person has, where such a figure exists."""
    for condition in AID.questions["condition"].options:
        page = build(AID, {"condition": (condition.id,)}, made_on=MADE_ON)
        for view in page.sections:
            people = [figure.record.applies_to for figure in view.figures]
            fits = [any(condition.id in field.wanted for field in named) for named in people]
            assert fits == sorted(fits, reverse=True), (condition.id, view.section.id)


def test_the_order_is_the_authors_where_no_condition_is_known() -> None:
    """Someone who does not know what they have sees the figures as the author set them."""
    for answers in ({}, {"condition": ("unknown",)}):
        for view in build(AID, answers, made_on=MADE_ON).sections:
            assert tuple(f.record.id for f in view.figures) == view.section.evidence


@pytest.mark.poppler
def test_the_signs_to_call_for_are_never_folded_away(app: Flask) -> None:
    """What to watch for after an operation stands open on the screen and whole on paper."""
    section = AID.section_by_id["recovery_warning_signs"]
    browser = Browser(app).start()
    shown_open = re.sub(r"(?s)<details.*?</details>", "", browser.get("/page/guide").text)
    for text in section.text:
        assert text in shown_open, text

    pdf = clinic_documents.patient(
        build(AID, {}, made_on=MADE_ON), Settings(), draw=renderer.render
    )
    words = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True)
    paper = " ".join(words.stdout.decode().split())
    for text in section.text:
        assert text in paper, text


def test_each_condition_of_a_figure_is_one_that_can_be_ticked() -> None:
    """The conditions named by figures are options of the question, and a figure is of its row."""
    options = {option.id for option in AID.questions["condition"].options} - {"unknown", "other"}

    assert {
        name
        for record in AID.evidence
        for field in record.applies_to
        if field.question == "condition"
        for name in field.wanted
    } == options


def test_a_number_from_nowhere_is_found() -> None:
    """The tracing bites: a number that no figure gives is named."""
    assert strange("About 61 of 100 people.", {"100"}) == ["About 61 of 100 people."]
