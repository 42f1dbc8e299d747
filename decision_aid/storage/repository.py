"""Where answers are kept between pages: encrypted, found by the patient's token alone.

The token is in one cookie. Row id and key are derived from it and the pepper; the server keeps
neither. ``rev`` lets no tab and no machine overwrite what another saved.
"""

import itertools
import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

import sqlalchemy as sa

from decision_aid.model import Journey
from decision_aid.storage import encryption
from decision_aid.storage.database import Database, StorageUnavailable, answers, codes, rate_limits
from decision_aid.storage.serialization import from_bytes, to_bytes

__all__ = ["Repository", "Stale", "StorageUnavailable", "StoredJourney"]

log = logging.getLogger(__name__)
_HOUR = 3600
_DAY = 24 * _HOUR
#: Every so many saves, what has expired is deleted.
_PURGE_EVERY = 100
#: Seconds between two tries to delete what could not be deleted.
_RETRY_SECONDS = 30

#: The two statements of every page, put together once.
_HELD = (answers.c.id == sa.bindparam("row")) & (answers.c.expires > sa.bindparam("now"))
_READ = sa.select(answers.c.rev, answers.c.blob, answers.c.expires).where(_HELD)
_CHANGE = (
    sa.update(answers)
    .where(_HELD & (answers.c.rev == sa.bindparam("over")))
    .values(rev=sa.bindparam("becomes"), v=sa.bindparam("as"), blob=sa.bindparam("sealed"))
)


class Stale(Exception):  # noqa: N818
    """The answers were changed elsewhere since they were read, or they are no longer there."""


@dataclass(frozen=True, slots=True)
class StoredJourney:
    """A journey as it was read, its revision, and when it will be deleted."""

    journey: Journey
    rev: int
    expires: datetime


@dataclass(frozen=True, slots=True)
class _Keys:
    """What a token opens. Without the token, none of the three tells anything of the others."""

    id: bytes
    key: bytes
    _secret: bytes = field(repr=False)

    @property
    def owner(self) -> bytes:
        """Under what its return code is found. Few pages ask for it."""
        return encryption.derive(self._secret, "code owner")


def _now() -> datetime:
    return datetime.now(UTC)


class Repository:
    """Journeys by token, return codes, and counted tries. Safe to share between threads.

    Every method may raise StorageUnavailable, whose text is a sentence for the patient.
    """

    def __init__(
        self, url: str, pepper: bytes, clock: Callable[[], datetime] = _now, *, hours: int = 72
    ) -> None:
        if len(pepper) < 32:
            raise ValueError("The pepper must have 32 bytes or more.")
        self._pepper = pepper
        self._clock = clock
        self._hours = hours
        self._saves = itertools.count(1)
        self._database = Database(url)
        self._read = self._database.prepare(_READ)
        self._change = self._database.prepare(_CHANGE)
        #: What is still to be deleted, as row and owner of its code; neither opens anything.
        self._left: set[tuple[bytes, bytes]] = set()
        #: How many expired journeys the start deleted.
        self.purged = self.purge()

    def create(self) -> str:
        """Keep an empty journey and return its token. It is deleted ``hours`` later."""
        token = encryption.new_token()
        keys = self._held(token)
        end = self._end()
        row = {"id": keys.id, "v": encryption.VERSION, "rev": 1, "expires": end}
        blob = encryption.encrypt(keys.key, to_bytes(Journey()), _associated_data(keys.id, 1))
        with self._database.begin() as connection:
            connection.execute(sa.insert(answers).values(blob=blob, **row))
        return token

    def load(self, token: str) -> StoredJourney | None:
        """The journey of this token; None when it is gone, expired or tampered with."""
        keys = self._keys(token)
        if keys is None:
            return None
        row, _ = self._database.once(self._read, {"row": keys.id, "now": self._time()})
        if row is None:
            return None
        rev, blob, expires = row
        try:
            data = encryption.decrypt(keys.key, blob, _associated_data(keys.id, rev))
        except encryption.DecryptionError:
            log.error("store.broken")
            return None
        return StoredJourney(from_bytes(data), rev, datetime.fromtimestamp(expires, UTC))

    def save(self, token: str, journey: Journey, rev: int) -> int:
        """Keep the journey over revision ``rev`` and return the new revision. Raises Stale.

        The same journey sent twice over the same revision (a double click) is saved once.
        """
        keys = self._held(token)
        blob = encryption.encrypt(keys.key, to_bytes(journey), _associated_data(keys.id, rev + 1))
        change = {"over": rev, "becomes": rev + 1, "as": encryption.VERSION, "sealed": blob}
        change |= {"row": keys.id, "now": self._time()}
        _, changed = self._database.once(self._change, change)
        if changed != 1:
            kept = self.load(token)
            if kept is None or kept.rev != rev + 1 or kept.journey != journey:
                raise Stale
        if next(self._saves) % _PURGE_EVERY == 0:
            with suppress(StorageUnavailable):
                self.purge()
        return rev + 1

    def extend(self, token: str) -> datetime:
        """Keep the journey and its return code ``hours`` from now. Raises Stale when it is gone."""
        keys = self._held(token)
        end = self._end()
        alive = (answers.c.id == keys.id) & (answers.c.expires > self._time())
        mine = codes.c.owner == keys.owner
        with self._database.begin() as connection:
            if (
                connection.execute(sa.update(answers).where(alive).values(expires=end)).rowcount
                != 1
            ):
                raise Stale
            connection.execute(sa.update(codes).where(mine).values(expires=end))
        return datetime.fromtimestamp(end, UTC)

    def delete(self, token: str) -> None:
        """Delete the journey and its return code."""
        keys = self._keys(token)
        if keys is None:
            return
        with self._database.begin() as connection:
            connection.execute(sa.delete(answers).where(answers.c.id == keys.id))
            connection.execute(sa.delete(codes).where(codes.c.owner == keys.owner))
        self._forget()

    def delete_or_queue(self, token: str) -> bool:
        """Delete now, or as soon as the database can write: True when it is gone already.

        The queue ends with the process; then the row goes when it expires.
        """
        try:
            self.delete(token)
        except StorageUnavailable:
            keys = self._held(token)
            self._left.add((keys.id, keys.owner))
            self._try_later()
            return False
        return True

    def delete_queued(self) -> int:
        """Try to delete what is queued, and return how many are still left."""
        for row, owner in tuple(self._left):
            with suppress(StorageUnavailable):
                with self._database.begin() as connection:
                    connection.execute(sa.delete(answers).where(answers.c.id == row))
                    connection.execute(sa.delete(codes).where(codes.c.owner == owner))
                self._left.discard((row, owner))
                self._forget()
        return len(self._left)

    def _try_later(self) -> None:
        def again() -> None:
            if self.delete_queued():
                self._try_later()

        timer = threading.Timer(_RETRY_SECONDS, again)
        timer.daemon = True
        timer.start()

    def latest_end(self) -> datetime:
        """When everything that is kept now is gone at the latest."""
        return datetime.fromtimestamp(self._end(), UTC)

    def purge(self) -> int:
        """Delete everything that has expired and return the number of journeys among it."""
        now = self._time()
        with self._database.begin() as connection:
            gone = connection.execute(sa.delete(answers).where(answers.c.expires <= now)).rowcount
            connection.execute(sa.delete(codes).where(codes.c.expires <= now))
            connection.execute(sa.delete(rate_limits).where(rate_limits.c.expires <= now))
        if gone:
            self._forget()
        return gone

    def issue_code(self, token: str) -> str:
        """A return code that opens this journey on any device until the journey expires.

        A code given before stops working. Raises Stale when the journey is gone.
        """
        keys = self._held(token)
        code = encryption.new_code()
        stretched = encryption.stretch(encryption.read_code(code) or "", self._pepper)
        row = encryption.derive(stretched, "code row id")
        blob = encryption.encrypt(encryption.derive(stretched, "code key"), token.encode(), row)
        alive = (answers.c.id == keys.id) & (answers.c.expires > self._time())
        with self._database.begin() as connection:
            connection.execute(sa.delete(codes).where(codes.c.owner == keys.owner))
            end = connection.scalar(sa.select(answers.c.expires).where(alive))
            if end is None:
                raise Stale
            new = sa.insert(codes).values(id=row, owner=keys.owner, blob=blob, expires=end)
            connection.execute(new)
        return code

    def redeem(self, code: str) -> str | None:
        """The token that this return code opens, or None. Count tries with ``allow`` first."""
        symbols = encryption.read_code(code)
        if symbols is None:
            return None
        stretched = encryption.stretch(symbols, self._pepper)
        row = encryption.derive(stretched, "code row id")
        alive = (codes.c.id == row) & (codes.c.expires > self._time())
        with self._database.begin() as connection:
            blob = connection.scalar(sa.select(codes.c.blob).where(alive))
        if blob is None:
            return None
        try:
            return encryption.decrypt(encryption.derive(stretched, "code key"), blob, row).decode()
        except encryption.DecryptionError:
            log.error("store.broken")
            return None

    def has_code(self, token: str) -> bool:
        """Whether a return code was given for this journey and still works."""
        keys = self._keys(token)
        if keys is None:
            return False
        mine = (codes.c.owner == keys.owner) & (codes.c.expires > self._time())
        with self._database.begin() as connection:
            return connection.scalar(sa.select(codes.c.id).where(mine)) is not None

    def withdraw(self, token: str) -> str:
        """Make the return code and the token useless; the new token. Raises Stale when it is gone.

        Every device that the code or the old token opened stops reading at once.
        """
        keys, kept, new = self._held(token), self.load(token), encryption.new_token()
        if kept is None:
            raise Stale
        fresh, rev = self._held(new), kept.rev
        blob = encryption.encrypt(
            fresh.key, to_bytes(kept.journey), _associated_data(fresh.id, rev)
        )
        mine = (answers.c.id == keys.id) & (answers.c.rev == rev)
        with self._database.begin() as connection:
            moved = sa.update(answers).where(mine).values(id=fresh.id, blob=blob)
            if connection.execute(moved).rowcount != 1:
                raise Stale
            connection.execute(sa.delete(codes).where(codes.c.owner == keys.owner))
        self._forget()
        return new

    def allow(self, action: str, address: str, limit: int, window: int) -> bool:
        """Count one try and say whether it is among the first ``limit`` of this window.

        The window is fixed (``window`` seconds), shared by all machines, and holds no address.
        """
        start = self._time() // window * window
        name = encryption.window_key(self._pepper, start // _DAY, action, address, start)
        count = sa.text(
            "INSERT INTO tries (id, hits, expires) VALUES (:id, 1, :expires) "
            "ON CONFLICT (id) DO UPDATE SET hits = tries.hits + 1 RETURNING hits"
        )
        with self._database.begin() as connection:
            hits = connection.scalar(count, {"id": name, "expires": start + window})
        return int(hits or 0) <= limit

    def check(self) -> None:
        """Raise StorageUnavailable unless the database can be reached."""
        with self._database.begin() as connection:
            connection.execute(sa.select(answers.c.rev).limit(1))

    def close(self) -> None:
        """Give back every connection to the database."""
        self._database.close()

    def _time(self) -> int:
        return int(self._clock().timestamp())

    def _end(self) -> int:
        """``hours`` from now, rounded up: the row does not tell the minute of a visit."""
        return -(-(self._time() + self._hours * _HOUR) // _HOUR) * _HOUR

    def _forget(self) -> None:
        with suppress(StorageUnavailable):
            self._database.forget()

    def _held(self, token: str) -> _Keys:
        keys = self._keys(token)
        if keys is None:
            raise Stale
        return keys

    def _keys(self, token: str) -> _Keys | None:
        raw = encryption.token_bytes(token)
        if raw is None:
            return None
        secret = raw + self._pepper
        return _Keys(encryption.derive(secret, "row id"), encryption.derive(secret, "key"), secret)


def _associated_data(row_id: bytes, rev: int) -> bytes:
    """What a blob is tied to, so that it opens in no other row and under no other revision."""
    return row_id + rev.to_bytes(8, "big")
