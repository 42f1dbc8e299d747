"""The command line, as a clinic or an author types it."""

import json
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from decision_aid.__main__ import main
from decision_aid.content.loader import load
from tests.personas import Persona, persona, personas


def file_of(patient: Persona, folder: Path) -> str:
    """An answers file of a persona."""
    path = folder / f"{patient.name}.json"
    path.write_text(json.dumps({"answers": patient.answers}), "utf-8")
    return str(path)


@pytest.mark.parametrize("patient", personas(), ids=lambda patient: patient.name)
def test_explain_says_what_follows_and_why(patient: Persona, tmp_path: Path) -> None:
    """The JSON has the promised keys and agrees with what the persona must see."""
    result = CliRunner().invoke(main, ["explain", file_of(patient, tmp_path)])
    found = json.loads(result.output)

    assert result.exit_code == 0
    assert set(found) == {
        "flags",
        "scope",
        "dominance",
        "sections",
        "contradictions",
        "gaps",
        "questions",
        "sure",
        "knowledge",
        "unanswered",
    }
    assert found["flags"] == {"emergency": patient.emergency, "urgent": patient.urgent}
    assert found["scope"] == patient.scope
    assert set(patient.sees) <= {row["id"] for row in found["sections"]}
    assert all(row.keys() >= {"id", "because"} for row in found["sections"])


def test_dash_is_standard_input_and_output(tmp_path: Path) -> None:
    """`-` reads the answers from a pipe and writes the PDF into one."""
    text = json.dumps({"answers": persona("daniel").answers})
    explained = CliRunner().invoke(main, ["explain", "-"], input=text)
    words = ["pdf", "-", "--for", "surgeon", "-o", "-", "--made-on", "2026-05-12T09:40"]
    paper = CliRunner().invoke(main, words, input=text)

    assert json.loads(explained.output)["dominance"] == "leg_dominant"
    assert paper.stdout_bytes.startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"answers": {"leg_pian": 7}}', "'leg_pian' is not a question (did you mean 'leg_pain'?)"),
        ('{"answers": {"condition": ["stenosis"]}}', "condition: 'stenosis' is not an option"),
        ('{"answers": {"leg_pain": 70}}', "leg_pain: 70 is outside 0 to 10"),
        ("not json", "This is not JSON"),
        ("[]", "An answers file looks like"),
    ],
)
@pytest.mark.parametrize("command", ["explain", "pdf", "text", "fhir"])
def test_bad_answers_end_with_2_and_write_nothing(
    tmp_path: Path, command: str, text: str, says: str
) -> None:
    """The sentence names what is wrong, the exit code is 2, and no file appears."""
    source, target = tmp_path / "answers.json", tmp_path / "page.pdf"
    source.write_text(text, "utf-8")
    words = {
        "explain": ["explain", str(source)],
        "pdf": ["pdf", str(source), "--for", "surgeon", "-o", str(target)],
        "text": ["text", str(source)],
        "fhir": ["fhir", "response", str(source)],
    }[command]
    result = CliRunner().invoke(main, words)

    assert result.exit_code == 2
    assert says in result.stderr
    assert "Traceback" not in result.output
    assert not target.exists()


def test_a_missing_file_and_an_unwritable_target_get_a_sentence(tmp_path: Path) -> None:
    """What cannot be read or written is named; the exit code is 2."""
    nowhere = CliRunner().invoke(main, ["explain", str(tmp_path / "none.json")])
    source = file_of(persona("silent"), tmp_path)
    target = str(tmp_path / "no" / "folder.pdf")
    unwritable = CliRunner().invoke(main, ["pdf", source, "--for", "patient", "-o", target])

    assert (nowhere.exit_code, unwritable.exit_code) == (2, 2)
    assert "cannot be read" in nowhere.stderr
    assert "cannot be written" in unwritable.stderr


@pytest.mark.parametrize(
    "words", [["map"], ["map", "--html"], ["ipdas"], ["fhir", "questionnaire"]]
)
def test_reports_are_printed(words: list[str]) -> None:
    """Reports for authors and clinics need no answers."""
    result = CliRunner().invoke(main, words)

    assert result.exit_code == 0
    assert len(result.output) > 1000


def test_purge_says_how_many_journeys_are_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On an empty store nothing is deleted, and that is said."""
    monkeypatch.setenv("DECISION_AID_INSTANCE", str(tmp_path))

    assert CliRunner().invoke(main, ["purge"]).output == "Expired journeys deleted: 0.\n"


@pytest.mark.parametrize("name", ["card", "paper"])
def test_card_and_blank_form_are_written(tmp_path: Path, name: str) -> None:
    """The safety card and the blank form are PDFs."""
    target = tmp_path / "out.pdf"

    assert CliRunner().invoke(main, [name, "-o", str(target)]).exit_code == 0
    assert target.read_bytes().startswith(b"%PDF-")


@pytest.mark.poppler
def test_the_printed_card_names_emergency_and_urgent_signs(tmp_path: Path) -> None:
    """No sign of the safety card is lost on paper."""
    target = tmp_path / "card.pdf"
    CliRunner().invoke(main, ["card", "-o", str(target)])
    words = ["pdftotext", "-raw", str(target), "-"]
    text = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    aid = load()
    card = aid.section_by_id["safety_card"]
    lines = [line for danger in aid.dangers for line in (*danger.card, danger.say)]

    for sign in (*lines, *card.do, *card.bad):
        assert sign in " ".join(text.split())
    assert text.count("cauda") == 1
