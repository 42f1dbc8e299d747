"""The bill of materials names exactly what the lock pins."""

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "deploy/sbom.py"]


def test_the_bill_of_materials_is_the_lock() -> None:
    """Every pinned package once, with a hash for each of its files; twice the same bytes."""
    first, second = (
        subprocess.run(COMMAND, cwd=ROOT, check=True, capture_output=True).stdout for _ in range(2)
    )
    assert first == second
    bill = json.loads(first)
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    pins = re.findall(r"^([\w.-]+)(?:\[.*\])?==([^\s;]+)", lock, re.MULTILINE)
    assert [(row["name"], row["version"]) for row in bill["components"]] == pins
    hashes = [
        ref["hashes"][0]["content"] for c in bill["components"] for ref in c["externalReferences"]
    ]
    assert hashes == re.findall(r"--hash=sha256:([0-9a-f]+)", lock)
    refs = [row["bom-ref"] for row in bill["components"]]
    assert len(set(refs)) == len(refs)
    assert bill["dependencies"][0]["dependsOn"] == refs
