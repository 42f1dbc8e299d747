"""The content files: what is shipped is sound, and each mistake is named with its line."""

import re
import shutil
import tomllib
from dataclasses import replace
from datetime import date
from html import escape, unescape
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from decision_aid import create_app, resources
from decision_aid.__main__ import main
from decision_aid.content import integrity
from decision_aid.content.check import check
from decision_aid.content.lint.readability import section_grades
from decision_aid.content.loader import ContentError, load, read
from decision_aid.content.reports import ipdas
from decision_aid.content.reports import traceability as content_map
from decision_aid.content.source_files import FILES
from decision_aid.model import Aid
from decision_aid.settings import Settings

AID = load()
Q, S, E = FILES

PLANTED = tomllib.loads(Path(__file__).with_name("planted.toml").read_text("utf-8"))["planted"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped content."""
    for name in FILES:
        shutil.copy(resources.find(name), tmp_path / name)
    return tmp_path


def test_the_shipped_content_has_no_fault_and_no_warning() -> None:
    """What patients get passes the author's check in strict mode."""
    assert [str(fault) for fault in check()] == []


@pytest.mark.parametrize("row", PLANTED, ids=lambda row: row["says"][:50])
def test_each_planted_fault_is_named(folder: Path, row: dict[str, Any]) -> None:
    """A mistake of an author is told in exactly these words, with its file and its line."""
    text = (folder / row["file"]).read_text("utf-8")
    assert row["old"] in text
    (folder / row["file"]).write_text(text.replace(row["old"], row["new"], 1), "utf-8")
    found = {str(fault).split(": ", 1)[1]: fault for fault in check(folder)}

    assert row["says"] in found, list(found)[:5]
    fault = found[row["says"]]
    assert fault.file == row.get("where", row["file"])
    if "where" not in row:
        planted_at = text[: text.index(row.get("at", row["old"]))].count("\n") + 1
        assert fault.line == planted_at + row.get("lines", 0)


def test_every_fault_is_named_in_one_run(folder: Path) -> None:
    """Faults in three files are told together, not one after the other."""
    for file, old, new in (
        (Q, 'kind = "scale"', 'kind = "slider"'),
        (S, 'group = "benefit"', 'group = "benefits"'),
        (E, 'certainty = "moderate"', 'certainty = "good"'),
    ):
        text = (folder / file).read_text("utf-8")
        (folder / file).write_text(text.replace(old, new, 1), "utf-8")

    assert {fault.file for fault in check(folder)} == {Q, S, E}


UTF_16 = "questions".encode("utf-16")
BROKEN: list[tuple[bytes, int, str]] = [
    (b"", 1, "the file is empty"),
    (b"# nothing else\n", 1, "there is no [["),
    (b'id = "caf\xe9"\n', 1, "is not UTF-8; save the file with the encoding UTF-8"),
    (b'id = "x"\nid = "caf\xe9"\n', 2, "is not UTF-8"),
    (UTF_16, 1, "is not UTF-8"),
    (b'id = "x"\nid = "y"\n', 2, "the same word stands twice"),
    (b"\0", 1, "this is not TOML"),
    (b"[page\n", 1, "this is not TOML"),
    (b"a = " + b"[" * 5000, 1, "this is not TOML"),
    (b"#" * 5_000_001, 1, "larger than 5,000,000 bytes"),
]


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize(("data", "line", "says"), BROKEN, ids=lambda value: str(value)[:30])
def test_a_file_that_cannot_be_read_is_told_in_a_sentence(
    folder: Path, file: str, data: bytes, line: int, says: str
) -> None:
    """Whatever lies in the folder by the name of a content file: a message, no traceback."""
    (folder / file).write_bytes(data)

    assert any(
        (fault.file, fault.line) == (file, line) and says in fault.message
        for fault in check(folder)
    )


@pytest.mark.parametrize(
    ("file", "table"),
    [
        *((Q, name) for name in ("aid", "words", "lint", "part", "page")),
        *((S, name) for name in ("section", "contradiction", "bearing", "timeline")),
        *((E, name) for name in ("source", "evidence")),
    ],
)
@pytest.mark.parametrize("value", ["5", '"x"', "[1, 2]", "[[1]]", "[{a = 1}]", "{a = 1}"])
def test_a_table_of_the_wrong_shape_is_named(
    folder: Path, file: str, table: str, value: str
) -> None:
    """A value where a table belongs is a fault with the name of the table, and no traceback."""
    (folder / file).write_text(f"{table} = {value}\n", "utf-8")

    assert any(table in (fault.id, fault.message.split("'")[0]) for fault in check(folder))


def test_windows_line_ends_and_a_byte_order_mark_do_no_harm(folder: Path) -> None:
    """A file saved by a Windows editor is as good as any other."""
    for name in FILES:
        data = (folder / name).read_bytes().replace(b"\n", b"\r\n")
        (folder / name).write_bytes(b"\xef\xbb\xbf" + data)

    assert check(folder) == []


def test_one_broken_row_is_one_fault(folder: Path) -> None:
    """What refers to a row that cannot be read is not called missing as well."""
    text = (folder / E).read_text("utf-8")
    (folder / E).write_text(text.replace('mark = "V"', 'mark = "good"', 1), "utf-8")

    assert len(check(folder)) == 1


def test_a_missing_file_is_named(folder: Path) -> None:
    """A folder without one of the files gets a sentence, never a traceback."""
    (folder / E).unlink()

    assert any("the file is missing" in str(fault) for fault in check(folder))
    with pytest.raises(ContentError):
        load(folder)


def test_the_command_ends_with_1_and_names_the_line(folder: Path) -> None:
    """`decision-aid check FOLDER` prints file, line, id and message, and exits with 1."""
    text = (folder / Q).read_text("utf-8")
    (folder / Q).write_text(text.replace('kind = "scale"', 'kind = "slider"', 1), "utf-8")
    line = text[: text.index('kind = "scale"')].count("\n") + 1
    result = CliRunner().invoke(main, ["check", str(folder)])

    assert result.exit_code == 1
    assert f"questions.toml:{line}: leg_pain: kind is 'slider'" in result.output


def test_a_folder_of_ones_own_reaches_the_screen_and_every_command(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the setting CONTENT the web pages, the reports and the check read that folder."""
    text = (folder / Q).read_text("utf-8").replace(f'"{AID.title}"', '"Ours"', 1)
    (folder / Q).write_text(text, "utf-8")
    app = create_app(Settings(content=folder, database_url="memory", instance=folder / "keys"))
    monkeypatch.setenv("DECISION_AID_CONTENT", str(folder))

    assert "Ours" in app.test_client().get("/").text
    assert "Map of Ours" in CliRunner().invoke(main, ["map", "--html"]).output
    assert CliRunner().invoke(main, ["check", "--strict"]).exit_code == 0
    (folder / S).unlink()
    assert "sections.toml:1" in CliRunner().invoke(main, ["check"]).stderr
    refused = CliRunner().invoke(main, ["explain", "-"], input='{"answers": {}}')
    assert (refused.exit_code, refused.stderr.count("\n")) == (2, 1)
    assert "the file is missing" in refused.stderr
    monkeypatch.setenv("DECISION_AID_CONTENT", str(folder / "none"))
    refused = CliRunner().invoke(main, ["serve"])
    assert refused.exit_code == 2
    assert "which is not a folder" in refused.stderr


def test_an_expired_figure_stops_the_aid() -> None:
    """The day after a review date, every figure of that date is a fault, and so is the aid."""
    reader = read()
    assert reader.aid
    integrity.examine(reader.aid, reader, today=date(2027, 11, 28))

    assert len(reader.faults) == len(AID.evidence) + 1  # and the aid as a whole


def test_every_option_of_a_worry_has_its_section() -> None:
    """No worry is left without an answer."""
    worries = AID.questions["worries"].options

    assert [option.id for option in worries if not option.section] == ["none"]


def test_reading_grades() -> None:
    """The median section is at grade 6 or below, and none is above 8."""
    grades = sorted(section_grades(AID).values())

    assert grades[len(grades) // 2] <= 6
    assert grades[-1] <= 8


def test_all_27_buildable_ipdas_items_are_met() -> None:
    """27 items are met, 9 do not apply, 6 need people and 2 a trial."""
    items = ipdas.sheet(AID)

    assert sorted(item.status for item in items).count("met") == 27
    assert [item.id for item in items if item.status == "not met"] == []
    assert len(items) == 44


def test_options_that_count_alike_or_say_why_are_judged_by_the_check() -> None:
    """Without a reason, another time or another denominator in the options costs U6 or U7."""

    def status(aid: Aid) -> dict[str, str]:
        return {item.id: item.status for item in ipdas.sheet(aid)}

    silent = replace(AID, sections=tuple(replace(s, frames_differ="") for s in AID.sections))
    wait = AID.section_by_id["option_wait"].evidence
    per = tuple(replace(e, per=1000) if e.id in wait else e for e in AID.evidence)
    assert (status(silent)["U6"], status(silent)["U7"]) == ("not met", "met")
    assert status(replace(silent, evidence=per))["U7"] == "not met"
    assert status(replace(AID, evidence=per))["U7"] == "met"


def test_the_page_about_tells_why_figures_are_not_alike(tmp_path: Path) -> None:
    """Each written reason, with the sections that it is for."""
    app = create_app(Settings(database_url="memory", instance=tmp_path))
    page = unescape(app.test_client().get("/about").text)

    reasons = {reason for s in AID.sections for reason in (s.frames_differ, s.parts_differ)} - {""}
    assert len(reasons) >= 3
    assert all(reason in page for reason in reasons)


def test_the_map_names_every_section_and_question() -> None:
    """A reviewer sees the whole logic without reading code, in words and in ids, both ways."""
    text = content_map.text(AID)

    for name in (*AID.section_by_id, *AID.questions):
        assert f"\n{name} " in text
    html = content_map.html(AID)
    for section in AID.sections:
        assert f"{escape(section.title)}<code>{section.id}</code>" in html
        assert content_map.in_ids(section.enable_when) in unescape(html)
    for question in AID.questions.values():
        assert f"{escape(question.text)}<code>{question.id}</code>" in html
    assert "Shown when Condition is “herniated disc”" in html
    anchors = re.findall(r'href="#([^"]*)"', html)
    assert len(anchors) > 200
    assert set(anchors) <= set(re.findall(r'id="([^"]*)"', html))


def test_the_map_leads_back_from_each_answer() -> None:
    """From an answer to what it brings and what it keeps away; from a fact to its questions."""
    asked = {row.question.id: row for row in content_map.back(AID)}

    def led(question: str, answer: str) -> tuple[set[str], set[str]]:
        for _, id_, leads, keeps in asked[question].answers:
            if id_ == answer:
                return {told.id for told in leads}, {told.id for told in keeps}
        return set(), set()

    leads, keeps = led("condition", "herniated_disc")
    assert {"condition_herniated_disc", "benefit_disc_speed", "operation_discectomy"} <= leads
    assert "no_benefit_disc_degeneration" in keeps
    assert "risk_infection" in led("worries", "infection")[0]
    assert "diabetes_control" in led("health", "diabetes")[0]
    assert "shift_weight" in led("weight_kg", "")[0]
    assert asked["goal"].answers == ()
    every = {t.id for row in asked.values() for *_, leads, keeps in row.answers for t in leads}
    ruled = {s.id for s in AID.sections if s.enable_when.conditions}
    assert ruled <= every
