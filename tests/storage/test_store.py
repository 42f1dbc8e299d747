"""The store: nothing readable at rest, nothing overwritten, everything gone in time."""

import logging
import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from decision_aid.model import Journey
from decision_aid.storage import database, encryption
from decision_aid.storage.database import metadata, schema_version
from decision_aid.storage.repository import Repository, Stale, StorageUnavailable
from decision_aid.storage.serialization import from_bytes, to_bytes
from tests import postgres

PEPPER = os.urandom(32)
SENTINEL = "sentinel-4711-gluteal"


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 24, 10, 17, 3, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        """Move the clock, forwards or back."""
        self.now += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    """A clock for one test."""
    return Clock()


POSTGRES = pytest.param("postgres", marks=pytest.mark.postgres)


@pytest.fixture(params=["sqlite", POSTGRES])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind that several programs can open."""
    return address(request.param, tmp_path)


def address(kind: str, folder: Path) -> str:
    """An empty database of this kind."""
    if kind != "postgres":
        return "memory" if kind == "memory" else f"sqlite:///{folder / 'answers.db'}"
    engine = sa.create_engine(postgres.url())
    metadata.drop_all(engine)
    engine.dispose()
    return postgres.url()


@pytest.fixture(params=["memory", "sqlite", POSTGRES])
def store(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Repository]:
    """An empty store on each kind of database."""
    made = Repository(address(request.param, tmp_path), PEPPER, clock)
    yield made
    made.close()


def journey(text: str = SENTINEL) -> Journey:
    """A journey with every kind of answer."""
    return Journey(
        answers={"own_words": text, "leg_pain": 7, "height": 170.5, "where": ("left", "right")},
        seen=("start", "pain"),
        brought=("helped",),
        started=datetime(2026, 11, 24, 10, 0, tzinfo=UTC),
        advice_shown=datetime(2026, 11, 24, 10, 1, 2, 3, tzinfo=UTC),
        reference="A-17",
    )


def execute(store: Repository, statement: sa.Executable) -> None:
    """Tamper with the database behind the store's back."""
    with store._database.begin() as connection:
        connection.execute(statement)


def rows(store: Repository) -> list[sa.Row[tuple[object, ...]]]:
    """Every row of every table."""
    with store._database.begin() as connection:
        return [
            row for table in metadata.sorted_tables for row in connection.execute(sa.select(table))
        ]


class TestKeeping:
    """Create, load, save, delete."""

    def test_what_was_saved_is_loaded(self, store: Repository) -> None:
        """A journey comes back as it was, one revision later."""
        token = store.create()
        assert store.load(token) is not None
        assert store.save(token, journey(), 1) == 2
        stored = store.load(token)
        assert stored is not None
        assert (stored.journey, stored.rev) == (journey(), 2)

    def test_another_token_opens_nothing(self, store: Repository) -> None:
        """Tokens never given, malformed or altered in one letter load nothing and raise nothing."""
        token = store.create()
        other = token[:10] + ("A" if token[10] != "A" else "B") + token[11:]
        for wrong in (
            other,
            encryption.new_token(),
            "",
            "x",
            token + "=",
            token[:-1],
            "é" * 43,
            "/" * 43,
        ):
            assert store.load(wrong) is None
            store.delete(wrong)
            with pytest.raises(Stale):
                store.withdraw(wrong)
            assert not store.has_code(wrong)
            with pytest.raises(Stale):
                store.save(wrong, journey(), 1)
        assert store.load(token) is not None

    def test_an_older_tab_does_not_overwrite(self, store: Repository) -> None:
        """A save over a revision that is no longer the last raises Stale and changes nothing."""
        token = store.create()
        store.save(token, journey("first"), 1)
        with pytest.raises(Stale):
            store.save(token, journey("second"), 1)
        stored = store.load(token)
        assert stored is not None
        assert stored.journey == journey("first")

    def test_a_double_click_is_saved_once(self, store: Repository) -> None:
        """The same journey over the same revision twice gives the same revision twice."""
        token = store.create()
        assert store.save(token, journey(), 1) == store.save(token, journey(), 1) == 2

    def test_what_was_deleted_is_gone(self, store: Repository) -> None:
        """After delete no row is left, the code is dead and a late save is refused."""
        token = store.create()
        code = store.issue_code(token)
        store.delete(token)
        assert store.load(token) is None
        assert store.redeem(code) is None
        with pytest.raises(Stale):
            store.save(token, journey(), 1)
        assert len(rows(store)) == 1, "only the schema version is left"

    def test_another_pepper_opens_nothing(self, url: str, clock: Clock) -> None:
        """A database carried off without the pepper opens to no token and no code."""
        store = Repository(url, PEPPER, clock)
        token = store.create()
        code = store.issue_code(token)
        thief = Repository(url, os.urandom(32), clock)
        assert thief.load(token) is None
        assert thief.redeem(code) is None

    def test_a_pepper_that_is_too_short_is_refused(self) -> None:
        """Fewer than 32 bytes of pepper stop the program."""
        with pytest.raises(ValueError, match="32 bytes"):
            Repository("memory", b"short")


class TestTampering:
    """What somebody who can write to the database may try."""

    def test_a_swapped_blob_is_refused(
        self, store: Repository, caplog: pytest.LogCaptureFixture
    ) -> None:
        """The answers of one patient never open in the row of another."""
        one, two = store.create(), store.create()
        store.save(one, journey("one"), 1)
        store.save(two, journey("two"), 1)
        answers = metadata.tables["answers"]
        mine = store._keys(one)
        other = store._keys(two)
        assert mine is not None
        assert other is not None
        taken = sa.select(answers.c.blob).where(answers.c.id == other.id).scalar_subquery()
        execute(store, sa.update(answers).where(answers.c.id == mine.id).values(blob=taken))
        with caplog.at_level(logging.ERROR):
            assert store.load(one) is None
        assert "store.broken" in caplog.messages

    def test_another_revision_is_refused(self, store: Repository) -> None:
        """An older blob put back under the present revision does not open."""
        token = store.create()
        store.save(token, journey(), 1)
        answers = metadata.tables["answers"]
        execute(store, sa.update(answers).values(rev=3))
        assert store.load(token) is None

    def test_every_flipped_bit_is_refused(self) -> None:
        """A blob with any single bit changed does not open; nor does one cut short."""
        key = os.urandom(32)
        blob = encryption.encrypt(key, b'{"a":1}', b"row")
        assert encryption.decrypt(key, blob, b"row") == b'{"a":1}'
        for bit in range(len(blob) * 8):
            changed = bytearray(blob)
            changed[bit // 8] ^= 1 << bit % 8
            with pytest.raises(encryption.DecryptionError):
                encryption.decrypt(key, bytes(changed), b"row")
        for length in (0, 1, 12, 13, len(blob) - 1):
            with pytest.raises(encryption.DecryptionError):
                encryption.decrypt(key, blob[:length], b"row")
        for other_key, bound in ((os.urandom(32), b"row"), (key, b"other")):
            with pytest.raises(encryption.DecryptionError):
                encryption.decrypt(other_key, blob, bound)

    def test_the_length_of_a_blob_tells_little(self) -> None:
        """Short and longer answers make blobs of the same length."""
        key = os.urandom(32)
        lengths = {
            len(encryption.encrypt(key, to_bytes(journey("x" * n)), b"")) for n in (0, 50, 300, 700)
        }
        assert len(lengths) == 1


class TestAtRest:
    """What lies on the disk."""

    def test_no_answer_token_or_code_is_in_any_file(self, tmp_path: Path, clock: Clock) -> None:
        """Sentinel answers, tokens, codes and the pepper are in no byte of any file."""
        store = Repository(f"sqlite:///{tmp_path / 'answers.db'}", PEPPER, clock)
        needles = [SENTINEL.encode(), SENTINEL.encode("utf-16-le"), PEPPER, b"own_words"]
        for _ in range(20):
            token = store.create()
            store.save(token, journey(), 1)
            code = store.issue_code(token)
            assert store.allow("code", "198.51.100.23", 20, 3600)
            raw = encryption.token_bytes(token)
            assert raw is not None
            needles += [token.encode(), raw, code.encode(), code.replace("-", "").encode()]
        store.delete(token)
        files = [path for path in tmp_path.rglob("*") if path.is_file()]
        assert {path.suffix for path in files} == {".db", ".db-wal", ".db-shm"}
        content = b"".join(path.read_bytes() for path in files)
        assert len(content) > 50_000
        assert [needle for needle in [*needles, b"198.51.100.23"] if needle in content] == []
        store.close()

    def test_no_answer_is_in_any_row(self, store: Repository) -> None:
        """The same holds for every value of every row in every kind of database."""
        token = store.create()
        store.save(token, journey(), 1)
        code = store.issue_code(token)
        everything = b"|".join(
            value if isinstance(value, bytes) else str(value).encode()
            for row in rows(store)
            for value in row
        )
        for needle in (SENTINEL, token, code, code.replace("-", ""), "own_words"):
            assert needle.encode() not in everything

    def test_the_files_are_for_the_program_alone(self, tmp_path: Path, clock: Clock) -> None:
        """Database and log files have mode 0600, also where a file with another mode lay."""
        path = tmp_path / "folder" / "answers.db"
        path.parent.mkdir()
        path.touch(mode=0o644)
        store = Repository(f"sqlite:///{path}", PEPPER, clock)
        store.create()
        modes = {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
        assert modes == {0o600}
        store.close()

    def test_deleted_bytes_are_overwritten(self, tmp_path: Path, clock: Clock) -> None:
        """Even the encrypted bytes of a deleted journey are in no file any more."""
        store = Repository(f"sqlite:///{tmp_path / 'answers.db'}", PEPPER, clock)
        token = store.create()
        store.save(token, journey(), 1)
        blob = next(row.blob for row in rows(store) if hasattr(row, "rev"))
        assert any(blob[:200] in file.read_bytes() for file in tmp_path.iterdir())
        store.delete(token)
        assert not any(blob[:200] in file.read_bytes() for file in tmp_path.iterdir())
        store.close()

    def test_sqlite_is_set_to_lose_nothing(self, tmp_path: Path, clock: Clock) -> None:
        """Write-ahead log, full synchronisation, secure deletion, five seconds of patience."""
        store = Repository(f"sqlite:///{tmp_path / 'answers.db'}", PEPPER, clock)
        with store._database.begin() as connection:
            found = {
                name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                for name in ("journal_mode", "synchronous", "secure_delete", "busy_timeout")
            }
        expected = {
            "journal_mode": "wal",
            "synchronous": 2,
            "secure_delete": 1,
            "busy_timeout": 5000,
        }
        assert found == expected
        store.close()

    def test_memory_writes_no_file(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The mode ``memory`` leaves the working folder empty."""
        monkeypatch.chdir(tmp_path)
        store = Repository("memory", PEPPER)
        store.save(store.create(), journey(), 1)
        assert list(tmp_path.iterdir()) == []


class TestTime:
    """Old answers vanish by themselves."""

    def test_answers_expire_on_the_hour(self, store: Repository, clock: Clock) -> None:
        """Kept 72 hours and the rest of the hour, not longer; saving does not lengthen it."""
        token = store.create()
        stored = store.load(token)
        assert stored is not None
        assert stored.expires == datetime(2026, 11, 27, 11, 0, tzinfo=UTC)
        clock.move(hours=72)
        store.save(token, journey(), 1)
        clock.now = stored.expires - timedelta(seconds=1)
        assert store.load(token) is not None
        clock.now = stored.expires
        assert store.load(token) is None
        with pytest.raises(Stale):
            store.save(token, journey(), 2)
        with pytest.raises(Stale):
            store.issue_code(token)

    def test_purge_deletes_what_expired_and_nothing_else(
        self, store: Repository, clock: Clock
    ) -> None:
        """Purge counts expired journeys, and takes their codes and old tries with it."""
        old = store.create()
        store.issue_code(old)
        store.allow("code", "192.0.2.1", 5, 3600)
        clock.move(hours=50)
        young = store.create()
        clock.move(hours=24)
        assert store.purge() == 1
        assert store.purge() == 0
        assert store.load(young) is not None
        assert len(rows(store)) == 2, "the young journey and the schema version"

    def test_purge_needs_no_helper(self, url: str, clock: Clock) -> None:
        """Within 100 saves of other patients, and at the start, expired answers are deleted."""
        store = Repository(url, PEPPER, clock)
        old = store.create()
        clock.move(hours=80)
        busy = store.create()
        assert len(rows(store)) == 3
        for rev in range(1, 101):
            store.save(busy, journey(), rev)
        assert len(rows(store)) == 2
        clock.move(hours=80)
        again = Repository(url, PEPPER, clock)
        assert again.purged == 1
        assert len(rows(again)) == 1
        again.close()
        assert store.load(old) is None
        store.close()

    def test_the_hours_can_be_set(self, clock: Clock) -> None:
        """A clinic that keeps answers for two hours loses them after at most three."""
        store = Repository("memory", PEPPER, clock, hours=2)
        token = store.create()
        clock.move(hours=1.99)
        assert store.load(token) is not None
        clock.move(hours=1)
        assert store.load(token) is None


class TestReturnCode:
    """Save and return without an account."""

    def test_a_code_opens_the_journey(self, store: Repository) -> None:
        """Sixteen symbols and a check in groups of four open the token, more than once."""
        token = store.create()
        assert not store.has_code(token)
        code = store.issue_code(token)
        assert [len(part) for part in code.split("-")] == [4, 4, 4, 4, 1]
        assert store.redeem(code) == store.redeem(code) == token
        assert store.has_code(token)

    def test_common_slips_are_forgiven(self, store: Repository) -> None:
        """Small letters, spaces, other dashes, O for 0, I and L for 1 do not matter."""
        token = store.create()
        code = store.issue_code(token)
        typed = code.lower().replace("-", " \u2013 ").replace("0", "o").replace("1", "l")
        assert store.redeem(f"  {typed}\n") == token

    def test_a_mistyped_code_opens_nothing(self, store: Repository) -> None:
        """A wrong code, a code of nobody, rubbish and very long text open nothing."""
        store.issue_code(store.create())
        for wrong in (
            encryption.new_code(),
            "",
            "-",
            "U" * 17,
            "0" * 16,
            "1" * 10_000,
            "\x00" * 17,
            "😀",
        ):
            assert store.redeem(wrong) is None

    def test_a_code_can_be_withdrawn_or_replaced(self, store: Repository) -> None:
        """A withdrawn code is dead; a new code ends the one before; the answers stay."""
        token = store.create()
        first = store.issue_code(token)
        second = store.issue_code(token)
        assert store.redeem(first) is None
        assert store.redeem(second) == token
        renewed = store.withdraw(token)
        assert store.redeem(second) is None
        assert not store.has_code(renewed)
        assert store.load(token) is None
        assert store.load(renewed) is not None

    def test_a_code_ends_with_its_journey(self, store: Repository, clock: Clock) -> None:
        """When the journey expires its code opens nothing."""
        token = store.create()
        code = store.issue_code(token)
        clock.move(hours=73)
        assert store.redeem(code) is None
        assert not store.has_code(token)

    @given(st.integers(0, 15), st.integers(1, 31))
    @settings(deadline=None)
    def test_every_single_slip_is_noticed(self, place: int, shift: int) -> None:
        """One wrong symbol, or two neighbours exchanged, never passes the check symbol."""
        code = encryption.new_code().replace("-", "")
        alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
        wrong = alphabet[(alphabet.index(code[place]) + shift) % 32]
        assert encryption.read_code(code[:place] + wrong + code[place + 1 :]) is None
        if place < 15 and code[place] != code[place + 1]:
            swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
            assert encryption.read_code(swapped) is None

    def test_codes_are_spread_and_plain(self) -> None:
        """A thousand codes are a thousand different ones, each read back from its own text."""
        codes = {encryption.new_code() for _ in range(1000)}
        assert len(codes) == 1000
        assert all(encryption.read_code(code) == code.replace("-", "")[:16] for code in codes)


class TestTries:
    """The rate limit that every machine shares."""

    def test_the_sixth_try_is_refused(self, store: Repository, clock: Clock) -> None:
        """Five tries an hour; the sixth is refused until the next window."""
        assert [store.allow("code", "192.0.2.7", 5, 3600) for _ in range(6)] == [True] * 5 + [False]
        clock.move(hours=1)
        assert store.allow("code", "192.0.2.7", 5, 3600)

    def test_others_are_not_held_up(self, store: Repository) -> None:
        """Another address and another action have tries of their own."""
        for _ in range(6):
            store.allow("code", "192.0.2.7", 5, 3600)
        assert store.allow("code", "192.0.2.8", 5, 3600)
        assert store.allow("pdf", "192.0.2.7", 5, 3600)

    def test_one_household_counts_once(self, store: Repository) -> None:
        """Addresses of one IPv6 /64 share their tries; rubbish addresses raise nothing."""
        for last in range(5):
            assert store.allow("code", f"2001:db8::{last}", 5, 3600)
        assert not store.allow("code", "2001:db8::ffff", 5, 3600)
        assert store.allow("code", "", 5, 3600)
        assert store.allow("code", "\ud800 not an address", 5, 3600)

    def test_two_machines_count_together(self, url: str, clock: Clock) -> None:
        """Tries on one node count on the other."""
        nodes = [Repository(url, PEPPER, clock) for _ in range(2)]
        found = [nodes[n % 2].allow("code", "192.0.2.7", 5, 3600) for n in range(6)]
        assert found == [True] * 5 + [False]


class TestSchema:
    """The database of another version."""

    def test_a_newer_schema_is_refused_with_a_sentence(self, url: str, clock: Clock) -> None:
        """A database written by a newer program is not touched."""
        store = Repository(url, PEPPER, clock)
        token = store.create()
        execute(store, sa.update(schema_version).values(version=99))
        with pytest.raises(StorageUnavailable, match="newer decision-aid"):
            Repository(url, PEPPER, clock)
        execute(store, sa.update(schema_version).values(version=1))
        assert Repository(url, PEPPER, clock).load(token) is not None

    def test_an_older_schema_is_migrated_at_the_start(
        self, url: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Every step up to the program's own version is taken once, and the answers stay."""
        token = Repository(url, PEPPER, clock).create()
        steps = {
            1: ("ALTER TABLE answers ADD COLUMN one INTEGER",),
            2: ("ALTER TABLE answers ADD COLUMN two INTEGER", "UPDATE answers SET two = 2"),
        }
        monkeypatch.setattr(database, "SCHEMA", 3)
        monkeypatch.setattr(database, "_MIGRATIONS", steps)
        for _ in range(2):
            store = Repository(url, PEPPER, clock)
            assert store.load(token) is not None
            with store._database.begin() as connection:
                row = connection.exec_driver_sql("SELECT one, two FROM answers").one()
                version = connection.scalar(sa.select(schema_version.c.version))
            assert (tuple(row), version) == ((None, 2), 3)
            store.close()

    def test_a_migration_that_fails_changes_nothing(
        self, url: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The program does not start, and the older one still runs on the old tables."""
        store = Repository(url, PEPPER, clock)
        token = store.create()
        steps = {1: ("ALTER TABLE answers ADD COLUMN one INTEGER", "UPDATE nowhere SET a = 1")}
        with monkeypatch.context() as newer:
            newer.setattr(database, "SCHEMA", 2)
            newer.setattr(database, "_MIGRATIONS", steps)
            with pytest.raises(StorageUnavailable):
                Repository(url, PEPPER, clock)
        assert Repository(url, PEPPER, clock).load(token) is not None
        with store._database.begin() as connection:
            columns = {c["name"] for c in sa.inspect(connection).get_columns("answers")}
        assert "one" not in columns
        store.close()

    def test_every_older_version_has_its_step(self) -> None:
        """No version from 1 to the program's own is without a way on."""
        assert sorted(database._MIGRATIONS) == list(range(1, database.SCHEMA))

    def test_an_unknown_database_is_one_sentence(self) -> None:
        """An address that is none gives a sentence, without repeating it."""
        with pytest.raises(StorageUnavailable) as caught:
            Repository("hunter2 is not an address", PEPPER)
        assert "hunter2" not in str(caught.value)


answer = (
    st.text(max_size=300)
    | st.integers(-(10**9), 10**9)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.lists(st.text(max_size=20), max_size=6).map(tuple)
)
moment = st.none() | st.datetimes(timezones=st.just(UTC))
journeys = st.builds(
    Journey,
    answers=st.dictionaries(st.text(max_size=30), answer, max_size=12),
    seen=st.lists(st.text(max_size=20), max_size=30).map(tuple),
    advice_shown=moment,
    went_on=moment,
    started=moment,
    reference=st.text(max_size=40),
)


@given(journeys)
@settings(max_examples=300, deadline=None)
def test_any_journey_survives_the_round_trip(any_journey: Journey) -> None:
    """What is sealed is what is opened, whatever was typed."""
    key = os.urandom(32)
    blob = encryption.encrypt(key, to_bytes(any_journey), b"row")
    assert from_bytes(encryption.decrypt(key, blob, b"row")) == any_journey


def test_an_older_journey_is_still_read() -> None:
    """Fields that are missing get their defaults; fields from the future are left out."""
    assert from_bytes(b'{"answers": {"a": [1]}, "future": 1}') == Journey(answers={"a": (1,)})  # type: ignore[dict-item]
    assert from_bytes(b"{}") == Journey()


class Machine(RuleBasedStateMachine):
    """The store beside a dictionary, while the clock jumps between -3 and +9 hours."""

    tokens = Bundle("tokens")

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.store = Repository("memory", PEPPER, self.clock)
        self.model: dict[str, tuple[Journey, int, datetime]] = {}

    @rule(target=tokens)
    def create(self) -> object:
        token = self.store.create()
        stored = self.store.load(token)
        assert stored is not None
        self.model[token] = (Journey(), 1, stored.expires)
        return multiple(token)

    @rule(token=tokens, new=journeys, behind=st.integers(0, 2))
    def save(self, token: str, new: Journey, behind: int) -> None:
        kept = self.alive(token)
        seen = kept[1] - behind if kept else 1
        repeated = kept is not None and behind == 1 and kept[0] == new
        try:
            rev = self.store.save(token, new, seen)
        except Stale:
            assert kept is None or (behind and not repeated)
        else:
            assert kept is not None
            assert behind == 0 or repeated
            self.model[token] = (new, rev, kept[2])

    @rule(token=tokens)
    def delete(self, token: str) -> None:
        self.store.delete(token)
        self.model.pop(token, None)

    @rule(hours=st.floats(-3, 9))
    def jump(self, hours: float) -> None:
        self.clock.move(hours=hours)

    @rule()
    def purge(self) -> None:
        dead = [token for token in self.model if self.alive(token) is None]
        assert self.store.purge() == len(dead)
        for token in dead:
            del self.model[token]

    def alive(self, token: str) -> tuple[Journey, int, datetime] | None:
        kept = self.model.get(token)
        now = int(self.clock.now.timestamp())
        return kept if kept and kept[2].timestamp() > now else None

    @invariant()
    def nothing_is_lost_and_nothing_outlives_its_time(self) -> None:
        for token in self.model:
            stored, kept = self.store.load(token), self.alive(token)
            assert (stored and (stored.journey, stored.rev, stored.expires)) == kept

    def teardown(self) -> None:
        self.store.close()


def test_a_random_walk_loses_nothing() -> None:
    """Create, save, repeat, be late, delete, purge and jump in time in any order."""
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=60,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
