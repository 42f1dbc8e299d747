"""The content files: what is shipped is sound, and each mistake is named with its line."""

import shutil
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

#: File, what stands there, what is planted instead, and what must be said of it.
PLANTED = [
    (Q, 'kind = "scale"', 'kind = "slider"', "leg_pain: kind is 'slider'"),
    (Q, 'kind = "scale"', 'knid = "scale"', "unknown key 'knid'; did you mean 'kind'?"),
    (Q, 'title = "Your pain"', "title = 7", "pain: title is 7; it must be a text"),
    (
        Q,
        'part = "symptoms"',
        'part = "symptons"',
        "no such part 'symptons'; did you mean 'symptoms'?",
    ),
    (Q, 'id = "leg_pain"', 'id = "Leg pain"', "an id is made of small letters, digits and _"),
    (Q, 'id = "back_pain"', 'id = "leg_pain"', "leg_pain: the id is used 2 times"),
    (Q, "limit = 200", 'limit = "long"', "goal: limit is 'long'; it must be a whole number"),
    (Q, "limit = 200\n", "", "goal: a text needs a limit, in characters"),
    (Q, "minimum = 100", "minimum = 400", "height_cm: minimum 400 must be below maximum 230"),
    (Q, "review_by = 2027-11-23", 'review_by = "soon"', "review_by is 'soon'; it must be a date"),
    (Q, 'right = "true"', 'right = "yes"', "know_waiting: right is 'yes', no option"),
    (Q, 'section = "risk_infection"', 'section = "risk_infections"', "worries: no such section"),
    (
        Q,
        'options_from = "suggested_questions"',
        'options_from = "questions"',
        "question_picks: options_from can only be 'suggested_questions', not 'questions'",
    ),
    (
        Q,
        '{question = "condition", operator = "=", answer = "spondylolisthesis"}',
        '{question = "leaning", operator = "=", answer = "surgery"}',
        "slip_told_unstable: 'leaning' is not asked before this",
    ),
    (
        Q,
        '{question = "condition", operator = "=", answer = "spondylolisthesis"}',
        '{question = "operation", operator = "=", answer = "fusion"}',
        "slip_told_unstable: 'operation' is not asked before this",
    ),
    (
        Q,
        '{question = "condition", operator = "=", answer = "spondylolisthesis"}',
        '{question = "condition", operator = "=", answer = "slip"}',
        "slip_told_unstable: 'condition' has no option 'slip'",
    ),
    (
        Q,
        '{question = "condition", operator = "=", answer = "spondylolisthesis"}',
        '{question = "conditions", operator = "=", answer = "spondylolisthesis"}',
        "no such question 'conditions'; did you mean 'condition'?",
    ),
    (
        Q,
        '{question = "condition", operator = "=", answer = "spondylolisthesis"}',
        '{question = "condition", operator = "is", answer = "spondylolisthesis"}',
        "slip_told_unstable: no such operator 'is'",
    ),
    (
        Q,
        '{question = "condition", operator = "=", answer = "spondylolisthesis"}',
        '{question = "condition", answer = "spondylolisthesis"}',
        "slip_told_unstable: 'operator' is missing in a condition",
    ),
    (
        Q,
        '{question = "condition", operator = "=", answer = "spondylolisthesis"}',
        '{question = "dominance", operator = "=", answer = "mixed"}',
        "'dominance' is a derived fact; use it in sections.toml only",
    ),
    (
        Q,
        '[{question = "condition", operator = "=", answer = "spondylolisthesis"}]',
        '"always"',
        "slip_told_unstable: enable_when must be a list of conditions",
    ),
    (Q, "[words]", "[wrods]", "wrods: no such table; did you mean 'words'?"),
    (Q, 'id = "leg", text = "My leg"', 'id = "leg", txet = "My leg"', "unknown key 'txet'"),
    (Q, '{id = "leg", text', '{id = "back", text', "the option 'back' stands 2 times"),
    (Q, 'title = "Your pain"', 'title = "Your pain', "file: this is not TOML"),
    (S, 'group = "benefit"', 'group = "benefits"', "group is 'benefits'; it can be"),
    (
        S,
        'evidence = ["ldh_resorption"]',
        'evidence = ["ldh_resorbtion"]',
        "'ldh_resorbtion' is no figure",
    ),
    (
        S,
        'evidence = ["ldh_resorption"]',
        'evidence = "ldh_resorption"',
        "it must be a list of texts",
    ),
    (S, 'enable_behavior = "any"', 'enable_behavior = "or"', "enable_behavior is 'or'"),
    (S, 'id = "safety_card"', 'id = "card"', "safety_card: this section is missing"),
    (S, 'answer = "leg_dominant"', 'answer = "legs"', "'dominance' has no option 'legs'"),
    (S, 'operator = "<=", answer = 2', 'operator = "<=", answer = "two"', "'leg_pain' is a number"),
    (
        S,
        'question = "leg_pain", operator = ">="',
        'question = "leg_side", operator = ">="',
        "has no",
    ),
    (S, 'value = "value_leg_pain"', 'value = "value_legs"', "no such question 'value_legs'"),
    (S, "weight = 1", "weight = 5", "weight is 5; it can be"),
    (S, 'option = "option_wait"', 'option = "option_waiting"', "no such section 'option_waiting'"),
    (S, "rank = 10", "rank = 10.5", "rank is 10.5; it must be a whole number"),
    (E, 'mark = "V"', 'mark = "K"', "has the mark K: not checked, not to be shown"),
    (E, 'mark = "V"', 'mark = "ok"', "mark is 'ok'; it can be"),
    (E, 'sources = ["peul_2007"]', 'sources = ["peul"]', "no such source 'peul'"),
    (E, 'sources = ["peul_2007"]', "sources = []", "ldh_recovery_1y: the figure has no source"),
    (E, "review_by = 2027-11-23", "review_by = 2020-01-01", "check the source again"),
    (E, 'certainty = "moderate"', 'certainty = "good"', "certainty is 'good'; it can be"),
    (E, "count = 95", "count = 195", "Early surgery: 195 is not between 0 and 100"),
    (E, "count = 95", "count = 95.4", "95.4 people; whole people only"),
    (
        E,
        'population = "283',
        'poplation = "283',
        "unknown key 'poplation'; did you mean 'population'?",
    ),
    (S, "does nothing for back pain", "is the best choice for back pain", "judges or recommends"),
    (
        S,
        "With screws or other implants",
        "1 in 25 people with implants",
        '"1 in X" is hard to compare',
    ),
    (
        S,
        "Not everyone gets clearly better.",
        "Surgery has twice the risk.",
        "a relative or percent",
    ),
    (S, "about 13 of 100 people", "about 14 of 100 people", "the number 14 stands in none"),
    (S, "It has no risk of treatment.", "It has 2.5 of 100 risks.", "no decimals for patients"),
    (
        S,
        '  "You can change your mind on any day.",\n',
        "",
        "2 good and 3 bad points: make them equal",
    ),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped content."""
    for name in FILES:
        shutil.copy(resources.find(name), tmp_path / name)
    return tmp_path


def test_the_shipped_content_has_no_fault_and_no_warning() -> None:
    """What patients get passes the author's check in strict mode."""
    assert [str(fault) for fault in check()] == []


@pytest.mark.parametrize(("file", "old", "new", "says"), PLANTED)
def test_each_planted_fault_is_named(
    folder: Path, file: str, old: str, new: str, says: str
) -> None:
    """A mistake of an author is told with its file, near its line, in words that help."""
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), "utf-8")
    planted_at = text[: text.index(old)].count("\n") + 1
    found = [fault for fault in check(folder) if says in str(fault)]

    assert found, [str(fault) for fault in check(folder)][:5]
    if found[0].file == file and "missing" not in says and "used 2 times" not in says:
        assert abs(found[0].line - planted_at) <= 45


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
