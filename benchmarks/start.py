"""From the command to the first page, cold and warm; and what each import takes."""

import http.client
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks import machine, servers
from benchmarks.measure import Goal, Part, table

_ROUNDS = 5
_MOST = 1.5
_MODULES = ("decision_aid.content.loader", "decision_aid.web", "weasyprint")


@dataclass(frozen=True)
class Start:
    """One start: seconds to the first page, and whether Pango was loaded before and after it."""

    seconds: float
    before: bool
    after: bool


def _command() -> list[str]:
    """`python3 run.py` where it has set up this environment, else the command behind it."""
    own = Path(sys.prefix) == servers.ROOT / ".venv"
    return ["python3", "run.py"] if own else [sys.executable, "-m", "decision_aid"]


def _start(folder: Path, *, cold: bool, wait: float = 0.0) -> Start:
    """Start the program and open the first page. Cold: no byte code, nothing kept from before."""
    port = servers.free_port()
    env = os.environ | {"DECISION_AID_INSTANCE": str(folder / "instance")}
    if cold:
        shutil.rmtree(folder / "instance", ignore_errors=True)
        shutil.rmtree(folder / "code", ignore_errors=True)
    env["PYTHONPYCACHEPREFIX"] = str(folder / "code")
    # Else nothing would ever be warm.
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    began = time.perf_counter()
    process = subprocess.Popen(
        [*_command(), "serve", "--port", str(port)],
        cwd=servers.ROOT,
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _first_page(port)
        seconds = time.perf_counter() - began
        before = _imported(process.pid)
        end = time.monotonic() + wait
        while time.monotonic() < end and not _imported(process.pid):
            time.sleep(0.1)
        return Start(seconds, before, _imported(process.pid))
    finally:
        started = machine.tree(process.pid)
        for child in started[::-1]:
            # What draws ends by itself when its web process does.
            with suppress(psutil.NoSuchProcess):
                child.terminate()
        psutil.wait_procs(started, timeout=15)
        process.wait(15)


def _first_page(port: int) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request("GET", "/")
            response = connection.getresponse()
            response.read()
        except OSError:
            time.sleep(0.005)
            continue
        finally:
            connection.close()
        if response.status == 200:
            return
    raise TimeoutError("no first page")


def _imported(pid: int) -> bool:
    return any(machine.uses(process.pid, "pango") for process in machine.tree(pid))


def _imports() -> Iterator[tuple[str, str, str]]:
    for name in _MODULES:
        order = [sys.executable, "-c", f"import {name}"]
        times = []
        for _ in range(_ROUNDS):
            began = time.perf_counter()
            subprocess.run(order, cwd=servers.ROOT, check=True, timeout=60)
            times.append(time.perf_counter() - began)
        yield f"`import {name}`", f"{statistics.median(times):.2f}", _spread(times)


def _spread(times: list[float]) -> str:
    return f"{min(times):.2f}-{max(times):.2f}"


def part() -> Part:
    """Measure and tell."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        cold = [_start(folder, cold=True) for _ in range(_ROUNDS)]
        warm = [_start(folder, cold=False) for _ in range(_ROUNDS)]
        later = _start(folder, cold=False, wait=10)
    rows: list[tuple[str, str, str]] = []
    for label, found in (("cold: no byte code, no store", cold), ("warm", warm)):
        times = [start.seconds for start in found]
        rows.append((label, f"{statistics.median(times):.2f}", _spread(times)))
    rows += _imports()
    command = " ".join(("python3", *_command()[1:]))
    text = f"Wall seconds from `{command}` to the first page read.\n\n" + table(
        "start | s | min-max", rows
    )
    median = statistics.median(start.seconds for start in warm)
    early = any(start.before for start in (*cold, *warm, later))
    goals = [
        Goal(
            "first page from `python3 run.py`, warm",
            f"at most {_MOST:g} s",
            f"{median:.2f} s",
            median <= _MOST,
        ),
        Goal(
            "WeasyPrint imported after the first page, not before",
            "after",
            "before" if early else "after" if later.after else "not within 10 s of the first page",
            later.after and not early,
        ),
    ]
    return Part("Start", text, goals)
