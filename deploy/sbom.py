"""The bill of materials of the lock, as CycloneDX JSON: python3 deploy/sbom.py > sbom.json."""

import hashlib
import json
import re
import sys
import tomllib
import uuid
from pathlib import Path

ROOT = Path(__file__).parent.parent
_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def components(lock: str) -> list[dict[str, object]]:
    """Each pinned package with the hashes of the files that may be installed for it."""
    found: list[dict[str, object]] = []
    for block in re.split(r"\n(?=[A-Za-z0-9])", lock):
        pin = _PIN.match(block)
        if not pin:
            continue
        name, version = re.sub(r"[-_.]+", "-", pin[1]).lower(), pin[2]
        purl = f"pkg:pypi/{name}@{version}"
        hashes = [
            {"type": "distribution", "url": purl, "hashes": [{"alg": "SHA-256", "content": digest}]}
            for digest in _HASH.findall(block)
        ]
        row = {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}
        found.append({**row, "externalReferences": hashes})
    return found


def sbom(lock: str, project: dict[str, str]) -> dict[str, object]:
    """The document; the same lock gives the same bytes."""
    digest = hashlib.sha256(lock.encode()).hexdigest()
    own = f"pkg:pypi/{project['name']}@{project['version']}"
    rows = components(lock)
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, own + digest)}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": own,
                "name": project["name"],
                "version": project["version"],
                "purl": own,
                "licenses": [{"expression": project["license"]}],
            }
        },
        "components": rows,
        "dependencies": [{"ref": own, "dependsOn": [row["bom-ref"] for row in rows]}],
    }


if __name__ == "__main__":
    lock_text = (ROOT / "requirements.lock").read_text("utf-8")
    about = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    json.dump(sbom(lock_text, about), sys.stdout, indent=1)
    sys.stdout.write("\n")
