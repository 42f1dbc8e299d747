"""A PostgreSQL to test against: the one of DECISION_AID_TEST_POSTGRES_URL, or a throwaway one."""

import atexit
import os
import shutil
import socket
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import pytest


def _programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    there = shutil.which("initdb")
    return Path(there).parent if there else None


class Cluster:
    """A PostgreSQL server of our own on a free loopback port, in a folder of its own."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self._user = "postgres" if os.geteuid() == 0 else None
        self.folder = Path(tempfile.mkdtemp(prefix="decision-aid-pg-"))
        if self._user:
            shutil.chown(self.folder, self._user)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._run("initdb", "-D", str(self.folder / "data"), "-A", "trust", "-U", "test")
        self.start()

    @property
    def url(self) -> str:
        """The address of its database, as a clinic would set it."""
        return f"postgresql+psycopg://test@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories="
        self._control("-o", options, "-l", str(self.folder / "log"), "start")

    def stop(self) -> None:
        """Stop the server as a power cut would."""
        self._control("-m", "immediate", "stop")

    def remove(self) -> None:
        """Stop the server and delete its folder. Once is enough; twice does no harm."""
        if not self.folder.exists():
            return
        subprocess.run(
            [self._programs / "pg_ctl", "-D", self.folder / "data", "-m", "immediate", "stop"],
            user=self._user,
            cwd=self.folder,
            capture_output=True,
        )
        shutil.rmtree(self.folder, ignore_errors=True)

    def _control(self, *arguments: str) -> None:
        self._run("pg_ctl", "-w", "-t", "300", "-D", str(self.folder / "data"), *arguments)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [self._programs / program, *arguments],
            user=self._user,
            cwd=self.folder,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


def cluster() -> Cluster:
    """A server of our own, or a skipped test where PostgreSQL is not installed."""
    pytest.importorskip("psycopg", reason="the extra `scale` is not installed")
    programs = _programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed")
    made = Cluster(programs)
    atexit.register(made.remove)
    return made


@cache
def _shared() -> Cluster:
    return cluster()


def url() -> str:
    """The address of a database that tests may empty."""
    given = os.environ.get("DECISION_AID_TEST_POSTGRES_URL")
    if given:
        return given.replace("postgresql://", "postgresql+psycopg://", 1)
    return _shared().url
