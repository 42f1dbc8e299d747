#!/usr/bin/env python3
"""Set up everything and start the aid: ``python3 run.py``. Test it: ``python3 run.py test``.

``python3 run.py test fast`` is the loop of every day: no browser, no server, no PDF.

Uses the standard library only. Further words are passed on: ``python3 run.py check``.
"""

import ctypes.util
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
#: What is installed for running, and for testing too: every package pinned, with its hash.
LOCKS = {
    "run": ROOT / "requirements.lock",
    "test": ROOT / "requirements-test.lock",
    "bench": ROOT / "requirements-bench.lock",
}

#: What the platform has to bring, by package manager.
SYSTEM = {
    "apt-get": (
        "python3-venv libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core"
    ),
    "dnf": "python3-pip pango dejavu-sans-fonts",
    "apk": "python3 pango font-dejavu",
    "brew": "pango",
}
INSTALL = {"apt-get": "install -y", "dnf": "install -y", "apk": "add", "brew": "install"}


def fingerprint() -> str:
    """What is to be installed: changes with pyproject.toml, the locks and the interpreter."""
    files = (ROOT / "pyproject.toml", *LOCKS.values())
    text = b"".join(path.read_bytes() for path in files) + sys.version.encode()
    return hashlib.sha256(text).hexdigest()


def stamp(purpose: str) -> Path:
    """The file that says what was installed for a purpose."""
    return VENV / f"installed-for-{purpose}"


def manager() -> str:
    """The platform's package manager, or an empty string."""
    return next((name for name in SYSTEM if shutil.which(name)), "")


def plain_line(name: str) -> str:
    """What a person has to type when this program may not."""
    if not name:
        return "Install Pango, HarfBuzz and the venv module of Python, then start this again."
    sudo = "" if name == "brew" else "sudo "
    return f"Type: {sudo}{name} {INSTALL[name]} {SYSTEM[name]}   and then start this again."


def rights(name: str) -> list[str] | None:
    """The words before the package manager that allow installing, or None when nothing does."""
    if name == "brew" or (os.name == "posix" and os.geteuid() == 0):
        return []
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True).returncode == 0:
        return [sudo, "-n"]
    return None


def has_pango() -> bool:
    """Whether the PDF library finds what it needs."""
    found = ctypes.util.find_library
    return bool(found("pango-1.0") and found("pangoft2-1.0"))


def has_venv() -> bool:
    """Whether this Python can make a virtual environment with pip."""
    words = [sys.executable, "-c", "import ensurepip, venv"]
    return subprocess.run(words, capture_output=True).returncode == 0


def system_packages() -> None:
    """Bring what the platform has to bring, or say in one line what to type."""
    if has_venv() and has_pango():
        return
    name = manager()
    words = rights(name) if name else None
    if words is not None:
        print(f"Installing with {name}: {SYSTEM[name]}", flush=True)
        env = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
        if name == "apt-get":
            subprocess.run([*words, name, "update", "-qq"], env=env, stdout=subprocess.DEVNULL)
        order = [*words, name, *INSTALL[name].split(), *SYSTEM[name].split()]
        subprocess.run(order, env=env, stdout=subprocess.DEVNULL)
    if not has_venv():
        sys.exit(f"Python's venv module is missing. {plain_line(name)}")
    if not has_pango():
        print(f"Pango is missing: all works but the PDFs. {plain_line(name)}", flush=True)


def works() -> bool:
    """Whether the virtual environment runs and has pip, which another tool's may not have."""
    try:
        pip = subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True)
    except OSError:
        return False
    return pip.returncode == 0


def install(purpose: str) -> None:
    """Make the virtual environment if needed and install what the lock names, each by its hash."""
    system_packages()
    if not works():
        if VENV.exists():
            print("The .venv here was made by another tool or is broken; making it again.")
            shutil.rmtree(VENV)
        subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
    print("Installing into .venv; this takes a minute.", flush=True)
    pip = [PYTHON, "-m", "pip", "--disable-pip-version-check", "-q", "install"]
    subprocess.run([*pip, "--require-hashes", "-r", LOCKS[purpose]], check=True)
    stamp(purpose).write_text(fingerprint())


def ready(purpose: str) -> bool:
    """Whether what is installed is what is asked for; what tests need is enough for running."""
    enough = {"run": ("run", "test", "bench"), "test": ("test", "bench"), "bench": ("bench",)}
    stamps = [stamp(other) for other in enough[purpose]]
    return PYTHON.exists() and any(
        found.exists() and found.read_text() == fingerprint() for found in stamps
    )


def main(words: list[str]) -> int:
    """Set up when needed, then start, test, measure or pass the words on."""
    if sys.version_info < (3, 11):  # noqa: UP036 - this file is what an older Python meets first
        sys.exit("This needs Python 3.11 or newer; this is " + sys.version.split()[0] + ".")
    purpose = words[0] if words[:1] in (["test"], ["bench"]) else "run"
    if not ready(purpose):
        try:
            install(purpose)
        except subprocess.CalledProcessError as error:
            sys.exit(f"Setting up failed at: {' '.join(map(str, error.cmd))}")
    match words:
        case ["test", "fast"]:
            order = ["-m", "pytest", "-q", "tests/unit", "--numprocesses=2"]
        case ["test", *rest]:
            # Two at a time, file by file: the tests of one file share their server.
            order = ["-m", "pytest", *(rest or ["--numprocesses=2", "--dist=loadfile"])]
        case ["bench", *rest]:
            order = ["-m", "benchmarks.run", *rest]
        case []:
            order = ["-m", "decision_aid", "serve"]
        case _:
            order = ["-m", "decision_aid", *words]
    folder = None if purpose == "run" else ROOT
    env = dict(os.environ, PYTHONPATH=str(ROOT))
    try:
        return subprocess.run([PYTHON, *order], cwd=folder, env=env).returncode
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
