"""What a clinic can set: names, paper, where answers are kept. Read from the environment.

Every setting is an environment variable ``DECISION_AID_...`` or the same word in small letters
in the TOML file that ``DECISION_AID_SETTINGS`` names; the environment wins.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from pathlib import Path

from decision_aid import logo_file, toml_text
from decision_aid.secret_files import SettingsError, kept_key, read_key

__all__ = ["Settings", "SettingsError", "contrast_with_white", "dialled"]

PREFIX = "DECISION_AID_"
#: More than a settings file has; no more of a file is read.
_MOST_BYTES = 100_000
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
#: The least contrast of the accent colour with white, both ways round (WCAG 2.2, 1.4.3).
_LEAST_CONTRAST = 4.5


def _default_instance() -> Path:
    """The state directory of systemd, or of the user."""
    if given := os.environ.get("STATE_DIRECTORY"):
        return Path(given.split(":")[0])
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "decision-aid"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of one installation, checked.

    ``pepper`` and ``secret`` may be empty until ``with_keys`` is called: commands that only
    make paper need neither and leave the disk alone.
    """

    #: A folder with the three content files of one's own; None: those that are shipped.
    content: Path | None = None
    clinic_name: str = ""
    clinic_phone: str = ""
    emergency_number: str = "112"
    paper_size: str = "A4"
    logo: Path | None = None
    #: The clinic's colour as ``#rrggbb``; empty: the colour of the style sheet.
    accent: str = ""
    #: None: an SQLite file in the instance folder. ``memory``: nothing on disk.
    database_url: str | None = None
    instance: Path = field(default_factory=_default_instance)
    secret: str = field(default="", repr=False)
    pepper: bytes = field(default=b"", repr=False)
    #: How long answers are kept after "Start".
    hours: int = 72
    #: Served over https: the cookie is ``__Host-`` and Secure, and HSTS is sent.
    secure: bool = False
    trusted_hosts: tuple[str, ...] = LOOPBACK
    #: How many machines or containers serve the same database.
    nodes: int = 1
    #: How many reverse proxies stand in front; only then are forwarded headers believed.
    proxies: int = 0
    #: A clinic's tablet, handed from patient to patient.
    tablet: bool = False
    #: Staff may type in paper forms.
    key_in: bool = False
    #: The FHIR response travels inside the surgeon's PDF.
    attach: bool = True
    #: PDFs for an archive: PDF/A-3a as well as PDF/UA-1.
    archive: bool = False
    #: Counts of events at ``/metrics``, for Prometheus.
    metrics: bool = False

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """The settings in the environment. Raises SettingsError; writes nothing."""
        given = _given(os.environ if environ is None else environ)
        hosts = tuple(given.get("TRUSTED_HOSTS", "").replace(",", " ").split()) or LOOPBACK
        public = not set(hosts) <= set(LOOPBACK)
        settings = cls(
            content=_content(given),
            clinic_name=_line(given, "CLINIC_NAME", 80),
            clinic_phone=_matching(given, "CLINIC_PHONE", "", r"\+?[0-9(][0-9()./ -]{2,39}"),
            emergency_number=_matching(given, "EMERGENCY_NUMBER", "112", r"[0-9 ]{2,15}"),
            paper_size=_one_of(given, "PAPER_SIZE", ("A4", "Letter")),
            logo=_logo(given),
            accent=_accent(given),
            database_url=_database(given),
            instance=Path(given["INSTANCE"]) if given.get("INSTANCE") else _default_instance(),
            secret=read_key(PREFIX + "SECRET", given.get("SECRET", "")).hex(),
            pepper=read_key(PREFIX + "PEPPER", given.get("PEPPER", "")),
            hours=_number(given, "HOURS", 72, 1, 24 * 90),
            secure=_yes_no(given, "SECURE", public),
            trusted_hosts=hosts,
            nodes=_number(given, "NODES", 1, 1, 1000),
            proxies=_number(given, "PROXIES", 0, 0, 5),
            tablet=_yes_no(given, "TABLET", False),
            key_in=_yes_no(given, "KEY_IN", False),
            attach=_yes_no(given, "ATTACH", True),
            archive=_yes_no(given, "ARCHIVE", False),
            metrics=_yes_no(given, "METRICS", False),
        )
        if public and not settings.secure:
            raise SettingsError(
                f"{PREFIX}SECURE can be no only while {PREFIX}TRUSTED_HOSTS names this machine "
                "alone: answers must travel over https."
            )
        _check_nodes(settings)
        return settings

    @property
    def store_url(self) -> str:
        """Where answers are kept, as ``Store`` takes it."""
        if self.database_url:
            return self.database_url
        return "sqlite:///" + str((self.instance / "answers.db").absolute())

    def with_keys(self) -> "Settings":
        """These settings with pepper and secret, made in the instance folder at the first start.

        Raises SettingsError when the folder cannot be written or the files cannot be trusted.
        """
        if self.pepper and self.secret:
            return self
        _check_nodes(self)
        pepper = self.pepper or kept_key(self.instance, "pepper")
        secret = self.secret or kept_key(self.instance, "secret").hex()
        return replace(self, pepper=pepper, secret=secret)


def dialled(number: str) -> str:
    """A telephone number as it is dialled: ``+44 (0)20 7946 0000`` becomes ``+442079460000``.

    The trunk zero in brackets is dialled only without the country's number; what follows a
    stroke is another extension and is cut.
    """
    first = number.partition("/")[0]
    if first.strip().startswith("+"):
        first = first.replace("(0)", "")
    return re.sub(r"[^0-9+]", "", first)


_NAMES = [*(one.name.upper() for one in fields(Settings)), "SETTINGS"]


def _check_nodes(settings: Settings) -> None:
    if settings.nodes == 1:
        return
    if not (settings.pepper and settings.secret):
        raise SettingsError(
            f"{PREFIX}NODES is {settings.nodes}, so every node needs the same "
            f"{PREFIX}PEPPER and {PREFIX}SECRET; set both."
        )
    if not (settings.database_url or "").startswith("postgresql"):
        raise SettingsError(
            f"{PREFIX}NODES is {settings.nodes}, so the nodes need one PostgreSQL database; "
            f"set {PREFIX}DATABASE_URL."
        )


def _given(environ: Mapping[str, str]) -> dict[str, str]:
    """Settings by name from the file and the environment. A slip in a name is refused."""
    found: dict[str, str] = {}
    path = environ.get(PREFIX + "SETTINGS")
    if path:
        try:
            table = toml_text.loads(_text(Path(path)))
        except (OSError, UnicodeDecodeError, toml_text.TOMLDecodeError) as error:
            raise SettingsError(
                f"{PREFIX}SETTINGS names {path}, which is no TOML file: {error}."
            ) from None
        for key, value in table.items():
            if key.upper() not in _NAMES:
                raise SettingsError(f"{path}: {key!r} is not a setting{_near(key.upper())}.")
            if not isinstance(value, str | int):
                raise SettingsError(f"{path}: {key} must be one text, number, true or false.")
            found[key.upper()] = (
                {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
            )
    for name, value in environ.items():
        if not name.startswith(PREFIX):
            continue
        short = name.removeprefix(PREFIX)
        if short in _NAMES:
            found[short] = value.strip()
        elif get_close_matches(short, _NAMES, 1, 0.85):
            raise SettingsError(f"{name} is not a setting{_near(short)}.")
    return found


def _text(path: Path) -> str:
    """The text of a settings file, which is never long. Raises OSError, UnicodeDecodeError."""
    with path.open("rb") as opened:
        data = opened.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise toml_text.TOMLDecodeError(f"It has more than {_MOST_BYTES:,} bytes")
    return data.decode("utf-8")


def _near(name: str) -> str:
    close = get_close_matches(name, _NAMES, 1)
    return f" (did you mean {close[0]}?)" if close else ""


def _line(given: Mapping[str, str], name: str, longest: int) -> str:
    value = given.get(name, "")
    if len(value) > longest or not value.isprintable():
        raise SettingsError(f"{PREFIX}{name} must be one line of at most {longest} characters.")
    return value


def _matching(given: Mapping[str, str], name: str, default: str, pattern: str) -> str:
    value = given.get(name) or default
    if value and not re.fullmatch(pattern, value):
        raise SettingsError(f"{PREFIX}{name} is {value!r}, which is not a telephone number.")
    return value


def _one_of(given: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    value = given.get(name) or choices[0]
    for choice in choices:
        if value.casefold() == choice.casefold():
            return choice
    raise SettingsError(f"{PREFIX}{name} is {value!r}; it can be {' or '.join(choices)}.")


def _yes_no(given: Mapping[str, str], name: str, default: bool) -> bool:
    value = given.get(name, "").casefold()
    if value in ("yes", "true", "1", "on"):
        return True
    if value in ("no", "false", "0", "off"):
        return False
    if not value:
        return default
    raise SettingsError(f"{PREFIX}{name} is {value!r}; it can be yes or no.")


def _number(given: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    value = given.get(name) or str(default)
    if not re.fullmatch(r"[0-9]{1,6}", value) or not low <= int(value) <= high:
        raise SettingsError(
            f"{PREFIX}{name} is {value!r}; it must be a number from {low} to {high}."
        )
    return int(value)


def _content(given: Mapping[str, str]) -> Path | None:
    value = given.get("CONTENT")
    if value and not Path(value).is_dir():
        raise SettingsError(f"{PREFIX}CONTENT is {value!r}, which is not a folder.")
    return Path(value) if value else None


def _logo(given: Mapping[str, str]) -> Path | None:
    value = given.get("LOGO")
    if not value:
        return None
    path = Path(value)
    if path.suffix.lower() not in (".svg", ".png") or not path.is_file():
        raise SettingsError(f"{PREFIX}LOGO is {value!r}, which is not an SVG or PNG file.")
    if problem := logo_file.problem(path):
        raise SettingsError(f"{PREFIX}LOGO is {value!r}; {problem}.")
    return path


def contrast_with_white(colour: str) -> float:
    """The WCAG contrast ratio of ``#rrggbb`` and white, 1 to 21."""
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def _accent(given: Mapping[str, str]) -> str:
    value = given.get("ACCENT", "").lower()
    if value and not re.fullmatch(r"#[0-9a-f]{6}", value):
        raise SettingsError(f"{PREFIX}ACCENT is {value!r}; it must look like #005a9c.")
    if value and contrast_with_white(value) < _LEAST_CONTRAST:
        raise SettingsError(
            f"{PREFIX}ACCENT {value} has a contrast of {contrast_with_white(value):.1f} with "
            f"white; choose a darker colour, at least {_LEAST_CONTRAST}."
        )
    return value


def _database(given: Mapping[str, str]) -> str | None:
    """The address of the database; never repeated in an error, for it holds a password."""
    value = given.get("DATABASE_URL")
    if not value or value == "memory" or value.startswith("sqlite:///"):
        return value or None
    scheme, colon, rest = value.partition("://")
    if colon and rest and scheme in ("postgres", "postgresql", "postgresql+psycopg"):
        return f"postgresql+psycopg://{rest}"
    raise SettingsError(
        f"{PREFIX}DATABASE_URL must begin with sqlite:/// or postgresql://, or be the word memory."
    )
