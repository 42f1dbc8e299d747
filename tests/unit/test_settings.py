"""Settings: what is taken, what is refused with one sentence, and the two secrets."""

import os
import socket
import stat
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from decision_aid.__main__ import main
from decision_aid.settings import Settings, SettingsError, contrast_with_white

KEYS = {"DECISION_AID_PEPPER": os.urandom(32).hex(), "DECISION_AID_SECRET": os.urandom(32).hex()}
ROOT = Path(__file__).parents[2]
POSTGRES = "postgresql://aid:hunter2@db/aid"


def of(**given: str) -> Settings:
    """Settings from these variables alone."""
    return Settings.from_environment({f"DECISION_AID_{k}": v for k, v in given.items()})


def test_without_any_setting_the_defaults_hold() -> None:
    """An empty environment gives A4, 112, 72 hours, SQLite and this machine alone."""
    settings = of()
    assert (settings.paper_size, settings.emergency_number, settings.hours) == ("A4", "112", 72)
    assert settings.database_url is None
    assert settings.store_url.startswith("sqlite:///")
    assert not settings.secure
    assert "127.0.0.1" in settings.trusted_hosts


def test_a_clinics_settings_are_taken(tmp_path: Path) -> None:
    """Names, numbers, hosts and the database reach the settings."""
    logo = tmp_path / "logo.svg"
    logo.write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    settings = of(
        CLINIC_NAME="Spine Clinic Zürich",
        CLINIC_PHONE="+41 44 123 45 67",
        PAPER_SIZE="letter",
        LOGO=str(logo),
        ACCENT="#005A9C",
        TRUSTED_HOSTS="aid.clinic.example, www.clinic.example",
        DATABASE_URL=POSTGRES,
    )
    assert settings.clinic_name == "Spine Clinic Zürich"
    assert settings.paper_size == "Letter"
    assert settings.accent == "#005a9c"
    assert settings.trusted_hosts == ("aid.clinic.example", "www.clinic.example")
    assert settings.secure, "a public host means https"
    assert settings.store_url == "postgresql+psycopg://aid:hunter2@db/aid"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PAPER_SIZE", "A3"),
        ("EMERGENCY_NUMBER", "nine nine nine"),
        ("CLINIC_PHONE", "<b>1</b>"),
        ("CLINIC_NAME", "x" * 81),
        ("CLINIC_NAME", "two\nlines"),
        ("HOURS", "0"),
        ("HOURS", "a week"),
        ("NODES", "-1"),
        ("SECURE", "perhaps"),
        ("ACCENT", "red"),
        ("ACCENT", "#ffcc00"),
        ("CONTENT", "no-such-folder"),
        ("CONTENT", "/etc/hostname"),
        ("LOGO", "no-such-file.svg"),
        ("LOGO", "/etc/hostname"),
        ("DATABASE_URL", "mysql://root:hunter2@db/x"),
        ("DATABASE_URL", "postgresql"),
        ("PEPPER", "hunter2"),
        ("PEPPER", "00" * 32),
        ("SECRET", "change me"),
        ("CLINIC_NAM", "a slip in the name"),
        ("SETTINGS", "/no/such/file.toml"),
    ],
)
def test_a_wrong_setting_is_refused_with_one_sentence(name: str, value: str) -> None:
    """Each wrong value raises SettingsError, names the setting and repeats no password."""
    with pytest.raises(SettingsError) as caught:
        of(**{name: value})
    sentence = str(caught.value)
    assert f"DECISION_AID_{name}" in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert "hunter2" not in sentence


def test_http_is_refused_for_a_public_host() -> None:
    """SECURE=no stands only with hosts of this machine."""
    with pytest.raises(SettingsError, match="https"):
        of(TRUSTED_HOSTS="aid.clinic.example", SECURE="no")
    assert not of(TRUSTED_HOSTS="localhost", SECURE="no").secure


def test_several_nodes_never_make_their_own_secrets() -> None:
    """NODES above 1 without pepper, secret or PostgreSQL is refused; with all three it stands."""
    with pytest.raises(SettingsError, match="PEPPER"):
        of(NODES="3", DATABASE_URL=POSTGRES)
    keys = {name.removeprefix("DECISION_AID_"): value for name, value in KEYS.items()}
    with pytest.raises(SettingsError, match="PostgreSQL"):
        of(NODES="3", **keys)
    assert of(NODES="3", DATABASE_URL=POSTGRES, **keys).nodes == 3
    with pytest.raises(SettingsError):
        Settings(nodes=2).with_keys()


def test_secrets_are_made_once_and_readable_by_the_program_alone(tmp_path: Path) -> None:
    """The first start makes both files with mode 0600; the next start reads the same."""
    folder = tmp_path / "instance"
    first = Settings(instance=folder).with_keys()
    again = Settings(instance=folder).with_keys()
    assert len(first.pepper) == 32
    assert (first.pepper, first.secret) == (again.pepper, again.secret)
    assert first.secret != first.pepper.hex()
    for name in ("pepper", "secret"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
    assert sorted(p.name for p in folder.iterdir()) == ["pepper", "secret"]


def test_given_secrets_leave_the_disk_alone(tmp_path: Path) -> None:
    """With PEPPER and SECRET in the environment no file is made."""
    folder = tmp_path / "instance"
    settings = Settings.from_environment({**KEYS, "DECISION_AID_INSTANCE": str(folder)})
    assert settings.with_keys().pepper.hex() == KEYS["DECISION_AID_PEPPER"]
    assert not folder.exists()


def test_secrets_that_others_could_have_read_are_refused(tmp_path: Path) -> None:
    """A pepper file open to other users, or cut short, stops the start."""
    Settings(instance=tmp_path).with_keys()
    (tmp_path / "pepper").chmod(0o644)
    with pytest.raises(SettingsError, match="0600"):
        Settings(instance=tmp_path).with_keys()
    (tmp_path / "pepper").chmod(0o600)
    (tmp_path / "pepper").write_bytes(b"short")
    with pytest.raises(SettingsError, match="damaged"):
        Settings(instance=tmp_path).with_keys()


def test_an_instance_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    """A file where the folder should be stops the start with a sentence."""
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="cannot be written"):
        Settings(instance=tmp_path / "file" / "instance").with_keys()


def test_secrets_are_not_in_the_printed_settings() -> None:
    """The repr of settings shows neither pepper nor secret."""
    settings = Settings.from_environment(KEYS)
    assert KEYS["DECISION_AID_SECRET"] not in repr(settings)
    assert repr(settings.pepper) not in repr(settings)


def test_a_toml_file_gives_settings_and_the_environment_wins(tmp_path: Path) -> None:
    """Words in small letters in the file; a variable beats it; an unknown word is refused."""
    file = tmp_path / "clinic.toml"
    file.write_text('clinic_name = "From the file"\nhours = 24\ntablet = true\n')
    settings = of(SETTINGS=str(file), HOURS="48")
    assert (settings.clinic_name, settings.hours, settings.tablet) == ("From the file", 48, True)
    file.write_text('clinic_nmae = "x"\n')
    with pytest.raises(SettingsError, match="CLINIC_NAME"):
        of(SETTINGS=str(file))
    for value in ("[24]", "{ a = 1 }", "2026-01-01", "1.5"):
        file.write_text(f"hours = {value}\n")
        with pytest.raises(SettingsError, match="hours must be one text, number, true or false"):
            of(SETTINGS=str(file))


def test_contrast_follows_wcag() -> None:
    """Black has 21 with white, white has 1, #767676 just passes 4.5."""
    assert round(contrast_with_white("#000000"), 2) == 21
    assert round(contrast_with_white("#ffffff"), 2) == 1
    assert round(contrast_with_white("#767676"), 2) == 4.54


#: What is set wrong, and a word of the sentence. None of them may start a server.
WRONG_STARTS = {
    "a short secret": ({"SECRET": "short"}, "32 random bytes"),
    "an unknown database": ({"DATABASE_URL": "mysql://root:hunter2@db/x"}, "postgresql://"),
    "a database that is away": ({"DATABASE_URL": "postgresql://a:hunter2@127.0.0.1:1/x"}, "opened"),
    "a folder that cannot be written": ({"INSTANCE": "/proc/nowhere"}, "cannot be written"),
    "a file that is no database": ({"DATABASE_URL": "sqlite:///{here}/notes"}, "NOTADB"),
    "http for a public host": ({"TRUSTED_HOSTS": "a.example", "SECURE": "no"}, "https"),
    "nodes without shared secrets": ({"NODES": "2"}, "PEPPER"),
    "a debugger": ({"": "FLASK_DEBUG"}, "FLASK_DEBUG"),
    "a debugger on a public address": (
        {"": "FLASK_DEBUG", "TRUSTED_HOSTS": "a.example"},
        "FLASK_DEBUG",
    ),
}


@pytest.mark.skipif(os.name != "posix", reason="the places are those of POSIX")
@pytest.mark.parametrize("name", WRONG_STARTS)
def test_a_wrong_setting_ends_the_start(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sentence, exit 2, no server, no password."""
    given, word = WRONG_STARTS[name]
    (tmp_path / "notes").write_text("some words, and no database at all\n" * 40)
    monkeypatch.setenv("DECISION_AID_INSTANCE", str(tmp_path))
    for key, value in given.items():
        here = value.replace("{here}", str(tmp_path))
        monkeypatch.setenv(f"DECISION_AID_{key}" if key else value, here if key else "1")
    result = CliRunner().invoke(main, ["serve"])
    assert result.exit_code == 2
    assert result.output.startswith("Error: ")
    assert result.output.count("\n") == 1
    assert result.output.endswith(".\n")
    assert word in result.output
    assert "hunter2" not in result.output


def test_addresses_that_cannot_be_served_end_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A port in use, and a public address without a public name: one sentence, exit 2."""
    monkeypatch.setenv("DECISION_AID_INSTANCE", str(tmp_path))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        for address, words in (
            (["--port", port], "cannot be used"),
            (["--host", "0.0.0.0"], "TRUSTED_HOSTS"),
        ):
            command = [sys.executable, "-m", "decision_aid", "serve", *address]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
            assert done.returncode == 2
            assert done.stderr.startswith("Error: ")
            assert words in done.stderr
            assert (done.stdout + done.stderr).count("\n") == 1


def png() -> bytes:
    """A small picture."""
    out = BytesIO()
    Image.new("RGB", (40, 20), "#005a9c").save(out, "PNG")
    return out.getvalue()


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"/>'
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF"


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("logo.png", b"This is a text.", "no PNG picture"),
        ("logo.png", b"", "no PNG picture"),
        ("logo.png", JPEG, "no PNG picture"),
        ("logo.png", SVG, "no PNG picture"),
        ("logo.png", png()[:60], "no PNG picture"),
        ("logo.png", png()[:30] + b"\0" + png()[31:], "no PNG picture"),
        ("logo.png", png() + bytes(1_000_000), "too many for a phone"),
        ("logo.svg", b"This is a text.", "no SVG picture"),
        ("logo.svg", b"", "no SVG picture"),
        ("logo.svg", png(), "no SVG picture"),
        ("logo.svg", b"<html/>", "no SVG picture"),
        ("logo.svg", b"<svg/>", "no SVG picture"),
        ("logo.svg", SVG[:-1], "no SVG picture"),
        ("logo.svg", b'<!DOCTYPE svg [<!ENTITY a "aaaa">]>' + SVG, "no SVG picture"),
        ("logo.png", png(), ""),
        ("LOGO.PNG", png(), ""),
        ("logo.svg", b'<?xml version="1.0"?><!-- c -->' + SVG, ""),
    ],
    ids=lambda item: str(item)[:24],
)
def test_a_logo_is_the_picture_that_its_name_says(
    name: str, data: bytes, says: str, tmp_path: Path
) -> None:
    """A text file named `.png` passed, and every page showed a broken picture."""
    (tmp_path / name).write_bytes(data)
    if not says:
        assert of(LOGO=str(tmp_path / name)).logo
        return
    with pytest.raises(SettingsError, match=says):
        of(LOGO=str(tmp_path / name))
