"""What is shipped: no secret gets into an image, and nothing is installed without its hash."""

import re
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).parents[2]
#: Every shipped file that may tell people or machines what to install.
SHIPPED = sorted(
    [
        *(path for path in (ROOT / "deploy").iterdir() if path.is_file()),
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/**/*.md"),
        *(path for path in (ROOT / ".ci").iterdir() if path.is_file()),
        ROOT / "run.py",
    ]
)
SECRET = (
    ".env",
    ".git/config",
    ".venv/bin/python",
    "answers.db",
    "decision_aid/.env",
    "decision_aid/static/key.pem",
    "decision_aid/web/answers.db-wal",
    "decision_aid/instance/pepper",
    "deploy/.env",
    "deploy/tls/fullchain.pem",
    "deploy/tls/key.pem",
    "instance/answers.db",
    "instance/pepper",
    "instance/secret",
    "id_ed25519",
    "pepper",
    "production.env",
    "secret",
    "settings",
    "settings.toml",
    "templates/.env.production",
    "templates/secret",
    "tests/personas.toml",
)


def _pattern(line: str) -> re.Pattern[str]:
    """A line of `.dockerignore` as its documentation reads it; what lies below is meant too."""
    signs = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", line.strip("/"))
    return re.compile("".join(signs.get(part, re.escape(part)) for part in parts))


def let_through(path: str, ignore: str) -> bool:
    """Whether a file gets into the image; the last line that matches it or a folder of it wins."""
    found = True
    above = [str(part) for part in (PurePosixPath(path), *PurePosixPath(path).parents[:-1])]
    for line in ignore.splitlines():
        if line and not line.startswith("#"):
            pattern = _pattern(line.removeprefix("!"))
            if any(pattern.fullmatch(name) for name in above):
                found = line.startswith("!")
    return found


@pytest.mark.parametrize("path", SECRET)
def test_no_secret_gets_into_an_image(path: str) -> None:
    """There was no `.dockerignore`: `COPY .` took keys, settings, answers and the history."""
    assert not let_through(path, (ROOT / ".dockerignore").read_text("utf-8"))


def test_what_the_program_needs_gets_into_an_image() -> None:
    """Each file of the wheel, and each file that the container file names."""
    ignore = (ROOT / ".dockerignore").read_text("utf-8")
    folders = (ROOT / "decision_aid", ROOT / "templates")
    needed = [
        str(file.relative_to(ROOT))
        for folder in folders
        for file in folder.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    ]
    named = re.findall(r"/source/(\S+)", (ROOT / "deploy/Containerfile").read_text("utf-8"))
    content = ["questions.toml", "sections.toml", "evidence.toml", "pyproject.toml", "README.md"]

    assert {"requirements.lock", "requirements-build.lock"} <= set(named)
    assert [p for p in [*needed, *named, *content] if not let_through(p, ignore)] == []


def installs(text: str) -> list[str]:
    """Each command that has packages installed, on one line."""
    lines = text.replace("\\\n", " ").replace("`", "\n").splitlines()
    commands = [part for line in lines for part in re.split(r"&&|;|\|", line)]
    return [
        command.strip()
        for command in commands
        if re.search(r"\b(?:pipx?|uv)\b.* install ", command)
    ]


def checked(command: str) -> bool:
    """Whether each package is compared with its hash, or nothing but the project is installed."""
    words = set(command.split())
    return "--require-hashes" in words or {"--no-index", "--no-deps"} <= words


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.name)
def test_every_shipped_install_checks_hashes(file: Path) -> None:
    """The container file and the page on servers cut the hashes out of the lock with sed."""
    text = file.read_text("utf-8")

    assert [command for command in installs(text) if not checked(command)] == []
    assert "/--hash/d" not in text


def test_installs_are_found() -> None:
    """The test above sees the commands; without hashes they are noticed."""
    found = [command for file in SHIPPED for command in installs(file.read_text("utf-8"))]

    assert len(found) >= 4
    assert not checked('pip install --no-cache-dir -c /tmp/versions "/source[scale]"')
