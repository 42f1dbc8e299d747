"""run.py: what it finds out about a machine before it touches anything."""

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def run(tmp_path: Path) -> ModuleType:
    """run.py as a module that believes to lie in an empty project."""
    spec = importlib.util.spec_from_file_location("run_py", ROOT / "run.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name in ("pyproject.toml", *(path.name for path in module.LOCKS.values())):
        (tmp_path / name).write_text(name)
    module.ROOT = tmp_path
    module.VENV = tmp_path / ".venv"
    module.PYTHON = module.VENV / "bin" / "python"
    module.LOCKS = {use: tmp_path / path.name for use, path in module.LOCKS.items()}
    return module


def make(run: ModuleType, purpose: str) -> None:
    """A virtual environment that was made for a purpose."""
    run.PYTHON.parent.mkdir(parents=True)
    run.PYTHON.symlink_to(sys.executable)
    run.stamp(purpose).write_text(run.fingerprint())


@pytest.mark.parametrize(
    "file",
    ["pyproject.toml", "requirements.lock", "requirements-test.lock", "requirements-bench.lock"],
)
def test_a_changed_file_means_installing_again(run: ModuleType, tmp_path: Path, file: str) -> None:
    """What is installed counts until one of the files changes."""
    make(run, "run")
    assert run.ready("run")

    (tmp_path / file).write_text("changed")

    assert not run.ready("run")


def test_what_tests_need_is_enough_for_running_and_not_the_other_way_round(
    run: ModuleType,
) -> None:
    """Starting after testing installs nothing; testing after starting does."""
    make(run, "test")
    assert run.ready("run")
    run.stamp("test").rename(run.stamp("run"))

    assert run.ready("run")
    assert not run.ready("test")


def test_an_environment_without_pip_is_noticed(run: ModuleType, tmp_path: Path) -> None:
    """A .venv of another tool, or a broken one, is not used."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / ".venv"], check=True)

    assert run.PYTHON.exists()
    assert not run.works()


@pytest.mark.parametrize("name", ["apt-get", "dnf", "apk", "brew", ""])
def test_without_rights_one_plain_line_says_what_to_install(run: ModuleType, name: str) -> None:
    """The line can be typed as it stands, or names what is needed."""
    line = run.plain_line(name)

    assert "\n" not in line
    assert (run.SYSTEM[name] in line) if name else ("Pango" in line)


def test_the_locks_pin_every_package_by_hash_and_name_no_host() -> None:
    """What is installed is exactly what was tested, from wherever it is fetched."""
    for name in ("requirements.lock", "requirements-test.lock", "requirements-bench.lock"):
        text = (ROOT / name).read_text("utf-8")
        pins = [line for line in text.splitlines() if "==" in line]

        assert "://" not in text
        assert len(pins) > 20
        assert text.count("--hash=sha256:") >= len(pins)
