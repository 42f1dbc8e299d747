"""The wheel holds the program, its templates and its content, and nothing else."""

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
CONTENT = {f"decision_aid/{name}.toml" for name in ("questions", "sections", "evidence")}


def test_the_wheel_has_exactly_the_files_of_the_project(tmp_path: Path) -> None:
    """Every tracked file of the program is in the wheel; no stray file is."""
    listed = subprocess.run(
        ["git", "ls-files", "decision_aid", "templates"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    expected = {
        f"decision_aid/{name}" if name.startswith("templates/") else name for name in listed
    }
    build = "from hatchling.build import build_wheel; import sys; build_wheel(sys.argv[1])"
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", build, tmp_path],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}

    assert names == expected | CONTENT
