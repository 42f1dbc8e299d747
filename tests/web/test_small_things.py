"""Hosts, telephone links and counts of minutes, as one would expect them."""

from pathlib import Path

import pytest

from decision_aid import create_app
from decision_aid.settings import Settings, SettingsError, dialled


@pytest.mark.parametrize(
    ("written", "right"),
    [
        ("+44 (0)20 7946 0000", "+442079460000"),
        ("020 7946 0000/01", "02079460000"),
        ("020 7946 0000 / 01", "02079460000"),
        ("(020) 7946-0000", "02079460000"),
        ("+41 44 123.45.67", "+41441234567"),
        ("112", "112"),
    ],
)
def test_a_link_dials_what_is_written(tmp_path: Path, written: str, right: str) -> None:
    """The zero in brackets was dialled after the country's number, and ``/01`` stood in it."""
    app = create_app(Settings(instance=tmp_path, clinic_phone=written).with_keys())

    assert dialled(written) == right
    for path in ("/", "/safety-card"):
        assert f'"tel:{right}"' in app.test_client().get(path).text


@pytest.mark.parametrize("written", ["---", "/01", "20+44", "+44 +20"])
def test_what_cannot_be_dialled_is_refused(written: str) -> None:
    """Such a number passed as one, and its link dialled nothing or somebody else."""
    with pytest.raises(SettingsError, match="telephone"):
        Settings.from_environment({"DECISION_AID_CLINIC_PHONE": written})


@pytest.mark.parametrize(
    ("host", "path", "status"),
    [
        ("[::1]", "/", 200),
        ("[::1]:8000", "/", 200),
        ("[::2]", "/", 400),
        ("[::1]:x", "/", 400),
        ("[::1].evil.example", "/", 400),
        ("localhost:8000", "/", 200),
        ("10.1.2.3:8000", "/", 400),
        ("10.1.2.3:8000", "/health", 200),
        ("10.1.2.3:8000", "/ready", 200),
    ],
)
def test_trusted_hosts_are_served(tmp_path: Path, host: str, path: str, status: int) -> None:
    """The trusted ``[::1]`` was refused, and so was a watcher that asks a machine's address."""
    client = create_app(Settings(instance=tmp_path).with_keys()).test_client()

    assert client.get(path, headers={"Host": host}).status_code == status
