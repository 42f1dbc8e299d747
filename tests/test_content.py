"""The content files: what is shipped is sound, and each mistake is named with its line."""

import shutil
import tomllib
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from decision_aid import resources
from decision_aid.__main__ import main
from decision_aid.content import ipdas, rulebook
from decision_aid.content import map as content_map
from decision_aid.content.check import check
from decision_aid.content.load import ContentError, load, read
from decision_aid.content.reader import FILES
from decision_aid.content.reading import section_grades

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
def test_each_planted_fault_is_named(folder: Path, row: dict[str, str]) -> None:
    """A mistake of an author is told in exactly these words, with its file and its line."""
    text = (folder / row["file"]).read_text("utf-8")
    assert row["old"] in text
    (folder / row["file"]).write_text(text.replace(row["old"], row["new"], 1), "utf-8")
    found = {str(fault).split(": ", 1)[1]: fault for fault in check(folder)}

    assert row["says"] in found, list(found)[:5]
    if not row.get("far"):
        planted_at = text[: text.index(row["old"])].count("\n") + 1
        assert found[row["says"]].file == row["file"]
        assert abs(found[row["says"]].line - planted_at) <= 6


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


def test_an_expired_figure_stops_the_aid() -> None:
    """The day after a review date, every figure of that date is a fault."""
    reader = read()
    assert reader.aid
    rulebook.examine(reader.aid, reader, today=date(2027, 11, 24))

    assert len(reader.faults) == len(AID.evidence)


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


def test_the_map_names_every_section_and_question() -> None:
    """A reviewer sees the whole logic without reading code."""
    text = content_map.text(AID)

    for name in (*AID.section_by_id, *AID.questions):
        assert f"\n{name} " in text
    assert content_map.html(AID).count("<tr>") == len(AID.sections) + len(AID.questions) + 2
