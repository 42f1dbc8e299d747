"""The papers: one page for the surgeon, accessible, closed, and nothing lost or altered."""

import io
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from functools import cache, partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pikepdf
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from decision_aid import areas, clinic_documents
from decision_aid.__main__ import main
from decision_aid.answers import parse
from decision_aid.content.loader import load
from decision_aid.documents import charts, pdf_files, render_pool, renderer
from decision_aid.documents.blank_form import BlankForm
from decision_aid.documents.overflow import LEVELS, Overflow
from decision_aid.documents.patient_copy import PatientCopy
from decision_aid.documents.renderer import RenderedPdf, RenderJob
from decision_aid.documents.surgeon_page import SurgeonPage
from decision_aid.interop import plain_text as plain
from decision_aid.model import ALWAYS, Aid, Condition, Operator, Question, Rule
from decision_aid.settings import Settings
from decision_aid.summary import Summary, build
from tests import printed
from tests.personas import Persona, persona, personas
from tests.printed import Printed, faults, text_of
from tests.strategies import raw_answers

AID = load()
MADE_ON = datetime(2026, 5, 12, 9, 40)
ROOT = Path(__file__).parents[2]
TEXTS = [question for question in AID.questions.values() if question.kind == "text"]
HOSTILE = (
    "<script>alert(1)</script><img src=file:///etc/passwd>{{ 7*7 }}{% raw %}</style>"
    "<link rel=attachment href=file:///etc/passwd>&amp;\"'"
)

needs_poppler = pytest.mark.skipif(not shutil.which("pdftotext"), reason="needs poppler-utils")


def summary_of(answers: dict[str, object]) -> Summary:
    return build(AID, parse(AID, answers), made_on=MADE_ON)


def surgeon(summary: Summary, paper: str = "A4") -> bytes:
    return pdf_files.surgeon(summary, paper=paper, draw=renderer.render)


def patient(summary: Summary, *, large: bool = False) -> bytes:
    return pdf_files.patient(
        summary, large=large, emergency_number="112", clinic_phone="030 123", draw=renderer.render
    )


def packed(text: str) -> str:
    """Without white space and hyphens: where a line breaks says nothing."""
    return "".join(text.split()).replace("-", "")


def a_long_answer(question: Question, text: str) -> object:
    if question.kind == "text":
        return (text * question.limit)[: question.limit].strip()
    if question.kind == "one":
        return max(question.options, key=lambda option: len(option.short)).id
    if question.options:
        return [o.id for o in question.offered() if not o.exclusive][: question.limit or None]
    return question.maximum


def longest(text: str) -> dict[str, object]:
    """The longest answer to every question."""
    answers = {question.id: a_long_answer(question, text) for question in AID.questions.values()}
    return {**answers, "age": "80_plus", "other_cause": ["none"]}


FULL = {"words": longest("Wherever the road may go, "), "one word": longest("Wm")}


@cache
def full_page(kind: str = "words", paper: str = "A4") -> Printed:
    """The surgeon's page of the longest answers, with all that a clinic can add."""
    times = {"advice_shown": datetime(2026, 5, 11, 9), "went_on": datetime(2026, 5, 11, 9, 30)}
    summary = replace(summary_of(FULL[kind]), reference="W" * 64, **times)
    clinic = Settings(
        paper_size=paper, clinic_name="The Clinic of a Long Name, with its Department"
    )
    return printed.printed(lambda draw: clinic_documents.surgeon(summary, clinic, draw=draw))


# --- accessible, and always the same -----------------------------------------------------


@cache
def full_copy() -> Printed:
    """The patient copy of the longest answers, without a space to break them."""
    summary = summary_of(FULL["one word"])
    return printed.printed(
        lambda draw: clinic_documents.patient(summary, printed.CLINIC, draw=draw)
    )


PEOPLE = [who.name for who in personas()]
OUTSIDE = [who.name for who in personas() if who.scope]
#: In large print: those who answered most, who know least, and one for whom this is not made.
LARGE = ["margaret", "daniel", "unsure", "theo"]
#: Every paper, as those who print it get it. Each is made once in a run.
PAPERS: dict[str, Callable[[], Printed]] = {
    **{f"page of {name}": partial(printed.surgeon, name) for name in PEOPLE},
    **{f"copy of {name}": partial(printed.patient, name) for name in PEOPLE},
    **{f"large copy of {name}": partial(printed.patient, name, large=True) for name in LARGE},
    "page with sheet 2": full_page,
    "copy of longest words": full_copy,
    "card": printed.card,
    "card on Letter": partial(printed.card, "Letter"),
    "form": printed.form,
    "form on Letter": partial(printed.form, "Letter"),
}


@pytest.mark.parametrize("name", PAPERS)
def test_every_paper_is_accessible(name: str) -> None:
    """An independent checker finds no fault against PDF/UA-1, nor a sign without a glyph.

    WeasyPrint has nothing to say, no word runs off the paper, and each tagged piece is read once,
    page after page.
    """
    paper = PAPERS[name]()
    assert paper.faults == []
    assert paper.said == ()
    assert paper.outside == []
    pages = [page for page, _ in paper.order]
    assert pages == sorted(pages)
    assert len(set(paper.order)) == len(paper.order)
    assert set(pages) == set(range(pages_in(paper.pdf)))


def test_ears_and_checker_are_open() -> None:
    """A wrong style and a sign without a glyph are noticed, so silence means something."""
    style = printed.printed(
        lambda draw: draw(RenderJob(html=SMALL.format("x"), css="p { colour: red }")).pdf
    )
    edge = printed.printed(lambda draw: draw(RenderJob(html=SMALL.format("W" * 90))).pdf)
    sign = printed.printed(lambda draw: draw(RenderJob(html=SMALL.format("\U0010fffd"))).pdf)
    assert style.said
    assert edge.outside
    assert sign.said
    assert any("NOTDEF" in fault.upper() for fault in sign.faults)


def test_large_print_is_accessible_and_longer() -> None:
    """Large print takes more pages and stays sound."""
    large = printed.patient("daniel", large=True)
    assert large.faults == []
    assert pages_in(large.pdf) > pages_in(printed.patient("daniel").pdf)


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_the_card_to_cut_out_is_one_page(paper: str) -> None:
    """The safety card fits one page, with a clinic's long name and the mark of a draft."""
    assert pages_in(printed.card(paper).pdf) == 1


@needs_poppler
@pytest.mark.parametrize("name", PEOPLE)
def test_tags_of_the_page_are_read_in_order(name: str) -> None:
    """Read aloud, safety comes first, then the areas by number, a column at a time."""
    numbers = re.findall(
        r"(?:^| )(\d+) (?:Urgent|My|Sympt|Tried|Changes|What|Expects|Under|In cl)",
        printed.surgeon(name).spoken,
    )
    assert numbers == [str(number) for number in range(1, 11)]


@needs_poppler
@pytest.mark.parametrize(
    "name",
    ["copy of margaret", "copy of aisha", "copy of silent", "large copy of unsure", "copy of theo"],
)
def test_tags_of_the_copy_are_read_in_order(name: str) -> None:
    """Read aloud, the copy goes from what was told to the safety card, as it is printed."""
    copy = PAPERS[name]()
    chapters = ["What you told us", "Your options, side", "Your worries, answered"]
    chapters += ["What you may have", "My questions for", "Getting better", "How to get help"]
    chapters += ["Safety card: signs"]
    there = [chapter for chapter in chapters if chapter in copy.text]
    assert len(there) >= 3
    places = [copy.spoken.index(chapter) for chapter in there]
    assert places == sorted(places)


def test_checker_bites() -> None:
    """The checker finds an image without words, so its silence means something."""
    html = f'<html lang=en><title>x</title><h1>x</h1><img src="{charts.scale_bar(3)}">'
    assert faults(renderer.render(RenderJob(html=html)).pdf)


def test_document_says_language_title_and_time() -> None:
    """Language, title and the time of the answers are in the file."""
    with pikepdf.open(io.BytesIO(surgeon(summary_of({})))) as pdf:
        assert str(pdf.Root.Lang) == AID.language
        assert str(pdf.docinfo["/Title"]) == AID.words["surgeon_title"]
        assert str(pdf.docinfo["/CreationDate"]).startswith("D:20260512094000")


def test_same_summary_gives_same_bytes() -> None:
    """A file can be made again and compared; another time makes another file."""
    summary = summary_of(persona("margaret").answers)
    page = clinic_documents.surgeon(summary, printed.CLINIC, draw=renderer.render)
    assert page == printed.surgeon("margaret").pdf
    assert patient(summary) == printed.patient("margaret").pdf
    assert surgeon(replace(summary, made_on=datetime(2026, 5, 13))) != surgeon(summary)


# --- one page, nothing lost --------------------------------------------------------------


def pages_in(pdf: bytes) -> int:
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return len(opened.pages)


@needs_poppler
@pytest.mark.parametrize("paper", ["A4", "Letter"])
@pytest.mark.parametrize("kind", FULL)
def test_longest_answers_keep_one_page(kind: str, paper: str) -> None:
    """The main part is one page; every text stands in full on the marked second sheet."""
    pdf = full_page(kind, paper).pdf
    first, rest = text_of(pdf, "-l", "1"), text_of(pdf, "-f", "2")
    assert "10 In clinic" in first
    assert "MORE ON SHEET 2" in first
    assert "[…]" in first
    assert rest.startswith("Continued")
    everything = packed(first + rest)
    for question in TEXTS:
        assert packed(str(FULL[kind][question.id])) in everything
    assert full_page(kind, paper).outside == []
    assert faults(pdf) == []


def with_new_questions() -> tuple[Aid, list[Question]]:
    """The content with one more question of each kind."""
    like = {q.kind: q for q in AID.questions.values()}
    added = [
        replace(
            question,
            id=f"new_{kind}",
            short=f"New {kind}",
            text=f"A new {kind}?",
            enable_when=ALWAYS,
        )
        for kind, question in like.items()
    ]
    pages = [
        replace(p, questions=(*p.questions, *added)) if p.id == "home" else p for p in AID.pages
    ]
    return replace(AID, pages=tuple(pages)), added


@needs_poppler
def test_a_question_that_an_author_adds_is_printed() -> None:
    """Whatever its kind, its answer stands on the page, on sheet 2 of a full one, and in the text.

    Every question that is shipped has a place of its own.
    """
    aid, added = with_new_questions()
    like = {q.kind: q for q in AID.questions.values()}
    raw = {q.id: a_long_answer(q, "in my words") for q in added if q.id != "new_many"}
    raw["new_many"] = [like["many"].options[0].id]
    assert summary_of(FULL["words"]).also_asked == ()
    for others in ({}, FULL["words"]):
        summary = build(aid, parse(aid, {**others, **raw}), made_on=MADE_ON)
        said = [f"{line.label}: " for line in summary.also_asked]
        assert len(said) == len(like) == 7
        printed = text_of(surgeon(summary))
        assert all(packed(label) in packed(printed) for label in said)
        assert all(label in plain.page(summary) for label in said)
        assert "New text: “in my" in plain.page(summary)


def printed_in(summary: Summary) -> Iterator[str]:
    """The words that stand for each coded answer.

    The body map is a picture; what was known and each SURE item with a yes are counted.
    """
    for question_id in summary.answers:
        question, line = AID.questions[question_id], summary.line(question_id)
        if question.kind == "rating" and question_id.startswith("value_"):
            yield line.label
        elif question.kind == "scale":
            yield f"{line.number}/10"
        elif question_id in areas.SURE:
            # The score counts each yes; what is no yes stands beside it.
            yield from () if line.value == "yes" else (line.label, line.value)
        elif question.options and not question.right and question.kind != "body":
            exclusive = {option.short for option in question.options if option.exclusive}
            safety = question_id in ("emergency_symptoms", "urgent_symptoms")
            yield from (value for value in line.values if not safety or value not in exclusive)
        elif question.kind == "number":
            yield line.value


@needs_poppler
@given(raw=raw_answers(AID).filter(lambda raw: raw.get("age") != "under_18"))
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_answers_keep_one_page(raw: dict[str, object]) -> None:
    """Whatever is answered, all of it is printed, the tenth area on page one; same bytes again."""
    raw = {key: value for key, value in raw.items() if AID.questions[key].kind != "text"}
    summary = summary_of(raw)
    pdf = surgeon(summary)
    first, rest = text_of(pdf, "-l", "1", "-raw"), ""
    assert "10 In clinic" in first
    if pages_in(pdf) > 1:
        rest = text_of(pdf, "-f", "2", "-raw")
        assert rest.startswith("Continued")
    everything = packed(first + rest)
    assert [said for said in printed_in(summary) if packed(said) not in everything] == []
    assert surgeon(summary) == pdf


@needs_poppler
@pytest.mark.parametrize("who", personas(), ids=lambda who: who.name)
def test_no_id_is_printed_and_words_are_few(who: Persona) -> None:
    """Rules, questions and options stand under plain names; a minute's reading, or less."""
    text = printed.surgeon(who.name).text
    assert re.findall(r"\b[a-z]+(?:_[a-z0-9]+)+\b", text) == []
    # The fullest persona answers ten more questions than the 410 words were set for.
    assert len(re.findall(r"[A-Za-z]{2,}", text)) <= (420 if len(who.answers) > 40 else 345)


@needs_poppler
def test_nothing_is_smaller_than_promised(tmp_path: Path) -> None:
    """10 point on the surgeon's page, even the fullest; 14 in the patient copy's text."""
    assert min(sizes(full_page().pdf, tmp_path)) >= 10
    found = sizes(printed.patient("margaret").pdf, tmp_path)
    assert min(found) >= 10
    assert max(set(found), key=found.count) >= 12


def sizes(pdf: bytes, folder: Path) -> list[int]:
    (folder / "paper.pdf").write_bytes(pdf)
    done = subprocess.run(
        ["pdftohtml", "-xml", "-i", "-stdout", "-zoom", "1", folder / "paper.pdf"],
        capture_output=True,
        check=True,
    )
    fonts = dict(re.findall(r'<fontspec id="(\d+)" size="(\d+)"', done.stdout.decode()))
    return [int(fonts[used]) for used in re.findall(r'font="(\d+)"', done.stdout.decode())]


@needs_poppler
@pytest.mark.parametrize("who", personas(), ids=lambda who: who.name)
def test_ten_areas_stand_in_order(who: Persona) -> None:
    """The eye learns the page: the ten areas are there from patient to patient, in order."""
    text = text_of(printed.surgeon(who.name).pdf, "-l", "1", "-raw")
    numbers = [int(n) for n in re.findall(r"^(\d+) [A-Z]", text, re.MULTILINE)]
    assert [n for n in range(1, 11) if n in numbers] == list(range(1, 11))


@needs_poppler
@pytest.mark.parametrize(("weight", "told"), [(None, ""), (0, "0/5"), (4, "4/5")])
def test_an_own_value_without_a_rating_is_not_rated_nought(weight: int | None, told: str) -> None:
    """It stands in quotation marks; only a rating that was given is printed, 0 too."""
    raw: dict[str, object] = {"own_value": "My garden"}
    raw |= {} if weight is None else {"own_value_weight": weight}
    summary = summary_of(raw)
    for words in (text_of(surgeon(summary)), plain.page(summary)):
        assert "“My garden”" in words
        assert re.findall(r"\d/5", words) == ([told] if told else [])
    copy = text_of(patient(summary), "-raw")
    assert "“My garden”" in copy
    assert re.findall(r"(\d) of 5\b", copy) == list(told[:1])


@needs_poppler
def test_page_says_what_a_surgeon_needs() -> None:
    """Goal in quotation marks, dominance, scales, risks, gaps, questions and versions."""
    summary = summary_of(persona("margaret").answers)
    text = packed(text_of(printed.surgeon("margaret").pdf))
    for wanted in (
        "“Walk to the market and back with my husband”",
        "LEG-DOMINANT",
        "7/10",
        "4/10",
        AID.words["none_reported"],
        AID.words["gap"],
        AID.words["reported_not_verified"],
        "1 “How far will I be able to walk in a year?”",
        "SURE 2/4",
        f"check {summary.check_value}",
        AID.checksum,
    ):
        assert packed(wanted) in text


@needs_poppler
def test_flags_stand_first_with_onset_and_time_of_advice() -> None:
    """Emergency symptoms are named before anything else, with when the advice was shown."""
    summary = replace(
        summary_of(persona("aisha").answers), advice_shown=datetime(2026, 5, 12, 9, 42)
    )
    text = packed(text_of(surgeon(summary)))
    assert packed("EMERGENCY") in text.partition(packed("2 My goal"))[0]
    for symptom in (*summary.emergency, *summary.asked_not_reported):
        assert packed(symptom) in text
    assert packed("Advice shown 09:42") in text


@needs_poppler
def test_skipped_is_never_no() -> None:
    """Without answers the page says so, in the safety area too."""
    text = text_of(surgeon(summary_of({})))
    assert AID.words["none_reported"] not in text
    assert "NOT ANSWERED: " in text
    assert text.count(AID.words["not_answered"]) > 8


@needs_poppler
def test_draft_is_marked_until_approved() -> None:
    """Content that no clinician has approved says so on every paper."""
    marked = not AID.approved_by
    # Outside the scope the copy is short, but begins as every copy does.
    shipped = (printed.surgeon("theo"), printed.patient("theo"), printed.card(), printed.form())
    aid = replace(AID, approved_by="Dr. A. Example" if marked else "")
    shown = replace(summary_of(persona("theo").answers), aid=aid)
    others = (
        surgeon(shown),
        patient(shown),
        pdf_files.card(aid, emergency_number="112", draw=renderer.render),
        pdf_files.form(aid, emergency_number="112", draw=renderer.render),
    )
    draft = packed(AID.draft_notice)
    assert [draft in packed(paper.text) for paper in shipped] == [marked] * 4
    assert [draft in packed(text_of(pdf)) for pdf in others] == [not marked] * 4


@needs_poppler
def test_patient_copy_tells_all_that_was_selected() -> None:
    """Every selected section is there; what nobody worried about in short, with its main figure."""
    summary = summary_of(persona("margaret").answers)
    text = packed(printed.patient("margaret").text)
    # A sentence may go on over the foot of a page.
    text = re.sub(r"Yourcopy:[a-z]+·\w+·page\d+of\d+", "", text)
    copy = PatientCopy(summary)
    for view in summary.sections:
        assert packed(view.section.title) in text
        for figure in view.figures if copy.in_full(view) else view.figures[:1]:
            told_by_its_section = not copy.in_full(view) and not figure.record.arms
            assert told_by_its_section or packed(figure.record.sentence) in text
            assert all(packed(source.cite) in text for source in figure.sources)
    assert all(packed(question) in text for question in summary.questions)
    assert packed("☎ 112") in text
    assert "030123" in text
    assert "pageof" not in text


@needs_poppler
@pytest.mark.parametrize("name", OUTSIDE)
def test_copy_outside_the_scope_holds_no_numbers_that_do_not_fit(name: str) -> None:
    """Whoever this aid is not made for reads that, the safety card and room for questions."""
    summary = summary_of(persona(name).answers)
    text = packed(printed.patient(name).text)
    assert packed(AID.section_by_id["scope_exit"].title) in text
    assert packed(AID.section_by_id["safety_card"].title) in text
    assert packed("My questions for the talk") in text
    assert not any(packed(f.record.sentence) in text for v in summary.sections for f in v.figures)


@needs_poppler
@pytest.mark.parametrize("large", [False, True])
def test_copy_is_a_booklet_with_the_whole_card_on_its_last_page(large: bool) -> None:
    """The fullest copy has a bound; the card to cut out is never split."""
    pages = text_of(printed.patient("margaret", large=large).pdf).rstrip("\f").split("\f")
    # The three things that matter most stand with their figures: in large letters a page more.
    assert len(pages) <= (41 if large else 25)
    assert "030 123" in pages[-1]
    assert AID.section_by_id["safety_card"].title in pages[-1]


@given(level=st.integers(0, LEVELS), text=st.text(min_size=1, max_size=400))
def test_what_is_cut_is_marked_and_kept_in_full(level: int, text: str) -> None:
    """A cut text ends in the mark and its whole stands on the second sheet."""
    room = Overflow(level)
    shown = room.quote("2 My goal", text)
    assert shown == text or (shown.endswith("[…]") and room.moved == {"2 My goal": [text]})


def test_a_higher_level_never_keeps_more() -> None:
    """Halving may look for the fullest page, because more levels only move more away."""
    summary = summary_of(FULL["words"])
    lengths = [len(main_html(summary, level)) for level in range(LEVELS + 1)]
    assert lengths == sorted(lengths, reverse=True)


def main_html(summary: Summary, level: int) -> str:
    sheet = SurgeonPage(summary, Overflow(level))
    parts = [sheet.asked_not_reported(), sheet.words("goal", "activity"), sheet.symptoms()]
    parts += [sheet.tried(), sheet.others(), sheet.clarify(), sheet.also_rated()]
    parts += [sheet.again(), sheet.questions(), sheet.suggested()]
    return "".join(str(item) for part in parts for item in part)


# --- closed ------------------------------------------------------------------------------


@needs_poppler
def test_hostile_texts_are_printed_as_they_are() -> None:
    """Markup and template code in every field are text: nothing runs, nothing is attached."""
    answers: dict[str, object] = dict(persona("margaret").answers)
    answers |= {question.id: HOSTILE[: question.limit] for question in TEXTS}
    for pdf in (surgeon(summary_of(answers)), patient(summary_of(answers))):
        text = packed(text_of(pdf))
        assert packed("<script>alert(1)</script><img src=file:///etc/passwd>{{ 7*7 }}") in text
        assert "root:" not in text
        with pikepdf.open(io.BytesIO(pdf)) as opened:
            assert not opened.attachments
            assert "/JavaScript" not in opened.Root.get("/Names", {})


@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    """An address that notes who asks."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(404)
            self.end_headers()

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()


def test_engine_opens_no_file_and_no_address(
    listener: tuple[str, list[str]], tmp_path: Path
) -> None:
    """Even markup that asks for it gets neither a page from the network nor a local file."""
    address, asked = listener
    secret = tmp_path / "secret.txt"
    secret.write_text("a secret")
    html = (
        f"<html lang=en><title>x</title><link rel=stylesheet href={address}/a.css>"
        f"<link rel=attachment href={secret.as_uri()}><style>@import '{secret.as_uri()}';"
        f"p {{ background: url({address}/b.png) }}</style><h1>x</h1><p>x</p>"
        f"<img alt=x src={address}/c.png><object data={secret.as_uri()}></object>"
    )
    pdf = renderer.render(RenderJob(html=html)).pdf
    assert asked == []
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert not opened.attachments


@needs_poppler
def test_sign_without_a_glyph_gets_a_visible_mark() -> None:
    """A sign that no font has is marked and its script is named; the PDF stays sound."""
    pdf = surgeon(summary_of({"goal": "走 Walk \U000e0041 \U0001fae8"}))
    text = text_of(pdf)
    assert pdf_files.MARK in text
    assert "no font of this computer has" in text
    assert "走" in text or "CJK" in text
    assert faults(pdf) == []


def test_missing_sign_is_named_on_the_screen_too(tmp_path: Path) -> None:
    """The command says in a sentence which script has no font, and makes the PDF."""
    (tmp_path / "a.json").write_text('{"answers": {"goal": "\U0010fffd walk"}}')
    words = ["pdf", str(tmp_path / "a.json"), "--for", "surgeon", "-o", str(tmp_path / "a.pdf")]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0
    assert "no font of this computer has" in done.stderr
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")


@needs_poppler
@given(text=st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=120))
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_words_keep_one_page(text: str) -> None:
    """Whatever signs are typed into every field, the tenth area stays on page one."""
    raw = {question.id: text[: question.limit] for question in TEXTS}
    pdf = surgeon(summary_of({key: value for key, value in raw.items() if value.strip()}))
    assert "10 In clinic" in text_of(pdf, "-l", "1")


@needs_poppler
def test_other_scripts_and_marks_are_printed() -> None:
    """Polish, Greek, Russian, Arabic and a heap of accents make a sound page."""
    goal = "Zażółć gęślą. Περπατώ. Гулять. أمشي. " + "e" + "\u0301" * 100
    pdf = surgeon(summary_of({"goal": goal}))
    assert faults(pdf) == []
    assert "Zażółć" in text_of(pdf)


# --- the worker and a missing library ----------------------------------------------------

SMALL = "<html lang=en><title>x</title><h1>{}</h1>"


def test_missing_library_is_one_sentence_and_silent(tmp_path: Path) -> None:
    """Without Pango nothing is printed and the sentence names what to install."""
    (tmp_path / "weasyprint.py").write_text("print('notice')\nraise OSError('no pango')\n")
    program = (
        "from decision_aid.documents import renderer\n"
        "try: renderer.render(renderer.RenderJob(html='x'))\n"
        "except renderer.PdfUnavailable as error: print('SAID', error)\n"
    )
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("SAID PDFs need the Pango library")
    assert "libpango" in done.stdout
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""


def test_importing_the_paper_does_not_import_weasyprint() -> None:
    """The web pages start without waiting for WeasyPrint."""
    code = (
        "import sys; from decision_aid.documents import pdf_files; "
        "print('weasyprint' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"


def test_worker_makes_the_same_file() -> None:
    """The worker process and this one make the same bytes."""
    summary = summary_of(persona("daniel").answers)
    assert pdf_files.surgeon(summary) == surgeon(summary)


def test_worker_that_died_is_replaced() -> None:
    """A crash costs a retry, not the document."""
    render_pool.render(RenderJob(html=SMALL.format(1)))
    assert render_pool._pool
    render_pool._pool.submit(os._exit, 1)
    assert render_pool.render(RenderJob(html=SMALL.format(2))).pdf


def test_many_readers_get_their_papers_while_workers_are_replaced() -> None:
    """More documents than one worker draws, asked for at once, all arrive."""
    jobs = [RenderJob(html=SMALL.format(n)) for n in range(130)]
    with ThreadPoolExecutor(8) as readers:
        drawn: list[RenderedPdf] = list(readers.map(render_pool.render, jobs))
    assert all(one.pdf.startswith(b"%PDF") for one in drawn)


def test_document_that_takes_too_long_is_given_up() -> None:
    """The reader is told to try again, and the next document is drawn."""
    endless = SMALL.format("x") + "<p>one two three" * 60_000
    with pytest.raises(pdf_files.PdfBusy, match="try again"):
        render_pool.render(RenderJob(html=endless), budget=2)
    assert render_pool.render(RenderJob(html=SMALL.format("next"))).pdf


# --- pictures and the blank form ---------------------------------------------------------


@given(count=st.integers(0, 100))
def test_icon_array_is_filled_row_by_row(count: int) -> None:
    """As many dark dots as people, from the top left, ten in a row."""
    paths = re.findall(r"d='([^']*)'", charts.icon_array(count).replace("%27", "'"))
    dark = paths[2] if len(paths) > 2 else ""
    rows = re.findall(r"M5 ([\d.]+)H([\d.]+)", dark)
    assert sum(round((float(end) - 5) / 10) + 1 for _, end in rows) == count
    assert [float(y) for y, _ in rows] == [10 * row + 5 for row in range(len(rows))]
    assert all(float(end) > 95 for _, end in rows[:-1])


def test_every_place_of_the_body_map_can_be_drawn() -> None:
    """No option of the body map is missing in the picture."""
    empty = charts.pain_drawing(())
    drawn = {o.id: charts.pain_drawing([o.id]) for o in AID.questions["body_map"].options}
    assert all(picture != empty for picture in drawn.values())
    assert len(set(drawn.values())) == len(drawn)


def test_every_named_drawing_exists() -> None:
    """A section that asks for a drawing gets one."""
    names = {section.picture for section in AID.sections} - {""}
    assert [name for name in sorted(names) if not charts.illustration(name)] == []


@needs_poppler
def test_blank_form_asks_everything_with_plain_go_to_words() -> None:
    """Every question and option is printed, an author's new one too; conditions are words."""
    aid = with_new_questions()[0]
    pdf = pdf_files.form(aid, emergency_number="112", draw=renderer.render)
    text = packed(text_of(pdf))
    assert len(aid.questions) == len(AID.questions) + 7
    for question in aid.questions.values():
        assert packed(f"{BlankForm(aid).number(question)}. {question.text}") in text
        assert all(packed(option.text) in text for option in question.offered())
    assert packed("If not, go to question") in text
    assert "emergency_symptoms" not in text
    assert faults(pdf) == []


@needs_poppler
@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_no_question_of_the_blank_form_is_broken_over_two_pages(paper: str) -> None:
    """Whoever turns the page has seen all the answers; no heading stands alone at a foot."""
    blank = BlankForm(AID)
    pages = [packed(one) for one in text_of(printed.form(paper).pdf).split("\f")]
    heads = {q.id: packed(f"{blank.number(q)}. {q.text}") for q in AID.questions.values()}
    for question, head in zip(AID.questions.values(), heads.values(), strict=True):
        (page,) = (page for page in pages if head in page)
        own = page.partition(head)[2]
        for other in heads.values():
            own = own.partition(other)[0]
        assert all(packed(option.text) in own for option in question.offered()), question.id
        above = AID.page_of[question.id]
        if question is above.questions[0]:
            assert packed(above.title) in page.partition(head)[0]
    # Seventeen questions that the surgeon's talk missed take two pages more on A4, five on Letter.
    assert len(pages) <= (30 if paper == "A4" else 33)


def test_go_to_words_point_forward() -> None:
    """Whoever skips goes on to a later question."""
    blank = BlankForm(AID)
    for asked in blank.pages:
        for question in asked.questions:
            said = blank.before(question)
            if "go to question" in said:
                target = int(said.rpartition("go to question ")[2].rstrip("."))
                assert target == blank.number(question) + 1


def test_conditions_of_the_blank_form_are_said_once() -> None:
    """What differs only in its question is one sentence, with the words of the boxes themselves."""
    blank = BlankForm(AID)
    said = [blank.before_page(AID.page_by_id[page]) for page in ("safety_onset", "helped")]
    assert said == [
        "Only if you ticked any box but “None of these” at question 2 or question 3."
        " If not, go to question 6.",
        "Only if you ticked any box but “Nothing yet” at question 40. If not, go to question 49.",
    ]
    assert blank.tick(AID.questions["body_map"]) == ""
    assert blank.tick(AID.questions["worries"]) == "Tick up to 3."


@pytest.mark.parametrize(
    ("operator", "answer", "said"),
    [
        ("exists", True, "you answered question 16"),
        ("exists", False, "you did not answer question 16"),
        (">=", 7, "your number is at least 7 at question 16"),
    ],
)
def test_every_kind_of_condition_has_words(operator: Operator, answer: int, said: str) -> None:
    """An author may ask by a number, or by whether something was answered."""
    asked = Rule(conditions=(Condition(question="leg_pain", operator=operator, answer=answer),))
    question = replace(AID.questions["back_pain"], enable_when=asked)
    assert BlankForm(AID).before(question) == f"Only if {said}. If not, go to question 18."
