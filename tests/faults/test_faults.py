"""Faults of machines: after each, nothing acknowledged is lost and the patient reads a sentence."""

import json
import multiprocessing
import random
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from decision_aid.model import Journey
from decision_aid.storage.repository import Repository, Stale, StorageUnavailable
from tests import postgres
from tests.storage.test_store import address

PEPPER = bytes(range(32))
POSTGRES = pytest.param("postgres", marks=pytest.mark.postgres)
KILLS = 25
#: Seconds after which a step has failed and is not only slow.
PATIENCE = 120

resource = pytest.importorskip("resource", reason="these faults are those of POSIX systems")

processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["decision_aid.storage.repository"])


def journey(number: int, size: int = 900) -> Journey:
    """A journey that can be told from others by its number."""
    return Journey(answers={"number": number, "text": f"{number:06d} " * (size // 7)})


@pytest.fixture(params=["sqlite", POSTGRES])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind that outlives a process."""
    return address(request.param, tmp_path)


def is_a_sentence_for_patients(error: StorageUnavailable) -> bool:
    """Whether this can stand on the screen: whole, short, and about nothing technical."""
    text = str(error)
    technical = ("sql", "errno", "exception", "psycopg", "traceback", "0x")
    return text.endswith(".") and len(text) < 200 and not any(w in text.lower() for w in technical)


def _write_until_killed(url: str, token: str, rev: int, pipe: Connection) -> None:
    store = Repository(url, PEPPER)
    while True:
        rev = store.save(token, journey(rev), rev)
        pipe.send(rev)


def test_kill_in_mid_write_loses_nothing_acknowledged(url: str) -> None:
    """A process killed 25 times while it saves: every acknowledged save is there and opens."""
    store = Repository(url, PEPPER)
    token, acknowledged = store.create(), 1
    for _ in range(KILLS):
        receive, send = processes.Pipe(duplex=False)
        arguments = (url, token, acknowledged, send)
        writer = processes.Process(target=_write_until_killed, args=arguments)
        writer.start()
        send.close()
        for _ in range(random.randrange(1, 8)):
            assert receive.poll(PATIENCE), "the writer never wrote"
            acknowledged = receive.recv()
        time.sleep(random.uniform(0, 0.02))
        writer.kill()
        writer.join()
        try:
            while True:
                acknowledged = receive.recv()
        except EOFError:
            receive.close()
        stored = store.load(token)
        assert stored is not None
        assert stored.rev in (acknowledged, acknowledged + 1), "one save may be unacknowledged"
        assert stored.journey == journey(stored.rev - 1)
        acknowledged = stored.rev
    assert acknowledged > KILLS
    store.close()


def _save_at_once(url: str, token: str, number: int, ready: Barrier, pipe: Connection) -> None:
    store = Repository(url, PEPPER)
    for rev in range(1, 21):
        ready.wait(PATIENCE)
        try:
            store.save(token, journey(number), rev)
        except Stale:
            pipe.send("stale")
        else:
            pipe.send("saved")


def test_four_processes_saving_the_same_revision_keep_one(url: str) -> None:
    """Of four saves over one revision exactly one is kept and three are told, 20 times over."""
    token = Repository(url, PEPPER).create()
    ready = processes.Barrier(4)
    pipes, writers = [], []
    for number in range(4):
        receive, send = processes.Pipe(duplex=False)
        writer = processes.Process(target=_save_at_once, args=(url, token, number, ready, send))
        writer.start()
        pipes.append(receive)
        writers.append(writer)
    for _ in range(20):
        results = [pipe.recv() if pipe.poll(PATIENCE) else "silent" for pipe in pipes]
        assert sorted(results) == ["saved", "stale", "stale", "stale"]
    for writer in writers:
        writer.join()
    stored = Repository(url, PEPPER).load(token)
    assert stored is not None
    assert stored.rev == 21


def _open(url: str, ready: Barrier, pipe: Connection) -> None:
    ready.wait(PATIENCE)
    pipe.send(Repository(url, PEPPER).create())


def test_four_nodes_starting_on_an_empty_database_agree(url: str) -> None:
    """Tables are made once, whoever comes first; every node works."""
    ready = processes.Barrier(4)
    receive, send = processes.Pipe(duplex=False)
    nodes = [processes.Process(target=_open, args=(url, ready, send)) for _ in range(4)]
    for node in nodes:
        node.start()
    tokens = [receive.recv() if receive.poll(PATIENCE) else "" for _ in nodes]
    for node in nodes:
        node.join()
    store = Repository(url, PEPPER)
    assert all(store.load(token) for token in tokens)


@contextmanager
def small_disk(folder: Path, *options: str) -> Iterator[Path]:
    """A file system of 1 MB, or a skipped test for those who may not mount."""
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", ",".join(("size=1m", *options)), "tmpfs", folder],
        capture_output=True,
    )
    if made.returncode:
        pytest.skip("only root may mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def fill(store: Repository, token: str, limit: int = 2000) -> tuple[int, StorageUnavailable | None]:
    """Save growing journeys and open new ones until something breaks; the last good revision."""
    rev = 1
    for number in range(1, limit):
        try:
            rev = store.save(token, journey(rev, 20_000 + 400 * number), rev)
            store.create()
        except StorageUnavailable as error:
            return rev, error
    return rev, None


def test_a_full_disk_keeps_what_was_acknowledged(tmp_path: Path) -> None:
    """When the disk is full saving says so; earlier answers are read, also after a restart."""
    with small_disk(tmp_path / "disk") as disk:
        url = f"sqlite:///{disk / 'answers.db'}"
        store = Repository(url, PEPPER)
        token = store.create()
        rev, error = fill(store, token)
        assert error is not None
        assert is_a_sentence_for_patients(error)
        kept = store.load(token)
        assert kept is not None
        assert kept.rev == rev
        store.close()
        again = Repository(url, PEPPER)
        reopened = again.load(token)
        assert reopened is not None
        assert reopened.journey == kept.journey
        again.close()


def test_a_full_disk_that_is_cleared_serves_again(tmp_path: Path) -> None:
    """As soon as there is room the same program saves again, without a restart."""
    with small_disk(tmp_path / "disk") as disk:
        ballast = disk / "ballast"
        ballast.write_bytes(b"x" * 500_000)
        store = Repository(f"sqlite:///{disk / 'answers.db'}", PEPPER)
        token = store.create()
        rev, error = fill(store, token)
        assert error is not None
        ballast.unlink()
        assert store.save(token, journey(rev), rev) == rev + 1
        store.close()


def _write_into_a_limit(url: str, pipe: Connection) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
    store = Repository(url, PEPPER)
    token = store.create()
    rev, error = fill(store, token)
    kept = store.load(token)
    pipe.send((token, rev, str(error), kept.rev if kept else 0))


def test_a_file_that_may_not_grow_keeps_what_was_acknowledged(tmp_path: Path) -> None:
    """A quota on the file gives the same sentence and loses nothing; this needs no root."""
    url = f"sqlite:///{tmp_path / 'answers.db'}"
    receive, send = processes.Pipe(duplex=False)
    writer = processes.Process(target=_write_into_a_limit, args=(url, send))
    writer.start()
    assert receive.poll(PATIENCE)
    token, rev, sentence, kept = receive.recv()
    writer.join()
    assert is_a_sentence_for_patients(StorageUnavailable(sentence))
    assert kept == rev
    stored = Repository(url, PEPPER).load(token)
    assert stored is not None
    assert stored.rev == rev


def test_a_read_only_disk_stops_the_start_with_a_sentence(tmp_path: Path) -> None:
    """On a disk that cannot be written the program says so and does not start."""
    with (
        small_disk(tmp_path / "disk", "ro") as disk,
        pytest.raises(StorageUnavailable, match="cannot be written"),
    ):
        Repository(f"sqlite:///{disk / 'answers.db'}", PEPPER)


def test_a_disk_that_turns_read_only_keeps_what_was_acknowledged(tmp_path: Path) -> None:
    """Saving says so, nothing is lost, and saving works again when the disk does."""
    with small_disk(tmp_path / "disk") as disk:
        url = f"sqlite:///{disk / 'answers.db'}"
        store = Repository(url, PEPPER)
        token = store.create()
        store.save(token, journey(1), 1)
        store.close()
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        with pytest.raises(StorageUnavailable) as caught:
            store.save(token, journey(2), 2)
        assert is_a_sentence_for_patients(caught.value)
        subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
        stored = store.load(token)
        assert stored is not None
        assert stored.journey == journey(1)
        assert store.save(token, journey(2), 2) == 3
        store.close()


def test_a_locked_database_is_waited_for(tmp_path: Path) -> None:
    """A backup that holds SQLite for a moment delays a save and does not lose it."""
    path = tmp_path / "answers.db"
    store = Repository(f"sqlite:///{path}", PEPPER)
    token = store.create()
    with closing(sqlite3.connect(path, isolation_level=None)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        with ThreadPoolExecutor(1) as saver:
            saved = saver.submit(store.save, token, journey(1), 1)
            with pytest.raises(TimeoutError):
                saved.result(0.5)
            holder.rollback()
            assert saved.result(PATIENCE) == 2
    store.close()


@pytest.mark.postgres
def test_a_database_that_stops_and_returns_loses_nothing() -> None:
    """While PostgreSQL is down each request gets a sentence at once; then all is there again."""
    server = postgres.cluster()
    store = Repository(server.url, PEPPER)
    token = store.create()
    assert store.save(token, journey(1), 1) == 2
    for rev in (2, 3):
        server.stop()
        calls: tuple[Callable[[], object], ...] = (
            lambda: store.load(token),
            lambda: store.save(token, journey(9), 9),
            store.create,
            store.check,
            lambda: store.allow("code", "192.0.2.1", 5, 60),
        )
        for call in calls:
            begun = time.monotonic()
            with pytest.raises(StorageUnavailable) as caught:
                call()
            assert time.monotonic() - begun < 20, "it does not wait for the database to come back"
            assert is_a_sentence_for_patients(caught.value)
        server.start()
        stored = store.load(token)
        assert stored is not None
        assert (stored.rev, stored.journey) == (rev, journey(rev - 1))
        assert store.save(token, journey(rev), rev) == rev + 1
    store.close()
    server.remove()


@pytest.mark.parametrize("hours", [-48, -1, 1, 48])
def test_a_clock_that_jumps_does_not_lose_answers(hours: int) -> None:
    """While the clock is within the kept hours, answers survive a jump there and back."""
    now = [datetime(2026, 11, 24, 10, 0, tzinfo=UTC)]
    store = Repository("memory", PEPPER, lambda: now[0])
    token = store.create()
    now[0] += timedelta(hours=hours)
    assert store.save(token, journey(1), 1) == 2
    assert store.purge() == 0
    now[0] -= timedelta(hours=hours)
    stored = store.load(token)
    assert stored is not None
    assert stored.journey == journey(1)


def test_a_damaged_row_is_no_crash(tmp_path: Path) -> None:
    """A file in which bytes were overwritten gives no answers or a sentence, never a fault."""
    path = tmp_path / "answers.db"
    url = f"sqlite:///{path}"
    store = Repository(url, PEPPER)
    token = store.create()
    store.save(token, journey(1), 1)
    store.close()
    whole = path.read_bytes()
    chance = random.Random(4711)
    outcomes = dict.fromkeys(("read", "gone", "sentence"), 0)
    for _ in range(150):
        harmed = bytearray(whole)
        at = chance.randrange(len(harmed))
        harmed[at : at + 64] = chance.randbytes(min(64, len(harmed) - at))
        path.write_bytes(harmed)
        try:
            hurt = Repository(url, PEPPER)
            stored = hurt.load(token)
            hurt.close()
        except StorageUnavailable:
            outcomes["sentence"] += 1
        else:
            assert stored is None or stored.journey == journey(1), "never wrong answers"
            outcomes["read" if stored else "gone"] += 1
        for rest in tmp_path.glob("answers.db-*"):
            rest.unlink()
    assert sum(outcomes.values()) == 150, json.dumps(outcomes)
    assert outcomes["read"], "most of a file can be harmed without harm to this row"
