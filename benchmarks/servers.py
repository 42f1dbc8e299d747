"""The product behind its own servers, and a constant behind the same ones, on loopback."""

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks import machine

ROOT = Path(__file__).parent.parent
_PRODUCT = "decision_aid:create_app()"
_CONSTANT = "benchmarks.constant:app"


@dataclass(frozen=True)
class Server:
    """A running server."""

    pid: int
    port: int

    def processor_time(self) -> float:
        """Seconds of processor time of all of its processes."""
        return machine.processor_seconds(machine.tree(self.pid))

    def request(self, connection: http.client.HTTPConnection, path: str) -> int:
        """Ask for an address and read the answer."""
        connection.request("GET", path)
        response = connection.getresponse()
        response.read()
        return response.status


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def gunicorn(workers: int, threads: int = 8) -> list[str]:
    """As `deploy/decision-aid.service` starts it."""
    beat = "/dev/shm" if Path("/dev/shm").is_dir() else tempfile.gettempdir()
    options = {"--workers": workers, "--threads": threads, "--worker-tmp-dir": beat}
    options |= {"--keep-alive": 75}
    words = (str(word) for option in options.items() for word in option)
    return ["gunicorn", "--no-control-socket", *words]


@contextmanager
def product(kind: str, store: str = "", *, workers: int = 1) -> Iterator[Server]:
    """The decision aid behind gunicorn, or started as `serve` does (waitress)."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        settings = {"DECISION_AID_INSTANCE": folder}
        if store:
            settings["DECISION_AID_DATABASE_URL"] = store
        port = free_port()
        if kind == "waitress":
            order = ["decision_aid", "serve", "--port", str(port)]
        else:
            settings["MALLOC_ARENA_MAX"] = "1"
            order = [*gunicorn(workers), "--bind", f"127.0.0.1:{port}", _PRODUCT]
        with _running(order, port, settings) as server:
            yield server


@contextmanager
def constant(kind: str, *, workers: int = 1) -> Iterator[Server]:
    """A Flask view that answers one word, behind the same server."""
    port = free_port()
    if kind == "waitress":
        order = ["waitress", "--threads", "8", "--listen", f"127.0.0.1:{port}", _CONSTANT]
    else:
        order = [*gunicorn(workers), "--bind", f"127.0.0.1:{port}", _CONSTANT]
    with _running(order, port, {}) as server:
        yield server


@contextmanager
def _running(order: list[str], port: int, settings: dict[str, str]) -> Iterator[Server]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("DECISION_AID_")}
    process = subprocess.Popen(
        [sys.executable, "-m", *order],
        cwd=ROOT,
        env=clean | settings,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(port)
        yield Server(process.pid, port)
    finally:
        below = machine.tree(process.pid)
        process.terminate()
        try:
            process.wait(40)
        except subprocess.TimeoutExpired:
            for one in below:
                with suppress(psutil.NoSuchProcess):
                    one.kill()
            process.wait()


def wait_for(port: int, seconds: float = 30) -> None:
    """Until something listens. Raises TimeoutError."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.01)
    raise TimeoutError(f"nothing listens on {port}")
